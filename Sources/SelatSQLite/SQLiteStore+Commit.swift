import SelatLedger
import SelatMoney
import SelatNode
import SelatScheme
import SelatStorage
import SelatTime

/// Writing a batch inside its transaction. Every row is remembered as it is written; should the
/// transaction not commit, the whole memory is dropped with it.
extension SQLiteStore {
    func write(_ batch: CommitBatch) throws(Refusal) {
        statements.transactions.advanceClock.bind(batch.at.nanoseconds)
        try run(statements.transactions.advanceClock)
        for position in batch.links { try write(position) }
        var messages = MessageNumbers(after: try lastMessage(), batch)
        for write in batch.payments { try self.write(write, &messages) }
        try write(batch, messages)
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
        statements.links.insertParty.bind(party)
        let number = try insertNew(statements.links.insertParty)
        cache.parties[party] = number
        return number
    }

    // MARK: Payments, receipts, records

    private func write(
        _ write: PaymentWrite,
        _ messages: inout MessageNumbers
    ) throws(Refusal) {
        let key = StoreCache.PaymentKey(instance: write.instance, uetr: write.uetr)
        // An insertion needs no look-up: the unique index refuses what is there.
        guard write.expectedVersion > 0 else {
            let instruction = try messages.number(of: write.instruction)
            let instance = try number(of: write.instance.name)
            let insert = statements.payments.insertPayment
            insert.bind(instance)
            insert.bind(write.uetr)
            insert.bind(instruction?.number)
            insert.bind(write.row)
            let id = try insertNew(insert)
            cache.payments[key] = StoreCache.Payment(
                id: id,
                row: write.row,
                instruction: instruction?.number
            )
            guard let instruction else { return }
            cache.instructions[instruction.number] = instruction.message
            guard case .hosted = write.instruction else { return }
            messages.keep(instruction.message, about: write.uetr, payment: id)
            return
        }
        let known = try found { () throws(SQLiteError) in
            try payment(write.instance, write.uetr)
        }
        guard var known else { throw .conflict }
        let update = statements.payments.updatePayment
        update.bind(write.row)
        update.bind(known.id)
        update.bind(write.expectedVersion)
        guard try run(update) == 1 else { throw .conflict }
        known.row = write.row
        cache.payments[key] = known
    }

    private func write(_ write: ReceiptWrite, at: Instant) throws(Refusal) {
        let receipt = write.insertion.receipt
        let instance = try number(of: write.instance.name)
        let sender = try number(of: write.insertion.sender.name)
        let insert = statements.payments.insertReceipt
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
            let insert = statements.payments.insertRecord
            insert.bind(instance)
            insert.bind(write.kind.rawValue)
            insert.bind(write.key)
            insert.bind(row.version)
            insert.bind(row.content)
            cache.records[key] = .present(id: try insertNew(insert), row)
        case (.present(let id, _), let row?):
            let update = statements.payments.updateRecord
            update.bind(row.version)
            update.bind(row.content)
            update.bind(id)
            update.bind(write.expectedVersion)
            guard try run(update) == 1 else { throw .conflict }
            cache.records[key] = .present(id: id, row)
        case (.present(let id, _), nil):
            let delete = statements.payments.deleteRecord
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
