import SelatLedger
import SelatMoney
import SelatNode
import SelatScheme
import SelatStorage
import SelatTime

/// Turns each table into the dump's values, in the dump's order: all of it, or what is about
/// one payment.
struct DumpReader {
    private let connection: SQLiteConnection
    private let includingBytes: Bool
    private let uetr: UUIDv4?

    init(_ connection: SQLiteConnection, includingBytes: Bool) {
        self.connection = connection
        self.includingBytes = includingBytes
        uetr = nil
    }

    init(_ connection: SQLiteConnection, about uetr: UUIDv4) {
        self.connection = connection
        includingBytes = true
        self.uetr = uetr
    }

    func read() throws(SQLiteError) -> NodeDump {
        var dump = NodeDump()
        let greatest = try connection.integer("SELECT greatest FROM clock WHERE id = 1")
        dump.greatestInstant = Instant(nanoseconds: greatest ?? 0)
        dump.journals = try journals()
        dump.payments = try payments()
        dump.history = try history()
        dump.alerts = try alerts()
        dump.messages = try messages()
        guard uetr == nil else { return dump }
        dump.accounts = try accounts()
        dump.receipts = try receipts()
        dump.records = try records()
        dump.links = try Recovery(connection).links()
        return dump
    }

    /// The condition for rows about the one payment; always true when all is wanted.
    private func about(_ condition: String) -> String { uetr == nil ? "true" : condition }

    /// The payment's rows, one per instance.
    private static let ids = "(SELECT id FROM payment WHERE uetr = ?1)"

    private func rows<Row>(
        _ sql: String,
        _ row: (Statement) throws(SQLiteError) -> Row
    ) throws(SQLiteError) -> [Row] {
        let statement = try Statement(connection, sql)
        if let uetr, sql.contains("?1") { statement.bind(uetr) }
        var rows: [Row] = []
        while try statement.step() { rows.append(try row(statement)) }
        return rows
    }

    private func accounts() throws(SQLiteError) -> [LedgerAccount] {
        try rows(
            """
            SELECT party.name, account.name, currency, kind, floor,
                posted_debits, posted_credits, pending_debits, pending_credits
            FROM account JOIN party ON party.id = book
            ORDER BY party.name, account.name, currency
            """
        ) { row throws(SQLiteError) in
            LedgerAccount(
                key: AccountKey(
                    book: BookID(row.text(0)),
                    name: row.text(1),
                    currency: try row.parsed(2, "a currency code", Currency.init)
                ),
                kind: try row.parsed(3, "an account kind", AccountKind.init(rawValue:)),
                floor: row.optionalInteger(4),
                balance: row.balance(from: 5)
            )
        }
    }

    private func journals() throws(SQLiteError) -> [StoredJournal] {
        var transfers: [Int64: [Transfer]] = [:]
        let journals =
            "SELECT sequence FROM journal WHERE payment IN \(Self.ids)"
            + " OR payment IS NULL AND subject = ?1"
        let lines = try rows(
            """
            SELECT journal, debit.name, credit.name, amount, debit.currency FROM transfer
            JOIN account AS debit ON debit.id = transfer.debit
            JOIN account AS credit ON credit.id = transfer.credit
            WHERE \(about("journal IN (\(journals))")) ORDER BY journal, line
            """
        ) { row throws(SQLiteError) in (row.integer(0), try row.transfer(from: 1)) }
        for (journal, transfer) in lines { transfers[journal, default: []].append(transfer) }
        return try rows(
            """
            SELECT journal.sequence, journal.at, party.name,
                coalesce(payment.uetr, journal.subject), journal.number,
                journal.purpose, journal.action, journal.closes, closed.number
            FROM journal JOIN party ON party.id = journal.book
            LEFT JOIN payment ON payment.id = journal.payment
            LEFT JOIN journal AS closed ON closed.sequence = journal.closes
            WHERE \(about("journal.sequence IN (\(journals))"))
            ORDER BY journal.sequence
            """
        ) { row throws(SQLiteError) in
            let sequence = row.integer(0)
            let closes = row.optionalInteger(7)
            let number = row.optionalInteger(8).map(Int.init)
            let action = try row.parsed(6, "a journal's action") {
                Journal.Action(name: $0, closes: number)
            }
            let source =
                switch action {
                case .post, .void: closes ?? sequence
                case .pending, .direct, .reverse: sequence
                }
            guard let moved = transfers[source], row.integer(4) > 0 else {
                throw row.unreadable(0, "the number of a journal with transfers")
            }
            return StoredJournal(
                sequence: sequence,
                at: Instant(nanoseconds: row.integer(1)),
                journal: Journal(
                    book: BookID(row.text(2)),
                    subject: try row.uuid(3),
                    number: Int(row.integer(4)),
                    purpose: try row.parsed(5, "a purpose", JournalPurpose.init(rawValue:)),
                    action: action,
                    transfers: moved
                ),
                closes: closes
            )
        }
    }

