import Foundation
import SelatISO20022
import SelatInstantPaymentSystem
import SelatNode
import SelatScheme
import SelatTestSupport
import Testing

/// The whole state x event grid, as the role decides it, against the tables in Specs/States.
///
/// Every cell is told from the beginning, and every decision on the way is watched. After a
/// deliberate change run with SELAT_RECORD=1 to print the tables anew, and read the difference.
@Suite struct GridTests {
    /// A state, and one way to get there.
    struct Place: Sendable {
        let name: String
        let way: [Step]
        var setting: Story.Setting
    }

    static let marker = "<!-- Printed by InstantPaymentSystemTests; not to be edited. -->"

    @Test func theSourceTableIsWhatTheCodeDecides() throws {
        try compare("SourceSystem.md", with: SourceGrid.sections)
    }

    @Test func theDestinationTableIsWhatTheCodeDecides() throws {
        try compare("DestinationSystem.md", with: DestinationGrid.sections)
    }

    @Test func noCellBreaksARuleOfDecisions() {
        for section in SourceGrid.sections + DestinationGrid.sections {
            for place in section.places {
                for event in section.events {
                    var story = Story(place.setting)
                    for step in place.way + [event] { _ = story.outcome(of: step) }
                    #expect(
                        story.harness.violations.isEmpty,
                        "\(section.title), \(place.name), \(event): \(story.harness.violations)"
                    )
                }
            }
        }
    }

    @Test func nothingLeavesAFinalState() {
        for section in SourceGrid.sections + DestinationGrid.sections {
            for place in section.places {
                for event in section.events {
                    var story = Story(place.setting)
                    for step in place.way { _ = story.outcome(of: step) }
                    guard let state = story.state, state.isFinal else { continue }
                    let journals = story.harness.journals(of: Samples.uetr)
                    _ = story.outcome(of: event)
                    #expect(story.state == state, "\(place.name), \(event)")
                    #expect(story.harness.journals(of: Samples.uetr) == journals)
                    #expect(story.harness.payment(Samples.uetr)?.due == nil)
                }
            }
        }
    }

    @Test func everyStateStandsInTheGrid() {
        var seen: Set<InstantPaymentSystem.State> = []
        for section in SourceGrid.sections + DestinationGrid.sections {
            for place in section.places {
                var story = Story(place.setting)
                for step in place.way { _ = story.outcome(of: step) }
                if let state = story.state { seen.insert(state) }
            }
        }
        #expect(seen == Set(InstantPaymentSystem.State.allCases))
    }

    // MARK: Printing

    private func compare(_ file: String, with sections: [GridSection]) throws {
        let url = URL(filePath: #filePath)
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
            .appending(components: "Specs", "States", file)
        let text = try String(contentsOf: url, encoding: .utf8)
        let parts = text.components(separatedBy: Self.marker)
        try #require(parts.count == 2, "\(file) has no place for the printed tables")
        let printed = "\n\n" + sections.map { $0.printed }.joined(separator: "\n")
        if ProcessInfo.processInfo.environment["SELAT_RECORD"] == "1" {
            try (parts[0] + Self.marker + printed).write(to: url, atomically: true, encoding: .utf8)
            return
        }
        let expected = parts[1].split(separator: "\n", omittingEmptySubsequences: false)
        let found = printed.split(separator: "\n", omittingEmptySubsequences: false)
        for (number, line) in found.enumerated() {
            let written = number < expected.count ? expected[number] : "(no line)"
            #expect(line == written, "Specs/States/\(file), printed line \(number + 1)")
        }
        #expect(found.count == expected.count)
    }
}

/// One table: the places of one kind of payment, and the events each meets.
struct GridSection: Sendable {
    let title: String
    let places: [GridTests.Place]
    let events: [Step]

    /// One row per place and outcome; events that lead to the same are named together.
    var printed: String {
        var lines = [
            "### \(title)", "", "| state | event | next | booking | sends | alert |",
            "|---|---|---|---|---|---|",
        ]
        for place in places {
            var order: [Outcome] = []
            var events: [Outcome: [String]] = [:]
            for event in self.events {
                var story = Story(place.setting)
                for step in place.way { _ = story.outcome(of: step) }
                let outcome = story.outcome(of: event)
                if events[outcome] == nil { order.append(outcome) }
                events[outcome, default: []].append(event.description)
            }
            for outcome in order {
                let names = (events[outcome] ?? []).joined(separator: "; ")
                lines.append("| \(place.name) | \(names) | \(outcome) |")
            }
        }
        return lines.joined(separator: "\n") + "\n"
    }
}
