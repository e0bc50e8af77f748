import NIOCore
import SelatTime

/// One load, held for a while, and what it cost. Edges are cut off: the first seconds run without
/// being counted, and what is due at the end is waited for without being counted either.
struct BenchRun {
    let region: BenchRegion
    let source: NIOLoopBound<LoadSource>
    let loop: any EventLoop

    /// What one held load showed.
    struct Result: Sendable {
        let drive: LoadSource.Drive
        let nanoseconds: Int64
        var tally: LoadTally
        /// By process, in the order of `BenchRegion.processes`.
        let usage: [(name: String, usage: ProcessUsage)]
        /// Payments that had no outcome when the bench stopped waiting.
        let unfinished: Int

        /// In thousandths of a payment.
        var milliPaymentsPerSecond: Int64 {
            Int64(tally.completed) * 1_000_000_000_000 / max(nanoseconds, 1)
        }
    }

    private static let longestDrain = 300

    /// Holds a load.
    ///
    /// - Parameters:
    ///   - drive: The load.
    ///   - warmUp: Not counted.
    ///   - length: Counted.
    /// - Returns: What was counted.
    /// - Throws: `CommandFailure` when it was interrupted or a node has ended.
    func hold(_ drive: LoadSource.Drive, warmUp: Duration, for length: Duration) throws -> Result {
        try onSource { $0.go(drive) }
        try region.pause(warmUp)
        let before = try usages()
        let begin = ContinuousClock.now
        try onSource { $0.beginWindow() }
        try region.pause(length)
        try onSource { $0.endWindow() }
        let nanoseconds = (ContinuousClock.now - begin).nanoseconds
        let after = try usages()
        try onSource { $0.go(.idle) }
        var left = BenchRun.longestDrain
        while try onSource({ $0.open }) > 0, left > 0 {
            left -= 1
            try region.pause(.milliseconds(100))
        }
        return Result(
            drive: drive,
            nanoseconds: nanoseconds,
            tally: try onSource { $0.tally },
            usage: zip(before, after).map { ($0.name, $1.usage - $0.usage) },
            unfinished: try onSource { $0.open }
        )
    }

    /// Waits until the first quote has come: links are up and rates are there.
    func awaitQuotes() throws {
        var left = BenchRun.longestDrain
        while try !onSource({ $0.hasQuotes }) {
            left -= 1
            guard left > 0 else {
                throw CommandFailure(
                    Exit.unreachable,
                    "expected quotes, got none; see the logs in \(region.directory)"
                )
            }
            try region.pause(.milliseconds(100))
        }
    }

    private func onSource<Value: Sendable>(
        _ work: @escaping @Sendable (LoadSource) -> Value
    ) throws -> Value {
        try loop.submit { [source] in work(source.value) }.wait()
    }

    private func usages() throws -> [(name: String, usage: ProcessUsage)] {
        try region.processes.map { ($0.name, try ProcessUsage.of($0.id)) }
    }
}