    private func payments() throws(SQLiteError) -> [StoredPayment] {
        try rows(
            """
            SELECT party.name, uetr, version, state, due, content, instruction
            FROM payment JOIN party ON party.id = instance
            WHERE \(about("uetr = ?1")) ORDER BY payment.id
            """
        ) { row throws(SQLiteError) in
            StoredPayment(
                instance: PartyID(checked: row.text(0)),
                uetr: try row.uuid(1),
                row: PaymentRow(
                    version: row.integer(2),
                    state: UInt8(truncatingIfNeeded: row.integer(3)),
                    due: row.optionalInteger(4).map(Instant.init(nanoseconds:)),
                    content: row.bytes(5)
                ),
                instruction: row.optionalInteger(6)
            )
        }
    }

    private func receipts() throws(SQLiteError) -> [StoredReceipt] {
        try rows(
            """
            SELECT instance.name, sender.name, message_id, uetr, digest, at FROM receipt
            JOIN party AS instance ON instance.id = receipt.instance
            JOIN party AS sender ON sender.id = receipt.sender
            ORDER BY instance.name, sender.name, message_id
            """
        ) { row throws(SQLiteError) in
            let digest = try row.words(4)
            return StoredReceipt(
                instance: PartyID(checked: row.text(0)),
                sender: PartyID(checked: row.text(1)),
                messageIdentification: row.text(2),
                receipt: Receipt(
                    uetr: try row.uuid(3),
                    digest: ContentDigest(high: digest.high, low: digest.low)
                ),
                at: Instant(nanoseconds: row.integer(5))
            )
        }
    }

    private func records() throws(SQLiteError) -> [StoredRecord] {
        try rows(
            """
            SELECT party.name, kind, key, version, content
            FROM record JOIN party ON party.id = instance ORDER BY party.name, kind, key
            """
        ) { row throws(SQLiteError) in
            StoredRecord(
                instance: PartyID(checked: row.text(0)),
                kind: try row.parsed(1, "a record kind", RecordKind.init(rawValue:)),
                key: row.text(2),
                row: RecordRow(version: row.integer(3), content: row.bytes(4))
            )
        }
    }

    private func history() throws(SQLiteError) -> [StoredStep] {
        try rows(
            """
            SELECT sequence, at, party.name, uetr, from_state, to_state, cause FROM history
            JOIN payment ON payment.id = history.payment
            JOIN party ON party.id = payment.instance
            WHERE \(about("history.payment IN \(Self.ids)")) ORDER BY sequence
            """
        ) { row throws(SQLiteError) in
            StoredStep(
                sequence: row.integer(0),
                row: HistoryRow(
                    at: Instant(nanoseconds: row.integer(1)),
                    instance: PartyID(checked: row.text(2)),
                    uetr: try row.uuid(3),
                    from: row.optionalInteger(4).map { UInt8(truncatingIfNeeded: $0) },
                    to: UInt8(truncatingIfNeeded: row.integer(5)),
                    cause: row.text(6)
                )
            )
        }
    }

    private func alerts() throws(SQLiteError) -> [AlertRow] {
        try rows(
            """
            SELECT at, party.name, severity, uetr, text
            FROM alert JOIN party ON party.id = instance
            WHERE \(about("uetr = ?1")) ORDER BY sequence
            """
        ) { row throws(SQLiteError) in
            AlertRow(
                at: Instant(nanoseconds: row.integer(0)),
                instance: PartyID(checked: row.text(1)),
                alert: Alert(
                    try row.parsed(2, "a severity", Alert.Severity.init(rawValue:)),
                    uetr: try row.optionalUUID(3),
                    row.text(4)
                )
            )
        }
    }

    private func messages() throws(SQLiteError) -> [StoredMessage] {
        // Of no payment known when it came: a refused copy, a stranger's message.
        let unknown = "message.payment IS NULL AND message.uetr = ?1"
        return try rows(
            """
            SELECT message.id, direction, link.node, epoch, sequence, sender.name, receiver.name,
                kind, at, uetr, \(includingBytes ? "bytes" : "x''")
            FROM message
            LEFT JOIN link ON link.id = message.link
            LEFT JOIN party AS sender ON sender.id = message.sender
            LEFT JOIN party AS receiver ON receiver.id = message.receiver
            WHERE \(about("message.payment IN \(Self.ids) OR \(unknown)"))
            ORDER BY message.id
            """
        ) { row throws(SQLiteError) in
            let direction = try row.parsed(
                1,
                "a direction",
                StoredMessage.Direction.init(rawValue:)
            )
            let hop = StoredMessage.Hop(
                link: LinkID(row.text(2)),
                epoch: row.bits(3),
                sequence: row.bits(4),
                from: PartyID(checked: row.text(5)),
                to: PartyID(checked: row.text(6))
            )
            return StoredMessage(
                number: row.integer(0),
                direction: direction,
                hop: direction == .hosted ? nil : hop,
                kind: UInt8(truncatingIfNeeded: row.integer(7)),
                at: Instant(nanoseconds: row.integer(8)),
                uetr: try row.optionalUUID(9),
                bytes: row.bytes(10)
            )
        }
    }
}
