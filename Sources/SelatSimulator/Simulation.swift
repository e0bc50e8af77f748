package import SelatAudit
import SelatNode
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
    package let connects: Int
    /// The faults that struck, in their order.
    package let faults: [Fault]
    /// The steps that payments took, by kind of party.
    package let steps: [Coverage.Step: Int]
    /// Over every commit of every node, in order: equal histories have equal digests.
    package let digest: String
    package let violations: [Violation]
    /// Virtual time from the first start to rest.
    package let simulatedSeconds: Int64
    /// What the stores held of the first violation's payment, where there is one.
    package let trace: [String]

    /// One line, a pure function of the plan.
    package var line: String {
        "seed \(plan.seed) countries \(plan.countries.joined(separator: ",")) "
            + "providers \(plan.providers.count) payments \(plan.payments) accepted \(accepted) "
            + "refused \(refused) \(outcomes.joined(separator: " ")) commits \(commits) "
            + "faults \(faults.count) connections \(connects) seconds \(simulatedSeconds) "
            + "digest \(digest)"
    }

    /// How often each class struck, in the order of the classes.
    package var faultCounts: [FaultClass: Int] {
        Dictionary(faults.map { ($0.kind, 1) }, uniquingKeysWith: +)
    }
}

/// The region under a virtual clock and a faulty world.
package enum Simulation {
    /// Runs one plan to its end: faults while payments are made, then healing, then rest.
    package static func run(
        _ plan: SimulationPlan,
        saboteur: Saboteur = .none
    ) -> SimulationResult {
        var world = SimulatedWorld(plan: plan, saboteur: saboteur)
        world.run()
        let digest = world.digest.digest
        return SimulationResult(
            plan: plan,
            accepted: world.clients.accepted,
            refused: world.clients.refused,
            outcomes: world.outcomes().filter { $0.count > 0 }.map { "\($0.name) \($0.count)" },
            commits: world.commits,
            connects: world.connects,
            faults: world.deck.struck,
            steps: world.coverage.steps(in: world.region.topology),
            digest: hexadecimal(digest.high) + hexadecimal(digest.low),
            violations: world.violations,
            simulatedSeconds: (world.now - SimulatedWorld.start).components.seconds,
            trace: world.violations.lazy.compactMap(\.uetr).first.map {
                PaymentTrace.lines(of: $0, world.dumps(), world.region.topology)
            } ?? []
        )
    }

    /// What every node's store holds after one plan, and who is where: for checking the checker.
    package static func aftermath(
        of plan: SimulationPlan
    ) -> (topology: AuditTopology, dumps: [String: NodeDump]) {
        var world = SimulatedWorld(plan: plan)
        world.run()
        return (world.region.topology, world.dumps())
    }

    private static func hexadecimal(_ word: UInt64) -> String {
        let digits = String(word, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}

/// The faults of many days, added up: what standard output says at the end.
package struct SimulationTotals: Sendable {
    package private(set) var seeds = 0
    package private(set) var payments = 0
    package private(set) var broken = 0
    package private(set) var simulatedSeconds: Int64 = 0
    private var faults: [FaultClass: Int] = [:]

    package init() {}

    package mutating func add(_ result: SimulationResult) {
        seeds += 1
        payments += result.accepted
        broken += result.violations.isEmpty ? 0 : 1
        simulatedSeconds += result.simulatedSeconds
        faults.merge(result.faultCounts, uniquingKeysWith: +)
    }

    /// A pure function of the results added.
    package var lines: [String] {
        let hours = simulatedSeconds / 3600
        let minutes = String(simulatedSeconds % 3600 / 60)
        return FaultClass.allCases.map { "fault \($0.name) \(faults[$0] ?? 0)" } + [
            "simulated \(hours) h \(minutes) min",
            "\(seeds) seeds, \(payments) payments, \(broken) with broken laws",
        ]
    }
}
