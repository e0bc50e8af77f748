import CCheckedPages
package import SelatNode

/// A part of a database's past, in a file of its own beside it: a range of the log and the rows
/// that were at rest at its end. Never changed. Source: Specs/Protocol/Database.md, "Archives".
package struct Archive: Hashable, Sendable {
    /// What the file is called after the database: `2026-10.1`, the month and a number within it.
    package let name: String
    /// Its first and its last batch.
    package let batches: ClosedRange<Int64>
    /// The check sum of its last batch: whose log it is a part of.
    package let checkSum: Int64
    /// Dossiers in it, which are its payments and other journals' subjects.
    package let dossiers: Int64
    /// Records in it: quotes.
    package let records: Int64
    /// The highest ids of its dossiers and records; 0 without any.
    let lastDossier: Int64
    let lastRecord: Int64

    /// The month of its batches.
    package var month: String { String(name.prefix { $0 != "." }) }

    /// Where it is, given where its database really is.
    func path(beside database: String) -> String { Archive.path(of: name, beside: database) }

    /// Where an archive of that name is, or would be.
    static func path(of name: String, beside database: String) -> String { "\(database).\(name)" }

    /// Its file and how many bytes that has, given its database's path.
    ///
    /// Throws `.unavailable` when one of the two is not there.
    package func file(beside database: String) throws(StoreError) -> (path: String, bytes: Int64) {
        let path = path(beside: try realPath(of: database))
        guard let bytes = fileSize(path) else {
            throw SQLiteError.missingArchive(path).storeError
        }
        return (path, bytes)
    }

    /// The columns of the table `archive`, in a database and in an archive.
    static let columns =
        "name, first_batch, last_batch, check_sum, dossiers, records, last_dossier, last_record"

    /// Reads a row of `columns`, from column `first` on.
    init(_ row: Statement, from first: Int32 = 0) throws(SQLiteError) {
        name = row.text(first)
        let (firstBatch, lastBatch) = (row.integer(first + 1), row.integer(first + 2))
        guard Archive.isName(name), firstBatch > 0, firstBatch <= lastBatch else {
            throw row.unreadable(first, "an archive's name and range")
        }
        batches = firstBatch...lastBatch
        checkSum = row.integer(first + 3)
        dossiers = row.integer(first + 4)
        records = row.integer(first + 5)
        lastDossier = row.integer(first + 6)
        lastRecord = row.integer(first + 7)
    }

    init(
        name: String,
        batches: ClosedRange<Int64>,
        checkSum: Int64,
        dossiers: (count: Int64, last: Int64),
        records: (count: Int64, last: Int64)
    ) {
        self.name = name
        self.batches = batches
        self.checkSum = checkSum
        self.dossiers = dossiers.count
        self.records = records.count
        lastDossier = dossiers.last
        lastRecord = records.last
    }

    /// Binds the columns of `columns`.
    func bind(to statement: Statement) {
        statement.bind(name)
        statement.bind(batches.lowerBound)
        statement.bind(batches.upperBound)
        statement.bind(checkSum)
        statement.bind(dossiers)
        statement.bind(records)
        statement.bind(lastDossier)
        statement.bind(lastRecord)
    }

    /// Whether a text is a month and a number: nothing else is ever put behind a database's path.
    static func isName(_ text: String) -> Bool {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 2, Month(String(parts[0])) != nil, let number = Int(parts[1]) else {
            return false
        }
        return number > 0 && "\(number)" == parts[1]
    }
}

/// An archive, opened for reading. Every page is held to its mark as it is read.
final class ArchiveFile {
    /// "SELA": no node's database, but a part of one.
    static let applicationID: Int64 = 0x5345_4C41
    static let version: Int64 = 1

    /// The log and the rows as they stand in a database, and one row that says what this is.
    static let schema = """
        CREATE TABLE archive (
            id INTEGER PRIMARY KEY CHECK (id = 1),
            database INTEGER NOT NULL,
            name TEXT NOT NULL,
            first_batch INTEGER NOT NULL,
            last_batch INTEGER NOT NULL,
            check_sum INTEGER NOT NULL,
            dossiers INTEGER NOT NULL,
            records INTEGER NOT NULL,
            last_dossier INTEGER NOT NULL,
            last_record INTEGER NOT NULL
        ) STRICT;

        CREATE TABLE batch (
            id INTEGER PRIMARY KEY,
            at INTEGER NOT NULL,
            size INTEGER NOT NULL,
            check_sum INTEGER NOT NULL,
            content BLOB NOT NULL
        ) STRICT;

        CREATE TABLE dossier (
            id INTEGER PRIMARY KEY,
            as_of INTEGER NOT NULL,
            content BLOB NOT NULL
        ) STRICT;

        CREATE TABLE record (
            id INTEGER PRIMARY KEY,
            as_of INTEGER NOT NULL,
            instance TEXT NOT NULL,
            kind TEXT NOT NULL,
            key TEXT NOT NULL,
            version INTEGER NOT NULL,
            content BLOB NOT NULL
        ) STRICT;
        """

    let path: String
    let archive: Archive
    /// The `hash_key` of the database it was taken from.
    let database: Int64
    let connection: SQLiteConnection
    let findBatch: Statement
    let findDossier: Statement
    let findRecord: Statement

    /// Throws `SQLITE_CANTOPEN` when there is no such file, `SQLITE_CORRUPT` when it is no archive.
    init(_ path: String) throws(SQLiteError) {
        guard fileSize(path) != nil else { throw .missingArchive(path) }
        connection = try SQLiteConnection(path: path, mode: .read, vfs: SELAT_VFS_STRICT)
        let found: (Int64?, Int64?)
        do throws(SQLiteError) {
            found = (
                try connection.integer("PRAGMA application_id"),
                try connection.integer("PRAGMA user_version")
            )
        } catch {
            throw SQLiteError(
                code: error.code,
                message: "\(path): \(error.message)",
                doing: "open archive"
            )
        }
        guard found == (ArchiveFile.applicationID, ArchiveFile.version) else {
            throw .corrupt("\(path) is no archive that this program knows", doing: "open archive")
        }
        let read = try Statement(connection, "SELECT database, \(Archive.columns) FROM archive")
        guard try read.step() else {
            throw .corrupt("\(path) does not say what it holds", doing: "open archive")
        }
        self.path = path
        database = read.integer(0)
        archive = try Archive(read, from: 1)
        read.reset()
        findBatch = try Statement(connection, RowStatements.batch)
        findDossier = try Statement(connection, RowStatements.dossier)
        findRecord = try Statement(connection, RowStatements.record)
    }
}

extension SQLiteError {
    static func missingArchive(_ path: String) -> SQLiteError {
        SQLiteError(
            code: SQLiteError.cannotOpen,
            message: "archive \(path) is missing, and what is in it is nowhere else; put it back "
                + "from where it was moved, or from beside the backup",
            doing: "open archive"
        )
    }
}
