#include "gathered_log.h"
#include "checked_pages.h"
#include <string.h>

/* The most that waits: SQLite's file for Unix takes less than 128 KB at a time. */
#define GATHERED 131071
#define FRAME_HEADER 24
/* The file grows by so much, in zeros: to write over what is there takes the sync half the time of
   making a file longer. */
#define STEP (512 * 1024)

/* SQLite allocates szOsFile bytes for a file: this, and behind it the platform's own. */
typedef struct {
    sqlite3_file base;
    /* Written by SQLite, and not yet to the file; they belong at `start`. */
    unsigned char *bytes;
    int count;
    sqlite3_int64 start;
    /* The frame at hand is the last of its transaction. */
    int ends;
    /* The file's bytes, as far as they are known here: it is this long at least. */
    sqlite3_int64 size;
} gathered_log;

static gathered_log *log_of(sqlite3_file *file) { return (gathered_log *)file; }

static sqlite3_file *platform(sqlite3_file *file) { return (sqlite3_file *)(log_of(file) + 1); }

/* Zeros behind what is written up to `end`: no frame, for SQLite, as they have not the log's salt.
   Room that is not to be had is had when it is needed, or refused then. */
static void grow(sqlite3_file *file, sqlite3_int64 end) {
    static const unsigned char zeros[SELAT_PAGE];
    gathered_log *self = log_of(file);
    sqlite3_file *inner = platform(file);
    self->size = end;
    sqlite3_int64 size;
    if (inner->pMethods->xFileSize(inner, &size) != SQLITE_OK) return;
    if (size > end) {
        self->size = size;
        return;
    }
    /* Page by page: longer writes make larger units of the system's cache, and then the smallest
       change makes all of one dirty. */
    sqlite3_int64 page = (end + SELAT_PAGE - 1) / SELAT_PAGE * SELAT_PAGE;
    for (; page < end + STEP; page += SELAT_PAGE) {
        if (inner->pMethods->xWrite(inner, zeros, SELAT_PAGE, page) != SQLITE_OK) return;
        self->size = page + SELAT_PAGE;
    }
}

static int write_through(
    sqlite3_file *file, const void *buffer, int count, sqlite3_int64 offset
) {
    int code = platform(file)->pMethods->xWrite(platform(file), buffer, count, offset);
    if (code == SQLITE_OK && offset + count > log_of(file)->size) grow(file, offset + count);
    return code;
}

/* After a failure nothing waits: SQLite takes the transaction back. */
static int flush(sqlite3_file *file) {
    gathered_log *self = log_of(file);
    int count = self->count;
    if (count == 0) return SQLITE_OK;
    self->count = 0;
    return write_through(file, self->bytes, count, self->start);
}

static int log_write(sqlite3_file *file, const void *buffer, int count, sqlite3_int64 offset) {
    gathered_log *self = log_of(file);
    if (!self->bytes) self->bytes = sqlite3_malloc(GATHERED);
    if (!self->bytes) return SQLITE_NOMEM;
    if (offset != self->start + self->count || self->count + count > GATHERED) {
        int code = flush(file);
        if (code != SQLITE_OK) return code;
        if (count > GATHERED)
            return write_through(file, buffer, count, offset);
        self->start = offset;
    }
    memcpy(self->bytes + self->count, buffer, (size_t)count);
    self->count += count;
    if (count == FRAME_HEADER) {
        /* The pages of the database after the transaction; none in a frame before its last. */
        static const unsigned char none[4];
        self->ends = memcmp((const unsigned char *)buffer + 4, none, 4) != 0;
        return SQLITE_OK;
    }
    return self->ends ? flush(file) : SQLITE_OK;
}

static int log_read(sqlite3_file *file, void *buffer, int count, sqlite3_int64 offset) {
    int code = flush(file);
    if (code != SQLITE_OK) return code;
    return platform(file)->pMethods->xRead(platform(file), buffer, count, offset);
}

static int log_truncate(sqlite3_file *file, sqlite3_int64 size) {
    int code = flush(file);
    if (code != SQLITE_OK) return code;
    log_of(file)->size = 0;
    return platform(file)->pMethods->xTruncate(platform(file), size);
}

static int log_sync(sqlite3_file *file, int flags) {
    int code = flush(file);
    if (code != SQLITE_OK) return code;
    return platform(file)->pMethods->xSync(platform(file), flags);
}

static int log_size(sqlite3_file *file, sqlite3_int64 *size) {
    int code = flush(file);
    if (code != SQLITE_OK) return code;
    return platform(file)->pMethods->xFileSize(platform(file), size);
}

/* What still waits belongs to a transaction that never ended. */
static int log_close(sqlite3_file *file) {
    sqlite3_free(log_of(file)->bytes);
    return platform(file)->pMethods->xClose(platform(file));
}

static int log_lock(sqlite3_file *file, int level) {
    return platform(file)->pMethods->xLock(platform(file), level);
}

static int log_unlock(sqlite3_file *file, int level) {
    return platform(file)->pMethods->xUnlock(platform(file), level);
}

static int log_reserved(sqlite3_file *file, int *result) {
    return platform(file)->pMethods->xCheckReservedLock(platform(file), result);
}

static int log_control(sqlite3_file *file, int operation, void *argument) {
    return platform(file)->pMethods->xFileControl(platform(file), operation, argument);
}

static int log_sector(sqlite3_file *file) {
    return platform(file)->pMethods->xSectorSize(platform(file));
}

static int log_device(sqlite3_file *file) {
    return platform(file)->pMethods->xDeviceCharacteristics(platform(file));
}

/* Version 1: shared memory and maps belong to the database's own file. */
static const sqlite3_io_methods methods = {
    .iVersion = 1,
    .xClose = log_close,
    .xRead = log_read,
    .xWrite = log_write,
    .xTruncate = log_truncate,
    .xSync = log_sync,
    .xFileSize = log_size,
    .xLock = log_lock,
    .xUnlock = log_unlock,
    .xCheckReservedLock = log_reserved,
    .xFileControl = log_control,
    .xSectorSize = log_sector,
    .xDeviceCharacteristics = log_device,
};

int selat_gathered_log_size(void) { return (int)sizeof(gathered_log); }

int selat_open_gathered_log(
    sqlite3_vfs *inner, const char *name, sqlite3_file *file, int flags, int *out
) {
    memset(file, 0, sizeof(gathered_log));
    int code = inner->xOpen(inner, name, platform(file), flags, out);
    if (platform(file)->pMethods) file->pMethods = &methods;
    return code;
}
