import ArgumentParser
import Foundation
import SelatAudit
import SelatSimulator

/// Runs the whole region under a virtual clock, with faults drawn from a seed.
struct Simulate: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Run the region under a virtual clock, with faults drawn from a seed.",
        discussion: """
            The same roles, messages and sessions as the daemons, over a faulty network and \
            stores that fail, in one thread. The same seed gives the same history; standard \
            output depends on the arguments alone. Exits 1 when a law is broken.
            """
    )

    @Option(help: "The seed, or the first of several.")
    var seed: UInt64 = 1

    @Option(help: "How many seeds to run, from the first on.")
    var seeds: Int = 1

    @Option(help: "Payments per seed.")
    var payments: Int = 100

    @Flag(help: "No faults: a reference run.")
    var calm = false

    func validate() throws {
        guard (1...1_000_000).contains(payments), (1...1_000_000).contains(seeds) else {
            throw ValidationError("payments and seeds are 1...1000000")
        }
    }

    func run() throws {
        let start = ContinuousClock.now
        var simulated: Int64 = 0
        var broken = 0
        var total = 0
        for offset in 0..<UInt64(seeds) {
            let plan = SimulationPlan(seed: seed &+ offset, payments: payments, isFaulty: !calm)
            let result = Simulation.run(plan)
            print(result.line)
            simulated += result.simulatedSeconds
            total += result.accepted
            guard !result.violations.isEmpty else { continue }
            broken += 1
            for violation in result.violations.prefix(10) { print("  \(violation)") }
            print("  again: selat simulate --seed \(plan.seed) --payments \(payments)")
        }
        print("\(seeds) seeds, \(total) payments, \(broken) with broken laws")
        let wall = ContinuousClock.now - start
        let seconds = Double(wall.components.seconds) + Double(wall.components.attoseconds) / 1e18
        FileHandle.standardError.write(
            Data(
                String(
                    format: "%.1f s, %.0f payments a minute, %.1f simulated hours\n",
                    seconds,
                    Double(total) * 60 / max(seconds, 0.001),
                    Double(simulated) / 3600
                ).utf8
            )
        )
        if broken > 0 { throw Exit.rejected }
    }
}
