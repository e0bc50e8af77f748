#ifndef SELAT_CSQLITE_SHIM_H
#define SELAT_CSQLITE_SHIM_H
#include <sqlite3.h>

/* SQLITE_TRANSIENT is a cast that Swift does not import: SQLite copies what is bound. */

static inline int selat_bind_text(sqlite3_stmt *statement, int index, const void *bytes, int count) {
    return sqlite3_bind_text(statement, index, count ? bytes : "", count, SQLITE_TRANSIENT);
}

/* An empty blob is a value, not NULL. */
static inline int selat_bind_blob(sqlite3_stmt *statement, int index, const void *bytes, int count) {
    if (count == 0) return sqlite3_bind_zeroblob(statement, index, 0);
    return sqlite3_bind_blob(statement, index, bytes, count, SQLITE_TRANSIENT);
}

/* What stays where it is until the statement has run. */

static inline int selat_bind_static_text(sqlite3_stmt *statement, int index, const void *bytes, int count) {
    return sqlite3_bind_text(statement, index, count ? bytes : "", count, SQLITE_STATIC);
}

static inline int selat_bind_static_blob(sqlite3_stmt *statement, int index, const void *bytes, int count) {
    if (count == 0) return sqlite3_bind_zeroblob(statement, index, 0);
    return sqlite3_bind_blob(statement, index, bytes, count, SQLITE_STATIC);
}

/* Counting every allocation takes a lock that nobody reads the count of. Once, before the first
   connection; variadic functions are not imported. */
static inline int selat_disable_memory_statistics(void) {
    return sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
}

#endif
