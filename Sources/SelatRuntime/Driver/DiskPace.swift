import NIOCore

/// Whether commits are so quick that they are done on the loop: a thread of their own costs two
/// wake-ups each. A slow disk keeps that thread busy and not the loop. Decisions/0021.
///
/// One commit that took long says little: where all processors are busy it has mostly waited for
/// one of them. What most of the latest took counts, and one that took very long.
struct DiskPace {
    /// A commit up to this is quick.
    private static let quick = TimeAmount.milliseconds(5)
    /// Nothing but a disk takes longer than this.
    private static let slow = TimeAmount.milliseconds(50)
    /// The most that slow commits count for.
    private static let most = 7

    /// Slow commits less quick ones, none of them less than nothing.
    private var slowness = DiskPace.most / 2 + 1

    /// False until there was a commit.
    var isQuick: Bool { slowness <= DiskPace.most / 2 }

    /// A commit took this.
    mutating func note(_ took: TimeAmount) {
        if took > DiskPace.slow {
            slowness = DiskPace.most
        } else {
            slowness += took > DiskPace.quick ? 1 : -1
            slowness = min(max(slowness, 0), DiskPace.most)
        }
    }
}
