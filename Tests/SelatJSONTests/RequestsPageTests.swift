import Foundation
import SelatJSON
import Testing

/// The samples of `Specs/Protocol/Requests.md` are what somebody will copy.
@Suite struct RequestsPageTests {
    @Test func everySampleIsStrictJSON() throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        let page = try String(
            contentsOf: root.appending(path: "Specs/Protocol/Requests.md"),
            encoding: .utf8
        )
        let blocks = page.components(separatedBy: "```json\n").dropFirst().map {
            $0.components(separatedBy: "\n```")[0]
        }
        #expect(blocks.count >= 8)
        for block in blocks {
            let value = try JSONValue(parsing: Array(block.utf8))
            #expect(value.kind == .object)
            #expect(!Self.hasFraction(value), "an amount is a string: \(block)")
        }
    }

    private static func hasFraction(_ value: JSONValue) -> Bool {
        switch value {
        case .number(let text): text.contains(".")
        case .array(let elements): elements.contains(where: hasFraction)
        case .object(let members): members.contains { hasFraction($0.value) }
        case .null, .bool, .string: false
        }
    }
}
