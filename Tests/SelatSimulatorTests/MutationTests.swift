import SelatAudit
import SelatSimulator
import Testing

/// A guard whose removal nobody notices is a hole in the checker: the simulator catches every
/// mutant within a bounded number of seeds.
@Suite struct MutationTests {
    /// Days on which a mutant must be caught.
    private static let seeds: UInt64 = 40

    /// Days of all sorts in turn: anything, dying nodes and failing disks, dishonest customers, an
    /// intruder among slow banks.
    private static let days: [Set<FaultClass>?] = [
        nil, [.crash, .oddAnswer, .conflict, .diskFull, .unknownWrite, .lostWrite],
        [.usedQuote, .staleQuote, .foreignQuote, .alteredQuote, .alteredCopy, .oddAnswer],
        [.oddAnswer, .forgedStatus, .forgedSender, .forgedAgent, .foreignUETR, .replay],
    ]

    @Test func thereAreFortyMutantsAndEachIsNamedOnce() {
        #expect(Mutant.all.count >= 40)
        #expect(Set(Mutant.all.map(\.name)).count == Mutant.all.count)
    }

    @Test(arguments: Mutant.all)
    func everyMutantIsCaught(_ mutant: Mutant) {
        for seed in 1...Self.seeds {
            let faults = Self.days[Int(seed) % Self.days.count]
            let plan = SimulationPlan(seed: seed, payments: 40, faults: faults)
            let result = Simulation.run(plan, saboteur: mutant.saboteur)
            guard let violation = result.violations.first else { continue }
            print("mutant, seed \(seed): \(mutant): \(violation)")
            return
        }
        Issue.record("nobody notices in \(Self.seeds) days: \(mutant)")
    }
}
