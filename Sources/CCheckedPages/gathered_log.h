#ifndef SELAT_GATHERED_LOG_H
#define SELAT_GATHERED_LOG_H
#include <sqlite3.h>

/* A write-ahead log whose frames go to the file with one call a transaction: SQLite writes each
   frame's header and page with calls of their own.

   Whatever else looks at the file finds what it would find without this: all of a transaction
   is written before its last page's write returns, and with it before the sync and before other
   connections are told of it. Format: sqlite.org/fileformat2.html#the_write_ahead_log. */

/* Bytes it needs before the platform's own file. */
int selat_gathered_log_size(void);

/* As xOpen of `inner`. */
int selat_open_gathered_log(
    sqlite3_vfs *inner, const char *name, sqlite3_file *file, int flags, int *out
);

#endif
