import CMimalloc

/// What the allocator does with memory that was freed.
///
/// Linking mimalloc makes it the allocator of the whole process: it takes the place of the C
/// library's `malloc` and `free`, which all of Swift calls.
package enum FreedMemory {
    /// Keeps it for the next batch, instead of giving it back to the kernel and asking for the same
    /// pages again, zeroed, some thousand times a second. What a process once held it holds on to.
    package static func keep() { mi_option_disable(mi_option_allow_decommit) }
}
