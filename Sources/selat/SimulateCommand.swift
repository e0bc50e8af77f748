import ArgumentParser
import Dispatch
import Foundation
import SelatAudit
import SelatSimulator
import Synchronization

/// Runs the whole region under a virtual clock, with faults drawn from a seed.
struct Simulate: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Run the region under a virtual clock, with faults drawn from a seed.",
        discussion: """
            The same roles, messages and sessions as the daemons, over a faulty network and \
            stores that fail; each seed draws its own region, load and faults. The same seed \
            gives the same history; standard output depends on the arguments alone. Exits 1 when \
            a law is broken, with the shortest history found and the payment's trace.
            """
    )

    @Option(help: "The seed, or the first of several.")
    var seed: UInt64 = 1

    @Option(help: "How many seeds to run, from the first on.")
    var seeds: Int = 1

    @Option(help: "Payments per seed.")
    var payments: Int = 100

    @Option(help: "Seeds to run at the same time.")
    var jobs: Int = 1

    @Flag(help: "No faults: a reference run.")
    var calm = false

    @Flag(inversion: .prefixedNo, help: "Look for a shorter history when a law is broken.")
    var shrink = true

    @Option(help: "Only these payments, by number: '0,3,17'.")
    var onlyPayments: String?

    @Option(help: "Only these faults, as a report names them: 'cut@hub>ips-th@37,...'.")
    var onlyFaults: String?

    func validate() throws {
        guard (1...1_000_000).contains(payments), (1...1_000_000).contains(seeds),
            (1...256).contains(jobs)
        else { throw ValidationError("payments and seeds are 1...1000000, jobs 1...256") }
        _ = try plan(seed)
    }

    func run() throws {
        let start = ContinuousClock.now
        let plans = try (0..<UInt64(seeds)).map { try plan(seed &+ $0) }
        let teller = Teller()
        let runners = DispatchGroup()
        for job in 0..<jobs {
            runners.enter()
            // A thread of its own each: the global queues start a second one only when they please.
            let runner = Thread { [jobs, shrink] in
                for index in stride(from: job, to: plans.count, by: jobs) {
                    let result = Simulation.run(plans[index])
                    teller.tell(index, result, SimulationReport.lines(of: result, shrink: shrink))
                }
                runners.leave()
            }
            runner.stackSize = 8 << 20
            runner.start()
        }
        runners.wait()
        let totals = teller.totals
        for line in totals.lines { print(line) }
        report(totals, since: start)
        if totals.broken > 0 { throw Exit.rejected }
    }

    private func plan(_ seed: UInt64) throws -> SimulationPlan {
        var plan = SimulationPlan(seed: seed, payments: payments, isFaulty: !calm)
        plan.onlyPayments = try onlyPayments.map { text in
            try text.split(separator: ",").map { word in
                guard let number = Int(word), (0..<payments).contains(number) else {
                    throw ValidationError("--only-payments: \(word) is no payment's number")
                }
                return number
            }
        }
        plan.onlyFaults = try onlyFaults.map { text in
            let faults = try text.split(separator: ",").map { word in
                guard let fault = Fault(String(word)) else {
                    throw ValidationError("--only-faults: \(word) is no fault's name")
                }
                return fault
            }
            return Set(faults)
        }
        return plan
    }

    /// What depends on the machine goes to standard error.
    private func report(_ totals: SimulationTotals, since start: ContinuousClock.Instant) {
        let wall = ContinuousClock.now - start
        let seconds = Double(wall.components.seconds) + Double(wall.components.attoseconds) / 1e18
        let text = String(
            format: "%.1f s, %.0f payments a minute\n",
            seconds,
            Double(totals.payments) * 60 / max(seconds, 0.001)
        )
        FileHandle.standardError.write(Data(text.utf8))
    }
}

/// Prints in the order of the seeds, whatever is ready first.
private final class Teller: Sendable {
    private struct State {
        var totals = SimulationTotals()
        var told = 0
        var waiting: [Int: (SimulationResult, [String])] = [:]
    }

    private let state = Mutex(State())

    var totals: SimulationTotals { state.withLock { $0.totals } }

    func tell(_ index: Int, _ result: SimulationResult, _ lines: [String]) {
        state.withLock { state in
            state.waiting[index] = (result, lines)
            while let (result, lines) = state.waiting.removeValue(forKey: state.told) {
                for line in lines { print(line) }
                state.totals.add(result)
                state.told += 1
            }
        }
    }
}

/// What is told of one seed.
private enum SimulationReport {
    static func lines(of result: SimulationResult, shrink: Bool) -> [String] {
        guard !result.violations.isEmpty else { return [result.line] }
        let shortest = shrink ? Shrinker.shortest(result) : result
        let payments = shortest.plan.onlyPayments?.count ?? shortest.plan.payments
        return [result.line] + result.violations.prefix(10).map { "  \($0)" } + [
            "  shortest found: \(payments) payments, \(shortest.faults.count) faults"
        ] + shortest.violations.prefix(3).map { "  \($0)" } + shortest.trace.map { "    \($0)" }
            + ["  again: \(command(shortest.plan))"]
    }

    /// What makes the same history again.
    private static func command(_ plan: SimulationPlan) -> String {
        var text = "selat simulate --seed \(plan.seed) --payments \(plan.payments)"
        if !plan.isFaulty { text += " --calm" }
        if let kept = plan.onlyPayments {
            text += " --only-payments '\(kept.map(String.init).joined(separator: ","))'"
        }
        if let kept = plan.onlyFaults {
            let names = kept.sorted().map(\.description)
            text += " --only-faults '\(names.joined(separator: ","))'"
        }
        return text
    }
}
