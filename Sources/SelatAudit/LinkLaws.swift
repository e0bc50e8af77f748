import SelatISO20022
import SelatLedger
import SelatNode
import SelatScheme
import SelatStorage
import SelatTime

/// Laws I4, I7, I10 and I11: what crossed the links.
extension Audit {
    func linkViolations(node: String, dump: NodeDump) -> [Violation] {
        struct Channel: Hashable {
            let link: LinkID
            let epoch: UInt64
        }
        struct Answer: Hashable {
            let from: PartyID
            let to: PartyID
            let uetr: UUIDv4
            let original: String
        }
        struct Instruction: Hashable {
            let from: PartyID
            let to: PartyID
            let uetr: UUIDv4
        }
        var violations: [Violation] = []
        var last: [Channel: UInt64] = [:]
        var answers: [Answer: [UInt8]] = [:]
        var instructions: [Instruction: [UInt8]] = [:]
        for message in dump.messages {
            guard let hop = message.hop else { continue }
            switch message.direction {
            case .received:
                let channel = Channel(link: hop.link, epoch: hop.epoch)
                if hop.sequence <= last[channel] ?? 0 {
                    violations.append(
                        Violation(
                            .idempotency,
                            at: node,
                            uetr: message.uetr,
                            "message \(hop.sequence) of \(hop.link) was taken twice"
                        )
                    )
                }
                last[channel] = hop.sequence
                let speaks = topology.speakers[hop.link.node]?.contains(hop.from) ?? false
                let isReported = dump.alerts.contains {
                    $0.alert.severity == .security && $0.at == message.at
                }
                if !speaks, !isReported {
                    violations.append(
                        Violation(
                            .authority,
                            at: node,
                            uetr: message.uetr,
                            "took a message of \(hop.from) from \(hop.link) without an alert"
                        )
                    )
                }
            case .sent where message.kind == Message.Kind.creditTransfer:
                guard let uetr = message.uetr else { continue }
                let instruction = Instruction(from: hop.from, to: hop.to, uetr: uetr)
                if let first = instructions[instruction], first != message.bytes {
                    violations.append(
                        Violation(
                            .idempotency,
                            at: node,
                            uetr: uetr,
                            "instructed \(hop.to) in other bytes than before"
                        )
                    )
                }
                instructions[instruction] = message.bytes
            case .sent:
                // Refusals of altered copies and of impostors depend on the refused content, and
                // say nothing of what the original was answered.
                guard message.kind == Message.Kind.statusReport,
                    case .message(.iso(.statusReport(let report))) = Message.decode(
                        kind: message.kind,
                        message.bytes
                    ),
                    [.acceptedCreditSettlementCompleted, .blocked, .rejected].contains(
                        report.transactionStatus
                    ), !["DU01", "AGNT"].contains(report.statusReason?.code)
                else { continue }
                let answer = Answer(
                    from: hop.from,
                    to: hop.to,
                    uetr: report.originalUETR,
                    original: report.originalMessageIdentification ?? ""
                )
                if let first = answers[answer], first != message.bytes {
                    violations.append(
                        Violation(
                            .idempotency,
                            at: node,
                            uetr: message.uetr,
                            "answered \(answer.original) in other bytes than before"
                        )
                    )
                }
                answers[answer] = message.bytes
            case .hosted: continue
            }
        }
        return violations
    }

    /// At rest: everything sent is delivered, and both ends keep the same bytes.
    func deliveryViolations() -> [Violation] {
        struct Place: Hashable {
            let from: String
            let to: String
            let epoch: UInt64
            let sequence: UInt64
        }
        var violations: [Violation] = []
        var sent: [Place: StoredMessage] = [:]
        for (node, dump) in dumps.sorted(by: { $0.key < $1.key }) {
            for link in dump.links where dumps[link.link.node] != nil {
                let unsent = link.nextSequence - 1 - link.acknowledged
                if unsent > 0 {
                    violations.append(
                        Violation(
                            .outbox,
                            at: node,
                            "\(unsent) messages to \(link.link) not delivered"
                        )
                    )
                }
            }
            for message in dump.messages where message.direction == .sent {
                guard let hop = message.hop else { continue }
                sent[
                    Place(from: node, to: hop.link.node, epoch: hop.epoch, sequence: hop.sequence)
                ] =
                    message
            }
        }
        for (node, dump) in dumps.sorted(by: { $0.key < $1.key }) {
            for message in dump.messages where message.direction == .received {
                guard let hop = message.hop, dumps[hop.link.node] != nil else { continue }
                let place = Place(
                    from: hop.link.node,
                    to: node,
                    epoch: hop.epoch,
                    sequence: hop.sequence
                )
                if sent[place]?.bytes != message.bytes {
                    violations.append(
                        Violation(
                            .agreement,
                            at: node,
                            uetr: message.uetr,
                            "message \(hop.sequence) of \(hop.link) is not what was sent"
                        )
                    )
                }
            }
        }
        return violations
    }

    /// Whoever said yes had it in its book first: an institution its own transfers, a system its
    /// transfers unless both agents are one.
    func acknowledgementViolations(_ evidence: Evidence) -> [Violation] {
        var violations: [Violation] = []
        for (node, dump) in dumps.sorted(by: { $0.key < $1.key }) {
            let booked = Set(dump.journals.map { "\($0.journal.book) \($0.journal.subject)" })
            for message in dump.messages
            where message.direction == .sent && message.kind == Message.Kind.statusReport {
                guard let hop = message.hop, let uetr = message.uetr,
                    case .message(.iso(.statusReport(let report))) = Message.decode(
                        kind: message.kind,
                        message.bytes
                    ),
                    [.acceptedCreditSettlementCompleted, .blocked].contains(
                        report.transactionStatus
                    ),
                    case .participant = topology.kinds[hop.from],
                    !booked.contains("\(hop.from) \(uetr)")
                else { continue }
                violations.append(
                    Violation(
                        .noLostAcknowledgement,
                        at: "\(node) \(hop.from)",
                        uetr: uetr,
                        "said \(report.transactionStatus.rawValue) with nothing in its book"
                    )
                )
            }
        }
        return violations
    }
}
