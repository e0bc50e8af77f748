import ArgumentParser
import Foundation
import Glibc
import SelatAudit
import SelatRuntime
import SelatTime

/// `selat bench`: what the region can take, and what a payment costs.
struct Bench: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Load a region of its own and say what a payment takes and costs.",
        discussion: """
            Starts hub, countries and FX providers as processes and runs the external PSPs in this \
            one, each behind its own mTLS link and with its own books. Customers of each pay \
            customers of every one abroad, in all corridors that are loaded. Every payment has a quote of \
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

    @Option(help: ArgumentHelp("Who pays whom: SG-TH or the like, or all.", valueName: "corridors"))
    var corridors = BenchCorridors.one(LoadPlan.Corridor(source: "SG", destination: "TH"))

    @Option(help: "PSPs that share the load, in all countries of the corridors together.")
    var institutions: Int?

    @Option(help: ArgumentHelp("First: what so many links cost that are idle.", valueName: "links"))
    var idleLinks: Int?

    @Option(
        help: ArgumentHelp(
            "With --saturate, at last: what so many payments under way cost.",
            valueName: "payments"
        )
    )
    var inFlight: Int?

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

    @Option(help: "Accounts at each PSP; otherwise 4,000 shared by all, but at least 20 each.")
    var customers: Int?

    @Option(help: "Payments under way while looking for the most.")
    var underWay = 1_024

    @Option(help: "For amounts, accounts and payment ids.")
    var seed: UInt64 = 1

    @Option(
        help: "The nodes that the region is made from.",
        completion: .file(extensions: ["yaml"])
    )
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

    @Flag(help: "Leave out the check of the laws, which takes long where millions are stored.")
    var withoutLedgerCheck = false

    @OptionGroup var format: OutputOptions

    func validate() throws {
        guard !(saturate && rate != nil), saturate || rate != nil || idleLinks != nil else {
            throw ValidationError(
                "Say either --rate PAYMENTS or --saturate, or --idle-links LINKS."
            )
        }
        guard saturate || !overload else {
            throw ValidationError("--overload needs --saturate: three times how much?")
        }
        guard saturate || inFlight == nil else {
            throw ValidationError("--in-flight needs --saturate: how long is it to be waited for?")
        }
        guard (2...999).contains(institutions ?? 2), (2...999).contains(idleLinks ?? 2),
            (100...100_000).contains(inFlight ?? 100)
        else {
            throw ValidationError(
                "institutions and idle-links are 2...999, in-flight 100...100000"
            )
        }
        guard (1...100_000).contains(rate ?? 1), (1...3_600).contains(seconds),
            (0...600).contains(warmUp), (1...100_000).contains(customers ?? 1),
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
        let models = try Topology.read(file: topology)
        let corridors = corridors.corridors(in: models)
        let region = try BenchRegion(
            try plan(corridors),
            from: models,
            directory: directory,
            interrupts: interrupts
        )
        let number = region.topology.nodes.count { $0.kindName == .participant } - region.idle.count
        let customers = customers ?? max(4_000 / number, 20)
        var report = BenchReport(
            seconds: seconds,
            customers: customers,
            institutions: number,
            corridors: corridors
        )
        do {
            try region.start(customers: customers)
            let sources = try region.sources(corridors, customers: customers, seed: seed)
            try measure(BenchRun(region: region, sources: sources), &report, output)
            try region.awaitRest()
        } catch {
            region.stop()
            throw error
        }
        region.stop()
        if !withoutLedgerCheck {
            output.note("checking the laws over all databases ...")
            report.audit = try region.audit()
        }
        if self.directory == nil { try FileManager.default.removeItem(atPath: directory) }
        output.result(report.text)
        output.document("bench", report.members)
        guard report.audit?.isLawful ?? withoutLedgerCheck else { throw Exit.rejected }
    }

    /// The region that the options ask for.
    private func plan(_ corridors: [LoadPlan.Corridor]) throws -> LoadedRegion {
        var countries: [String] = []
        for country in corridors.flatMap({ [$0.source, $0.destination] })
        where !countries.contains(country) {
            countries.append(country)
        }
        if let institutions, institutions < countries.count {
            throw ValidationError(
                "--institutions: expected one for each of \(countries.joined(separator: ", ")) "
                    + "at least, got \(institutions)"
            )
        }
        var plan = LoadedRegion(countries: countries, institutions: institutions)
        plan.idle = idleLinks ?? 0
        if let inFlight {
            // Nobody is to be turned away or asked again while payments are held.
            plan.paymentsInFlight = inFlight * 2
            plan.times = [
                ("enquiry", "10min"), ("creditorAgentEnquiry", "10min"),
                ("creditorAgentAnswer", "20min"), ("destinationExecution", "30min"),
            ]
        }
        return plan
    }

    private func measure(_ run: BenchRun, _ report: inout BenchReport, _ output: Output) throws {
        try run.awaitQuotes()
        if let idleLinks {
            output.note("connecting \(idleLinks) idle links ...")
            report.idleLinks = try run.connectIdle()
        }
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
        if let inFlight, let most = report.saturation {
            output.note("holding \(inFlight) payments under way ...")
            let rate = Int(most.milliPaymentsPerSecond / 1000)
            report.inFlight = try run.holdInFlight(inFlight, underWay: underWay, rate: rate)
        }
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
