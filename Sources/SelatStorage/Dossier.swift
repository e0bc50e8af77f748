import SelatLedger
package import SelatNode
package import SelatScheme
package import SelatTime

/// Everything a node must know about one UETR, or about the subject of another journal: its
/// payments, the receipts and journals that name it, and which batches tell its story.
///
/// A reference, because a batch changes it in many places; owned by one `LiveState` at a time.
package final class Dossier {
    /// One instance's payment.
    package struct Payment {
        package let instance: PartyID
        package internal(set) var row: PaymentRow
        /// Where the kept pacs.008 is.
        package let place: MessagePlace?
        /// The kept pacs.008 at hand, while the payment's timer is armed.
        var kept: Kept?
    }

    /// A message that need not be read from the log.
    enum Kept {
        case message(Message)
        case bytes(kind: UInt8, [UInt8])
    }

    /// A message in the log: counted over the received, the sent and the hosted of its batch.
    package struct MessagePlace: Hashable {
        package let batch: Int64
        package let index: Int

        package init(batch: Int64, index: Int) {
            self.batch = batch
            self.index = index
        }
    }

    /// A received business message of this UETR.
    package struct ReceiptEntry {
        package let key: ReceiptKey
        let digest: ContentDigest
    }

    struct JournalEntry {
        let book: BookID
        let number: Int
        /// As `Journal.Action.name`.
        let action: String
        let transfers: [Transfer]
        var isClosed: Bool
    }

    package let uetr: UUIDv4
    /// Its row in the tables, given at its first mention.
    package let id: Int64
    /// What the row in the tables says: it holds everything up to this batch. 0: there is none.
    package let storedAsOf: Int64
    /// Receipts that the tables' index knows already.
    package let indexedReceipts: Int
    package internal(set) var payments: [Payment] = []
    package internal(set) var receipts: [ReceiptEntry] = []
    var journals: [JournalEntry] = []
    /// Ascending; all that mention the UETR.
    package internal(set) var batches: [Int64] = []

    package init(_ uetr: UUIDv4, id: Int64, storedAsOf: Int64 = 0, indexedReceipts: Int = 0) {
        self.uetr = uetr
        self.id = id
        self.storedAsOf = storedAsOf
        self.indexedReceipts = indexedReceipts
    }

    /// The same, to be changed while the other is being written.
    func copy() -> Dossier {
        let copy = Dossier(
            uetr,
            id: id,
            storedAsOf: storedAsOf,
            indexedReceipts: indexedReceipts
        )
        copy.payments = payments
        copy.receipts = receipts
        copy.journals = journals
        copy.batches = batches
        return copy
    }

    /// The earliest due timer of its payments.
    package var due: Instant? { payments.lazy.compactMap(\.row.due).min() }

    func index(of instance: PartyID) -> Int? {
        payments.firstIndex { $0.instance == instance }
    }

    func index(of book: BookID, _ number: Int) -> Int? {
        journals.firstIndex { $0.number == number && $0.book == book }
    }

    func mention(_ batch: Int64) {
        if batches.last != batch { batches.append(batch) }
    }

    /// The receipt under a key, if it is one of this UETR.
    package func receipt(_ key: ReceiptKey) -> Receipt? {
        receipts.first { $0.key == key }.map { Receipt(uetr: uetr, digest: $0.digest) }
    }
}

/// Who received which message from whom.
package struct ReceiptKey: WordHashable {
    package let instance: PartyID
    package let sender: PartyID
    package let messageIdentification: String

    package init(instance: PartyID, sender: PartyID, messageIdentification: String) {
        self.instance = instance
        self.sender = sender
        self.messageIdentification = messageIdentification
    }

    package func feed(_ hasher: inout WordHasher) {
        instance.feed(&hasher)
        sender.feed(&hasher)
        hasher.combine(messageIdentification)
    }
}

extension ReceiptKey {
    init(_ write: ReceiptWrite) {
        self.init(
            instance: write.instance,
            sender: write.insertion.sender,
            messageIdentification: write.insertion.messageIdentification
        )
    }
}

// MARK: The row's content

extension Dossier {
    /// Writes the content of its row.
    package func encode(into writer: inout BatchWriter) {
        writer.removeAll()
        writer.write(uetr)
        writer.write(each: payments) { writer, payment in
            writer.write(payment.instance)
            writer.write(payment.row)
            writer.write(optional: payment.place) { writer, place in
                writer.write(place.batch)
                writer.write(Int64(place.index))
            }
        }
        writer.write(each: receipts) { writer, entry in
            writer.write(entry.key.instance)
            writer.write(entry.key.sender)
            writer.write(entry.key.messageIdentification)
            writer.write(word: entry.digest.high)
            writer.write(word: entry.digest.low)
        }
        for journal in journals { write(journal, &writer) }
        writer.write(byte: 0)
        writer.write(count: batches.count)
        var last: Int64 = 0
        for batch in batches {
            writer.write(batch - last)
            last = batch
        }
    }

    private func write(_ journal: JournalEntry, _ writer: inout BatchWriter) {
        writer.write(byte: journal.isClosed ? 2 : 1)
        writer.write(journal.book.name)
        writer.write(Int64(journal.number))
        writer.write(journal.action)
        writer.write(journal.transfers)
    }

    /// Reads a row's content.
    ///
    /// - Throws: `BatchError` when it is damaged.
    package convenience init(
        _ content: [UInt8],
        id: Int64,
        asOf: Int64
    ) throws(BatchError) {
        typealias Failure = BatchError
        var reader = BatchReader(content)
        let uetr = try reader.uuid()
        let payments = try reader.each { r throws(Failure) in
            Payment(
                instance: try r.party(),
                row: try r.paymentRow(),
                place: try r.optional { r throws(Failure) in
                    MessagePlace(
                        batch: try r.integer(),
                        index: Int(truncatingIfNeeded: try r.integer())
                    )
                }
            )
        }
        let receipts = try reader.each { r throws(Failure) in
            ReceiptEntry(
                key: ReceiptKey(
                    instance: try r.party(),
                    sender: try r.party(),
                    messageIdentification: try r.text()
                ),
                digest: ContentDigest(high: try r.word(), low: try r.word())
            )
        }
        var journals: [JournalEntry] = []
        while case let mark = try reader.byte(), mark != 0 {
            journals.append(
                JournalEntry(
                    book: BookID(try reader.text()),
                    number: Int(truncatingIfNeeded: try reader.integer()),
                    action: try reader.text(),
                    transfers: try reader.transfers(),
                    isClosed: mark == 2
                )
            )
        }
        var last: Int64 = 0
        let batches = try reader.each { r throws(Failure) in
            last &+= try r.integer()
            return last
        }
        self.init(uetr, id: id, storedAsOf: asOf, indexedReceipts: receipts.count)
        self.payments = payments
        self.receipts = receipts
        self.journals = journals
        self.batches = batches
    }
}
