import NIOCore

/// When the next batch may begin. Idle, a node decides at once what comes; under load it lets
/// more come first.
///
/// A batch costs a sync and wake-ups here and at each peer, however little is in it: some 400 us of
/// CPU where nothing else runs. So the more events come in a second, the longer a batch is kept
/// open, up to `longest`; below `quiet` events a second it is not kept open at all.
struct BatchPace {
    /// Between the beginnings of two batches, at most.
    static let longest = TimeAmount.microseconds(1500)
    /// Events a second up to which nothing waits.
    static let quiet: Int64 = 600
    /// Events a second from which on a batch is kept open for `longest`.
    static let busy: Int64 = 2400
    /// What is counted together: one payment's own messages are a burst, and no load.
    static let window = TimeAmount.milliseconds(100)

    private var lastBegin = NIODeadline.uptimeNanoseconds(0)
    private var windowBegin = NIODeadline.uptimeNanoseconds(0)
    private var counted: Int64 = 0
    private var interval = TimeAmount.nanoseconds(0)
    /// As many events come as keep a batch open for `longest`, or did until fewer than `quiet`.
    private(set) var isBusy = false

    /// The earliest beginning of the next batch.
    var earliest: NIODeadline { lastBegin + interval }

    /// A batch begins now.
    ///
    /// - Parameters:
    ///   - now: The beginning.
    ///   - events: How many it holds; they came since the last began.
    mutating func begins(at now: NIODeadline, events: Int) {
        lastBegin = now
        counted += Int64(events)
        let elapsed = now - windowBegin
        guard elapsed >= BatchPace.window else { return }
        let rate = counted * 1_000_000_000 / elapsed.nanoseconds
        let share = min(max(rate - BatchPace.quiet, 0), BatchPace.busy - BatchPace.quiet)
        interval = .nanoseconds(
            BatchPace.longest.nanoseconds * share / (BatchPace.busy - BatchPace.quiet)
        )
        if rate >= BatchPace.busy { isBusy = true }
        if rate <= BatchPace.quiet { isBusy = false }
        windowBegin = now
        counted = 0
    }
}
