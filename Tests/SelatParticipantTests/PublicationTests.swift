import Foundation
import SelatParticipant
import Testing

/// What the specification publishes is what the code stores.
@Suite struct PublicationTests {
    private static let page = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("Specs/States/Institutions.md")

    @Test func everyStateIsPublishedUnderItsNumberAndName() throws {
        let text = try String(contentsOf: Self.page, encoding: .utf8)
        let published = text.split(separator: "\n").compactMap { line -> String? in
            let cells = line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
            guard cells.count == 5, let number = UInt8(cells[0]) else { return nil }
            return "\(number) \(cells[1])"
        }
        #expect(published == Participant.State.allCases.map { "\($0.rawValue) \($0)" })
        #expect(Participant.State.allCases.map(\.rawValue) == Array(1...12))
    }

    @Test func finalStatesHaveNoArrowOut() throws {
        let text = try String(contentsOf: Self.page, encoding: .utf8)
        for state in Participant.State.allCases {
            #expect(text.contains("    \(state) --> ") != state.isFinal, "\(state)")
            #expect(text.contains(" --> \(state)"), "\(state)")
        }
    }
}
