import Foundation
import SelatAudit
import SelatSimulator
import Testing

/// Fixed seeds go every way through the published states, but for those that are listed, with the
/// reason why nothing in the simulator can go there.
@Suite struct CoverageTests {
    /// Rows of the table of Specs/Simulator.md: cell and reason.
    private static func listed() throws -> [String: String] {
        let file = #filePath.replacing(
            "Tests/SelatSimulatorTests/CoverageTests.swift",
            with: "Specs/Simulator.md"
        )
        let text = try String(contentsOfFile: file, encoding: .utf8)
        var cells: [String: String] = [:]
        for line in text.split(separator: "\n") where line.hasPrefix("| `") {
            let parts = line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
            if parts.count == 2 { cells[parts[0].replacing("`", with: "")] = parts[1] }
        }
        return cells
    }

    @Test func everyStepOfEveryRoleIsTakenUnlessItIsListed() throws {
        let listed = try Self.listed()
        var taken: [Coverage.Step: Int] = [:]
        for seed in 1...160 as ClosedRange<UInt64> {
            let result = Simulation.run(SimulationPlan(seed: seed, payments: 40))
            taken.merge(result.steps, uniquingKeysWith: +)
        }
        for scenario in Scenario.all {
            for seed in 1...scenario.seeds {
                let result = Simulation.run(scenario.plan(seed))
                #expect(result.violations.map(\.description) == [], "\(scenario), seed \(seed)")
                taken.merge(result.steps, uniquingKeysWith: +)
            }
        }
        let missing = Coverage.cells.filter { taken[$0] == nil }.map(\.description)
        let unlisted = missing.filter { listed[$0] == nil }
        #expect(unlisted == [], "never taken, and not listed as unreachable")
        let stale = listed.keys.filter { !missing.contains($0) }.sorted()
        #expect(stale == [], "listed as unreachable, but taken or no cell")
    }
}

/// A day on which one thing happens often.
struct Scenario: CustomStringConvertible {
    let description: String
    let seeds: UInt64
    let faults: Set<FaultClass>

    func plan(_ seed: UInt64) -> SimulationPlan {
        SimulationPlan(seed: seed, payments: 60, faults: faults)
    }

    static let all = [
        Scenario(description: "odd answers", seeds: 12, faults: [.oddAnswer]),
        Scenario(
            description: "odd answers over slow links",
            seeds: 12,
            faults: [.oddAnswer, .delay, .partition]
        ),
        Scenario(description: "stuck nodes", seeds: 8, faults: [.stuck, .oddAnswer, .crash]),
    ]
}
