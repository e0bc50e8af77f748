package import SelatJSON

/// One account in a list, as a party's answer to `accounts` has it.
package struct AccountLine: Hashable, Sendable {
    package let book: String
    package let account: String
    package let currency: String
    package let posted: String
    /// Reserved to leave.
    package let pending: String
    package let available: String

    /// - Parameters:
    ///   - cursor: An element of an `accounts` answer.
    ///   - book: The party that answered.
    /// - Throws: `JSONError` when it is none.
    package init(_ cursor: JSONCursor, book: String) throws(JSONError) {
        self.book = book
        account = try cursor.string("account")
        currency = try cursor.string("currency")
        posted = try cursor.string("posted")
        pending = try cursor.string("pending")
        available = try cursor.string("available")
    }

    /// For people.
    package static func table(_ lines: [AccountLine]) -> String {
        var table = TextTable(
            ["book", "account", "currency", "posted", "pending", "available"],
            [.left, .left, .left, .right, .right, .right]
        )
        for line in lines {
            table.add([
                line.book, line.account, line.currency, line.posted, line.pending, line.available,
            ])
        }
        return table.text
    }

    /// One element of the document's `accounts`.
    package var json: JSONValue {
        [
            "book": .string(book),
            "account": .string(account),
            "currency": .string(currency),
            "posted": .string(posted),
            "pending": .string(pending),
            "available": .string(available),
        ]
    }
}
