package import SelatAudit
import SelatISO20022
import SelatLedger
import SelatNode
import SelatScheme
package import SelatStorage
package import SelatTime

/// One payment's way through all nodes, for people: what each one stored, in the order of the
/// nodes' own clocks.
package enum PaymentTrace {
    /// One line per step, message and journal.
    package static func lines(
        of uetr: UUIDv4,
        _ dumps: [String: NodeDump],
        _ topology: AuditTopology
    ) -> [String] {
        var found: [(at: Instant, node: String, text: String)] = []
        for (node, dump) in dumps.sorted(by: { $0.key < $1.key }) {
            for step in dump.history where step.row.uetr == uetr {
                let kind = topology.kinds[step.row.instance]
                func name(_ number: UInt8?) -> String {
                    guard let number else { return "-" }
                    return kind.flatMap { PublishedState.of($0, number: number) }?.name
                        ?? "state \(number)"
                }
                let way = "\(name(step.row.from)) > \(name(step.row.to))"
                found.append(
                    (step.row.at, node, "\(step.row.instance) \(way) on \(step.row.cause)")
                )
            }
            for message in dump.messages where message.uetr == uetr {
                guard let hop = message.hop else { continue }
                let text =
                    "\(message.direction.rawValue) \(hop.link) \(hop.from) > \(hop.to) "
                    + describe(message)
                found.append((message.at, node, text))
            }
            for stored in dump.journals where stored.journal.subject == uetr {
                let journal = stored.journal
                let closes = journal.action.closes.map { " \($0)" } ?? ""
                let text =
                    "book \(journal.book) journal \(journal.number) \(journal.action.name)\(closes)"
                found.append((stored.at, node, text))
            }
            for row in dump.alerts where row.alert.uetr == uetr {
                let text = "\(row.instance) \(row.alert.severity.rawValue): \(row.alert.text)"
                found.append((row.at, node, text))
            }
        }
        // Stable: what one node stored at one instant stays in its order.
        let order = found.indices.sorted { (found[$0].at, $0) < (found[$1].at, $1) }
        return order.map { "\(found[$0].at) \(found[$0].node): \(found[$0].text)" }
    }

    private static func describe(_ message: StoredMessage) -> String {
        switch Message.decode(kind: message.kind, message.bytes) {
        case .message(.iso(.creditTransfer(let transfer))):
            "pacs.008 \(transfer.messageIdentification)"
        case .message(.iso(.statusReport(let report))):
            "pacs.002 \(PaymentStatus(report).text) on "
                + (report.originalMessageIdentification ?? "no MsgId")
        case .message(.notification): "notification"
        case .message: "kind \(message.kind)"
        case .malformed: "malformed, kind \(message.kind)"
        }
    }
}
