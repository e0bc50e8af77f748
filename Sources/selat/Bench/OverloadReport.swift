import SelatJSON

/// What the region did at three times the most it takes, and afterwards.
struct OverloadReport {
    /// Payments a second that were asked for.
    let rate: Int
    let crowd: BenchRun.Result
    /// From the fall of the load until it is served at full speed; `nil` when that never came.
    let recoveryMilliseconds: Int?
    /// The load of before, once more.
    let after: BenchRun.Result

    /// Payments under way that ended otherwise than completed or turned away at the door.
    private var broken: Int {
        crowd.tally.errors.values.reduce(crowd.unfinished, +)
    }

    private var shed: Int { crowd.tally.shed.values.reduce(0, +) }

    /// For a person.
    var lines: [String] {
        let recovery = recoveryMilliseconds.map { "after \($0) ms" } ?? "not reached"
        let second = crowd.nanoseconds / 1_000_000_000
        return ["\(rate) payments/s wanted, three times saturation:"] + crowd.lines
            + [
                "  turned away \(shed / max(Int(second), 1)) payments/s",
                "  in flight   \(broken) ended late, badly or not at all",
                "back at the load of before: full speed \(recovery)",
            ] + after.lines
    }

    /// For a program.
    var body: JSONValue {
        [
            "wantedPaymentsPerSecond": .integer(rate),
            "crowd": crowd.body,
            "inFlightBroken": .integer(broken),
            "recoveryMilliseconds": recoveryMilliseconds.map { .integer($0) } ?? .null,
            "after": after.body,
        ]
    }
}

/// The paced load, without and with a command that disturbs the region.
struct DisturbedReport {
    let command: String
    let before: BenchRun.Result
    let during: BenchRun.Result

    private var p99: (before: Int, during: Int) {
        (before.tally.latencies.quantile(9_900), during.tally.latencies.quantile(9_900))
    }

    /// In hundredths.
    private var ratio: Int { p99.during * 100 / max(p99.before, 1) }

    /// For a person.
    var lines: [String] {
        let hundredths = ratio % 100 < 10 ? "0\(ratio % 100)" : "\(ratio % 100)"
        return [
            "against '\(command)': p99 \(before.thousandths(Int64(p99.before))) ms before, "
                + "\(before.thousandths(Int64(p99.during))) ms during, "
                + "\(ratio / 100).\(hundredths) times"
        ] + during.lines
    }

    /// For a program.
    var body: JSONValue {
        [
            "command": .string(command),
            "p99Before": .integer(p99.before),
            "p99During": .integer(p99.during),
            "ratioPerHundred": .integer(ratio),
            "during": during.body,
        ]
    }
}
