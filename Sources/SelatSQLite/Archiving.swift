import CCheckedPages
package import SelatNode
import SelatScheme
package import SelatTime

/// Copies a part of a database's past into an archive, while the node runs or not. The database
/// itself is only read; whoever writes it registers the archive afterwards.
/// Source: Specs/Protocol/Database.md, "Archives".
package final class Archiving {
    private let connection: SQLiteConnection
    private let archives: Archives
    private let folded: Int64
    /// One process at a time writes archives of a database. The node's own lock is another.
    private let lock: WriterLock

    /// Rows that are read at a time. A reader that stays for longer keeps SQLite's log from being
    /// used again; batches never change, and of other rows each says itself how far it goes.
    private static let rows: Int64 = 2048

    private init(_ path: String) throws(StoreError) {
        let path = try realPath(of: path)
        lock = try WriterLock(database: path + ".archiving")
        let pages = try MarkedPages(path: path)
        let connection = try asStoreError { () throws(SQLiteError) in
            try SQLiteConnection(path: path, mode: .read, vfs: pages.vfs)
        }
        let opening = Opening(connection)
        try opening.checkIdentity()
        try opening.checkIsCurrent()
        (archives, folded) = try asStoreError { () throws(SQLiteError) in
            (
                try Archives(connection, beside: path),
                try connection.integer("SELECT batch FROM folded") ?? 0
            )
        }
        self.connection = connection
    }

    /// Writes the next archive of a database: what is folded of the first month that is not in
    /// one, as far as it lies before an instant. The file of an earlier run that was not
    /// registered is taken as it is.
    ///
    /// - Parameters:
    ///   - path: The database's.
    ///   - instant: Nothing of this moment or later is taken.
    /// - Returns: The archive, to be registered; `nil` when there is nothing to do.
    /// - Throws: `.unavailable` when the file cannot be written or another process archives,
    ///   `.corrupt` when the database is damaged.
    package static func writeNext(
        of path: String,
        before instant: Instant
    ) throws(StoreError) -> Archive? {
        let archiving = try Archiving(path)
        let next = try asStoreError { () throws(SQLiteError) in
            try archiving.next(before: instant)
        }
        guard let (month, batches) = next else { return nil }
        var number = 1
        while true {
            let name = "\(month).\(number)"
            let target = archiving.archives.candidate(name)
            if fileSize(target) == nil { return try archiving.write(name, batches, to: target) }
            if let written = archiving.registrable(name) { return written }
            number += 1
        }
    }

    /// The archive in a file that could be registered now; `nil` for any other file, which is
    /// left alone.
    private func registrable(_ name: String) -> Archive? {
        do throws(SQLiteError) {
            let file = try ArchiveFile(archives.candidate(name))
            let objection = try archives.objection(to: file, folded: folded, name)
            return objection == nil ? file.archive : nil
        } catch {
            return nil
        }
    }

    // MARK: What

    private func next(
        before instant: Instant
    ) throws(SQLiteError) -> (Month, ClosedRange<Int64>)? {
        let first = archives.lastBatch + 1
        guard first <= folded else { return nil }
        let start = try at(first)
        guard start < instant else { return nil }
        let month = Month(of: start)
        return (month, first...(try last(before: min(month.end, instant), from: first)))
    }

    private func at(_ batch: Int64) throws(SQLiteError) -> Instant {
        guard let at = try connection.integer("SELECT at FROM batch WHERE id = \(batch)") else {
            throw .corrupt("batch \(batch) is not in the log", doing: "read batch")
        }
        return Instant(nanoseconds: at)
    }

    /// A node's clock never runs back, so batches lie in the order of their instants.
    private func last(before instant: Instant, from first: Int64) throws(SQLiteError) -> Int64 {
        var (last, behind) = (first, folded + 1)
        while last + 1 < behind {
            let middle = last + (behind - last) / 2
            if try at(middle) < instant { last = middle } else { behind = middle }
        }
        return last
    }

    // MARK: Writing

    private func write(
        _ name: String,
        _ batches: ClosedRange<Int64>,
        to target: String
    ) throws(StoreError) -> Archive {
        let part = target + ".part"
        removeDatabase(part)
        do throws(StoreError) {
            try createPrivateFile(part)
            let archive = try asStoreError { () throws(SQLiteError) in
                try copy(name, batches, to: part)
            }
            try RawFile(part, writable: true)?.sync()
            try move(part, to: target)
            return archive
        } catch {
            removeDatabase(part)
            throw error
        }
    }

    /// Until the file has its name it is worth nothing. It is synced as it grows all the same: a
    /// disk that gets gigabytes at once keeps the node's commits waiting.
    private func copy(
        _ name: String,
        _ batches: ClosedRange<Int64>,
        to part: String
    ) throws(SQLiteError) -> Archive {
        let target = try SQLiteConnection(path: part, mode: .write, vfs: SELAT_VFS_STRICT)
        try target.execute("PRAGMA page_size = 4096")
        _ = unsafe selat_reserve_page_marks(UnsafeMutableRawPointer(target.handle))
        try target.execute(
            """
            PRAGMA journal_mode = OFF;
            PRAGMA synchronous = FULL;
            PRAGMA application_id = \(ArchiveFile.applicationID);
            PRAGMA user_version = \(ArchiveFile.version);
            \(ArchiveFile.schema)
            """
        )
        // What is as old as the archive before this one is in that, unless it was not at rest.
        let isDue = "as_of > \(archives.lastBatch) AND as_of <= \(batches.upperBound)"
        let archive = Archive(
            name: name,
            batches: batches,
            checkSum: try copyLog(batches, to: target),
            dossiers: try copy(
                "dossier",
                "id, as_of, content",
                where: "\(isDue) AND due IS NULL",
                to: target
            ),
            records: try copy(
                "record",
                "id, as_of, instance, kind, key, version, content",
                where: "\(isDue) AND kind = '\(RecordKind.quote.rawValue)'",
                to: target
            )
        )
        let insert = try Statement(
            target,
            """
            INSERT INTO archive (id, database, \(Archive.columns))
            VALUES (1, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """
        )
        insert.bind(try connection.integer("SELECT hash_key FROM folded"))
        archive.bind(to: insert)
        try insert.run()
        return archive
    }

    /// Each batch is held to its check sum on the way.
    ///
    /// - Returns: The last one's.
    private func copyLog(
        _ batches: ClosedRange<Int64>,
        to target: SQLiteConnection
    ) throws(SQLiteError) -> Int64 {
        let read = try Statement(
            connection,
            """
            SELECT id, at, size, check_sum, content FROM batch
            WHERE id BETWEEN ? AND ? ORDER BY id
            """
        )
        let insert = try Statement(target, "INSERT INTO batch VALUES (?, ?, ?, ?, ?)")
        var (next, sum) = (batches.lowerBound, Int64(0))
        while next <= batches.upperBound {
            read.bind(next)
            read.bind(min(next + Archiving.rows - 1, batches.upperBound))
            let begun = next
            try target.execute("BEGIN")
            while try read.step() {
                sum = read.integer(3)
                guard read.integer(0) == next, PackedBatch.sum(of: read.bytes(4)) == read.bits(3)
                else {
                    throw .corrupt(
                        "batch \(next) is missing or does not agree with its check sum",
                        doing: "copy the log"
                    )
                }
                insert.bind(read, columns: 5)
                try insert.run()
                next += 1
            }
            read.reset()
            try target.execute("COMMIT")
            guard next > begun else {
                throw .corrupt("batch \(next) is not in the log", doing: "copy the log")
            }
        }
        return sum
    }

    /// - Returns: How many rows, and the id of the last; 0 and 0 when there are none.
    private func copy(
        _ table: String,
        _ columns: String,
        where condition: String,
        to target: SQLiteConnection
    ) throws(SQLiteError) -> (count: Int64, last: Int64) {
        // What comes later is younger than the archive's last batch.
        let end = try connection.integer("SELECT max(id) FROM \(table)") ?? 0
        let read = try Statement(
            connection,
            """
            SELECT \(columns) FROM \(table)
            WHERE id > ? AND id <= ? AND \(condition) ORDER BY id
            """
        )
        let count = Int32(columns.split(separator: ",").count)
        let places = Array(repeating: "?", count: Int(count)).joined(separator: ", ")
        let insert = try Statement(target, "INSERT INTO \(table) VALUES (\(places))")
        var (copied, last, looked) = (Int64(0), Int64(0), Int64(0))
        while looked < end {
            read.bind(looked)
            read.bind(looked + Archiving.rows)
            try target.execute("BEGIN")
            while try read.step() {
                insert.bind(read, columns: count)
                try insert.run()
                copied += 1
                last = read.integer(0)
            }
            read.reset()
            try target.execute("COMMIT")
            looked += Archiving.rows
        }
        return (copied, last)
    }
}
