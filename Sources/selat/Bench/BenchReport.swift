import SelatAudit
import SelatJSON
import SelatRuntime

/// What the bench found, in words and as `selat.bench/1`. Specs/Protocol/Bench.md.
struct BenchReport {
    let seconds: Int
    let customers: Int
    /// PSPs that share the load.
    let institutions: Int
    let corridors: [LoadPlan.Corridor]
    /// What links cost that are idle.
    var idleLinks: IdleLinksReport?
    /// At the most the region takes.
    var saturation: BenchRun.Result?
    /// At a given rate.
    var paced: BenchRun.Result?
    /// What happens beyond that.
    var overload: OverloadReport?
    /// The paced load beside something that disturbs it.
    var disturbed: [DisturbedReport] = []
    /// What payments under way cost.
    var inFlight: InFlightReport?
    var audit: AuditReport?

    init(seconds: Int, customers: Int, institutions: Int, corridors: [LoadPlan.Corridor]) {
        self.seconds = seconds
        self.customers = customers
        self.institutions = institutions
        self.corridors = corridors
    }

    // MARK: Words

    /// For a person.
    var text: String {
        var lines: [String] = []
        if let idleLinks { lines += idleLinks.lines }
        if let saturation {
            lines.append(
                "saturation: \(saturation.thousandths(saturation.milliPaymentsPerSecond)) payments/s"
            )
            lines += saturation.lines
        }
        if let paced {
            if case .rate(let rate) = paced.drive {
                lines.append("open loop at \(rate) payments/s:")
            }
            lines += paced.lines
        }
        if let overload { lines += overload.lines }
        for disturbed in disturbed { lines += disturbed.lines }
        if let inFlight { lines += inFlight.lines }
        if let audit {
            lines.append(
                audit.isLawful
                    ? "ledger check: lawful; \(audit.payments) payments, \(audit.journals) journals, "
                        + "\(audit.messages) messages, all final"
                    : "ledger check: \(audit.violations.count) violations"
            )
            lines += audit.violations.prefix(20).map { "  \($0)" }
        } else {
            lines.append("ledger check: left out, as asked for")
        }
        return lines.joined(separator: "\n")
    }

    // MARK: JSON

    /// For a program.
    var members: [JSONMember] {
        var members: [JSONMember] = [
            JSONMember("seconds", .integer(seconds)),
            JSONMember("customersPerInstitution", .integer(customers)),
            JSONMember("institutions", .integer(institutions)),
            JSONMember("corridors", .array(corridors.map { .string($0.description) })),
        ]
        if let idleLinks { members.append(JSONMember("idleLinks", idleLinks.body)) }
        if let inFlight { members.append(JSONMember("inFlight", inFlight.body)) }
        if let saturation {
            members.append(
                JSONMember(
                    "saturationPaymentsPerSecond",
                    .integer(saturation.milliPaymentsPerSecond / 1000)
                )
            )
            members.append(JSONMember("saturation", saturation.body))
        }
        // What the region takes and what that costs belong together.
        if let result = saturation ?? paced {
            members.append(
                JSONMember("cpuMicrosecondsPerPayment", .integer(result.cpuMicrosecondsPerPayment))
            )
        }
        if let paced { members.append(JSONMember("paced", paced.body)) }
        if let overload { members.append(JSONMember("overload", overload.body)) }
        if !disturbed.isEmpty {
            members.append(JSONMember("against", .array(disturbed.map(\.body))))
        }
        if let audit {
            members.append(
                JSONMember(
                    "ledgerCheck",
                    [
                        "isLawful": .bool(audit.isLawful),
                        "violations": .integer(audit.violations.count),
                        "payments": .integer(audit.payments),
                        "inFlight": .integer(audit.inFlight.count),
                    ]
                )
            )
        }
        return members
    }
}

extension BenchRun.Result {
    private static let quantiles = [
        ("p50", 5_000), ("p95", 9_500), ("p99", 9_900), ("p99.9", 9_990),
    ]

