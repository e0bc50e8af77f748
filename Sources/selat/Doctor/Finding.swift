package import SelatJSON

/// One thing that `selat doctor` looked at.
package struct Finding: Hashable, Sendable {
    /// How bad it is.
    package enum Severity: String, Hashable, Sendable, CaseIterable {
        case ok
        /// Works, but not for long, or not as it should.
        case warning
        /// Will not work.
        case failure
    }

    /// `machine`, `topology`, `certificates`, ...
    package let area: String
    package let severity: Severity
    /// What was found.
    package let text: String
    /// What to do; `nil` when there is nothing to do.
    package let remedy: String?

    /// - Parameters:
    ///   - area: Which part was looked at.
    ///   - severity: How bad it is.
    ///   - text: What was found.
    ///   - remedy: What to do.
    package init(_ area: String, _ severity: Severity, _ text: String, remedy: String? = nil) {
        self.area = area
        self.severity = severity
        self.text = text
        self.remedy = remedy
    }

    /// For people: one line each, the remedy below.
    package static func list(_ findings: [Finding]) -> String {
        findings.map { finding in
            let line =
                finding.severity.rawValue.padded(to: 9) + finding.area.padded(to: 14)
                + finding.text
            return finding.remedy.map { line + "\n" + "".padded(to: 23) + "> " + $0 } ?? line
        }.joined(separator: "\n")
    }

    /// One element of the document's `findings`.
    package var json: JSONValue {
        [
            "area": .string(area),
            "severity": .string(severity.rawValue),
            "text": .string(text),
            "remedy": remedy.map { .string($0) } ?? .null,
        ]
    }
}
