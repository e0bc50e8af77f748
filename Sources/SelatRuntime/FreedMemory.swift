import CMalloc

/// What the C library does with memory that was freed.
package enum FreedMemory {
    /// Keeps it for the next batch. By default glibc gives large pieces back to the kernel at once,
    /// and a node under load asks for the same pages again, zeroed, some thousand times a second.
    ///
    /// Up to 64 MB a heap stay with the process; pieces above 32 MB are still given back.
    package static func keep() {
        mallopt(M_MMAP_THRESHOLD, 32 << 20)
        mallopt(M_TRIM_THRESHOLD, 64 << 20)
        mallopt(M_TOP_PAD, 4 << 20)
    }
}
