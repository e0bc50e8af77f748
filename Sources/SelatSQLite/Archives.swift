import SelatNode
import SelatStorage

/// The archives that a database has registered, in the order of the log.
///
/// Files are opened when something is first looked up in them, and stay open.
final class Archives {
    private let connection: SQLiteConnection
    /// The database's own path, links followed: archives are beside it.
    private let database: String
    /// The database's `hash_key`, which its archives carry.
    private let identity: Int64
    private(set) var registered: [Archive] = []
    private var files: [String: ArchiveFile] = [:]

    init(_ connection: SQLiteConnection, beside database: String) throws(SQLiteError) {
        self.connection = connection
        self.database = database
        identity = try connection.integer("SELECT hash_key FROM folded") ?? 0
        try reload()
    }

    /// None.
    init(without connection: SQLiteConnection) {
        self.connection = connection
        database = ""
        identity = 0
    }

    /// Reads anew what is registered.
    func reload() throws(SQLiteError) {
        let read = try Statement(
            connection,
            "SELECT \(Archive.columns) FROM archive ORDER BY first_batch"
        )
        registered = []
        while try read.step() {
            let archive = try Archive(read)
            guard archive.batches.lowerBound == lastBatch + 1 else {
                throw .corrupt(
                    "archive \(archive.name) begins at batch \(archive.batches.lowerBound), "
                        + "expected \(lastBatch + 1)",
                    doing: "read archives"
                )
            }
            registered.append(archive)
        }
    }

    /// The last batch that is in an archive; 0 when none is.
    var lastBatch: Int64 { registered.last?.batches.upperBound ?? 0 }

    /// The highest ids that ever were in a dossier's or record's row and may be no longer.
    var lastDossier: Int64 { registered.map(\.lastDossier).max() ?? 0 }
    var lastRecord: Int64 { registered.map(\.lastRecord).max() ?? 0 }

    // MARK: Files

    /// The file of a registered archive.
    ///
    /// Throws when it is missing, damaged, or another than was registered.
    func file(_ archive: Archive) throws(SQLiteError) -> ArchiveFile {
        if let file = files[archive.name] { return file }
        let file = try ArchiveFile(archive.path(beside: database))
        guard file.archive == archive, file.database == identity else {
            throw .corrupt(
                "\(file.path) is another archive than the one registered, batches "
                    + "\(archive.batches.lowerBound) to \(archive.batches.upperBound); put that "
                    + "one back from where it was moved, or from beside the backup",
                doing: "open archive"
            )
        }
        files[archive.name] = file
        return file
    }

    /// The file that holds a batch of the log; `nil` when none does.
    func file(holding batch: Int64) throws(SQLiteError) -> ArchiveFile? {
        guard let archive = registered.first(where: { $0.batches.contains(batch) }) else {
            return nil
        }
        return try file(archive)
    }

    /// Opens every one: each is there and is what was registered.
    func check() throws(SQLiteError) {
        for archive in registered { _ = try file(archive) }
    }

    // MARK: Candidates

    /// What keeps a file from being registered next; `nil` when nothing does.
    ///
    /// Its range follows the last archive's, is folded, and ends with the very batch that the log
    /// has there.
    func objection(
        to file: ArchiveFile,
        folded: Int64,
        _ name: String
    ) throws(SQLiteError) -> String? {
        guard file.database == identity else { return "it is of another database" }
        guard file.archive.name == name else { return "it is archive \(file.archive.name)" }
        let batches = file.archive.batches
        guard batches.lowerBound == lastBatch + 1 else {
            return "it begins at batch \(batches.lowerBound), expected \(lastBatch + 1)"
        }
        guard batches.upperBound <= folded else {
            return "it ends at batch \(batches.upperBound), and the tables go to \(folded)"
        }
        let log = "SELECT check_sum FROM batch WHERE id = \(batches.upperBound)"
        guard let ours = try connection.integer(log), ours == file.archive.checkSum,
            try file.connection.integer(log) == ours
        else { return "its batch \(batches.upperBound) is not the log's" }
        return nil
    }

    /// The path of a file that may become an archive under a name.
    func candidate(_ name: String) -> String { Archive.path(of: name, beside: database) }

    // MARK: Looking up

    /// A batch of the log.
    func batch(_ number: Int64) throws(SQLiteError) -> LoggedBatch? {
        guard let find = try file(holding: number)?.findBatch else { return nil }
        defer { find.reset() }
        find.bind(number)
        return try find.step() ? try find.loggedBatch() : nil
    }

    /// A dossier as the newest archive has it.
    func dossier(id: Int64) throws(SQLiteError) -> Dossier? {
        for archive in registered.reversed() where archive.lastDossier >= id {
            let find = try file(archive).findDossier
            defer { find.reset() }
            find.bind(id)
            if try find.step() { return try find.dossier() }
        }
        return nil
    }

    /// A record's row, handed to `read`, as the newest archive has it.
    func record<Value>(
        id: Int64,
        _ read: (Statement) throws(SQLiteError) -> Value
    ) throws(SQLiteError) -> Value? {
        for archive in registered.reversed() where archive.lastRecord >= id {
            let find = try file(archive).findRecord
            defer { find.reset() }
            find.bind(id)
            if try find.step() { return try read(find) }
        }
        return nil
    }
}
