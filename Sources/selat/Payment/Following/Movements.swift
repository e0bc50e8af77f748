package import SelatJSON
package import SelatMoney
import SelatNode

/// What a payment moved on the books, from its journals: reservations come and go, this is what
/// was posted.
package struct Movements: Hashable, Sendable {
    /// One account of one book.
    package struct Line: Hashable, Sendable {
        package let book: String
        package let account: String
        /// Positive when the account's balance grew.
        package let moved: Money
        /// The balance now; `nil` where it is not known.
        package let posted: Money?
    }

    /// In the order of the journals.
    package let lines: [Line]

    /// - Parameters:
    ///   - traces: Answers to `trace`, in the order of the topology.
    ///   - balances: Elements of `accounts` answers, by book.
    /// - Throws: `JSONError` when they are none.
    package init(
        traces: [JSONCursor],
        balances: [String: [JSONCursor]]
    ) throws(JSONError) {
        var keys: [Key] = []
        var debits: [Key: Money] = [:]
        func note(_ key: Key, _ amount: Money) {
            if debits[key] == nil { keys.append(key) }
            debits[key] = (debits[key] ?? .zero(amount.currency)) + amount
        }
        for trace in traces {
            for journal in try trace.elements("journals") {
                let book = try journal.string("book")
                let direction: Int64
                switch try journal.string("action") {
                case "post", "direct": direction = 1
                case "reverse": direction = -1
                default: continue
                }
                for transfer in try journal.elements("transfers") {
                    let amount = try transfer.money("amount", "currency")
                    let debit = Money(
                        minorUnits: amount.minorUnits * direction,
                        currency: amount.currency
                    )
                    let credit = Money.zero(amount.currency) - debit
                    note(Key(book, try transfer.string("debit"), amount.currency), debit)
                    note(Key(book, try transfer.string("credit"), amount.currency), credit)
                }
            }
        }
        var lines: [Line] = []
        for key in keys {
            guard let debit = debits[key], debit.minorUnits != 0 else { continue }
            let balance = try Movements.balance(key, balances)
            lines.append(
                Line(
                    book: key.book,
                    account: key.account,
                    moved: balance?.isDebitNormal ?? key.isDebitNormalByName
                        ? debit : .zero(debit.currency) - debit,
                    posted: balance?.posted
                )
            )
        }
        self.lines = lines
    }

    private struct Key: Hashable {
        let book: String
        let account: String
        let currency: Currency

        init(_ book: String, _ account: String, _ currency: Currency) {
            self.book = book
            self.account = account
            self.currency = currency
        }

        /// Source: Specs/Rulebook/Bookings.md §2.
        var isDebitNormalByName: Bool {
            account == "settlement" || account == "central-bank" || account.hasPrefix("nostro:")
                || account.hasPrefix("cleared:") || account.hasPrefix("receivable:")
        }
    }

    private static func balance(
        _ key: Key,
        _ balances: [String: [JSONCursor]]
    ) throws(JSONError) -> (posted: Money, isDebitNormal: Bool)? {
        for account in balances[key.book] ?? [] {
            guard try account.string("account") == key.account,
                try account.string("currency") == key.currency.code
            else { continue }
            let isDebitNormal: Bool =
                switch try account.optionalString("kind") {
                case "asset", "expense", "memorandum-debit": true
                case nil: key.isDebitNormalByName
                default: false
                }
            return (try account.money("posted", "currency"), isDebitNormal)
        }
        return nil
    }

    /// For people.
    package var text: String {
        var table = TextTable(
            ["book", "account", "moved", "balance"],
            [.left, .left, .right, .right]
        )
        for line in lines {
            let sign = line.moved.minorUnits > 0 ? "+" : ""
            table.add([
                line.book, line.account,
                "\(line.moved.currency) \(sign)\(line.moved.amountText)",
                line.posted.map(\.amountText) ?? "-",
            ])
        }
        return table.text
    }

    /// The document's `movements`.
    package var json: JSONValue {
        .array(
            lines.map { line in
                [
                    "book": .string(line.book),
                    "account": .string(line.account),
                    "currency": .string(line.moved.currency.code),
                    "moved": .string(line.moved.amountText),
                    "posted": line.posted.map { .string($0.amountText) } ?? .null,
                ]
            }
        )
    }
}
