import SelatLedger
import SelatMoney
package import SelatNode
import SelatScheme
import SelatTime

/// The layout of a logged batch. Source: Specs/Protocol/Database.md.
extension LoggedBatch {
    private static let layout: UInt8 = 2
    /// Each document where it belongs, instead of all before the rest.
    private static let layoutInPlace: UInt8 = 1

    /// Writes the bytes to log for a batch.
    package static func encode(
        _ batch: CommitBatch,
        numbers: Numbers,
        into writer: inout BatchWriter
    ) {
        writer.removeAll()
        writer.write(byte: layout)
        writer.write(numbers.message)
        writer.write(numbers.journal)
        writer.write(numbers.step)
        writer.write(batch.at.nanoseconds)
        let documents = Documents(of: batch)
        documents.write(of: batch, into: &writer)
        var document = 0
        func nextPlace() -> Int {
            defer { document += 1 }
            return documents.places[document]
        }
        writer.write(each: batch.links) { $0.write($1) }
        writer.write(eachOf: batch.received) { $0.write($1, $2, document: nextPlace()) }
        writer.write(eachOf: batch.sent) { $0.write($1, $2, document: nextPlace()) }
        writer.write(eachOf: batch.payments) { $0.write($1, $2, nextDocument: nextPlace) }
        writer.write(eachOf: batch.receipts) { $0.write($1, $2) }
        writer.write(eachOf: batch.records) { $0.write($1, $2) }
        writer.write(each: batch.accounts) { $0.write($1) }
        writer.write(eachOf: batch.journals) { $0.write($1, $2) }
        writer.write(each: batch.balances) { $0.write($1) }
        writer.write(eachOf: batch.history) { $0.write($1, $2) }
        writer.write(each: batch.alerts) { $0.write($1) }
    }

    /// Reads what `encode` wrote.
    package init(_ bytes: [UInt8]) throws(BatchError) {
        let layout = bytes.first
        guard layout == LoggedBatch.layout || layout == LoggedBatch.layoutInPlace else {
            throw .layout(expected: LoggedBatch.layout, got: layout)
        }
        var reader = BatchReader(bytes, at: 1)
        var numbers = Numbers()
        numbers.message = try reader.integer()
        numbers.journal = try reader.integer()
        numbers.step = try reader.integer()
        var batch = CommitBatch(at: Instant(nanoseconds: try reader.integer()))
        typealias Failure = BatchError
        let documents =
            layout == LoggedBatch.layoutInPlace
            ? nil : try reader.each { r throws(Failure) in try r.blob() }
        batch.links = try reader.each { r throws(Failure) in try r.linkPosition() }
        batch.received = try reader.each { r throws(Failure) in try r.retained(documents) }
        batch.sent = try reader.each { r throws(Failure) in try r.retained(documents) }
        var instructions: [Instruction?] = []
        let (received, sent) = (batch.received.count, batch.sent.count)
        batch.payments = try reader.each { r throws(Failure) in
            let (write, instruction) = try r.payment(received: received, sent: sent, documents)
            instructions.append(instruction)
            return write
        }
        batch.receipts = try reader.each { r throws(Failure) in try r.receipt() }
        batch.records = try reader.each { r throws(Failure) in try r.record() }
        batch.accounts = try reader.each { r throws(Failure) in try r.account() }
        batch.journals = try reader.each { r throws(Failure) in try r.journal() }
        batch.balances = try reader.each { r throws(Failure) in try r.balanceWrite() }
        batch.history = try reader.each { r throws(Failure) in try r.step() }
        batch.alerts = try reader.each { r throws(Failure) in try r.alert() }
        guard reader.isAtEnd else { throw reader.damage }
        self.numbers = numbers
        self.batch = batch
        self.instructions = instructions
    }
}

extension BatchWriter {
    mutating func write(_ instant: Instant) { write(instant.nanoseconds) }

    mutating func write(_ uuid: UUIDv4) {
        write(word: uuid.high)
        write(word: uuid.low)
    }

    mutating func write(_ party: PartyID) { write(party.name) }

    /// A currency's code, as a text.
    mutating func write(_ currency: Currency) {
        write(count: 3)
        write(byte: UInt8(truncatingIfNeeded: currency.packed >> 16))
        write(byte: UInt8(truncatingIfNeeded: currency.packed >> 8))
        write(byte: UInt8(truncatingIfNeeded: currency.packed))
    }

    mutating func write(_ position: borrowing LinkPosition) {
        write(position.link.node)
        write(word: position.sendEpoch)
        write(word: position.nextSequence)
        write(word: position.acknowledged)
        write(word: position.receivedEpoch)
        write(word: position.receivedSequence)
    }

    fileprivate mutating func write(
        _ messages: Span<RetainedMessage>,
        _ place: Int,
        document: Int
    ) {
        write(messages[place].link.node)
        write(word: messages[place].epoch)
        write(word: messages[place].sequence)
        write(byte: messages[place].kind)
        write(messages[place].from)
        write(messages[place].to)
        write(messages[place].at)
        write(optional: messages[place].uetr) { $0.write($1) }
        write(count: document)
    }

