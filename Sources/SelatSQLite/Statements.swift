/// The writer's statements, prepared once, by what they are about.
struct Statements {
    let transactions: TransactionStatements
    let rows: RowStatements
    let folding: FoldingStatements
    let clearing: ClearingStatements

    init(_ connection: SQLiteConnection) throws(SQLiteError) {
        transactions = try TransactionStatements(connection)
        rows = try RowStatements(connection)
        folding = try FoldingStatements(connection)
        clearing = try ClearingStatements(connection)
    }
}

/// The frame of every read and write, and the log.
struct TransactionStatements {
    let begin: Statement
    let beginReading: Statement
    let commit: Statement
    let rollback: Statement
    /// Changes when another connection has committed.
    let dataVersion: Statement
    let insertBatch: Statement

    init(_ connection: SQLiteConnection) throws(SQLiteError) {
        func prepare(_ sql: String) throws(SQLiteError) -> Statement {
            try Statement(connection, sql)
        }
        begin = try prepare("BEGIN IMMEDIATE")
        beginReading = try prepare("BEGIN")
        commit = try prepare("COMMIT")
        rollback = try prepare("ROLLBACK")
        dataVersion = try prepare("PRAGMA data_version")
        insertBatch = try prepare(
            "INSERT INTO batch (id, at, size, check_sum, content) VALUES (?, ?, ?, ?, ?)"
        )
    }
}

/// Point reads.
struct RowStatements {
    let findBatch: Statement
    let findDossier: Statement
    let findRecord: Statement
    let findAccount: Statement

    /// By id, here and in archives.
    static let batch = "SELECT id, size, check_sum, content FROM batch WHERE id = ?"
    static let dossier = "SELECT id, as_of, content FROM dossier WHERE id = ?"
    static let record = """
        SELECT id, as_of, instance, kind, key, version, content FROM record WHERE id = ?
        """

    init(_ connection: SQLiteConnection) throws(SQLiteError) {
        func prepare(_ sql: String) throws(SQLiteError) -> Statement {
            try Statement(connection, sql)
        }
        findBatch = try prepare(RowStatements.batch)
        findDossier = try prepare(RowStatements.dossier)
        findRecord = try prepare(RowStatements.record)
        findAccount = try prepare(
            """
            SELECT as_of, kind, floor, posted_debits, posted_credits, pending_debits,
                pending_credits
            FROM account WHERE book = ? AND name = ? AND currency = ?
            """
        )
    }
}

/// Writing a generation to the tables.
struct FoldingStatements {
    let replaceDossiers: RowsStatement
    let replaceRecords: RowsStatement
    let deleteRecord: Statement
    let replaceAccount: Statement
    let replaceLink: Statement
    let deleteUndelivered: Statement
    let insertUndelivered: Statement
    let updateFolded: Statement

    init(_ connection: SQLiteConnection) throws(SQLiteError) {
        func prepare(_ sql: String) throws(SQLiteError) -> Statement {
            try Statement(connection, sql)
        }
        replaceDossiers = try RowsStatement(
            connection,
            "INSERT OR REPLACE INTO dossier (id, as_of, due, content)",
            columns: 4
        )
        replaceRecords = try RowsStatement(
            connection,
            "INSERT OR REPLACE INTO record (id, as_of, instance, kind, key, version, content)",
            columns: 7
        )
        deleteRecord = try prepare("DELETE FROM record WHERE id = ?")
        replaceAccount = try prepare(
            "INSERT OR REPLACE INTO account VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
        )
        replaceLink = try prepare("INSERT OR REPLACE INTO link VALUES (?, ?, ?, ?, ?, ?)")
        deleteUndelivered = try prepare("DELETE FROM undelivered")
        insertUndelivered = try prepare("INSERT INTO undelivered VALUES (?, ?, ?, ?, ?)")
        updateFolded = try prepare(
            """
            UPDATE folded SET batch = ?, greatest = ?, next_message = ?, next_journal = ?,
                next_step = ?
            """
        )
    }
}

/// Registering archives, and clearing what is in them.
struct ClearingStatements {
    let insertArchive: Statement
    let firstBatch: Statement
    let deleteBatches: Statement
    let deleteDossier: Statement
    let deleteRecord: Statement

    init(_ connection: SQLiteConnection) throws(SQLiteError) {
        func prepare(_ sql: String) throws(SQLiteError) -> Statement {
            try Statement(connection, sql)
        }
        insertArchive = try prepare(
            "INSERT INTO archive (\(Archive.columns)) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
        )
        firstBatch = try prepare("SELECT min(id) FROM batch")
        deleteBatches = try prepare("DELETE FROM batch WHERE id <= ?")
        deleteDossier = try prepare(
            "DELETE FROM dossier WHERE id = ? AND as_of = ? AND content = ?"
        )
        deleteRecord = try prepare("DELETE FROM record WHERE id = ? AND as_of = ? AND content = ?")
    }
}
