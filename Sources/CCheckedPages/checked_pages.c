#include "checked_pages.h"
#include "gathered_log.h"
#include <sqlite3.h>
#include <string.h>

/* SQLite allocates szOsFile bytes for a file: this, and behind it the platform's own. */
typedef struct {
    sqlite3_file base;
    int is_lenient;
    sqlite3_int64 damaged;
    /* The beginning of the log's index, while it is mapped. */
    void volatile *index;
    /* Pages after which they are synced; 0 for never. */
    int sync_every;
    /* Pages written and not synced. */
    int unsynced;
} checked_file;

static sqlite3_file *platform(sqlite3_file *file) {
    return (sqlite3_file *)((checked_file *)file + 1);
}

static sqlite3_vfs *platform_vfs(sqlite3_vfs *vfs) { return (sqlite3_vfs *)vfs->pAppData; }

/* Four lanes, each step of which is reversible: no change of a single word can go unseen. */
uint64_t selat_page_mark(const void *page, uint64_t number) {
    const uint64_t odd = 0x9E3779B97F4A7C15u;
    uint64_t lane[4] = {number, number ^ odd, number + odd, ~number};
    const unsigned char *bytes = page;
    size_t words = (SELAT_PAGE - SELAT_PAGE_MARK) / 8;
    for (size_t index = 0; index < words; index++) {
        uint64_t word;
        memcpy(&word, bytes + index * 8, 8);
        uint64_t value = (lane[index & 3] ^ word) * odd;
        lane[index & 3] = value ^ (value >> 29);
    }
    uint64_t sum = 0;
    for (int index = 0; index < 4; index++) {
        sum = (sum ^ lane[index]) * 0xD6E8FEB86659FD93u;
        sum ^= sum >> 32;
    }
    return sum ? sum : 1;
}

static void stamp(unsigned char *page, uint64_t number) {
    uint64_t mark = selat_page_mark(page, number);
    memcpy(page + SELAT_PAGE - SELAT_PAGE_MARK, &mark, SELAT_PAGE_MARK);
}

/* The page as SQLite may see it: without its mark, so that none gets into the log, where it would
   be another page version's. */
static int verify(checked_file *file, unsigned char *page, uint64_t number) {
    uint64_t mark;
    memcpy(&mark, page + SELAT_PAGE - SELAT_PAGE_MARK, SELAT_PAGE_MARK);
    if (mark != selat_page_mark(page, number) && !(file->is_lenient && mark == 0)) {
        file->damaged = (sqlite3_int64)number;
        return SQLITE_IOERR_DATA;
    }
    memset(page + SELAT_PAGE - SELAT_PAGE_MARK, 0, SELAT_PAGE_MARK);
    return SQLITE_OK;
}

/* MARK: methods */

static int checked_close(sqlite3_file *file) { return platform(file)->pMethods->xClose(platform(file)); }

static int checked_read(sqlite3_file *file, void *buffer, int count, sqlite3_int64 offset) {
    checked_file *self = (checked_file *)file;
    sqlite3_file *inner = platform(file);
    /* The header's beginning is read before any lock is held; what is served comes from a whole
       page later. */
    if (offset < 100 && count <= 100) return inner->pMethods->xRead(inner, buffer, count, offset);
    if (count == SELAT_PAGE && offset % SELAT_PAGE == 0) {
        int code = inner->pMethods->xRead(inner, buffer, count, offset);
        /* Beyond the end: SQLite knows. */
        if (code != SQLITE_OK) return code;
        return verify(self, buffer, (uint64_t)(offset / SELAT_PAGE) + 1);
    }
    unsigned char page[SELAT_PAGE];
    while (count > 0) {
        sqlite3_int64 first = offset - offset % SELAT_PAGE;
        int code = inner->pMethods->xRead(inner, page, SELAT_PAGE, first);
        if (code != SQLITE_OK) return code;
        code = verify(self, page, (uint64_t)(first / SELAT_PAGE) + 1);
        if (code != SQLITE_OK) return code;
        int skipped = (int)(offset - first);
        int part = SELAT_PAGE - skipped < count ? SELAT_PAGE - skipped : count;
        memcpy(buffer, page + skipped, (size_t)part);
        buffer = (unsigned char *)buffer + part;
        offset += part;
        count -= part;
    }
    return SQLITE_OK;
}

static int checked_sync(sqlite3_file *file, int flags) {
    ((checked_file *)file)->unsynced = 0;
    return platform(file)->pMethods->xSync(platform(file), flags);
}

static int sync_rest(sqlite3_file *file) {
    if (((checked_file *)file)->unsynced == 0) return SQLITE_OK;
    return checked_sync(file, SQLITE_SYNC_NORMAL | SQLITE_SYNC_DATAONLY);
}

static int checked_write(sqlite3_file *file, const void *buffer, int count, sqlite3_int64 offset) {
    sqlite3_file *inner = platform(file);
    if (count != SELAT_PAGE || offset % SELAT_PAGE != 0)
        return inner->pMethods->xWrite(inner, buffer, count, offset);
    unsigned char page[SELAT_PAGE];
    memcpy(page, buffer, SELAT_PAGE);
    stamp(page, (uint64_t)(offset / SELAT_PAGE) + 1);
    int code = inner->pMethods->xWrite(inner, page, count, offset);
    if (code != SQLITE_OK) return code;
    checked_file *self = (checked_file *)file;
    self->unsynced++;
    return self->sync_every > 0 && self->unsynced >= self->sync_every ? sync_rest(file) : SQLITE_OK;
}

