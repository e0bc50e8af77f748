import CMimalloc

/// How the allocator deals with the kernel.
///
/// Linking mimalloc makes it the allocator of the whole process: it takes the place of the C
/// library's `malloc` and `free`, which all of Swift calls.
package enum Memory {
    /// Keeps what was freed for the next batch, instead of giving it back to the kernel and asking
    /// for the same pages again, zeroed, some thousand times a second; and asks for pages of 2 MB,
    /// of which a processor can remember enough. What a process once held it holds on to.
    package static func keep() {
        mi_option_disable(mi_option_allow_decommit)
        mi_option_enable(mi_option_large_os_pages)
    }
}
