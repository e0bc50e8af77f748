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

    package let uetr: UUIDv4
    /// Its row in the tables, given at its first mention.
    package let id: Int64
    /// What the row in the tables says: it holds everything up to this batch. 0: there is none.
    package let storedAsOf: Int64
    var payments: [Payment] = []
    var story = DossierStory()

    package init(_ uetr: UUIDv4, id: Int64, storedAsOf: Int64 = 0) {
        self.uetr = uetr
        self.id = id
        self.storedAsOf = storedAsOf
    }

    /// The same, to be changed while the other is being written.
    func copy() -> Dossier {
        let copy = Dossier(uetr, id: id, storedAsOf: storedAsOf)
        copy.payments = payments
        copy.story = story
        return copy
    }

    /// Its payments' instances and rows.
    package var rows: [(instance: PartyID, row: PaymentRow)] {
        payments.map { ($0.instance, $0.row) }
    }

    /// Ascending; all that mention the UETR.
    package var batches: [Int64] { story.batches }

    /// The earliest due timer of its payments.
    package var due: Instant? {
        var due: Instant?
        for index in payments.indices {
            guard let other = payments[index].row.due else { continue }
            due = min(due ?? other, other)
        }
        return due
    }

    /// Notes a batch that mentions it, unless its row knows that.
    func mention(_ batch: Int64) {
        if storedAsOf < batch { story.mention(batch) }
    }

    func index(of instance: PartyID) -> Int? {
        for index in payments.indices where payments[index].instance == instance { return index }
        return nil
    }

    /// Of the instance that keeps a book of that name.
    func index(of book: String) -> Int? {
        for index in payments.indices where payments[index].instance.name == book { return index }
        return nil
    }

    /// The receipt under a key, if it is one of this UETR.
    package func receipt(_ key: ReceiptKey) -> Receipt? {
        var writer = BatchWriter(capacity: 128)
        writer.write(key)
        let digest = unsafe writer.withBytes { unsafe story.digest(under: $0) }
        return digest.map { Receipt(uetr: uetr, digest: $0) }
    }

    /// Takes a receipt; `scratch` is for the writing only.
    func add(_ receipt: Receipt, _ key: ReceiptKey, _ scratch: inout BatchWriter) {
        scratch.removeAll()
        scratch.write(key)
        scratch.write(word: receipt.digest.high)
        scratch.write(word: receipt.digest.low)
        unsafe scratch.withBytes { unsafe story.add(receipt: $0) }
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

extension BatchWriter {
    fileprivate mutating func write(_ key: ReceiptKey) {
        write(key.instance)
        write(key.sender)
        write(key.messageIdentification)
    }
}

extension ReceiptKey {
    init(_ write: borrowing ReceiptWrite) {
        self.init(
            instance: write.instance,
            sender: write.insertion.sender,
            messageIdentification: write.insertion.messageIdentification
        )
    }
}

// MARK: The row's content

extension Dossier {
    /// Appends the content of its row.
    package func encode(into writer: inout BatchWriter) {
        writer.write(uetr)
        writer.write(each: payments) { writer, payment in
            writer.write(payment.instance)
            writer.write(payment.row)
            writer.write(optional: payment.place) { writer, place in
                writer.write(place.batch)
                writer.write(Int64(place.index))
            }
        }
        story.encode(into: &writer)
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
        self.init(uetr, id: id, storedAsOf: asOf)
        self.payments = payments
        try readStory(&reader)
    }

    private func readStory(_ reader: inout BatchReader) throws(BatchError) {
        for _ in 0..<(try reader.count()) {
            let start = reader.position
            _ = ReceiptKey(
                instance: try reader.party(),
                sender: try reader.party(),
                messageIdentification: try reader.text()
            )
            _ = (try reader.word(), try reader.word())
            unsafe reader.withBytes(from: start) { unsafe story.add(receipt: $0) }
        }
        while case let mark = try reader.byte(), mark != 0 {
            let start = reader.position
            _ = try reader.dossierJournal()
            unsafe reader.withBytes(from: start) {
                unsafe story.add(journal: $0, isClosed: mark == 2)
            }
        }
        var last: Int64 = 0
        for _ in 0..<(try reader.count()) {
            last &+= try reader.integer()
            story.mention(last)
        }
    }
}
