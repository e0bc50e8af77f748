import CSQLite

/// The reference for a commit: the same rows as plain rows of one table, a batch in one transaction
/// of a WAL database with `synchronous=FULL`.
///
/// SAFETY: statement and connection are used by this type only, which finalises both; what is bound
/// stays where it is until the step is done.
@safe
struct RawRows: ~Copyable {
    /// Bytes of the rows of one payment: two messages, the payment, its receipt, the quote's
    /// record, the journal and two steps of history.
    static let sizes = [2500, 2500, 400, 100, 300, 200, 80, 80]

    private let database: OpaquePointer
    private let insert: OpaquePointer
    private let rows: [[UInt8]]

    init?(_ path: String) {
        var database: OpaquePointer?
        var insert: OpaquePointer?
        guard unsafe sqlite3_open(path, &database) == SQLITE_OK, let opened = unsafe database
        else { return nil }
        let setting = """
            PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
            CREATE TABLE row (id INTEGER PRIMARY KEY, content BLOB NOT NULL)
            """
        guard unsafe sqlite3_exec(opened, setting, nil, nil, nil) == SQLITE_OK,
            unsafe sqlite3_prepare_v2(
                opened,
                "INSERT INTO row (content) VALUES (?)",
                -1,
                &insert,
                nil
            ) == SQLITE_OK, let prepared = unsafe insert
        else { return nil }
        unsafe self.database = opened
        unsafe self.insert = prepared
        rows = RawRows.sizes.map { size in (0..<size).map { UInt8(32 + $0 % 90) } }
    }

    deinit {
        unsafe sqlite3_finalize(insert)
        unsafe sqlite3_close(database)
    }

    /// Commits the rows of `payments` payments; false when SQLite would not.
    func commit(_ payments: Int) -> Bool {
        guard run("BEGIN IMMEDIATE") else { return false }
        for _ in 0..<payments {
            for row in rows {
                let isInserted = unsafe row.withUnsafeBytes { row in
                    unsafe sqlite3_bind_blob(insert, 1, row.baseAddress, Int32(row.count), nil)
                        == SQLITE_OK && sqlite3_step(insert) == SQLITE_DONE
                }
                guard isInserted, unsafe sqlite3_reset(insert) == SQLITE_OK else { return false }
            }
        }
        return run("COMMIT")
    }

    private func run(_ statement: String) -> Bool {
        unsafe sqlite3_exec(database, statement, nil, nil, nil) == SQLITE_OK
    }
}
