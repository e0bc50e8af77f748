import NIOCore
import SelatTime

/// One load, held for a while, and what it cost. Edges are cut off: the first seconds run without
/// being counted, and what is due at the end is waited for without being counted either.
struct BenchRun {
    let region: BenchRegion
    /// By the event loop that they live on.
    let sources: [(loop: any EventLoop, lanes: NIOLoopBound<[LoadSource]>)]

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

    /// The longest wait for what is under way, and how often is looked.
    static let longestDrain = Duration.seconds(30)
    static let interval = Duration.milliseconds(100)

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
        try drain()
        return try result(counted)
    }

    /// Ends the load and waits for what is under way.
    ///
    /// - Parameters:
    ///   - held: Payments that are not waited for.
    ///   - patience: The longest wait.
    /// - Throws: `CommandFailure` when it was interrupted or a node has ended.
    func drain(but held: Int = 0, within patience: Duration = longestDrain) throws {
        try go(.idle)
        let deadline = ContinuousClock.now + patience
        while try sum(\.open) > held, ContinuousClock.now < deadline {
            try region.pause(BenchRun.interval)
        }
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
        try go(.rate(rate))
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
        try go(drive)
        try region.pause(warmUp)
        let before = try usages()
        let begin = ContinuousClock.now
        try forEach { $0.beginWindow() }
        for process in region.processes { ProcessUsage.forgetPeak(of: process.id) }
        try region.pause(length)
        try forEach { $0.endWindow() }
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
            tally: try map(\.tally).reduce(into: LoadTally(), +=),
            usage: counted.usage,
            peakKibibytes: counted.peakKibibytes,
            unfinished: try sum(\.openInWindow)
        )
    }

    private func watch(_ rate: Int, for length: Duration) throws -> Int? {
        let begin = ContinuousClock.now
        var samples: [(milliseconds: Int, completed: Int)] = []
        repeat {
            let (completed, open) = (try sum(\.completedEver), try sum(\.open))
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
        try go(.looking(number))
        let deadline = ContinuousClock.now + BenchRun.longestDrain * 2
        while try sum(\.quotesInHand) < number, ContinuousClock.now < deadline {
            try region.pause(BenchRun.interval)
        }
    }

    /// Waits until everybody has a quote: links are up and rates are there.
    func awaitQuotes() throws {
        let deadline = ContinuousClock.now + BenchRun.longestDrain
        while try map(\.hasQuotes).contains(false) {
            guard ContinuousClock.now < deadline else {
                throw CommandFailure(
                    Exit.unreachable,
                    "expected quotes in every corridor, got none in some; see the logs in \(region.directory)"
                )
            }
            try region.pause(BenchRun.interval)
        }
    }

    /// Changes how payments become due.
    func go(_ drive: LoadSource.Drive) throws { try forEach { $0.go(drive) } }

    private func forEach(_ work: @escaping @Sendable (LoadSource) -> Void) throws {
        _ = try map(work)
    }

    private func map<Value: Sendable>(
        _ look: @escaping @Sendable (LoadSource) -> Value
    ) throws -> [Value] {
        try sources.flatMap { loop, lanes in
            try loop.submit { lanes.value.map(look) }.wait()
        }
    }

    /// Over all sources.
    func sum(_ look: @escaping @Sendable (LoadSource) -> Int) throws -> Int {
        try map(look).reduce(0, +)
    }

    private func usages() throws -> [(name: String, usage: ProcessUsage)] {
        try region.processes.map { ($0.name, try ProcessUsage.of($0.id)) }
    }
}
