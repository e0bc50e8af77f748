#ifndef SELAT_PAGE_CACHE_H
#define SELAT_PAGE_CACHE_H

/* SQLite's own page cache, which looks for pages to drop only where there can be any.
 *
 * At the end of each transaction SQLite drops the cached pages beyond the end of the database.
 * Its cache remembers the highest number any page has had, and that of the page at 1 GiB counts:
 * SQLite parks a page there whenever it sorts the pages of a tree that was split. After that each
 * commit walks through the whole cache, 16,384 pages, and finds nothing.
 * Source: sqlite.org/c3ref/pcache_methods2.html. */

/* Sets it up for the process, before SQLite is used. A SQLite result code. */
int selat_bound_page_caches(void);

#endif
