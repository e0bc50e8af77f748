import SelatLedger
import SelatMoney
import SelatNode
import SelatScheme
import SelatStorage
import SelatTime

/// Point reads of the log and of what was folded from it.
///
/// Dossiers and records are found by a 64-bit hash with a key of the database's own, so that the
/// index is small and nobody outside can make keys that collide.
final class Tables: StoredRows {
    private let connection: SQLiteConnection
    private let statements: RowStatements
    private let hashKey: UInt64
    let index: KeyIndex
    /// What is no longer in the tables.
    let archives: Archives

    init(
        _ connection: SQLiteConnection,
        _ statements: RowStatements,
        _ index: KeyIndex,
        _ archives: Archives
    ) throws(SQLiteError) {
        self.connection = connection
        self.statements = statements
        self.index = index
        self.archives = archives
        let key = try connection.integer("SELECT hash_key FROM folded")
        hashKey = UInt64(bitPattern: key ?? 0)
    }

    /// For a connection that only reads.
    convenience init(
        reading connection: SQLiteConnection,
        _ archives: Archives
    ) throws(SQLiteError) {
        try self.init(connection, RowStatements(connection), KeyIndex(connection), archives)
    }

    // MARK: Hashes

    func hash(of uetr: UUIDv4) -> Int64 {
        var digest = DigestWriter()
        digest.feed(hashKey)
        digest.feed(uetr.high)
        digest.feed(uetr.low)
        return Int64(bitPattern: digest.digest.low)
    }

    func hash(of receipt: ReceiptKey) -> Int64 {
        hash(receipt.instance.name, receipt.sender.name, receipt.messageIdentification)
    }

    func hash(of record: RecordKey) -> Int64 {
        hash(record.instance.name, record.kind.rawValue, record.key)
    }

    private func hash(_ first: String, _ second: String, _ third: String) -> Int64 {
        var digest = DigestWriter()
        digest.feed(hashKey)
        digest.feed(first)
        digest.feed(second)
        digest.feed(third)
        return Int64(bitPattern: digest.digest.low)
    }

    // MARK: Reading

    func dossier(_ uetr: UUIDv4) throws(StoreError) -> Dossier? {
        try dossier(hash: hash(of: uetr)) { $0.uetr == uetr }
    }

    func dossier(holding receipt: ReceiptKey, hash: Int64) throws(StoreError) -> Dossier? {
        try dossier(hash: hash) { $0.receipt(receipt) != nil }
    }

    private func dossier(
        hash: Int64,
        _ isWanted: (Dossier) -> Bool
    ) throws(StoreError) -> Dossier? {
        try asStoreError { () throws(SQLiteError) in
            for id in try index.rows(hash, .dossier) {
                if let dossier = try dossier(id: id), isWanted(dossier) { return dossier }
            }
            return nil
        }
    }

    /// What was changed lately is in the tables, the rest there or in an archive; `nil` for one
    /// that is not folded yet.
    private func dossier(id: Int64) throws(SQLiteError) -> Dossier? {
        let find = statements.findDossier
        defer { find.reset() }
        find.bind(id)
        return try find.step() ? try find.dossier() : try archives.dossier(id: id)
    }

    func record(_ key: RecordKey, hash: Int64) throws(StoreError) -> RecordEntry? {
        try asStoreError { () throws(SQLiteError) in
            for id in try index.rows(hash, .record) {
                if let entry = try record(id: id, key) { return entry }
            }
            return nil
        }
    }

    /// As `dossier(id:)`; `nil` also when the row is another key's.
    private func record(id: Int64, _ key: RecordKey) throws(SQLiteError) -> RecordEntry? {
        let find = statements.findRecord
        defer { find.reset() }
        find.bind(id)
        if try find.step() { return find.record(key) }
        return try archives.record(id: id) { $0.record(key) } ?? nil
    }

    func account(_ key: AccountKey) throws(StoreError) -> AccountEntry? {
        try asStoreError { () throws(SQLiteError) in
            let find = statements.findAccount
            defer { find.reset() }
            find.bind(key.book.name)
            find.bind(key.name)
            find.bind(key.currency.code)
            guard try find.step() else { return nil }
            return AccountEntry(
                storedAsOf: find.integer(0),
                account: try find.account(key, from: 1)
            )
        }
    }

    func logged(_ number: Int64) throws(StoreError) -> LoggedBatch {
        try asStoreError { () throws(SQLiteError) in try batch(number) }
    }

    /// One batch of the log.
    func batch(_ number: Int64) throws(SQLiteError) -> LoggedBatch {
        let find = statements.findBatch
        defer { find.reset() }
        find.bind(number)
        if try find.step() { return try find.loggedBatch() }
        if let batch = try archives.batch(number) { return batch }
        throw SQLiteError.corrupt("batch \(number) is not in the log", doing: "read batch")
    }

    /// The log from its first batch on.
    var log: BatchLog { BatchLog(connection, archives) }
}

extension Statement {
    /// Id, last batch and content, in the first three columns.
    func dossier() throws(SQLiteError) -> Dossier {
        let (id, asOf) = (integer(0), integer(1))
        do throws(BatchError) {
            return try Dossier(bytes(2), id: id, asOf: asOf)
        } catch {
            throw .corrupt("dossier \(id): \(error)", doing: "read dossier")
        }
    }

    /// The record in the columns of `RowStatements.record`, if it is under that key.
    func record(_ key: RecordKey) -> RecordEntry? {
        guard text(4) == key.key, text(2) == key.instance.name, text(3) == key.kind.rawValue
        else { return nil }
        return RecordEntry(
            id: integer(0),
            storedAsOf: integer(1),
            row: RecordRow(version: integer(5), content: bytes(6))
        )
    }

    /// Id, size, check sum and block, in the first four columns.
    func loggedBatch() throws(SQLiteError) -> LoggedBatch {
        let number = integer(0)
        let packed = PackedBatch(size: Int(integer(1)), checkSum: bits(2), block: bytes(3))
        guard let content = packed.unpacked() else {
            throw .corrupt("batch \(number) does not agree with its check sum", doing: "read batch")
        }
        do throws(BatchError) {
            return try LoggedBatch(content)
        } catch {
            throw .corrupt("batch \(number): \(error)", doing: "read batch")
        }
    }

    /// Kind, floor and the four sums, in six columns.
    func account(_ key: AccountKey, from column: Int32) throws(SQLiteError) -> LedgerAccount {
        LedgerAccount(
            key: key,
            kind: try parsed(column, "an account kind", AccountKind.init(rawValue:)),
            floor: optionalInteger(column + 1),
            balance: Balance(
                postedDebits: integer(column + 2),
                postedCredits: integer(column + 3),
                pendingDebits: integer(column + 4),
                pendingCredits: integer(column + 5)
            )
        )
    }
}
