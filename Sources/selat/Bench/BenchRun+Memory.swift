import SelatTime

// Memory: of links that are idle, and of payments under way. Specs/Protocol/Bench.md.
extension BenchRun {
    /// Payments after which every store has held as much in memory as it ever does: four
    /// generations of changed rows and more at every node (`SQLiteOptions.generationRows`).
    private static let generations = 65_536
    /// Rounds of payments, at most, until no process grows by more than a page of the allocator's.
    private static let longestSettling = 6
    private static let pageBytes = 2 << 20
    /// Payments are not asked after for ten minutes while they are held: `BenchCommand.plan`.
    private static let longestHold = Duration.seconds(580)
    /// From the last connection or payment until memory is looked at.
    private static let settling = Duration.seconds(2)

    /// Connects the institutions that take no part in the load.
    ///
    /// - Returns: What that cost where they connected to.
    /// - Throws: `CommandFailure` when they do not come up.
    func connectIdle() throws -> IdleLinksReport {
        try region.pause(BenchRun.settling)
        let before = try memory()
        let links = try region.connectIdle()
        try region.pause(BenchRun.settling)
        let after = try memory()
        return IdleLinksReport(
            acceptors: zip(before, after).compactMap { before, after in
                guard let number = links[before.name] else { return nil }
                return IdleLinksReport.Acceptor(
                    name: before.name,
                    links: number,
                    before: before.bytes,
                    after: after.bytes
                )
            }
        )
    }

    /// Holds payments under way by creditor agents that take their time, first a twentieth of
    /// them, then all. Before that as many pass without being held, again and again until they
    /// leave nothing behind: that would be no cost of being under way.
    ///
    /// - Parameters:
    ///   - many: How many.
    ///   - underWay: Payments under way in the warm-up.
    ///   - rate: Payments a second that the region takes.
    /// - Returns: What each process held.
    /// - Throws: `CommandFailure` when so many cannot be held at a time.
    func holdInFlight(_ many: Int, underWay: Int, rate: Int) throws -> InFlightReport {
        // Twice what it takes at the region's best until they have come and as many have passed
        // by few and by many of them, and some for looking.
        let delay = Duration.seconds(20 + 6 * many / max(rate, 1))
        guard delay < BenchRun.longestHold else {
            throw CommandFailure(
                Exit.usage,
                "expected payments that \(rate) a second bring within a minute and a half, got \(many); "
                    + "hold fewer with --in-flight"
            )
        }
        try pass(until: BenchRun.generations, underWay: underWay)
        var before: [MemorySample] = []
        var atRest = try memory()
        var rounds = 0
        repeat {
            rounds += 1
            before = atRest
            try pass(many, underWay: underWay)
            atRest = try memory()
        } while rounds < BenchRun.longestSettling
            && zip(before, atRest).contains { $1.bytes - $0.bytes > BenchRun.pageBytes }
        let held = HeldPayments()
        try region.count(held)
        let deadline = ContinuousClock.now + delay
        let few = many / 20
        var samples: [[MemorySample]] = []
        for number in [few, many] {
            try region.answer(after: delay)
            try hold(number, held, until: deadline)
            try region.answer(after: .zero)
            try pass(many, underWay: underWay, beside: number)
            samples.append(try memory())
            try check(number, held, deadline)
        }
        try region.pause(max(deadline - ContinuousClock.now, .zero))
        try drain(within: delay + BenchRun.longestDrain)
        return InFlightReport(
            few: few,
            many: many,
            before: before,
            atRest: atRest,
            withFew: samples[0],
            withMany: samples[1]
        )
    }

    /// Lets so many more payments complete, and ends.
    private func pass(_ payments: Int, underWay: Int, beside held: Int = 0) throws {
        try pass(until: try sum(\.completedEver) + payments, underWay: underWay, beside: held)
    }

    /// Keeps payments under way, besides those that are held, until so many have completed since
    /// the beginning, and ends.
    private func pass(until completed: Int, underWay: Int, beside held: Int = 0) throws {
        try go(.held(underWay + held))
        var last = (count: 0, at: ContinuousClock.now)
        while last.count < completed {
            try region.pause(BenchRun.interval)
            let count = try sum(\.completedEver)
            if count > last.count { last = (count, ContinuousClock.now) }
            guard ContinuousClock.now - last.at < BenchRun.longestDrain else {
                throw CommandFailure(
                    Exit.rejected,
                    "expected \(completed) payments to complete, got \(count) and none for "
                        + "\(BenchRun.longestDrain); see the logs in \(region.directory)"
                )
            }
        }
        try drain(but: held)
        try region.pause(BenchRun.settling)
    }

    /// Sends payments until so many, no more and no less, wait for their answer.
    private func hold(
        _ number: Int,
        _ held: HeldPayments,
        until deadline: ContinuousClock.Instant
    ) throws {
        try go(.held(number))
        while held.count < number, ContinuousClock.now < deadline {
            try region.pause(.milliseconds(20))
        }
        try check(number, held, deadline)
    }

    /// None of them has had its answer yet.
    private func check(
        _ number: Int,
        _ held: HeldPayments,
        _ deadline: ContinuousClock.Instant
    ) throws {
        guard held.count == number, ContinuousClock.now < deadline else {
            throw CommandFailure(
                Exit.rejected,
                "expected \(number) payments to be under way before the first ends, got "
                    + "\(held.count); hold fewer with --in-flight"
            )
        }
    }

    private func memory() throws -> [MemorySample] {
        try region.processes.map { process in
            let kibibytes = try ProcessUsage.residentKibibytes(of: process.id)
            return MemorySample(name: process.name, bytes: kibibytes * 1024)
        }
    }
}
