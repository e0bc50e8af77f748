import Foundation
import Testing

/// The house rules a machine can hold. Source: CONTRIBUTING.md.
@Suite struct SourceRulesTests {
    static let core = [
        "SelatMoney", "SelatTime", "SelatJSON", "SelatXML", "SelatISO20022", "SelatWire",
        "SelatLedger", "SelatScheme", "SelatNode", "SelatHub", "SelatInstantPaymentSystem",
        "SelatFXProvider", "SelatProxyDirectory", "SelatParticipant", "SelatStorage",
        "SelatSimulator",
    ]

    /// Code without its comment, so that words in prose do not count.
    private func code(_ line: Substring) -> Substring {
        let trimmed = line.drop { $0 == " " }
        if trimmed.hasPrefix("//") { return "" }
        guard let comment = trimmed.range(of: " // ") else { return trimmed }
        return trimmed[..<comment.lowerBound]
    }

    private func offences(
        in targets: [String]?,
        _ words: [String],
        allow: (String) -> Bool = { _ in false }
    ) throws -> [String] {
        var found: [String] = []
        for source in try Checkout.swiftFiles(under: "Sources") where !allow(source.path) {
            let target = String(source.path.split(separator: "/")[1])
            if let targets, !targets.contains(target) { continue }
            for (number, line) in source.lines.enumerated() {
                let code = code(line)
                for word in words where code.contains(word) {
                    found.append("\(source.path):\(number + 1): \(word)")
                }
            }
        }
        return found
    }

    @Test func theCoreHasNoClockNoChanceNoConcurrency() throws {
        let found = try offences(
            in: Self.core,
            [
                " Date(", "UUID()", "SystemRandomNumberGenerator", ".random(", "Double", "Float",
                " async ", "await ", "actor ", "Task {", "NSLock", "ContinuousClock",
                "hashValue",
            ]
        )
        #expect(found.isEmpty, "\(found.joined(separator: "\n"))")
    }

    @Test func nothingIsSilencedOrLeftForLater() throws {
        let found = try offences(
            in: nil,
            ["TODO", "FIXME", "fatalError(", " try!", " try?"]
        )
        #expect(found.isEmpty, "\(found.joined(separator: "\n"))")
    }

    @Test func unsafeConcurrencyHasItsSafetyParagraph() throws {
        var found: [String] = []
        for source in try Checkout.swiftFiles(under: "Sources") {
            let text = source.lines.joined(separator: "\n")
            let isUnsafe = ["@unchecked Sendable", "nonisolated(unsafe)"].contains {
                text.contains($0)
            }
            if isUnsafe, !text.contains("SAFETY:") { found.append(source.path) }
        }
        #expect(found.isEmpty, "\(found.joined(separator: "\n"))")
    }

    @Test func filesStayWithinTheHardLimit() throws {
        let found = try Checkout.swiftFiles(under: "Sources")
            .filter { !$0.isGenerated && $0.lines.count > 501 }
            .map { "\($0.path): \($0.lines.count) lines, the limit is 500" }
        #expect(found.isEmpty, "\(found.joined(separator: "\n"))")
    }

    @Test func testsNeverSleep() throws {
        var found: [String] = []
        for source in try Checkout.swiftFiles(under: "Tests")
        where !source.path.contains("HouseRules") {
            for (number, line) in source.lines.enumerated()
            where ["sleep(", "Task.sleep"].contains(where: { code(line).contains($0) }) {
                found.append("\(source.path):\(number + 1)")
            }
        }
        #expect(found.isEmpty, "\(found.joined(separator: "\n"))")
    }

    @Test func everyPublicAndPackageTypeSaysWhatItIs() throws {
        var found: [String] = []
        for source in try Checkout.swiftFiles(under: "Sources") where !source.isGenerated {
            for (number, line) in source.lines.enumerated() {
                let words = code(line).split(separator: " ")
                guard let access = words.first, access == "public" || access == "package",
                    words.contains(where: {
                        ["struct", "enum", "class", "protocol", "actor"].contains($0)
                    })
                else { continue }
                var before = number - 1
                while before >= 0, source.lines[before].drop(while: { $0 == " " }).hasPrefix("@") {
                    before -= 1
                }
                let above = before >= 0 ? source.lines[before].drop { $0 == " " } : ""
                if !above.hasPrefix("///") { found.append("\(source.path):\(number + 1)") }
            }
        }
        #expect(found.isEmpty, "undocumented:\n\(found.joined(separator: "\n"))")
    }
}
