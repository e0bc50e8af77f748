import CLinux

/// How the kernel shares the processors between this loop's thread and others.
///
/// A node lives by batches. Of several that begin together, each done at once ends earlier on
/// average than all of them in turns, and the last no later. So a busy loop does not push aside
/// what runs when it is woken, and goes on until its batch is done. One that is not busy is woken
/// at once, as any thread is: it may share the machine with anything.
/// Source: Specs/Decisions/0026-busy-loops-are-not-interrupted.md.
struct Scheduling {
    /// Longer than a batch takes.
    private static let sliceNanoseconds: UInt64 = 10_000_000

    private var isForBatches = false

    /// On the loop. Where the kernel does not allow it, all goes on as before.
    mutating func follow(isBusy: Bool) {
        guard isBusy != isForBatches else { return }
        isForBatches = isBusy
        _ =
            isBusy
            ? selat_schedule(SCHED_BATCH, Scheduling.sliceNanoseconds)
            : selat_schedule(SCHED_NORMAL, 0)
    }
}
