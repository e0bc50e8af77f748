import SelatAudit
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

    @Test(arguments: 1...24 as ClosedRange<UInt64>)
    func noFaultBreaksALaw(seed: UInt64) {
        let result = Simulation.run(SimulationPlan(seed: seed, payments: 30))
        #expect(
            result.violations.map(\.description) == [],
            "again: selat simulate --seed \(seed) --payments 30"
        )
    }

    @Test(arguments: 1...4 as ClosedRange<UInt64>)
    func withoutFaultsNothingIsLostOrRepeated(seed: UInt64) {
        let result = Simulation.run(SimulationPlan(seed: seed, payments: 40, isFaulty: false))
        #expect(result.violations.map(\.description) == [])
        #expect(result.faults.isEmpty)
        #expect(result.accepted + result.refused == 40)
    }

    /// One class alone, at its worst: lawful, and present.
    @Test(arguments: FaultClass.allCases)
    func everyClassOfFaultStrikesAndBreaksNoLaw(_ kind: FaultClass) {
        var strikes = 0
        for seed in 1...6 as ClosedRange<UInt64> {
            let plan = SimulationPlan(seed: seed, payments: 20, faults: [kind])
            let result = Simulation.run(plan)
            #expect(result.violations.map(\.description) == [], "\(kind), seed \(seed)")
            #expect(result.faults.allSatisfy { $0.kind == kind })
            strikes += result.faults.count
        }
        #expect(strikes > 0, "\(kind) never strikes")
    }

    /// Taking faults away shifts none of what each customer wants, and none of the faults left
    /// before the first one taken away.
    @Test func removingOneFaultShiftsNothingElse() throws {
        let plan = SimulationPlan(seed: 5, payments: 30, faults: [.cut, .delay, .resend])
        let whole = Simulation.run(plan)
        let taken = try #require(whole.faults.last { $0.kind == .cut })
        var without = plan
        without.onlyFaults = Set(whole.faults).subtracting([taken])
        let rest = Simulation.run(without)
        let before = whole.faults.prefix { $0 != taken }
        #expect(Array(rest.faults.prefix(before.count)) == Array(before))
        #expect(!rest.faults.contains(taken))
    }

    @Test func onlyTheChosenPaymentsAreMade() {
        var plan = SimulationPlan(seed: 2, payments: 30, isFaulty: false)
        plan.onlyPayments = [3, 17]
        let result = Simulation.run(plan)
        #expect(result.accepted + result.refused == 2)
        #expect(result.violations.isEmpty)
    }

    /// A broken law is told with few payments, few faults and the payment's own history.
    @Test func aViolationIsShrunkAndTraced() throws {
        let mutant = try #require(Mutant.all.first { $0.name == "the creditor is credited twice" })
        let plan = SimulationPlan(seed: 1, payments: 30)
        let found = Simulation.run(plan, saboteur: mutant.saboteur)
        let law = try #require(found.violations.first).law
        let shortest = Shrinker.shortest(found, saboteur: mutant.saboteur)
        #expect(shortest.violations.contains { $0.law == law })
        #expect(shortest.plan.onlyPayments?.count ?? 30 <= 2)
        #expect(shortest.faults.count <= found.faults.count)
        #expect(shortest.trace.contains { $0.contains("pacs.008") || $0.contains("Reserved") })
        // It is a plan like any other: the same again.
        #expect(Simulation.run(shortest.plan, saboteur: mutant.saboteur) == shortest)
    }

    @Test func faultsAreNamedAsTheCommandLineReadsThem() {
        let fault = Fault(kind: .oneWayPartition, place: "hub>ips-th", ordinal: 41)
        #expect("\(fault)" == "oneWayPartition@hub>ips-th@41")
        #expect(Fault("\(fault)") == fault)
        #expect(Fault("cut@hub") == nil)
        #expect(Fault("nothing@hub@1") == nil)
    }
}
