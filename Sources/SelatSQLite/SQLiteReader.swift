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
    /// Links followed.
    private let path: String

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
        self.path = try realPath(of: path)
    }

    /// What `read` makes of the database at one moment; archives are those registered then.
    private func atOneMoment<Value: ~Copyable>(
        _ read: (SQLiteConnection, Tables) throws(SQLiteError) -> Value
    ) throws(StoreError) -> Value {
        try asStoreError { () throws(SQLiteError) in
            try connection.snapshot { () throws(SQLiteError) in
                let archives = try Archives(connection, beside: path)
                let tables = try Tables(reading: connection, archives)
                return try read(connection, tables)
            }
        }
    }

    /// Everything the log holds. Each batch is checked again as it was before its commit, and the
    /// tables are compared with what the log leads to.
    ///
    /// Throws `.corrupt` when either fails.
    package func dump() throws(StoreError) -> NodeDump {
        try atOneMoment { connection, tables throws(SQLiteError) in
            try DumpReader(connection, tables).all()
        }
    }

    /// The database as it is now, for an audit: one snapshot, however long it is read.
    ///
    /// - Parameter node: Whose it is.
    /// - Returns: Nothing else may read through this reader meanwhile.
    /// - Throws: `.corrupt` when the database is damaged.
    package func history(of node: LinkID) throws(StoreError) -> SQLiteHistory {
        try asStoreError { () throws(SQLiteError) in
            try connection.execute("BEGIN")
            return try SQLiteHistory(node: node, connection, path: path)
        }
    }

    /// What the log holds about one payment, at any of its instances: rows, journals, history,
    /// alerts and messages. Reads the batches that mention it, however large the database is,
    /// and those that are not folded yet.
    package func dump(about uetr: UUIDv4) throws(StoreError) -> NodeDump {
        try atOneMoment { connection, tables throws(SQLiteError) in
            try DumpReader(connection, tables).about(uetr)
        }
    }

    /// One batch of the log, as the core made it; `nil` when the log ends before it.
    package func batch(_ number: Int64) throws(StoreError) -> CommitBatch? {
        try atOneMoment { _, tables throws(SQLiteError) in
            guard number > 0, let last = try tables.log.end()?.batch, number <= last else {
                return nil
            }
            let logged = try tables.batch(number)
            do throws(BatchError) { return try logged.commitBatch() } catch {
                throw .corrupt("batch \(number): \(error)", doing: "read batch")
            }
        }
    }

    /// The last batch and its instant.
    func end() throws(StoreError) -> (batch: Int64, at: Instant) {
        let end = try atOneMoment { _, tables throws(SQLiteError) in try tables.log.end() }
        return end.map { ($0.batch, Instant(nanoseconds: $0.at)) } ?? (0, Instant.distantPast)
    }

    /// Where the log stands: what is folded, and the batches behind it.
    func state() throws(StoreError) -> LiveState {
        try atOneMoment { connection, tables throws(SQLiteError) in
            try Recovery(connection, tables).state()
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
        try atOneMoment { _, tables throws(SQLiteError) in
            try LogSearch(tables.log).messages(
                direction,
                link,
                epoch: epoch,
                from: first,
                through: last
            )
        }
    }

    /// The archives that the database has registered, in the order of the log.
    ///
    /// Throws `.unavailable` when one is missing, `.corrupt` when one is damaged or another file.
    package func archives() throws(StoreError) -> [Archive] {
        try atOneMoment { _, tables throws(SQLiteError) in
            try tables.archives.check()
            return tables.archives.registered
        }
    }

    /// The same, but their files are not looked at.
    func registeredArchives() throws(StoreError) -> [Archive] {
        try atOneMoment { _, tables throws(SQLiteError) in tables.archives.registered }
    }

    /// The database's size at this moment.
    package func size() throws(StoreError) -> DatabaseSize {
        try atOneMoment { connection, _ throws(SQLiteError) in
            let page = try connection.integer("PRAGMA page_size") ?? 0
            return DatabaseSize(
                bytes: page * (try connection.integer("PRAGMA page_count") ?? 0),
                freeBytes: page * (try connection.integer("PRAGMA freelist_count") ?? 0)
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

/// How large a database is, without its archives and without SQLite's log.
package struct DatabaseSize: Hashable, Sendable {
    package var bytes: Int64 = 0
    /// Of these, what holds nothing and is used again.
    package var freeBytes: Int64 = 0

    package init() {}

    init(bytes: Int64, freeBytes: Int64) {
        self.bytes = bytes
        self.freeBytes = freeBytes
    }
}
