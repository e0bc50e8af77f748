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

    var description: String { "\(doing): \(message) (SQLite result \(code))\(remedy)" }

    /// What to do about it, where that can be told.
    private var remedy: String {
        switch code & 0xFF {
        case SQLITE_FULL: "; make room on its disk, then start the node again"
        case SQLITE_IOERR where code != SQLiteError.damagedPage:
            "; examine the disk, and start the node again when it is sound"
        default: ""
        }
    }

    /// The disk did not do what it was told; what it shows from now on may not be what it holds.
    var isOfTheDisk: Bool { code & 0xFF == SQLITE_IOERR }

    /// SQLITE_IOERR_DATA: a page's mark is wrong.
    static let damagedPage = SQLITE_IOERR | (32 << 8)

    static let cannotOpen = SQLITE_CANTOPEN

    /// What was read is not what this program writes.
    static func corrupt(_ what: String, doing: String) -> SQLiteError {
        SQLiteError(code: SQLITE_CORRUPT, message: what, doing: doing)
    }

    /// Enough of a statement to know which.
    static func firstWords(_ sql: String) -> String {
        sql.split(maxSplits: 4, omittingEmptySubsequences: true, whereSeparator: \.isWhitespace)
            .prefix(4).joined(separator: " ")
    }

    /// The error as the seam knows it.
    var storeError: StoreError {
        guard code != SQLiteError.damagedPage else { return .corrupt(description) }
        return switch code & 0xFF {
        case SQLITE_CORRUPT, SQLITE_NOTADB: .corrupt(description)
        default: .unavailable(description)
        }
    }
}

/// Runs `body` with its error as the seam knows it.
func asStoreError<Value: ~Copyable>(
    _ body: () throws(SQLiteError) -> Value
) throws(StoreError) -> Value {
    do { return try body() } catch { throw error.storeError }
}
