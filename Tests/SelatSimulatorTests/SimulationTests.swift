import SelatSimulator
import Testing

@Suite struct SimulationTests {
    @Test(arguments: [3, 14, 41] as [UInt64])
    func theSameSeedGivesTheSameHistory(seed: UInt64) {
        let plan = SimulationPlan(seed: seed, payments: 30)
        let first = Simulation.run(plan)
        #expect(first == Simulation.run(plan))
        #expect(first.digest != Simulation.run(SimulationPlan(seed: seed + 1, payments: 30)).digest)
    }

    @Test(arguments: 1...12 as ClosedRange<UInt64>)
    func noFaultBreaksALaw(seed: UInt64) {
        let result = Simulation.run(SimulationPlan(seed: seed, payments: 40))
        #expect(result.violations.isEmpty, "again: selat simulate --seed \(seed) --payments 40")
    }

    @Test(arguments: 1...4 as ClosedRange<UInt64>)
    func withoutFaultsNothingIsLostOrRepeated(seed: UInt64) {
        let result = Simulation.run(SimulationPlan(seed: seed, payments: 40, isFaulty: false))
        #expect(result.violations.isEmpty)
        #expect(result.counts.crashes + result.counts.lost + result.counts.cut == 0)
        #expect(result.accepted + result.refused == 40)
    }

    @Test func faultsOfEveryClassAreInjected() {
        var counts = FaultCounts()
        for seed in 1...30 as ClosedRange<UInt64> {
            let result = Simulation.run(SimulationPlan(seed: seed, payments: 20))
            counts.lost += result.counts.lost
            counts.duplicated += result.counts.duplicated
            counts.stalled += result.counts.stalled
            counts.cut += result.counts.cut
            counts.crashes += result.counts.crashes
            counts.diskFailures += result.counts.diskFailures
        }
        #expect(
            [
                counts.lost, counts.duplicated, counts.stalled, counts.cut, counts.crashes,
                counts.diskFailures,
            ].allSatisfy { $0 > 0 },
            "\(counts)"
        )
    }
}
