import CSQLite

/// One connection; used by one thread at a time.
///
/// SAFETY: `handle` is opened in `init` and closed in `deinit`; SQLite keeps a closed connection
/// alive until its last statement is finalised (`sqlite3_close_v2`), so the order in which this
/// and its statements go does not matter.
@safe
final class SQLiteConnection {
    enum Mode {
        case write
        case read
    }

    let handle: OpaquePointer

    /// Evaluated once per process. Fails harmlessly when something else uses SQLite already.
    private static let isConfigured = selat_disable_memory_statistics() == SQLITE_OK

    init(path: String, mode: Mode) throws(SQLiteError) {
        _ = SQLiteConnection.isConfigured
        let flags =
            switch mode {
            case .write: SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX
            case .read: SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX
            }
        var opened: OpaquePointer?
        let code = unsafe sqlite3_open_v2(path, &opened, flags, nil)
        guard let handle = unsafe opened else {
            throw SQLiteError(code: code, message: "out of memory", doing: "open \(path)")
        }
        guard code == SQLITE_OK else {
            let message = unsafe String(cString: sqlite3_errmsg(handle))
            _ = unsafe sqlite3_close_v2(handle)
            throw SQLiteError(code: code, message: message, doing: "open \(path)")
        }
        unsafe self.handle = handle
        _ = unsafe sqlite3_extended_result_codes(handle, 1)
        _ = unsafe sqlite3_busy_timeout(handle, 5000)
    }

    deinit { _ = unsafe sqlite3_close_v2(handle) }

    /// Runs one or several statements that answer nothing.
    func execute(_ sql: String) throws(SQLiteError) {
        let code = unsafe sqlite3_exec(handle, sql, nil, nil, nil)
        guard code == SQLITE_OK else { throw error(code, doing: sql) }
    }

    /// The first column of the first row, as an integer.
    func integer(_ sql: String) throws(SQLiteError) -> Int64? {
        let statement = try Statement(self, sql)
        return try statement.step() ? statement.integer(0) : nil
    }

    /// The first column of the first row, as text.
    func text(_ sql: String) throws(SQLiteError) -> String? {
        let statement = try Statement(self, sql)
        return try statement.step() ? statement.text(0) : nil
    }

    /// All that `body` reads is of one moment.
    func snapshot<Value>(
        _ body: () throws(SQLiteError) -> Value
    ) throws(SQLiteError) -> Value {
        try execute("BEGIN")
        do {
            let value = try body()
            try execute("COMMIT")
            return value
        } catch {
            if isInTransaction { try execute("ROLLBACK") }
            throw error
        }
    }

    var isInTransaction: Bool { unsafe sqlite3_get_autocommit(handle) == 0 }

    func error(_ code: Int32, doing sql: String) -> SQLiteError {
        SQLiteError(
            code: code,
            message: unsafe String(cString: sqlite3_errmsg(handle)),
            doing: SQLiteError.firstWords(sql)
        )
    }
}
