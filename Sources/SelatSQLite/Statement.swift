import CSQLite

/// A prepared statement, kept for the life of its connection. Values are bound in the order of
/// the statement's parameters; `run` and `reset` begin again at the first.
///
/// SAFETY: `handle` is prepared in `init` and finalised in `deinit`. Everything bound is copied
/// by SQLite, but for what is bound `untilRun`, which its caller keeps in place; everything read is
/// copied out before the next step.
@safe
final class Statement {
    private let handle: OpaquePointer
    private let connection: SQLiteConnection
    private let sql: String
    private var position: Int32 = 0
    /// The first failed binding; reported by the next step.
    private var bindingCode = SQLITE_OK

    init(_ connection: SQLiteConnection, _ sql: String) throws(SQLiteError) {
        var prepared: OpaquePointer?
        let flags = UInt32(SQLITE_PREPARE_PERSISTENT)
        let code = unsafe sqlite3_prepare_v3(connection.handle, sql, -1, flags, &prepared, nil)
        guard code == SQLITE_OK, let handle = unsafe prepared else {
            throw connection.error(code, doing: sql)
        }
        unsafe self.handle = handle
        self.connection = connection
        self.sql = sql
    }

    deinit { _ = unsafe sqlite3_finalize(handle) }

    // MARK: Binding

    func bind(_ value: Int64) {
        let index = next()
        note(unsafe sqlite3_bind_int64(handle, index, value))
    }

    func bind(_ value: Int64?) {
        if let value { bind(value) } else { bindNull() }
    }

    /// As the integer of the same 64 bits.
    func bind(bits value: UInt64) { bind(Int64(bitPattern: value)) }

    func bind(_ text: String) {
        let index = next()
        var text = text
        let code = text.withUTF8 { bytes in
            unsafe selat_bind_text(handle, index, bytes.baseAddress, Int32(bytes.count))
        }
        note(code)
    }

    func bind(_ bytes: [UInt8]) {
        let index = next()
        let code = unsafe bytes.withUnsafeBytes { bytes in
            unsafe selat_bind_blob(handle, index, bytes.baseAddress, Int32(bytes.count))
        }
        note(code)
    }

    /// Bytes that SQLite does not copy: they stay as they are until `run` returns or throws. Then
    /// nothing reads them any more, since every parameter is bound again before the next run.
    @unsafe
    func bind(untilRun bytes: UnsafeRawBufferPointer) {
        let index = next()
        note(unsafe selat_bind_static_blob(handle, index, bytes.baseAddress, Int32(bytes.count)))
    }

    /// The UTF-8 of a text, likewise.
    @unsafe
    func bind(textUntilRun bytes: UnsafeRawBufferPointer) {
        let index = next()
        note(unsafe selat_bind_static_text(handle, index, bytes.baseAddress, Int32(bytes.count)))
    }

    func bindNull() {
        let index = next()
        note(unsafe sqlite3_bind_null(handle, index))
    }

    /// The first columns of the row that another statement stands at, as they are.
    func bind(_ row: Statement, columns: Int32) {
        for column in 0..<columns {
            let index = next()
            note(unsafe sqlite3_bind_value(handle, index, sqlite3_column_value(row.handle, column)))
        }
    }

    private func next() -> Int32 {
        position += 1
        return position
    }

    private func note(_ code: Int32) {
        if bindingCode == SQLITE_OK { bindingCode = code }
    }

    // MARK: Running

    /// True while there is a row to read.
    func step() throws(SQLiteError) -> Bool {
        guard bindingCode == SQLITE_OK else {
            let code = bindingCode
            reset()
            throw connection.error(code, doing: sql)
        }
        let code = unsafe sqlite3_step(handle)
        switch code {
        case SQLITE_ROW: return true
        case SQLITE_DONE: return false
        default:
            // The message belongs to the step: read it before the reset.
            let error = connection.error(code, doing: sql)
            reset()
            throw error
        }
    }

    /// Runs to the end and answers the number of rows changed.
    @discardableResult
    func run() throws(SQLiteError) -> Int64 {
        while try step() {}
        reset()
        return unsafe sqlite3_changes64(connection.handle)
    }

    func reset() {
        _ = unsafe sqlite3_reset(handle)
        position = 0
        bindingCode = SQLITE_OK
    }

    // MARK: Reading

    func isNull(_ column: Int32) -> Bool {
        unsafe sqlite3_column_type(handle, column) == SQLITE_NULL
    }

    func integer(_ column: Int32) -> Int64 { unsafe sqlite3_column_int64(handle, column) }

    func optionalInteger(_ column: Int32) -> Int64? { isNull(column) ? nil : integer(column) }

    /// The unsigned value of the same 64 bits.
    func bits(_ column: Int32) -> UInt64 { UInt64(bitPattern: integer(column)) }

    func text(_ column: Int32) -> String {
        guard let start = unsafe sqlite3_column_text(handle, column) else { return "" }
        let count = Int(unsafe sqlite3_column_bytes(handle, column))
        return unsafe String(
            decoding: UnsafeBufferPointer(start: start, count: count),
            as: UTF8.self
        )
    }

    func bytes(_ column: Int32) -> [UInt8] {
        guard let start = unsafe sqlite3_column_blob(handle, column) else { return [] }
        let count = Int(unsafe sqlite3_column_bytes(handle, column))
        return unsafe Array(UnsafeRawBufferPointer(start: start, count: count))
    }

    /// Text as a value of a closed set.
    func parsed<Value>(
        _ column: Int32,
        _ expected: String,
        _ parse: (String) -> Value?
    ) throws(SQLiteError) -> Value {
        guard let value = parse(text(column)) else { throw unreadable(column, expected) }
        return value
    }

    /// The column does not hold what this program writes into it.
    func unreadable(_ column: Int32, _ expected: String) -> SQLiteError {
        let name = unsafe sqlite3_column_name(handle, column).map { unsafe String(cString: $0) }
        return SQLiteError(
            code: SQLITE_CORRUPT,
            message: "column \(name ?? "\(column)") does not hold \(expected)",
            doing: SQLiteError.firstWords(sql)
        )
    }
}