    mutating func write(_ row: borrowing PaymentRow) {
        write(row.version)
        write(byte: row.state)
        write(optional: row.due) { $0.write($1) }
        write(row.content)
    }

    /// `nextDocument` is asked for the place of an instruction that crossed no link.
    fileprivate mutating func write(
        _ payments: Span<PaymentWrite>,
        _ place: Int,
        nextDocument: () -> Int
    ) {
        write(payments[place].instance)
        write(payments[place].uetr)
        write(payments[place].expectedVersion)
        write(payments[place].row)
        switch payments[place].insertedInstruction {
        case nil: write(byte: 0)
        case .received(let index, _):
            write(byte: 1)
            write(count: index)
        case .sent(let index, _):
            write(byte: 2)
            write(count: index)
        case .hosted(let message):
            write(byte: 3)
            write(byte: message.kind)
            write(count: nextDocument())
        }
    }

    fileprivate mutating func write(_ receipts: Span<ReceiptWrite>, _ place: Int) {
        write(receipts[place].instance)
        write(receipts[place].insertion.sender)
        write(receipts[place].insertion.messageIdentification)
        write(receipts[place].insertion.receipt.uetr)
        write(word: receipts[place].insertion.receipt.digest.high)
        write(word: receipts[place].insertion.receipt.digest.low)
    }

    fileprivate mutating func write(_ records: Span<RecordWrite>, _ place: Int) {
        write(records[place].instance)
        write(records[place].kind.rawValue)
        write(records[place].key)
        write(records[place].expectedVersion)
        write(optional: records[place].row) { writer, row in
            writer.write(row.version)
            writer.write(row.content)
        }
    }

    private mutating func write(_ key: borrowing AccountKey) {
        write(key.book.name)
        write(key.name)
        write(key.currency)
    }

    private mutating func write(_ balance: Balance) {
        write(balance.postedDebits)
        write(balance.postedCredits)
        write(balance.pendingDebits)
        write(balance.pendingCredits)
    }

    fileprivate mutating func write(_ account: borrowing LedgerAccount) {
        write(account.key)
        write(account.kind.rawValue)
        write(optional: account.floor) { $0.write($1) }
        write(account.balance)
    }

    mutating func write(_ transfers: [Transfer]) {
        write(each: transfers) { writer, transfer in
            writer.write(transfer.debit)
            writer.write(transfer.credit)
            writer.write(transfer.amount.minorUnits)
            writer.write(transfer.amount.currency)
        }
    }

    fileprivate mutating func write(_ writes: Span<JournalWrite>, _ place: Int) {
        write(writes[place].at)
        write(writes[place].journal.book.name)
        write(writes[place].journal.subject)
        write(Int64(writes[place].journal.number))
        write(writes[place].journal.purpose.rawValue)
        write(writes[place].journal.action.name)
        write(optional: writes[place].journal.action.closes) { $0.write(Int64($1)) }
        write(writes[place].journal.transfers)
    }

    fileprivate mutating func write(_ balance: borrowing BalanceWrite) {
        write(balance.account)
        write(balance.delta)
        write(balance.isGuarded)
    }

    fileprivate mutating func write(_ steps: Span<HistoryRow>, _ place: Int) {
        write(steps[place].at)
        write(steps[place].instance)
        write(steps[place].uetr)
        write(optional: steps[place].from) { $0.write(byte: $1) }
        write(byte: steps[place].to)
        write(steps[place].cause)
    }

    fileprivate mutating func write(_ alert: borrowing AlertRow) {
        write(alert.at)
        write(alert.instance)
        write(alert.alert.severity.rawValue)
        write(optional: alert.alert.uetr) { $0.write($1) }
        write(alert.alert.text)
    }
}

extension BatchReader {
    mutating func instant() throws(BatchError) -> Instant { Instant(nanoseconds: try integer()) }

    mutating func uuid() throws(BatchError) -> UUIDv4 {
        let high = try word()
        guard let uuid = UUIDv4(high: high, low: try word()) else { throw damage }
        return uuid
    }

    mutating func party() throws(BatchError) -> PartyID { PartyID(checked: try text()) }

    /// Text as a value of a closed set.
    mutating func named<Value>(_ parse: (String) -> Value?) throws(BatchError) -> Value {
        guard let value = parse(try text()) else { throw damage }
        return value
    }

    mutating func linkPosition() throws(BatchError) -> LinkPosition {
        LinkPosition(
            link: LinkID(try text()),
            sendEpoch: try word(),
            nextSequence: try word(),
            acknowledged: try word(),
            receivedEpoch: try word(),
            receivedSequence: try word()
        )
    }

    /// A document: one of those read before, or its bytes where there were none.
    private mutating func document(_ documents: [[UInt8]]?) throws(BatchError) -> [UInt8] {
        guard let documents else { return try blob() }
        return documents[try index(below: documents.count)]
    }

