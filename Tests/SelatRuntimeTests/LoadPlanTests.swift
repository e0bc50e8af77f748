import SelatRuntime
import Testing

/// How a load is dealt out: everybody does something, nobody does it twice, and it is even.
struct LoadPlanTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let corridors: [LoadPlan.Corridor]
        let institutions: [String: Int]

        var testDescription: String {
            "\(corridors.count) corridors, \(institutions.sorted { $0.key < $1.key })"
        }
    }

    static let one = LoadPlan.Corridor(source: "SG", destination: "TH")
    static let all = LoadPlan.Corridor.all(among: ["SG", "TH", "MY"])
    static let cases = [
        Case(corridors: [one], institutions: ["SG": 1, "TH": 1]),
        Case(corridors: [one], institutions: ["SG": 100, "TH": 99]),
        Case(corridors: all, institutions: ["SG": 1, "TH": 1, "MY": 1]),
        Case(corridors: all, institutions: ["SG": 3, "TH": 2, "MY": 2]),
        Case(corridors: all, institutions: ["SG": 67, "TH": 67, "MY": 66]),
    ]

    @Test func allCorridorsAreAllOrderedPairs() {
        #expect(
            Self.all.map(\.description) == ["SG-TH", "SG-MY", "TH-SG", "TH-MY", "MY-SG", "MY-TH"]
        )
    }

    @Test func oneInstitutionEachIsOneLaneWithEveryPayment() {
        let lanes = LoadPlan(corridors: [Self.one], institutions: ["SG": 1, "TH": 1]).lanes
        #expect(lanes.count == 1)
        #expect(lanes.allSatisfy { $0.first == 0 && $0.step == 1 && $0.share(of: 1024) == 1024 })
    }

    @Test(arguments: cases) func everyPaymentIsOneLanesOwn(_ given: Case) {
        let lanes = LoadPlan(corridors: given.corridors, institutions: given.institutions).lanes
        for total in [0, 1, 5, 6, 7, 1024, 20_000] {
            var numbers: [Int] = []
            for lane in lanes {
                let share = lane.share(of: total)
                numbers += (0..<share).map { lane.number(of: $0) }
                // The next one is beyond.
                #expect(lane.number(of: share) >= total)
            }
            #expect(numbers.sorted() == Array(0..<total))
        }
    }

    @Test(arguments: cases) func corridorsAndDebtorAgentsGetAlike(_ given: Case) {
        let lanes = LoadPlan(corridors: given.corridors, institutions: given.institutions).lanes
        var byCorridor: [LoadPlan.Corridor: [Int]] = [:]
        for lane in lanes { byCorridor[lane.corridor, default: []].append(lane.share(of: 9_999)) }
        let sums = given.corridors.map { byCorridor[$0, default: []].reduce(0, +) }
        #expect((sums.max() ?? 0) - (sums.min() ?? 0) <= 1)
        for corridor in given.corridors {
            let shares = byCorridor[corridor, default: []]
            #expect(shares.count == given.institutions[corridor.source])
            #expect((shares.max() ?? 0) - (shares.min() ?? 0) <= 1)
        }
    }

    @Test(arguments: cases) func everyDebtorAgentPaysEveryCreditorAgentInTurn(_ given: Case) {
        for lane in LoadPlan(corridors: given.corridors, institutions: given.institutions).lanes {
            let creditors = (0..<lane.creditorAgents).map { lane.creditorAgent(of: $0) }
            #expect(creditors.sorted() == Array(0..<lane.creditorAgents))
            #expect(lane.creditorAgents == given.institutions[lane.corridor.destination])
        }
    }
}
