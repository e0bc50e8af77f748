import SelatLedger
import SelatMoney
package import SelatNode
import SelatScheme
package import SelatStorage
package import SelatTime

/// Reads a database, also while its node runs, and never writes it.
///
/// Each dump is one snapshot: what was committed at its first read, and nothing later.
package final class SQLiteReader {
    private let connection: SQLiteConnection

    /// Throws `.unavailable` when there is no such database, `.wrongVersion` when its schema is
    /// not this program's, `.corrupt` when it is damaged.
    package init(path: String) throws(StoreError) {
        let pages = try MarkedPages(path: path)
        connection = try asStoreError { () throws(SQLiteError) in
            try SQLiteConnection(path: path, mode: .read, vfs: pages.vfs)
        }
        let opening = Opening(connection)
        try opening.checkIdentity()
        try opening.checkIsCurrent()
    }

    /// Everything the log holds. Each batch is checked again as it was before its commit, and the
    /// tables are compared with what the log leads to.
    ///
    /// Throws `.corrupt` when either fails.
    package func dump() throws(StoreError) -> NodeDump {
        try asStoreError { () throws(SQLiteError) in
            try connection.snapshot { () throws(SQLiteError) in
                try DumpReader(connection).all()
            }
        }
    }

    /// What the log holds about one payment, at any of its instances: rows, journals, history,
    /// alerts and messages. Reads the batches that mention it, however large the database is,
    /// and those that are not folded yet.
    package func dump(about uetr: UUIDv4) throws(StoreError) -> NodeDump {
        try asStoreError { () throws(SQLiteError) in
            try connection.snapshot { () throws(SQLiteError) in
                try DumpReader(connection).about(uetr)
            }
        }
    }

    /// One batch of the log, as the core made it; `nil` when the log ends before it.
    package func batch(_ number: Int64) throws(StoreError) -> CommitBatch? {
        try asStoreError { () throws(SQLiteError) in
            let find = try Statement(
                connection,
                "SELECT id, size, check_sum, content FROM batch WHERE id = ?"
            )
            find.bind(number)
            guard try find.step() else { return nil }
            let logged = try find.loggedBatch()
            do throws(BatchError) { return try logged.commitBatch() } catch {
                throw .corrupt("batch \(number): \(error)", doing: "read batch")
            }
        }
    }

    /// The last batch and its instant.
    func end() throws(StoreError) -> (batch: Int64, at: Instant) {
        try asStoreError { () throws(SQLiteError) in
            let last = try Statement(
                connection,
                "SELECT id, at FROM batch ORDER BY id DESC LIMIT 1"
            )
            guard try last.step() else { return (0, Instant.distantPast) }
            return (last.integer(0), Instant(nanoseconds: last.integer(1)))
        }
    }

    /// Where the log stands: what is folded, and the batches behind it.
    func state() throws(StoreError) -> LiveState {
        try asStoreError { () throws(SQLiteError) in
            try connection.snapshot { () throws(SQLiteError) in
                let tables = try Tables(reading: connection)
                return try Recovery(connection, tables).state()
            }
        }
    }

    /// Messages of a link in one direction and epoch, in sequence.
    func messages(
        _ direction: StoredMessage.Direction,
        _ link: LinkID,
        epoch: UInt64,
        from first: UInt64,
        through last: UInt64
    ) throws(StoreError) -> [RetainedMessage] {
        try asStoreError { () throws(SQLiteError) in
            try LogSearch(connection).messages(
                direction,
                link,
                epoch: epoch,
                from: first,
                through: last
            )
        }
    }

    /// `ok`, or what SQLite found wrong with the file. Reads all of it.
    package func checkIntegrity() throws(StoreError) -> String {
        try asStoreError { () throws(SQLiteError) in
            try connection.text("PRAGMA integrity_check(1)") ?? "no answer"
        }
    }
}
