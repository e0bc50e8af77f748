import ArgumentParser
import Foundation
import Glibc
import NIOCore
import SelatAudit
import SelatRuntime
import SelatTime

/// `selat bench`: what the region can take, and what a payment costs.
struct Bench: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Load a region of its own and say what a payment takes and costs.",
        discussion: """
            Starts hub, countries and FX providers as processes and runs the external PSPs in this \
            one, each behind its own mTLS link and with its own books. Every payment has a quote of \
            its own, and every commit is durable. Latency counts from the instant at which a \
            payment is due to its durable end at the debtor agent. Afterwards the laws are checked \
            over all databases; exits 1 when one is broken.
            """
    )

    @Option(help: ArgumentHelp("Payments per second, evenly.", valueName: "payments"))
    var rate: Int?

    @Flag(help: "Find the most the region takes, then measure at 80 % of it.")
    var saturate = false

    @Flag(help: "With --saturate: then want three times as much, and then as much as before.")
    var overload = false

    @Option(
        help: ArgumentHelp(
            "Measure again while this runs; may be repeated.",
            discussion: "A shell command; SELAT_DATA tells it the data directory.",
            valueName: "command"
        )
    )
    var against: [String] = []

    @Option(help: "How long to measure, after the warm-up.")
    var seconds = 20

    @Option(help: "Seconds of load before the measurement.")
    var warmUp = 5

    @Option(help: "Accounts at each PSP.")
    var customers = 2_000

    @Option(help: "Payments under way while looking for the most.")
    var underWay = 1_024

    @Option(help: "For amounts, accounts and payment ids.")
    var seed: UInt64 = 1

    @Option(help: "The nodes to load.", completion: .file(extensions: ["yaml"]))
    var topology = "Nodes/topologies/bench.yaml"

    @Option(
        name: .customLong("data"),
        help: ArgumentHelp(
            "Keep the region's data here; otherwise it is removed afterwards.",
            valueName: "dir"
        ),
        completion: .directory
    )
    var directory: String?

    @OptionGroup var format: OutputOptions

    func validate() throws {
        guard saturate != (rate != nil) else {
            throw ValidationError("Say either --rate PAYMENTS or --saturate.")
        }
        guard saturate || !overload else {
            throw ValidationError("--overload needs --saturate: three times how much?")
        }
        guard (1...100_000).contains(rate ?? 1), (1...3_600).contains(seconds),
            (0...600).contains(warmUp), (1...100_000).contains(customers),
            (1...100_000).contains(underWay)
        else {
            throw ValidationError(
                "rate, customers and under-way are 1...100000, seconds 1...3600, warm-up 0...600"
            )
        }
    }

    func run() throws {
        Memory.keep()
        let interrupts = Interrupts()
        let output = format.output
        let directory = directory ?? NSTemporaryDirectory() + "selat-bench-\(getpid())"
        let region = try BenchRegion(
            try Topology.read(file: topology),
            directory: directory,
            interrupts: interrupts
        )
        var report: BenchReport
        do {
            try region.start(customers: customers)
            report = try measure(region, output)
            // The last acknowledgements are under way.
            try region.pause(.seconds(1))
        } catch {
            region.stop()
            throw error
        }
        region.stop()
        output.note("checking the laws over all databases ...")
        report.audit = try region.audit()
        if self.directory == nil { try FileManager.default.removeItem(atPath: directory) }
        output.result(report.text)
        output.document("bench", report.members)
        guard report.audit?.isLawful == true else { throw Exit.rejected }
    }

    private func measure(_ region: BenchRegion, _ output: Output) throws -> BenchReport {
        guard let debtor = region.institution(of: "SG"), let creditor = region.institution(of: "TH")
        else { throw ValidationError("\(topology) has no external PSP in SG or in TH.") }
        let corridor = LoadSource.Corridor(
            debtorAgent: debtor.party,
            creditorAgent: creditor.party,
            sourceCountry: "SG",
            sourceCurrency: debtor.currency,
            destinationCountry: "TH",
            destinationCurrency: creditor.currency,
            customers: customers,
            sourceFee: debtor.sourceFee
        )
        let seed = seed
        let (loop, source) = try debtor.node.onLoop { node in
            (node.loop, NIOLoopBound(LoadSource(node, corridor, seed: seed), eventLoop: node.loop))
        }.wait()
        return try measure(BenchRun(region: region, source: source, loop: loop), output)
    }

    private func measure(_ run: BenchRun, _ output: Output) throws -> BenchReport {
        try run.awaitQuotes()
        var report = BenchReport(seconds: seconds, customers: customers)
        let warmUp = Duration.seconds(warmUp)
        let length = Duration.seconds(seconds)
        if saturate {
            output.note("looking for the most, \(underWay) payments under way ...")
            let most = try run.hold(.underWay(underWay), warmUp: warmUp, for: length)
            report.saturation = most
            let rate = max(Int(most.milliPaymentsPerSecond * 8 / 10_000), 1)
            output.note("measuring at \(rate) payments/s ...")
            report.paced = try run.hold(.rate(rate), warmUp: warmUp, for: length)
            if overload {
                report.overload = try exceed(run, Int(most.milliPaymentsPerSecond / 1000), output)
            }
        } else if let rate {
            output.note("measuring at \(rate) payments/s ...")
            report.paced = try run.hold(.rate(rate), warmUp: warmUp, for: length)
        }
        for command in against {
            guard case .rate(let rate)? = report.paced?.drive else { break }
            report.disturbed.append(try disturb(run, rate, command, output))
        }
        return report
    }

    /// Three times the most, and back.
    private func exceed(_ run: BenchRun, _ most: Int, _ output: Output) throws -> OverloadReport {
        let rate = max(most * 3, 1)
        let before = max(most * 8 / 10, 1)
        let length = Duration.seconds(seconds)
        // Half of the crowd has quotes, or the links' own bounds on questions would be the door.
        let quotes = rate * (seconds + warmUp) / 2
        output.note("looking at \(quotes) quotes ...")
        try run.look(quotes)
        output.note("wanting \(rate) payments/s ...")
        let (crowd, recovery) = try run.hold(
            .crowd(rate),
            warmUp: .seconds(warmUp),
            for: length,
            thenFallTo: before
        )
        let after = try run.hold(.rate(before), warmUp: .zero, for: length)
        return OverloadReport(
            rate: rate,
            crowd: crowd,
            recoveryMilliseconds: recovery,
            after: after
        )
    }

    /// The paced load, alone and then beside a command.
    private func disturb(
        _ run: BenchRun,
        _ rate: Int,
        _ command: String,
        _ output: Output
    ) throws -> DisturbedReport {
        let length = Duration.seconds(seconds)
        output.note("measuring at \(rate) payments/s, alone ...")
        let before = try run.hold(.rate(rate), warmUp: .seconds(warmUp), for: length)
        output.note("measuring at \(rate) payments/s beside '\(command)' ...")
        let disturbance = try Disturbance(command, directory: run.region.directory)
        let during: BenchRun.Result
        do {
            during = try run.hold(.rate(rate), warmUp: .seconds(warmUp), for: length)
        } catch {
            try disturbance.stop(run.region)
            throw error
        }
        try disturbance.stop(run.region)
        return DisturbedReport(command: command, before: before, during: during)
    }
}
