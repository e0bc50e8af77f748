import Glibc
package import SelatNode
import SelatStorage
package import SelatTime

/// Copies of a node's database, made while the node runs. Source: Specs/Disk.md.
package struct Backup: Hashable, Sendable {
    /// Its last batch.
    package let lastBatch: Int64
    /// When that was.
    package let greatestInstant: Instant

    /// How far a database goes.
    ///
    /// Throws `.unavailable` when there is none, `.corrupt` when it is damaged.
    package init(reading path: String) throws(StoreError) {
        let (batch, at) = try SQLiteReader(path: path).end()
        lastBatch = batch
        greatestInstant = at
    }

    /// Copies a database as it is at this moment to a new file, and its archives beside that. Each
    /// page it reads is held to its mark, so that damage does not get into a backup.
    ///
    /// Throws `.unavailable` when `target` exists or cannot be written, `.corrupt` for damage.
    package static func make(of path: String, at target: String) throws(StoreError) -> Backup {
        guard fileSize(target) == nil else {
            throw .unavailable("\(target) exists; name another file")
        }
        let part = target + ".part"
        removeDatabase(part)
        let pages = try MarkedPages(path: path)
        do throws(StoreError) {
            try asStoreError { () throws(SQLiteError) in
                let connection = try SQLiteConnection(path: path, mode: .read, vfs: pages.vfs)
                let copy = try Statement(connection, "VACUUM INTO ?")
                copy.bind(part)
                try copy.run()
            }
            guard let file = try RawFile(part, writable: true) else {
                throw .unavailable("\(part) was not written")
            }
            try file.sync()
            try copyArchives(registeredIn: part, of: path, besides: target)
            try move(part, to: target)
            return try Backup(reading: target)
        } catch {
            removeDatabase(part)
            throw error
        }
    }

    /// Copies the archives of a database that are not yet beside a backup of it.
    ///
    /// Throws `.unavailable` when another file has the name of one, `.corrupt` for damage.
    package static func copyArchives(
        of path: String,
        besides target: String
    ) throws(StoreError) {
        try copyArchives(registeredIn: path, of: path, besides: try realPath(of: target))
    }

    private static func copyArchives(
        registeredIn database: String,
        of path: String,
        besides target: String
    ) throws(StoreError) {
        let source = try realPath(of: path)
        for archive in try SQLiteReader(path: database).registeredArchives() {
            try ArchiveCopy.copy(
                archive.path(beside: source),
                to: archive.path(beside: target)
            )
        }
    }

    // MARK: Going on with the log

    /// What came of `takeLog`.
    package struct Taken: Hashable, Sendable {
        package var batches = 0
        /// What kept the rest from being read; `nil` when there is no more.
        package var damage: String?
    }

    /// Adds to a backup the batches that another copy of the same database has logged since: the
    /// database itself, also one whose tables are damaged, or a younger backup. Stops at the first
    /// batch that cannot be read or does not agree with its check sum.
    ///
    /// Throws `.unavailable` when the two are not of one database.
    package static func takeLog(
        of source: String,
        into target: String,
        limit: Int = .max
    ) throws(StoreError) -> Taken {
        let (source, target) = (try realPath(of: source), try realPath(of: target))
        let pages = try MarkedPages(path: target)
        let sourcePages = try MarkedPages(path: source)
        return try asStoreError { () throws(SQLiteError) in
            let copy = try SQLiteConnection(path: target, mode: .write, vfs: pages.vfs)
            try copy.execute("PRAGMA synchronous = FULL")
            let other = try SQLiteConnection(path: source, mode: .read, vfs: sourcePages.vfs)
            let ours = try BatchLog(copy, of: target)
            let theirs = BatchLog(ofDamaged: other, source)
            let last = try ours.end()?.batch ?? 0
            let sums = (try ours.checkSum(of: last), try theirs.checkSum(of: last))
            guard last == 0 || sums.0 == sums.1 else {
                throw SQLiteError(
                    code: 0,
                    message: "\(source) and the backup have no batch \(last) in common",
                    doing: "take its log"
                )
            }
            return try takeBatches(after: last, of: theirs, into: copy, limit)
        }
    }

    private static func takeBatches(
        after last: Int64,
        of other: BatchLog,
        into copy: SQLiteConnection,
        _ limit: Int
    ) throws(SQLiteError) -> Taken {
        let insert = try Statement(
            copy,
            "INSERT INTO batch (id, size, check_sum, content, at) VALUES (?, ?, ?, ?, ?)"
        )
        var rows = other.rows(after: last)
        var taken = Taken()
        try copy.execute("BEGIN IMMEDIATE")
        while taken.batches < limit {
            let read: Statement
            do throws(SQLiteError) {
                guard let row = try rows.next() else { break }
                read = row
                guard read.integer(0) == last + Int64(taken.batches) + 1 else {
                    throw .corrupt("a batch is missing", doing: "read batch")
                }
                _ = try read.loggedBatch()
            } catch {
                taken.damage = error.description
                break
            }
            insert.bind(read, columns: 5)
            try insert.run()
            taken.batches += 1
        }
        try copy.execute("COMMIT")
        return taken
    }
}

/// A database and what may lie beside it.
func removeDatabase(_ path: String) {
    for name in [path, path + "-wal", path + "-shm", path + "-journal", path + ".lock"] {
        _ = unsafe unlink(name)
    }
}

/// Renames, and returns when the folder says so on the disk.
func move(_ path: String, to target: String) throws(StoreError) {
    guard unsafe rename(path, target) == 0 else {
        throw .unavailable("cannot rename \(path) to \(target): \(errorText())")
    }
    try RawFile(split(target).folder)?.sync()
}

/// A path's folder and the name in it.
func split(_ path: String) -> (folder: String, name: String) {
    let parts = path.split(separator: "/", omittingEmptySubsequences: false)
    let folder = parts.dropLast()
    let name = String(parts.last ?? "")
    return (folder.isEmpty ? "." : folder == [""] ? "/" : folder.joined(separator: "/"), name)
}
