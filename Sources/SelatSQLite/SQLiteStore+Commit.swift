import SelatLedger
import SelatMoney
import SelatNode
import SelatScheme
import SelatStorage
import SelatTime

/// Writing a batch inside its transaction. Every row is remembered as it is written; should the
/// transaction not commit, the whole memory is dropped with it.
extension SQLiteStore {
    /// The numbers that a batch's messages got.
    struct MessageNumbers {
        let received: Range<Int64>
        let sent: Range<Int64>
    }

    func write(_ batch: CommitBatch) throws(Refusal) {
        statements.advanceClock.bind(batch.at.nanoseconds)
        try run(statements.advanceClock)
        for position in batch.links { try write(position) }
        let numbers = MessageNumbers(
            received: try write(batch.received, .received),
            sent: try write(batch.sent, .sent)
        )
        for write in batch.payments { try self.write(write, at: batch.at, numbers) }
        for write in batch.receipts { try self.write(write, at: batch.at) }
        for write in batch.records { try self.write(write) }
        for account in batch.accounts { try write(account) }
        for write in batch.journals { try self.write(write) }
        for write in batch.balances { try self.write(write) }
        for row in batch.history { try write(row) }
        for row in batch.alerts { try write(row) }
    }

    // MARK: Running

    @discardableResult
    func run(_ statement: Statement) throws(Refusal) -> Int64 {
        do { return try statement.run() } catch { throw Refusal(error) }
    }

    /// For a row whose absence was a fact. Answers its number.
    @discardableResult
    func insertNew(_ statement: Statement) throws(Refusal) -> Int64 {
        do { try statement.run() } catch { throw Refusal(insertion: error) }
        return connection.lastRow
    }

    func found<Value>(_ read: () throws(SQLiteError) -> Value) throws(Refusal) -> Value {
        do { return try read() } catch { throw Refusal(error) }
    }

    /// The number of a party's name, given now if it has none.
    func number(of party: String) throws(Refusal) -> Int64 {
        if let known = try found({ () throws(SQLiteError) in try self.party(party) }) {
            return known
        }
        statements.insertParty.bind(party)
        let number = try insertNew(statements.insertParty)
        cache.parties[party] = number
        return number
    }

    // MARK: Links and messages

    private func write(_ position: LinkPosition) throws(Refusal) {
        for statement in [statements.updateLink, statements.insertLink] {
            statement.bind(bits: position.sendEpoch)
            statement.bind(bits: position.nextSequence)
            statement.bind(bits: position.acknowledged)
            statement.bind(bits: position.receivedEpoch)
            statement.bind(bits: position.receivedSequence)
            statement.bind(position.link.node)
            if try run(statement) == 1 { return }
        }
    }

    private func number(of link: LinkID) throws(Refusal) -> Int64 {
        if let known = cache.links[link] { return known }
        let find = statements.findLink
        defer { find.reset() }
        find.bind(link.node)
        guard try found({ () throws(SQLiteError) in try find.step() }) else {
            throw .failed(StorageSentence.unknownLink(link))
        }
        cache.links[link] = find.integer(0)
        return find.integer(0)
    }

    /// Their numbers follow one another without a gap.
    private func write(
        _ messages: [RetainedMessage],
        _ direction: StoredMessage.Direction
    ) throws(Refusal) -> Range<Int64> {
        var start: Int64 = 0
        let insert = statements.insertMessage
        for (index, message) in messages.enumerated() {
            let link = try number(of: message.link)
            let sender = try number(of: message.from.name)
            let receiver = try number(of: message.to.name)
            insert.bind(link)
            insert.bind(direction.rawValue)
            insert.bind(bits: message.epoch)
            insert.bind(bits: message.sequence)
            insert.bind(sender)
            insert.bind(receiver)
            insert.bind(Int64(message.kind))
            insert.bind(message.at.nanoseconds)
            insert.bind(message.uetr)
            insert.bind(message.bytes)
            do {
                try insert.run()
            } catch {
                throw error.isUniqueViolation
                    ? .failed(StorageSentence.messageExists(message)) : Refusal(error)
            }
            if index == 0 { start = connection.lastRow }
        }
        return start..<start + Int64(messages.count)
    }

    private func writeHosted(
        _ message: Message,
        at: Instant,
        uetr: UUIDv4
    ) throws(Refusal) -> Int64 {
        let (kind, bytes) = message.encoded()
        let insert = statements.insertMessage
        insert.bindNull()
        insert.bind(StoredMessage.Direction.hosted.rawValue)
        for _ in 0..<4 { insert.bindNull() }
        insert.bind(Int64(kind))
        insert.bind(at.nanoseconds)
        insert.bind(uetr)
        insert.bind(bytes)
        return try insertNew(insert)
    }