    fileprivate mutating func retained(
        _ documents: [[UInt8]]?
    ) throws(BatchError) -> RetainedMessage {
        RetainedMessage(
            link: LinkID(try text()),
            epoch: try word(),
            sequence: try word(),
            kind: try byte(),
            from: try party(),
            to: try party(),
            at: try instant(),
            uetr: try optional { r throws(BatchError) in try r.uuid() },
            bytes: try document(documents)
        )
    }

    mutating func paymentRow() throws(BatchError) -> PaymentRow {
        PaymentRow(
            version: try integer(),
            state: try byte(),
            due: try optional { r throws(BatchError) in try r.instant() },
            content: try blob()
        )
    }

    /// A payment of a batch with so many messages, one of which may be its instruction.
    fileprivate mutating func payment(
        received: Int,
        sent: Int,
        _ documents: [[UInt8]]?
    ) throws(BatchError) -> (PaymentWrite, LoggedBatch.Instruction?) {
        let write = PaymentWrite(
            instance: try party(),
            uetr: try uuid(),
            expectedVersion: try integer(),
            row: try paymentRow(),
            instruction: nil
        )
        switch try byte() {
        case 0: return (write, nil)
        case 1: return (write, .received(try index(below: received)))
        case 2: return (write, .sent(try index(below: sent)))
        case 3: return (write, .hosted(kind: try byte(), bytes: try document(documents)))
        default: throw damage
        }
    }

    fileprivate mutating func receipt() throws(BatchError) -> ReceiptWrite {
        ReceiptWrite(
            instance: try party(),
            insertion: ReceiptInsertion(
                sender: try party(),
                messageIdentification: try text(),
                receipt: Receipt(
                    uetr: try uuid(),
                    digest: ContentDigest(high: try word(), low: try word())
                )
            )
        )
    }

    fileprivate mutating func record() throws(BatchError) -> RecordWrite {
        RecordWrite(
            instance: try party(),
            kind: try named(RecordKind.init(rawValue:)),
            key: try text(),
            expectedVersion: try integer(),
            row: try optional { r throws(BatchError) in
                RecordRow(version: try r.integer(), content: try r.blob())
            }
        )
    }

    private mutating func accountKey() throws(BatchError) -> AccountKey {
        AccountKey(
            book: BookID(try text()),
            name: try text(),
            currency: try named(Currency.init)
        )
    }

    private mutating func balance() throws(BatchError) -> Balance {
        Balance(
            postedDebits: try integer(),
            postedCredits: try integer(),
            pendingDebits: try integer(),
            pendingCredits: try integer()
        )
    }

    fileprivate mutating func account() throws(BatchError) -> LedgerAccount {
        LedgerAccount(
            key: try accountKey(),
            kind: try named(AccountKind.init(rawValue:)),
            floor: try optional { r throws(BatchError) in try r.integer() },
            balance: try balance()
        )
    }

    mutating func transfers() throws(BatchError) -> [Transfer] {
        try each { r throws(BatchError) in
            let (debit, credit) = (try r.text(), try r.text())
            let amount = try r.integer()
            let currency = try r.named(Currency.init)
            guard amount > 0, debit != credit else { throw r.damage }
            return Transfer(
                debit: debit,
                credit: credit,
                amount: Money(minorUnits: amount, currency: currency)
            )
        }
    }

    fileprivate mutating func journal() throws(BatchError) -> JournalWrite {
        let at = try instant()
        let book = BookID(try text())
        let subject = try uuid()
        let number = Int(truncatingIfNeeded: try integer())
        let purpose = try named(JournalPurpose.init(rawValue:))
        let name = try text()
        let closes = try optional { r throws(BatchError) in
            Int(truncatingIfNeeded: try r.integer())
        }
        let transfers = try transfers()
        guard let action = Journal.Action(name: name, closes: closes), number > 0,
            !transfers.isEmpty
        else { throw damage }
        return JournalWrite(
            at: at,
            journal: Journal(
                book: book,
                subject: subject,
                number: number,
                purpose: purpose,
                action: action,
                transfers: transfers
            )
        )
    }

    fileprivate mutating func balanceWrite() throws(BatchError) -> BalanceWrite {
        BalanceWrite(
            account: try accountKey(),
            delta: try balance(),
            isGuarded: try flag()
        )
    }

    fileprivate mutating func step() throws(BatchError) -> HistoryRow {
        HistoryRow(
            at: try instant(),
            instance: try party(),
            uetr: try uuid(),
            from: try optional { r throws(BatchError) in try r.byte() },
            to: try byte(),
            cause: try text()
        )
    }

    fileprivate mutating func alert() throws(BatchError) -> AlertRow {
        AlertRow(
            at: try instant(),
            instance: try party(),
            alert: Alert(
                try named(Alert.Severity.init(rawValue:)),
                uetr: try optional { r throws(BatchError) in try r.uuid() },
                try text()
            )
        )
    }
}
