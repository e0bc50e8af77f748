#ifndef SELAT_CLZ4_SHIM_H
#define SELAT_CLZ4_SHIM_H
#include <lz4.h>

/* One block with a dictionary before it. The stream is a large union, which Swift does not
   import; it lives on this stack. Acceleration 4 takes a fifth less time than 1 for blocks 4 %
   larger. Answers the size of the block, 0 when it does not fit. */
static inline int selat_lz4_pack(
    const void *dictionary, int dictionary_size,
    const void *source, int source_size,
    void *block, int capacity
) {
    LZ4_stream_t stream;
    LZ4_initStream(&stream, sizeof stream);
    LZ4_loadDict(&stream, dictionary, dictionary_size);
    return LZ4_compress_fast_continue(&stream, source, block, source_size, capacity, 4);
}

#endif
