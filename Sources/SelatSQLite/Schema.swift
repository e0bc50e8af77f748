/// One named step from one schema to the next. Steps are appended, never edited: a database in
/// the field has run them. Source: Specs/Protocol/Database.md.
struct Migration {
    let name: String
    let sql: String
    /// What SQL alone cannot do, after it.
    var convert: (@Sendable (SQLiteConnection) throws(SQLiteError) -> Void)?
}

/// What the tables are. `user_version` is the number of steps a database has run.
enum Schema {
    /// "SELT": tells `file` and other people's programs whose database it is.
    static let applicationID: Int64 = 0x5345_4C54

    /// Versions below this were never released; nothing is carried over from them.
    static let oldest = 2

    static let migrations: [Migration] = [
        Migration(name: "0002-log", sql: log),
        // Room for a mark in each page, made before a database is opened; no table changes.
        Migration(name: "0003-page-marks", sql: ""),
        Migration(name: "0004-eras", sql: eras),
        Migration(name: "0005-archives", sql: archives),
        // Batches of another layout from here on, which a program before it cannot read.
        Migration(name: "0006-documents-apart", sql: ""),
        Migration(name: "0007-key-runs", sql: keyRuns, convert: KeyRuns.takeKeysByRow),
    ]

    static var version: Int { oldest - 1 + migrations.count }

    private static let eras = """
        CREATE TABLE row_key (
            era INTEGER NOT NULL,
            hash INTEGER NOT NULL,
            kind INTEGER NOT NULL,
            id INTEGER NOT NULL,
            PRIMARY KEY (era, hash, kind, id)
        ) STRICT, WITHOUT ROWID;
        INSERT INTO row_key SELECT 1, hash, 0, dossier FROM dossier_hash;
        INSERT INTO row_key SELECT 1, hash, 1, record FROM record_hash;
        DROP TABLE dossier_hash;
        DROP TABLE record_hash;

        CREATE TABLE era (
            number INTEGER PRIMARY KEY,
            filter BLOB NOT NULL
        ) STRICT;
        """

    private static let keyRuns = """
        CREATE TABLE key_page (
            id INTEGER PRIMARY KEY,
            keys BLOB NOT NULL
        ) STRICT;

        CREATE TABLE key_run (
            number INTEGER PRIMARY KEY,
            era INTEGER NOT NULL,
            first_page INTEGER NOT NULL,
            pages INTEGER NOT NULL,
            keys INTEGER NOT NULL,
            merges INTEGER NOT NULL,
            is_whole INTEGER NOT NULL
        ) STRICT;
        """

    private static let log = """
        CREATE TABLE batch (
            id INTEGER PRIMARY KEY,
            at INTEGER NOT NULL,
            size INTEGER NOT NULL,
            check_sum INTEGER NOT NULL,
            content BLOB NOT NULL
        ) STRICT;

        CREATE TABLE folded (
            id INTEGER PRIMARY KEY CHECK (id = 1),
            batch INTEGER NOT NULL,
            greatest INTEGER NOT NULL,
            next_message INTEGER NOT NULL,
            next_journal INTEGER NOT NULL,
            next_step INTEGER NOT NULL,
            hash_key INTEGER NOT NULL
        ) STRICT;
        INSERT INTO folded VALUES (1, 0, 0, 1, 1, 1, random());

        CREATE TABLE link (
            node TEXT PRIMARY KEY,
            send_epoch INTEGER NOT NULL,
            next_sequence INTEGER NOT NULL,
            acknowledged INTEGER NOT NULL,
            received_epoch INTEGER NOT NULL,
            received_sequence INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE undelivered (
            node TEXT NOT NULL,
            sequence INTEGER NOT NULL,
            epoch INTEGER NOT NULL,
            batch INTEGER NOT NULL,
            place INTEGER NOT NULL,
            PRIMARY KEY (node, sequence)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE dossier (
            id INTEGER PRIMARY KEY,
            as_of INTEGER NOT NULL,
            due INTEGER,
            content BLOB NOT NULL
        ) STRICT;
        CREATE INDEX dossier_open ON dossier (id) WHERE due IS NOT NULL;

        CREATE TABLE dossier_hash (
            hash INTEGER NOT NULL,
            dossier INTEGER NOT NULL,
            PRIMARY KEY (hash, dossier)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE record (
            id INTEGER PRIMARY KEY,
            as_of INTEGER NOT NULL,
            instance TEXT NOT NULL,
            kind TEXT NOT NULL,
            key TEXT NOT NULL,
            version INTEGER NOT NULL,
            content BLOB NOT NULL
        ) STRICT;

        CREATE TABLE record_hash (
            hash INTEGER NOT NULL,
            record INTEGER NOT NULL,
            PRIMARY KEY (hash, record)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE account (
            book TEXT NOT NULL,
            name TEXT NOT NULL,
            currency TEXT NOT NULL,
            as_of INTEGER NOT NULL,
            kind TEXT NOT NULL,
            floor INTEGER,
            posted_debits INTEGER NOT NULL CHECK (posted_debits >= 0),
            posted_credits INTEGER NOT NULL CHECK (posted_credits >= 0),
            pending_debits INTEGER NOT NULL CHECK (pending_debits >= 0),
            pending_credits INTEGER NOT NULL CHECK (pending_credits >= 0),
            PRIMARY KEY (book, name, currency)
        ) STRICT, WITHOUT ROWID;
        """

    private static let archives = """
        CREATE TABLE archive (
            first_batch INTEGER PRIMARY KEY,
            last_batch INTEGER NOT NULL,
            name TEXT NOT NULL,
            check_sum INTEGER NOT NULL,
            dossiers INTEGER NOT NULL,
            records INTEGER NOT NULL,
            last_dossier INTEGER NOT NULL,
            last_record INTEGER NOT NULL
        ) STRICT;
        """
}
