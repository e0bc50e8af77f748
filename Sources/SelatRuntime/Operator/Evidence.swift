import SelatJSON
import SelatLedger
import SelatMoney
import SelatNode
import SelatScheme
import SelatStorage
import SelatTime

// What the store holds of one payment, as JSON. States are numbers: Specs/States names them.

extension NodeDump {
    /// Steps, rows, journals, alerts, and messages without their bytes.
    var traceBody: JSONValue {
        [
            "payments": .array(payments.map(\.body)),
            "history": .array(history.map(\.row.body)),
            "journals": .array(journals.map(\.body)),
            "alerts": .array(alerts.map(\.body)),
            "messages": .array(messages.map { .object($0.members) }),
        ]
    }

    /// Messages numbered above `after` with their text, as many as one answer holds; `next` is
    /// the `after` to go on with, absent at the end.
    func messagesBody(after number: Int64) -> JSONValue {
        var room = 96 * 1024
        var bodies: [JSONValue] = []
        var last: Int64?
        for message in messages where message.number > number {
            // Escaping may lengthen a text; XML and JSON have few characters that need it.
            room -= message.bytes.count * 9 / 8 + 512
            if room < 0, !bodies.isEmpty {
                return ["messages": .array(bodies), "next": .integer(last ?? number)]
            }
            let text = String(decoding: message.bytes, as: UTF8.self)
            bodies.append(.object(message.members + [JSONMember("text", .string(text))]))
            last = message.number
        }
        return ["messages": .array(bodies)]
    }
}

extension HistoryRow {
    /// One step, also as `watch` sends it.
    var body: JSONValue {
        [
            "at": .string(at.description),
            "instance": .string(instance.name),
            "uetr": .string(uetr.description),
            "from": from.map { .integer($0) } ?? .null,
            "to": .integer(to),
            "cause": .string(cause),
        ]
    }
}

extension StoredPayment {
    fileprivate var body: JSONValue {
        [
            "instance": .string(instance.name),
            "state": .integer(row.state),
            "version": .integer(row.version),
            "due": row.due.map { .string($0.description) } ?? .null,
        ]
    }
}

extension StoredJournal {
    fileprivate var body: JSONValue {
        [
            "sequence": .integer(sequence),
            "at": .string(at.description),
            "book": .string(journal.book.name),
            "number": .integer(journal.number),
            "action": .string(journal.action.name),
            "closes": journal.action.closes.map { .integer($0) } ?? .null,
            "transfers": .array(
                journal.transfers.map { transfer in
                    [
                        "debit": .string(transfer.debit),
                        "credit": .string(transfer.credit),
                        "amount": .string(transfer.amount.amountText),
                        "currency": .string(transfer.amount.currency.code),
                    ]
                }
            ),
        ]
    }
}

extension AlertRow {
    fileprivate var body: JSONValue {
        [
            "at": .string(at.description),
            "instance": .string(instance.name),
            "severity": .string(alert.severity.rawValue),
            "text": .string(alert.text),
        ]
    }
}

extension StoredMessage {
    fileprivate var members: [JSONMember] {
        [
            JSONMember("number", .integer(number)),
            JSONMember("direction", .string(direction.rawValue)),
            JSONMember("kind", .integer(kind)),
            JSONMember("at", .string(at.description)),
            JSONMember("link", hop.map { .string($0.link.node) } ?? .null),
            JSONMember("sequence", hop.map { .integer($0.sequence) } ?? .null),
            JSONMember("from", hop.map { .string($0.from.name) } ?? .null),
            JSONMember("to", hop.map { .string($0.to.name) } ?? .null),
        ]
    }
}
