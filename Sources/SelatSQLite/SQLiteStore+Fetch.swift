import SelatLedger
import SelatMoney
import SelatNode
import SelatScheme
import SelatStorage
import SelatTime

/// Point reads: from memory, or by a prepared statement and then from memory.
extension SQLiteStore {
    func fact(_ key: FactKey) throws(SQLiteError) -> Fact {
        switch key {
        case .payment(let instance, let uetr):
            return try payment(instance, uetr).map { .payment($0.row) } ?? .absent
        case .instruction(let instance, let uetr):
            guard let number = try payment(instance, uetr)?.instruction else { return .absent }
            return .instruction(try instruction(number))
        case .receipt(let instance, let sender, let messageIdentification):
            let key = StoreCache.ReceiptKey(
                instance: instance,
                sender: sender,
                messageIdentification: messageIdentification
            )
            return try receipt(key).map { .receipt($0) } ?? .absent
        case .account(let key):
            return try account(key).map { .account($0.account) } ?? .absent
        case .record(let instance, let kind, let name):
            let key = StoreCache.RecordKey(instance: instance, kind: kind, key: name)
            switch try record(key) {
            case .absent: return .absent
            case .present(_, let row): return .record(row)
            }
        }
    }

    func payment(
        _ instance: PartyID,
        _ uetr: UUIDv4
    ) throws(SQLiteError) -> StoreCache.Payment? {
        let key = StoreCache.PaymentKey(instance: instance, uetr: uetr)
        if let known = cache.payments[key] { return known }
        guard let party = try party(instance.name) else { return nil }
        let find = statements.payments.findPayment
        defer { find.reset() }
        find.bind(uetr)
        find.bind(party)
        guard try find.step() else { return nil }
        let payment = StoreCache.Payment(
            id: find.integer(0),
            row: PaymentRow(
                version: find.integer(1),
                state: UInt8(truncatingIfNeeded: find.integer(2)),
                due: find.optionalInteger(3).map(Instant.init(nanoseconds:)),
                content: find.bytes(4)
            ),
            instruction: find.optionalInteger(5)
        )
        cache.payments[key] = payment
        return payment
    }

    func account(_ key: AccountKey) throws(SQLiteError) -> StoreCache.Account? {
        if let known = cache.accounts[key] { return known }
        guard let book = try party(key.book.name) else { return nil }
        let find = statements.accounts.findAccount
        defer { find.reset() }
        find.bind(book)
        find.bind(key.name)
        find.bind(key.currency.code)
        guard try find.step() else { return nil }
        let account = StoreCache.Account(
            id: find.integer(0),
            account: LedgerAccount(
                key: key,
                kind: try find.parsed(1, "an account kind", AccountKind.init(rawValue:)),
                floor: find.optionalInteger(2),
                balance: find.balance(from: 3)
            )
        )
        cache.accounts[key] = account
        return account
    }

    func record(_ key: StoreCache.RecordKey) throws(SQLiteError) -> StoreCache.Record {
        if let known = cache.records[key] { return known }
        guard let instance = try party(key.instance.name) else { return .absent }
        let find = statements.payments.findRecord
        defer { find.reset() }
        find.bind(instance)
        find.bind(key.kind.rawValue)
        find.bind(key.key)
        let record: StoreCache.Record
        if try find.step() {
            record = .present(
                id: find.integer(0),
                RecordRow(version: find.integer(1), content: find.bytes(2))
            )
        } else {
            record = .absent
        }
        cache.records[key] = record
        return record
    }

    private func receipt(_ key: StoreCache.ReceiptKey) throws(SQLiteError) -> Receipt? {
        if let known = cache.receipts[key] { return known }
        guard let instance = try party(key.instance.name),
            let sender = try party(key.sender.name)
        else { return nil }
        let find = statements.payments.findReceipt
        defer { find.reset() }
        find.bind(instance)
        find.bind(sender)
        find.bind(key.messageIdentification)
        guard try find.step() else { return nil }
        let digest = try find.words(1)
        let receipt = Receipt(
            uetr: try find.uuid(0),
            digest: ContentDigest(high: digest.high, low: digest.low)
        )
        cache.receipts[key] = receipt
        return receipt
    }

    private func instruction(_ number: Int64) throws(SQLiteError) -> Message {
        if let known = cache.instructions[number] { return known }
        let find = statements.links.findMessage
        defer { find.reset() }
        find.bind(number)
        guard try find.step() else {
            throw SQLiteError(
                code: 11,
                message: "a payment names message \(number), which does not exist",
                doing: "read instruction"
            )
        }
        let kind = UInt8(truncatingIfNeeded: find.integer(0))
        switch Message.decode(kind: kind, find.bytes(1)) {
        case .message(let message):
            cache.instructions[number] = message
            return message
        case .malformed: throw find.unreadable(1, "a message of its kind")
        }
    }

    /// The number of a party's name; `nil` when the database does not know it.
    func party(_ name: String) throws(SQLiteError) -> Int64? {
        if let known = cache.parties[name] { return known }
        let find = statements.links.findParty
        defer { find.reset() }
        find.bind(name)
        guard try find.step() else { return nil }
        let id = find.integer(0)
        cache.parties[name] = id
        return id
    }
}

extension Statement {
    /// The four sums in four columns.
    func balance(from column: Int32) -> Balance {
        Balance(
            postedDebits: integer(column),
            postedCredits: integer(column + 1),
            pendingDebits: integer(column + 2),
            pendingCredits: integer(column + 3)
        )
    }
}
