import CSQLite
import SelatNode

/// What SQLite answered instead of doing its work. Never holds a value that was to be written.
struct SQLiteError: Error, Hashable, CustomStringConvertible {
    /// The extended result code. Source: https://sqlite.org/rescode.html
    let code: Int32
    /// SQLite's own sentence; it names tables and columns, not their content.
    let message: String
    /// What was being done: the statement's first words, or a step of opening.
    let doing: String

    var description: String { "\(doing): \(message) (SQLite result \(code))" }

    /// A unique index or primary key holds the row already.
    var isUniqueViolation: Bool {
        // SQLITE_CONSTRAINT_PRIMARYKEY, _UNIQUE and _ROWID: macros with shifts, not imported.
        code == 1555 || code == 2067 || code == 2579
    }

    /// A CHECK, or a sum that no longer is a 64-bit integer.
    var isRangeViolation: Bool {
        // SQLITE_CONSTRAINT_CHECK and _DATATYPE.
        code == 275 || code == 3091
    }

    /// Enough of a statement to know which.
    static func firstWords(_ sql: String) -> String {
        sql.split(maxSplits: 4, omittingEmptySubsequences: true, whereSeparator: \.isWhitespace)
            .prefix(4).joined(separator: " ")
    }

    /// The error as the seam knows it.
    var storeError: StoreError {
        switch code & 0xFF {
        case SQLITE_CORRUPT, SQLITE_NOTADB: .corrupt(description)
        default: .unavailable(description)
        }
    }
}

/// Runs `body` with its error as the seam knows it.
func asStoreError<Value>(
    _ body: () throws(SQLiteError) -> Value
) throws(StoreError) -> Value {
    do { return try body() } catch { throw error.storeError }
}

/// Why a batch was not written.
enum Refusal: Error, Hashable {
    case conflict
    case failed(String)

    init(_ error: SQLiteError) { self = .failed(error.description) }

    /// For an insertion whose absence was a fact.
    init(insertion error: SQLiteError) {
        self = error.isUniqueViolation ? .conflict : .failed(error.description)
    }

    init(_ error: StoreError) { self = .failed(error.description) }
}
