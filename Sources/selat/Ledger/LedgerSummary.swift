package import SelatAudit
package import SelatJSON
package import SelatTime

/// What `selat ledger check` found.
package struct LedgerSummary: Hashable, Sendable {
    private let report: AuditReport
    private let isRunning: Bool

    /// - Parameters:
    ///   - report: The audit's.
    ///   - isRunning: Whether nodes were at work meanwhile.
    package init(_ report: AuditReport, isRunning: Bool) {
        self.report = report
        self.isRunning = isRunning
    }

    /// The payments that a broken law names, each once.
    package var offenders: [UUIDv4] { Set(report.violations.compactMap(\.uetr)).sorted() }

    /// For people.
    package var text: String {
        var lines = report.violations.map(\.description)
        lines += offenders.map { "look at it: selat trace \($0)" }
        if !report.inFlight.isEmpty {
            lines.append("in flight: " + report.inFlight.map(\.description).joined(separator: " "))
        }
        lines.append(
            "\(report.payments) payments, \(report.journals) journals, \(report.messages) messages, "
                + (isRunning ? "while nodes run: " : "nothing runs: ")
                + (report.isLawful
                    ? "every law holds" : "\(report.violations.count) violations")
        )
        return lines.joined(separator: "\n")
    }

    /// The document's members.
    package var members: [JSONMember] {
        [
            JSONMember("lawful", .bool(report.isLawful)),
            JSONMember("running", .bool(isRunning)),
            JSONMember("payments", .integer(report.payments)),
            JSONMember("journals", .integer(report.journals)),
            JSONMember("messages", .integer(report.messages)),
            JSONMember("inFlight", .array(report.inFlight.map { .string($0.description) })),
            JSONMember("offenders", .array(offenders.map { .string($0.description) })),
            JSONMember(
                "violations",
                .array(
                    report.violations.map { violation in
                        [
                            "law": .string(violation.law.rawValue),
                            "place": .string(violation.place),
                            "uetr": violation.uetr.map { .string($0.description) } ?? .null,
                            "text": .string(violation.text),
                        ]
                    }
                )
            ),
        ]
    }
}
