import CCheckedPages
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
    private let path: String

    /// Evaluated once per process. Fails harmlessly when something else uses SQLite already.
    private static let isConfigured =
        selat_disable_memory_statistics() == SQLITE_OK
        && selat_bound_page_caches() == SQLITE_OK
        && selat_register_checked_pages() == SQLITE_OK

    /// `vfs`: as `MarkedPages` says; `nil` for SQLite's own.
    init(path: String, mode: Mode, vfs: String?) throws(SQLiteError) {
        _ = SQLiteConnection.isConfigured
        self.path = path
        let flags =
            switch mode {
            case .write: SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX
            case .read: SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX
            }
        var opened: OpaquePointer?
        let code = unsafe sqlite3_open_v2(path, &opened, flags, vfs)
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
    func snapshot<Value: ~Copyable>(
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

    /// Copies what it can of the log back, without waiting for anybody. Answers what failed; that
    /// somebody was in the way, or it was cut short, is no failure.
    func checkpoint() -> String? {
        let code = unsafe sqlite3_wal_checkpoint_v2(
            handle,
            nil,
            SQLITE_CHECKPOINT_PASSIVE,
            nil,
            nil
        )
        switch code & 0xFF {
        case SQLITE_OK, SQLITE_BUSY, SQLITE_LOCKED, SQLITE_INTERRUPT: return nil
        default: return error(code, doing: "copy the log back").description
        }
    }

    /// Syncs the database after every so many pages that this connection copies back. Without
    /// marks in its pages nothing comes of it.
    func syncs(every pages: Int32) {
        var pages = pages
        _ = unsafe sqlite3_file_control(handle, "main", SELAT_FCNTL_SYNC_EVERY, &pages)
    }

    /// Syncs what `checkpoint` copied back, where it did not itself. Answers what failed.
    func syncRest() -> String? {
        let code = unsafe sqlite3_file_control(handle, "main", SELAT_FCNTL_SYNC_REST, nil)
        guard code != SQLITE_OK, code != SQLITE_NOTFOUND else { return nil }
        return error(code, doing: "sync the database").description
    }

    /// The log as any connection's last commit left it; `nil` when that cannot be told. Costs
    /// neither a lock nor a call to the system.
    var logState: LogState? {
        var state = LogState()
        let code = unsafe withUnsafeMutableBytes(of: &state) { bytes in
            unsafe sqlite3_file_control(
                handle,
                "main",
                SELAT_FCNTL_LOG_STATE,
                bytes.baseAddress
            )
        }
        return code == SQLITE_OK ? state : nil
    }

    var isInTransaction: Bool { unsafe sqlite3_get_autocommit(handle) == 0 }

    func error(_ code: Int32, doing sql: String) -> SQLiteError {
        let message = unsafe String(cString: sqlite3_errmsg(handle))
        return SQLiteError(
            code: code,
            message: damagedPage(code) ?? message,
            doing: SQLiteError.firstWords(sql)
        )
    }

    /// Which page was refused, where that is the error.
    private func damagedPage(_ code: Int32) -> String? {
        guard code == SQLiteError.damagedPage else { return nil }
        var page: Int64 = 0
        _ = unsafe sqlite3_file_control(handle, "main", SELAT_FCNTL_DAMAGED_PAGE, &page)
        return "page \(page) of \(path) does not agree with its mark"
    }

    /// Closing copies nothing back: after an error what the system shows is not to be trusted.
    func closeWithoutCheckpoint() {
        _ = unsafe selat_close_without_checkpoint(UnsafeMutableRawPointer(handle))
    }
}

/// The header of the log's index, whatever it says: each commit changes it.
struct LogState: Equatable {
    private var words = (
        0 as UInt64, 0 as UInt64, 0 as UInt64, 0 as UInt64, 0 as UInt64, 0 as UInt64
    )

    static func == (left: LogState, right: LogState) -> Bool { left.words == right.words }
}
