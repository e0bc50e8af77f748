package import SelatAudit
import SelatScheme
package import SelatStorage
import SelatTime

/// One seed's day, told.
package struct SimulationResult: Hashable, Sendable {
    package let plan: SimulationPlan
    /// Orders that an institution took on, and those it refused without a message.
    package let accepted: Int
    package let refused: Int
    /// Final states at the hub, in the order of the states.
    package let outcomes: [String]
    package let commits: Int
    package let counts: FaultCounts
    /// Over every commit of every node, in order: equal histories have equal digests.
    package let digest: String
    package let violations: [Violation]
    /// Virtual time from the first start to rest.
    package let simulatedSeconds: Int64

    /// One line, a pure function of the plan.
    package var line: String {
        "seed \(plan.seed) payments \(plan.payments) accepted \(accepted) refused \(refused) "
            + "\(outcomes.joined(separator: " ")) commits \(commits) lost \(counts.lost) "
            + "duplicated \(counts.duplicated) stalled \(counts.stalled) cut \(counts.cut) "
            + "crashes \(counts.crashes) disk \(counts.diskFailures) "
            + "connections \(counts.reconnects) seconds \(simulatedSeconds) digest \(digest)"
    }
}

/// The region under a virtual clock and a faulty world.
package enum Simulation {
    /// Runs one plan to its end: faults while payments are made, then healing, then rest.
    package static func run(_ plan: SimulationPlan) -> SimulationResult {
        var world = SimulatedWorld(plan: plan)
        _ = world.run()
        let digest = world.digest.digest
        return SimulationResult(
            plan: plan,
            accepted: world.paid,
            refused: world.refused,
            outcomes: world.outcomes().filter { $0.count > 0 }.map { "\($0.name) \($0.count)" },
            commits: world.commits,
            counts: world.counts,
            digest: hexadecimal(digest.high) + hexadecimal(digest.low),
            violations: world.violations,
            simulatedSeconds: (world.now - SimulatedWorld.start).components.seconds
        )
    }

    /// What every node's store holds after one plan, and who is where: for checking the checker.
    package static func aftermath(
        of plan: SimulationPlan
    ) -> (topology: AuditTopology, dumps: [String: NodeDump]) {
        var world = SimulatedWorld(plan: plan)
        _ = world.run()
        return (world.region.topology, world.dumps())
    }

    private static func hexadecimal(_ word: UInt64) -> String {
        let digits = String(word, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}