static int checked_truncate(sqlite3_file *file, sqlite3_int64 size) {
    return platform(file)->pMethods->xTruncate(platform(file), size);
}

static int checked_size(sqlite3_file *file, sqlite3_int64 *size) {
    return platform(file)->pMethods->xFileSize(platform(file), size);
}

static int checked_lock(sqlite3_file *file, int level) {
    return platform(file)->pMethods->xLock(platform(file), level);
}

static int checked_unlock(sqlite3_file *file, int level) {
    return platform(file)->pMethods->xUnlock(platform(file), level);
}

static int checked_reserved(sqlite3_file *file, int *result) {
    return platform(file)->pMethods->xCheckReservedLock(platform(file), result);
}

static int checked_control(sqlite3_file *file, int operation, void *argument) {
    if (operation == SELAT_FCNTL_DAMAGED_PAGE) {
        *(sqlite3_int64 *)argument = ((checked_file *)file)->damaged;
        return SQLITE_OK;
    }
    if (operation == SELAT_FCNTL_LOG_STATE) {
        const unsigned char volatile *index = ((checked_file *)file)->index;
        if (!index) return SQLITE_NOTFOUND;
        for (int byte = 0; byte < SELAT_LOG_STATE; byte++)
            ((unsigned char *)argument)[byte] = index[byte];
        return SQLITE_OK;
    }
    if (operation == SELAT_FCNTL_SYNC_EVERY) {
        ((checked_file *)file)->sync_every = *(const int *)argument;
        return SQLITE_OK;
    }
    if (operation == SELAT_FCNTL_SYNC_REST) return sync_rest(file);
    return platform(file)->pMethods->xFileControl(platform(file), operation, argument);
}

static int checked_sector(sqlite3_file *file) {
    return platform(file)->pMethods->xSectorSize(platform(file));
}

static int checked_device(sqlite3_file *file) {
    return platform(file)->pMethods->xDeviceCharacteristics(platform(file));
}

static int checked_map(sqlite3_file *file, int region, int size, int extend, void volatile **map) {
    int code = platform(file)->pMethods->xShmMap(platform(file), region, size, extend, map);
    if (region == 0) ((checked_file *)file)->index = code == SQLITE_OK ? *map : 0;
    return code;
}

static int checked_shm_lock(sqlite3_file *file, int offset, int count, int flags) {
    return platform(file)->pMethods->xShmLock(platform(file), offset, count, flags);
}

static void checked_barrier(sqlite3_file *file) { platform(file)->pMethods->xShmBarrier(platform(file)); }

static int checked_unmap(sqlite3_file *file, int removes) {
    ((checked_file *)file)->index = 0;
    return platform(file)->pMethods->xShmUnmap(platform(file), removes);
}

/* Version 2: without xFetch, so that no page is read past the marks. */
static const sqlite3_io_methods methods = {
    .iVersion = 2,
    .xClose = checked_close,
    .xRead = checked_read,
    .xWrite = checked_write,
    .xTruncate = checked_truncate,
    .xSync = checked_sync,
    .xFileSize = checked_size,
    .xLock = checked_lock,
    .xUnlock = checked_unlock,
    .xCheckReservedLock = checked_reserved,
    .xFileControl = checked_control,
    .xSectorSize = checked_sector,
    .xDeviceCharacteristics = checked_device,
    .xShmMap = checked_map,
    .xShmLock = checked_shm_lock,
    .xShmBarrier = checked_barrier,
    .xShmUnmap = checked_unmap,
};

/* MARK: the VFS */

static sqlite3_vfs strict;
static sqlite3_vfs lenient;

/* Only databases have marks; logs and journals have sums of their own, and logs are gathered. */
static int checked_open(
    sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags, int *out
) {
    sqlite3_vfs *inner = platform_vfs(vfs);
    if (flags & SQLITE_OPEN_WAL) return selat_open_gathered_log(inner, name, file, flags, out);
    if (!(flags & SQLITE_OPEN_MAIN_DB)) return inner->xOpen(inner, name, file, flags, out);
    checked_file *self = (checked_file *)file;
    memset(self, 0, sizeof *self);
    self->is_lenient = vfs == &lenient;
    int code = inner->xOpen(inner, name, platform(file), flags, out);
    if (platform(file)->pMethods) self->base.pMethods = &methods;
    return code;
}

static int register_one(sqlite3_vfs *vfs, sqlite3_vfs *inner, const char *name) {
    *vfs = *inner;
    int log = selat_gathered_log_size();
    int page = (int)sizeof(checked_file);
    vfs->szOsFile = inner->szOsFile + (log > page ? log : page);
    vfs->pNext = 0;
    vfs->zName = name;
    vfs->pAppData = inner;
    vfs->xOpen = checked_open;
    return sqlite3_vfs_register(vfs, 0);
}

int selat_register_checked_pages(void) {
    sqlite3_vfs *inner = sqlite3_vfs_find(0);
    if (!inner) return SQLITE_ERROR;
    int code = register_one(&strict, inner, SELAT_VFS_STRICT);
    return code == SQLITE_OK ? register_one(&lenient, inner, SELAT_VFS_LENIENT) : code;
}

int selat_reserve_page_marks(void *database) {
    int count = SELAT_PAGE_MARK;
    return sqlite3_file_control(database, "main", SQLITE_FCNTL_RESERVE_BYTES, &count);
}

int selat_close_without_checkpoint(void *database) {
    return sqlite3_db_config(database, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, (int *)0);
}
