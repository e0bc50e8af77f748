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
        /// The most memory each held meanwhile, in the same order.
        let peakKibibytes: [Int]
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
        let counted = try count(drive, warmUp: warmUp, for: length)
        try onSource { $0.go(.idle) }
        var left = BenchRun.longestDrain
        while try onSource({ $0.open }) > 0, left > 0 {
            left -= 1
            try region.pause(.milliseconds(100))
        }
        return try result(counted)
    }

    /// Holds a load that is more than the region takes, and drops it to another from one moment to
    /// the next.
    ///
    /// - Parameters:
    ///   - drive: The load.
    ///   - warmUp: Not counted.
    ///   - length: Counted.
    ///   - rate: Payments a second afterwards.
    /// - Returns: What was counted, and the milliseconds until the lower load is served at full
    ///   speed: until a second begins that completes at least 95 % of it and leaves no more than
    ///   half a second's payments open; `nil` when there is none within twelve seconds.
    /// - Throws: `CommandFailure` when it was interrupted or a node has ended.
    func hold(
        _ drive: LoadSource.Drive,
        warmUp: Duration,
        for length: Duration,
        thenFallTo rate: Int
    ) throws -> (Result, recoveryMilliseconds: Int?) {
        let counted = try count(drive, warmUp: warmUp, for: length)
        try onSource { $0.go(.rate(rate)) }
        let recovery = try watch(rate, for: .seconds(12))
        return (try result(counted), recovery)
    }

    /// What a counted load has used.
    private struct Counted {
        let drive: LoadSource.Drive
        let nanoseconds: Int64
        let usage: [(name: String, usage: ProcessUsage)]
        let peakKibibytes: [Int]
    }

    private func count(
        _ drive: LoadSource.Drive,
        warmUp: Duration,
        for length: Duration
    ) throws -> Counted {
        try onSource { $0.go(drive) }
        try region.pause(warmUp)
        let before = try usages()
        let begin = ContinuousClock.now
        try onSource { $0.beginWindow() }
        for process in region.processes { ProcessUsage.forgetPeak(of: process.id) }
        try region.pause(length)
        try onSource { $0.endWindow() }
        let nanoseconds = (ContinuousClock.now - begin).nanoseconds
        let after = try usages()
        return Counted(
            drive: drive,
            nanoseconds: nanoseconds,
            usage: zip(before, after).map { ($0.name, $1.usage - $0.usage) },
            peakKibibytes: try region.processes.map { try ProcessUsage.peakKibibytes(of: $0.id) }
        )
    }

    private func result(_ counted: Counted) throws -> Result {
        Result(
            drive: counted.drive,
            nanoseconds: counted.nanoseconds,
            tally: try onSource { $0.tally },
            usage: counted.usage,
            peakKibibytes: counted.peakKibibytes,
            unfinished: try onSource { $0.openInWindow }
        )
    }

    private func watch(_ rate: Int, for length: Duration) throws -> Int? {
        let begin = ContinuousClock.now
        var samples: [(milliseconds: Int, completed: Int)] = []
        repeat {
            let (completed, open) = try onSource { ($0.completedEver, $0.open) }
            let milliseconds = Int((ContinuousClock.now - begin).nanoseconds / 1_000_000)
            samples.append((milliseconds, completed))
            if let second = samples.last(where: { milliseconds - $0.milliseconds >= 1000 }) {
                let wanted = rate * (milliseconds - second.milliseconds) / 1000
                let served = completed - second.completed
                if served * 100 >= wanted * 95, open <= rate / 2 { return second.milliseconds }
            }
            try region.pause(.milliseconds(20))
        } while ContinuousClock.now - begin < length
        return nil
    }

    /// Lets customers look at quotes, to pay later.
    ///
    /// - Parameter number: How many.
    /// - Throws: `CommandFailure` when it was interrupted or a node has ended.
    func look(_ number: Int) throws {
        try onSource { $0.go(.looking(number)) }
        var left = BenchRun.longestDrain * 2
        while try onSource({ $0.quotesInHand }) < number, left > 0 {
            left -= 1
            try region.pause(.milliseconds(100))
        }
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
