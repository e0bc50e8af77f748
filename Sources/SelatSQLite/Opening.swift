import CCheckedPages
import SelatNode

/// The steps from a file to a database this program may use.
struct Opening {
    private let connection: SQLiteConnection

    init(_ connection: SQLiteConnection) { self.connection = connection }

    func configure(_ options: SQLiteOptions) throws(StoreError) {
        try execute("PRAGMA page_size = 4096")
        _ = unsafe selat_reserve_page_marks(UnsafeMutableRawPointer(connection.handle))
        let mode = try text("PRAGMA journal_mode = WAL")
        guard mode == "wal" else {
            throw .unavailable(
                "journal mode is \(mode ?? "none"), expected wal; "
                    + "keep the database on a local file system"
            )
        }
        try execute(
            """
            PRAGMA synchronous = FULL;
            PRAGMA wal_autocheckpoint = 0;
            PRAGMA journal_size_limit = 134217728;
            PRAGMA foreign_keys = OFF;
            PRAGMA cell_size_check = ON;
            PRAGMA trusted_schema = OFF;
            PRAGMA temp_store = MEMORY;
            PRAGMA cache_size = -8192;
            """
        )
        if let limit = options.pageLimit {
            try execute("PRAGMA max_page_count = \(limit)")
        }
    }

    /// Refuses another program's database, and one of a newer version.
    func checkIdentity() throws(StoreError) {
        let version = Int(try integer("PRAGMA user_version") ?? 0)
        let application = try integer("PRAGMA application_id") ?? 0
        let tables = try integer("SELECT count(*) FROM sqlite_schema") ?? 0
        let isNew = version == 0 && application == 0 && tables == 0
        guard isNew || application == Schema.applicationID else {
            throw .unavailable(
                "the file has application id \(application), expected \(Schema.applicationID); "
                    + "it is no database of this program"
            )
        }
        guard isNew || (Schema.oldest...Schema.version).contains(version) else {
            throw .wrongVersion(found: version, expected: Schema.version)
        }
    }

    /// For a reader, which cannot migrate.
    func checkIsCurrent() throws(StoreError) {
        let version = Int(try integer("PRAGMA user_version") ?? 0)
        guard version == Schema.version else {
            throw .wrongVersion(found: version, expected: Schema.version)
        }
    }

    // MARK: Marks

    /// Sees to it that each page has its mark, and answers the VFS that holds them to it.
    ///
    /// Pages that another program wrote, copying the log back, can only be examined as SQLite
    /// examines them; so can those of an older version, which are written anew.
    static func markPages(of path: String) throws(StoreError) -> String? {
        switch try MarkedPages(path: path) {
        case .all: break
        case .some:
            try examine(path, vfs: SELAT_VFS_LENIENT)
            try MarkedPages.stamp(path, anew: false)
        case .none:
            try examine(path, vfs: nil, makingRoom: true)
            try MarkedPages.stamp(path, anew: true)
        }
        return SELAT_VFS_STRICT
    }

    private static func examine(
        _ path: String,
        vfs: String?,
        makingRoom: Bool = false
    ) throws(StoreError) {
        let connection = try asStoreError { () throws(SQLiteError) in
            try SQLiteConnection(path: path, mode: .write, vfs: vfs)
        }
        let opening = Opening(connection)
        try opening.checkIdentity()
        let answer = try opening.text("PRAGMA quick_check(1)")
        guard answer == "ok" else {
            throw .corrupt("quick_check answers: \(answer ?? "nothing")")
        }
        // Without a log of its own the file alone is the database.
        _ = try opening.text("PRAGMA journal_mode = DELETE")
        guard makingRoom else { return }
        _ = unsafe selat_reserve_page_marks(UnsafeMutableRawPointer(connection.handle))
        try opening.execute("VACUUM")
    }

    /// Runs the steps the database has not run, each in a transaction of its own.
    func migrate() throws(StoreError) {
        let version = Int(try integer("PRAGMA user_version") ?? 0)
        guard version < Schema.version else { return try checkNames() }
        try execute(
            """
            CREATE TABLE IF NOT EXISTS migration (name TEXT PRIMARY KEY, applied TEXT NOT NULL) STRICT
            """
        )
        let isRun = max(version - (Schema.oldest - 1), 0)
        for (index, migration) in Schema.migrations.enumerated().dropFirst(isRun) {
            try execute(
                """
                BEGIN IMMEDIATE;
                \(migration.sql)
                """
            )
            try asStoreError { () throws(SQLiteError) in try migration.convert?(connection) }
            try execute(
                """
                INSERT INTO migration (name, applied)
                    VALUES ('\(migration.name)', strftime('%Y-%m-%dT%H:%M:%SZ', 'now'));
                PRAGMA application_id = \(Schema.applicationID);
                PRAGMA user_version = \(Schema.oldest + index);
                COMMIT;
                """
            )
        }
        try checkNames()
    }

    /// The steps a database says it has run are the steps this program knows.
    private func checkNames() throws(StoreError) {
        let known = Schema.migrations.map(\.name).sorted().joined(separator: " ")
        let applied = try text(
            "SELECT group_concat(name, ' ') FROM (SELECT name FROM migration ORDER BY name)"
        )
        guard applied == known else {
            throw .corrupt(
                "its migrations are '\(applied ?? "")', expected '\(known)'"
            )
        }
    }

    // MARK: The connection, with the seam's errors

    private func execute(_ sql: String) throws(StoreError) {
        do { try connection.execute(sql) } catch { throw error.storeError }
    }

    private func integer(_ sql: String) throws(StoreError) -> Int64? {
        do { return try connection.integer(sql) } catch { throw error.storeError }
    }

    private func text(_ sql: String) throws(StoreError) -> String? {
        do { return try connection.text(sql) } catch { throw error.storeError }
    }
}