    /// Of all processes together.
    var cpuMicrosecondsPerPayment: Int {
        usage.reduce(0) { $0 + $1.usage.cpuMicroseconds } / max(tally.completed, 1)
    }

    private var corridors: [(LoadPlan.Corridor, Int)] {
        tally.completedByCorridor.map { ($0, $1) }.sorted { $0.0.description < $1.0.description }
    }

    private var errors: Int { tally.errors.values.reduce(unfinished, +) }

    var lines: [String] {
        let latencies = BenchRun.Result.quantiles.map { name, quantile in
            "\(name) \(thousandths(Int64(tally.latencies.quantile(quantile)))) ms"
        }
        var lines = [
            "  completed   \(tally.completed), \(thousandths(milliPaymentsPerSecond)) payments/s"
        ]
        if corridors.count > 1 { lines += corridors.map { "    \($0): \($1)" } }
        lines += [
            "  latency     \(latencies.joined(separator: ", ")), "
                + "max \(thousandths(Int64(tally.latencies.greatest))) ms",
            "  errors      \(errors)" + (unfinished > 0 ? ", \(unfinished) unfinished" : ""),
        ]
        lines += tally.errors.sorted { $0.key < $1.key }.map { "    \($0.value) \($0.key)" }
        let shed = tally.shed.values.reduce(0, +)
        if shed > 0 {
            lines.append("  shed        \(shed), to come again")
            lines += tally.shed.sorted { $0.key < $1.key }.map { "    \($0.value) \($0.key)" }
        }
        lines.append("  quotes      \(tally.quoteRequests), \(tally.refusedQuotes) asked again")
        lines.append("  CPU         \(cpuMicrosecondsPerPayment) us per payment")
        for ((name, usage), peak) in zip(usage, peakKibibytes) {
            lines.append(
                "    \(name): \(usage.cpuMicroseconds / max(tally.completed, 1)) us, "
                    + "\(usage.bytesWritten / max(tally.completed, 1)) bytes written per payment, "
                    + "at most \(peak / 1024) MiB"
            )
        }
        return lines
    }

    var body: JSONValue {
        let completed = max(tally.completed, 1)
        var latency: [JSONMember] = BenchRun.Result.quantiles.map { name, quantile in
            JSONMember(name.replacing(".", with: "_"), .integer(tally.latencies.quantile(quantile)))
        }
        latency.append(JSONMember("max", .integer(tally.latencies.greatest)))
        return [
            "completed": .integer(tally.completed),
            "completedPaymentsPerSecond": .integer(milliPaymentsPerSecond / 1000),
            "completedByCorridor": .object(
                corridors.map { JSONMember($0.description, .integer($1)) }
            ),
            "latencyMicroseconds": .object(latency),
            "errors": .integer(errors),
            "errorsByCause": .object(
                tally.errors.sorted { $0.key < $1.key }.map {
                    JSONMember($0.key, .integer($0.value))
                }
            ),
            "unfinished": .integer(unfinished),
            "shed": .integer(tally.shed.values.reduce(0, +)),
            "shedByAnswer": .object(
                tally.shed.sorted { $0.key < $1.key }.map { JSONMember($0.key, .integer($0.value)) }
            ),
            "quoteRequests": .integer(tally.quoteRequests),
            "cpuMicrosecondsPerPayment": .integer(cpuMicrosecondsPerPayment),
            "bytesWrittenPerPayment": .integer(
                usage.reduce(0) { $0 + $1.usage.bytesWritten } / completed
            ),
            "processes": .array(
                zip(usage, peakKibibytes).map { of, peak in
                    let (name, usage) = of
                    return [
                        "peakBytes": .integer(peak * 1024),
                        "name": .string(name),
                        "cpuMicrosecondsPerPayment": .integer(usage.cpuMicroseconds / completed),
                        "bytesWrittenPerPayment": .integer(usage.bytesWritten / completed),
                    ]
                }
            ),
        ]
    }

    /// `1234567` is `1234.6`.
    func thousandths(_ value: Int64) -> String {
        let tenths = (value + 50) / 100
        return "\(tenths / 10).\(tenths % 10)"
    }
}
