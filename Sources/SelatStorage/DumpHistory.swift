import SelatLedger
package import SelatNode
import SelatScheme

/// A dump as an audit goes through it.
package struct DumpHistory: StoredHistory {
    private let node: LinkID
    private let dump: NodeDump

    package init(node: LinkID, _ dump: NodeDump) {
        self.node = node
        self.dump = dump
    }

    package func stretch(
        after place: Int64,
        _ shares: Shares
    ) throws(Never) -> (dump: NodeDump, last: Int64)? {
        guard place == 0 else { return nil }
        _ = shares.deal(node) { hand in
            for message in dump.messages {
                if let hop = message.hop {
                    hand.add(message.uetr, hop, isSent: message.direction == .sent)
                } else if let uetr = message.uetr {
                    hand.add(uetr)
                }
            }
            for payment in dump.payments { hand.add(payment.uetr) }
            for stored in dump.journals { hand.add(stored.journal.subject) }
            for step in dump.history { hand.add(step.row.uetr) }
        }
        return (dump, 1)
    }

    package func standing() throws(Never) -> NodeDump { dump }

    package func part(_ share: Share) throws(Never) -> HistoryPart {
        if share.isWhole { return HistoryPart(dump: dump, crossings: dump.messages) }
        var part = NodeDump()
        part.payments = dump.payments.filter { share.holds($0.uetr) }
        part.journals = dump.journals.filter { share.holds($0.journal.subject) }
        part.history = dump.history.filter { share.holds($0.row.uetr) }
        part.messages = dump.messages.filter { $0.uetr.map(share.holds) ?? false }
        let crossings = dump.messages.filter { message in
            message.hop.map {
                share.holds($0, isSent: message.direction == .sent, at: node)
            } ?? false
        }
        return HistoryPart(dump: part, crossings: crossings)
    }

    package func records(_ keys: [RecordKey]) throws(Never) -> [StoredRecord] {
        let keys = Set(keys)
        return dump.records.filter {
            keys.contains(RecordKey(instance: $0.instance, kind: $0.kind, key: $0.key))
        }
    }
}
