#ifndef SELAT_CHECKED_PAGES_H
#define SELAT_CHECKED_PAGES_H
#include <stddef.h>
#include <stdint.h>
#include "page_cache.h"

/* A SQLite VFS over the platform's own that keeps a mark, a 64-bit sum, in the last 8 bytes of
   each 4096-byte page of a database file, and refuses to read a page that does not agree with
   its mark. Source: Specs/Protocol/Database.md, "Pages". */

#define SELAT_PAGE 4096
#define SELAT_PAGE_MARK 8

/* Refuses every page whose mark is wrong. */
#define SELAT_VFS_STRICT "selat"
/* Lets a page pass that has no mark (8 zero bytes): another program wrote it. */
#define SELAT_VFS_LENIENT "selat-lenient"

/* File control of both: stores the number of the damaged page read last, or 0, as int64_t. */
#define SELAT_FCNTL_DAMAGED_PAGE 0x53454C54

/* Bytes of the header of the index of SQLite's log: each commit of whatever connection changes
   them. Format: https://sqlite.org/walformat.html#the_wal_index_header */
#define SELAT_LOG_STATE 48
/* File control of both: copies that header as it is now. SQLITE_NOTFOUND while the index is not
   mapped. */
#define SELAT_FCNTL_LOG_STATE 0x53454C55

/* File control of both: after every so many pages written over this connection they are synced
   (int; 0, as at first, for none). */
#define SELAT_FCNTL_SYNC_EVERY 0x53454C56
/* File control of both: syncs what was written over this connection and is not synced yet. */
#define SELAT_FCNTL_SYNC_REST 0x53454C57

/* Registers both under their names. A SQLite result code. */
int selat_register_checked_pages(void);

/* The mark of page `number`, whose first SELAT_PAGE - SELAT_PAGE_MARK bytes are given. Never 0. */
uint64_t selat_page_mark(const void *page, uint64_t number);

/* Reserves room for the mark in each page of a database that is empty. A SQLite result code. */
int selat_reserve_page_marks(void *database);

/* Closing the connection copies nothing back. A SQLite result code. */
int selat_close_without_checkpoint(void *database);

#endif