    // MARK: Payments, receipts, records

    private func write(
        _ write: PaymentWrite,
        at: Instant,
        _ numbers: MessageNumbers
    ) throws(Refusal) {
        let key = StoreCache.PaymentKey(instance: write.instance, uetr: write.uetr)
        // An insertion needs no look-up: the unique index refuses what is there.
        guard write.expectedVersion > 0 else {
            let instruction = try instructionNumber(of: write, at: at, numbers)
            let instance = try number(of: write.instance.name)
            let insert = statements.insertPayment
            insert.bind(instance)
            insert.bind(write.uetr)
            insert.bind(instruction)
            insert.bind(write.row)
            let id = try insertNew(insert)
            cache.payments[key] = StoreCache.Payment(
                id: id,
                row: write.row,
                instruction: instruction
            )
            return
        }
        let known = try found { () throws(SQLiteError) in
            try payment(write.instance, write.uetr)
        }
        guard var known else { throw .conflict }
        let update = statements.updatePayment
        update.bind(write.row)
        update.bind(known.id)
        update.bind(write.expectedVersion)
        guard try run(update) == 1 else { throw .conflict }
        known.row = write.row
        cache.payments[key] = known
    }

    private func instructionNumber(
        of write: PaymentWrite,
        at: Instant,
        _ numbers: MessageNumbers
    ) throws(Refusal) -> Int64? {
        let number: Int64
        let kept: Message
        switch write.instruction {
        case nil: return nil
        case .received(let index, let message):
            guard index >= 0, index < numbers.received.count else {
                throw .failed(StorageSentence.noSuchMessage)
            }
            (number, kept) = (numbers.received.lowerBound + Int64(index), message)
        case .sent(let index, let message):
            guard index >= 0, index < numbers.sent.count else {
                throw .failed(StorageSentence.noSuchMessage)
            }
            (number, kept) = (numbers.sent.lowerBound + Int64(index), message)
        case .hosted(let message):
            (number, kept) = (try writeHosted(message, at: at, uetr: write.uetr), message)
        }
        cache.instructions[number] = kept
        return number
    }

    private func write(_ write: ReceiptWrite, at: Instant) throws(Refusal) {
        let receipt = write.insertion.receipt
        let instance = try number(of: write.instance.name)
        let sender = try number(of: write.insertion.sender.name)
        let insert = statements.insertReceipt
        insert.bind(instance)
        insert.bind(sender)
        insert.bind(write.insertion.messageIdentification)
        insert.bind(receipt.uetr)
        insert.bind(words: receipt.digest.high, receipt.digest.low)
        insert.bind(at.nanoseconds)
        try insertNew(insert)
        let key = StoreCache.ReceiptKey(
            instance: write.instance,
            sender: write.insertion.sender,
            messageIdentification: write.insertion.messageIdentification
        )
        cache.receipts[key] = receipt
    }

    private func write(_ write: RecordWrite) throws(Refusal) {
        let key = StoreCache.RecordKey(
            instance: write.instance,
            kind: write.kind,
            key: write.key
        )
        let known = try found { () throws(SQLiteError) in try record(key) }
        switch (known, write.row) {
        case (.absent, let row):
            guard write.expectedVersion == 0 else { throw .conflict }
            // Made and deleted within the batch: that there was none is all there is to say.
            guard let row else { return }
            let instance = try number(of: write.instance.name)
            let insert = statements.insertRecord
            insert.bind(instance)
            insert.bind(write.kind.rawValue)
            insert.bind(write.key)
            insert.bind(row.version)
            insert.bind(row.content)
            cache.records[key] = .present(id: try insertNew(insert), row)
        case (.present(let id, _), let row?):
            let update = statements.updateRecord
            update.bind(row.version)
            update.bind(row.content)
            update.bind(id)
            update.bind(write.expectedVersion)
            guard try run(update) == 1 else { throw .conflict }
            cache.records[key] = .present(id: id, row)
        case (.present(let id, _), nil):
            let delete = statements.deleteRecord
            delete.bind(id)
            delete.bind(write.expectedVersion)
            guard try run(delete) == 1 else { throw .conflict }
            cache.records[key] = .absent
        }
    }
}

extension Statement {
    /// Version, state, due, content.
    fileprivate func bind(_ row: PaymentRow) {
        bind(row.version)
        bind(Int64(row.state))
        bind(row.due?.nanoseconds)
        bind(row.content)
    }
}
