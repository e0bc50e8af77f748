#ifndef SELAT_CSQLITE_SHIM_H
#define SELAT_CSQLITE_SHIM_H
#include <sqlite3.h>
#endif
