#ifndef SELAT_CMALLOC_SHIM_H
#define SELAT_CMALLOC_SHIM_H
#include <malloc.h>
#endif
