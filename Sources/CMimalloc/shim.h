#ifndef SELAT_CMIMALLOC_SHIM_H
#define SELAT_CMIMALLOC_SHIM_H
#include <mimalloc.h>
#endif
