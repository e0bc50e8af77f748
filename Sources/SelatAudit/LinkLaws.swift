import SelatISO20022
import SelatLedger
import SelatNode
import SelatScheme
import SelatStorage
import SelatTime

/// Laws I4, I7, I10 and I11: what crossed the links.
extension Audit {
    /// One payment's messages from one party to another.
    private struct Hop: WordHashable {
        let from: PartyID
        let to: PartyID
        let uetr: UUIDv4

        func feed(_ hasher: inout WordHasher) {
            from.feed(&hasher)
            to.feed(&hasher)
            uetr.feed(&hasher)
        }
    }

    /// Where a payment was reported on in more than one wording: only these can contradict, and
    /// only these are read.
    private func repeatedReports(_ dump: NodeDump) -> Set<Hop> {
        var first: [Hop: [UInt8]] = [:]
        var repeated: Set<Hop> = []
        for message in dump.messages
        where message.direction == .sent && message.kind == Message.Kind.statusReport {
            guard let hop = message.hop, let uetr = message.uetr else { continue }
            let key = Hop(from: hop.from, to: hop.to, uetr: uetr)
            let before = first.updateValue(message.bytes, forKey: key)
            if let before, !before.isSame(as: message.bytes) { repeated.insert(key) }
        }
        return repeated
    }

    /// The same instruction, and the same answer to it, goes out in the same bytes.
    func answerViolations(node: String, dump: NodeDump) -> [Violation] {
        struct Answer: Hashable {
            let from: PartyID
            let to: PartyID
            let uetr: UUIDv4
            let original: String
        }
        var violations: [Violation] = []
        var answers: [Answer: [UInt8]] = [:]
        var instructions: [Hop: [UInt8]] = [:]
        let repeated = repeatedReports(dump)
        for message in dump.messages {
            guard let hop = message.hop else { continue }
            switch message.direction {
            case .sent where message.kind == Message.Kind.creditTransfer:
                guard let uetr = message.uetr else { continue }
                let instruction = Hop(from: hop.from, to: hop.to, uetr: uetr)
                let first = instructions.updateValue(message.bytes, forKey: instruction)
                if let first, first != message.bytes {
                    violations.append(
                        Violation(
                            .idempotency,
                            at: node,
                            uetr: uetr,
                            "instructed \(hop.to) in other bytes than before"
                        )
                    )
                }
            case .sent:
                // Refusals of altered copies and of impostors depend on the refused content, and
                // say nothing of what the original was answered.
                guard message.kind == Message.Kind.statusReport, let uetr = message.uetr,
                    repeated.contains(Hop(from: hop.from, to: hop.to, uetr: uetr)),
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
            case .received, .hosted: continue
            }
        }
        return violations
    }

    /// At rest: everything sent is delivered.
    func outboxViolations(_ surveys: [NodeSurvey]) -> [Violation] {
        let known = Set(surveys.map { LinkID($0.node) })
        var violations: [Violation] = []
        for survey in surveys {
            for link in survey.standing.links where known.contains(link.link) {
                let unsent = link.nextSequence - 1 - link.acknowledged
                guard unsent > 0 else { continue }
                violations.append(
                    Violation(
                        .outbox,
                        at: survey.node,
                        "\(unsent) messages to \(link.link) not delivered"
                    )
                )
            }
        }
        return violations
    }

    /// At rest: both ends of a link keep the same bytes.
    func crossingViolations(_ crossings: [String: [StoredMessage]]) -> [Violation] {
        struct Place: WordHashable {
            let sender: LinkID
            let receiver: LinkID
            let epoch: UInt64
            let sequence: UInt64

            func feed(_ hasher: inout WordHasher) {
                sender.feed(&hasher)
                receiver.feed(&hasher)
                hasher.combine(epoch)
                hasher.combine(sequence)
            }
        }
        var violations: [Violation] = []
        var sent: [Place: [UInt8]] = [:]
        let known = Set(crossings.keys.map { LinkID($0) })
        for (node, messages) in crossings.sorted(by: { $0.key < $1.key }) {
            let own = LinkID(node)
            for message in messages where message.direction == .sent {
                guard let hop = message.hop else { continue }
                let place = Place(
                    sender: own,
                    receiver: hop.link,
                    epoch: hop.epoch,
                    sequence: hop.sequence
                )
                sent[place] = message.bytes
            }
        }
        for (node, messages) in crossings.sorted(by: { $0.key < $1.key }) {
            let own = LinkID(node)
            for message in messages where message.direction == .received {
                guard let hop = message.hop, known.contains(hop.link) else { continue }
                let place = Place(
                    sender: hop.link,
                    receiver: own,
                    epoch: hop.epoch,
                    sequence: hop.sequence
                )
                if !(sent[place]?.isSame(as: message.bytes) ?? false) {
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
    func acknowledgementViolations(_ dumps: [String: NodeDump]) -> [Violation] {
        struct Booked: WordHashable {
            let book: BookID
            let subject: UUIDv4

            func feed(_ hasher: inout WordHasher) {
                book.feed(&hasher)
                subject.feed(&hasher)
            }
        }
        var violations: [Violation] = []
        for (node, dump) in dumps.sorted(by: { $0.key < $1.key }) {
            let booked = Set(
                dump.journals.lazy.map {
                    Booked(book: $0.journal.book, subject: $0.journal.subject)
                }
            )
            for message in dump.messages
            where message.direction == .sent && message.kind == Message.Kind.statusReport {
                guard let hop = message.hop, let uetr = message.uetr,
                    case .participant = topology.kinds[hop.from],
                    !booked.contains(Booked(book: BookID(hop.from.name), subject: uetr)),
                    case .message(.iso(.statusReport(let report))) = Message.decode(
                        kind: message.kind,
                        message.bytes
                    ),
                    [.acceptedCreditSettlementCompleted, .blocked].contains(
                        report.transactionStatus
                    )
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

extension [UInt8] {
    /// Equality eight bytes at a time: each message is compared with its copy at the other end.
    func isSame(as other: [UInt8]) -> Bool {
        guard count == other.count else { return false }
        let (one, two) = unsafe (span.bytes, other.span.bytes)
        var index = 0
        while index &+ 8 <= count {
            // SAFETY: eight bytes from `index` on are within both spans, which are equally long.
            let first = unsafe one.unsafeLoadUnaligned(fromByteOffset: index, as: UInt64.self)
            let second = unsafe two.unsafeLoadUnaligned(fromByteOffset: index, as: UInt64.self)
            guard first == second else { return false }
            index &+= 8
        }
        return self[index...] == other[index...]
    }
}
