#include "page_cache.h"
#include <sqlite3.h>

static sqlite3_pcache_methods2 own;

/* What SQLite sees of a cache: its own cache behind what is known of the pages in it. */
typedef struct {
    sqlite3_pcache *cache;
    /* No page but a parked one has a higher number. */
    unsigned highest;
    /* Where SQLite parks a page while it exchanges the numbers of others; never a page's own. */
    unsigned parking;
    int parked;
} bounded_cache;

static bounded_cache *bounded(sqlite3_pcache *cache) { return (bounded_cache *)cache; }

static sqlite3_pcache *bounded_create(int page, int extra, int purgeable) {
    bounded_cache *self = sqlite3_malloc64(sizeof *self);
    if (!self) return 0;
    self->cache = own.xCreate(page, extra, purgeable);
    if (!self->cache) {
        sqlite3_free(self);
        return 0;
    }
    self->highest = 0;
    self->parking = (1u << 30) / (unsigned)page + 1;
    self->parked = 0;
    return (sqlite3_pcache *)self;
}

static void bounded_resize(sqlite3_pcache *cache, int pages) {
    own.xCachesize(bounded(cache)->cache, pages);
}

static int bounded_count(sqlite3_pcache *cache) { return own.xPagecount(bounded(cache)->cache); }

static sqlite3_pcache_page *bounded_fetch(sqlite3_pcache *cache, unsigned number, int creates) {
    sqlite3_pcache_page *page = own.xFetch(bounded(cache)->cache, number, creates);
    if (page && number > bounded(cache)->highest) bounded(cache)->highest = number;
    return page;
}

static void bounded_unpin(sqlite3_pcache *cache, sqlite3_pcache_page *page, int discard) {
    own.xUnpin(bounded(cache)->cache, page, discard);
}

static void bounded_rekey(
    sqlite3_pcache *cache, sqlite3_pcache_page *page, unsigned from, unsigned to
) {
    bounded_cache *self = bounded(cache);
    if (from == self->parking) self->parked = 0;
    if (to == self->parking) self->parked = 1;
    else if (to > self->highest) self->highest = to;
    own.xRekey(self->cache, page, from, to);
}

static void bounded_truncate(sqlite3_pcache *cache, unsigned limit) {
    bounded_cache *self = bounded(cache);
    if (!self->parked && limit > self->highest) return;
    own.xTruncate(self->cache, limit);
    self->highest = limit > 0 ? limit - 1 : 0;
    self->parked = 0;
}

static void bounded_destroy(sqlite3_pcache *cache) {
    own.xDestroy(bounded(cache)->cache);
    sqlite3_free(cache);
}

static void bounded_shrink(sqlite3_pcache *cache) { own.xShrink(bounded(cache)->cache); }

int selat_bound_page_caches(void) {
    int code = sqlite3_config(SQLITE_CONFIG_GETPCACHE2, &own);
    if (code != SQLITE_OK) return code;
    sqlite3_pcache_methods2 methods = own;
    methods.xCreate = bounded_create;
    methods.xCachesize = bounded_resize;
    methods.xPagecount = bounded_count;
    methods.xFetch = bounded_fetch;
    methods.xUnpin = bounded_unpin;
    methods.xRekey = bounded_rekey;
    methods.xTruncate = bounded_truncate;
    methods.xDestroy = bounded_destroy;
    methods.xShrink = bounded_shrink;
    return sqlite3_config(SQLITE_CONFIG_PCACHE2, &methods);
}
