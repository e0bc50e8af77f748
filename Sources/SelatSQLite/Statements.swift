/// The writer's statements, prepared once, by what they are about.
struct Statements {
    let transactions: TransactionStatements
    let links: LinkStatements
    let payments: PaymentStatements
    let accounts: AccountStatements
    let journals: JournalStatements

    init(_ connection: SQLiteConnection) throws(SQLiteError) {
        transactions = try TransactionStatements(connection)
        links = try LinkStatements(connection)
        payments = try PaymentStatements(connection)
        accounts = try AccountStatements(connection)
        journals = try JournalStatements(connection)
    }
}

/// The frame of every read and write.
struct TransactionStatements {
    let begin: Statement
    let beginReading: Statement
    let commit: Statement
    let rollback: Statement
    let advanceClock: Statement
    /// Changes when another connection has committed.
    let dataVersion: Statement

    init(_ connection: SQLiteConnection) throws(SQLiteError) {
        func prepare(_ sql: String) throws(SQLiteError) -> Statement {
            try Statement(connection, sql)
        }
        begin = try prepare("BEGIN IMMEDIATE")
        beginReading = try prepare("BEGIN")
        commit = try prepare("COMMIT")
        rollback = try prepare("ROLLBACK")
        advanceClock = try prepare("UPDATE clock SET greatest = max(greatest, ?) WHERE id = 1")
        dataVersion = try prepare("PRAGMA data_version")
    }
}

/// Names, links and messages.
struct LinkStatements {
    let findParty: Statement
    let insertParty: Statement
    let findLink: Statement
    let insertLink: Statement
    let updateLink: Statement
    let findLastMessage: Statement
    let findMessage: Statement
    let insertMessage: Statement

    init(_ connection: SQLiteConnection) throws(SQLiteError) {
        func prepare(_ sql: String) throws(SQLiteError) -> Statement {
            try Statement(connection, sql)
        }
        findParty = try prepare("SELECT id FROM party WHERE name = ?")
        insertParty = try prepare("INSERT INTO party (name) VALUES (?)")
        findLink = try prepare("SELECT id FROM link WHERE node = ?")
        insertLink = try prepare(
            """
            INSERT INTO link (send_epoch, next_sequence, acknowledged, received_epoch,
                received_sequence, node) VALUES (?, ?, ?, ?, ?, ?)
            """
        )
        updateLink = try prepare(
            """
            UPDATE link SET send_epoch = ?, next_sequence = ?, acknowledged = ?,
                received_epoch = ?, received_sequence = ? WHERE node = ?
            """
        )
        findLastMessage = try prepare("SELECT max(id) FROM message")
        findMessage = try prepare("SELECT kind, bytes FROM message WHERE id = ?")
        insertMessage = try prepare(
            """
            INSERT INTO message (id, link, direction, epoch, sequence, sender, receiver, kind, at,
                uetr, payment, bytes) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """
        )
    }
}

/// Payments, receipts and records, with what is told of them.
struct PaymentStatements {
    let findPayment: Statement
    let insertPayment: Statement
    let updatePayment: Statement
    let findReceipt: Statement
    let insertReceipt: Statement
    let findRecord: Statement
    let insertRecord: Statement
    let updateRecord: Statement
    let deleteRecord: Statement
    let insertHistory: Statement
    let insertAlert: Statement

    init(_ connection: SQLiteConnection) throws(SQLiteError) {
        func prepare(_ sql: String) throws(SQLiteError) -> Statement {
            try Statement(connection, sql)
        }
        findPayment = try prepare(
            """
            SELECT id, version, state, due, content, instruction FROM payment
            WHERE uetr = ? AND instance = ?
            """
        )
        insertPayment = try prepare(
            """
            INSERT INTO payment (instance, uetr, instruction, version, state, due, content)
            VALUES (?, ?, ?, ?, ?, ?, ?)
            """
        )
        updatePayment = try prepare(
            """
            UPDATE payment SET version = ?, state = ?, due = ?, content = ?
            WHERE id = ? AND version = ?
            """
        )
        findReceipt = try prepare(
            """
            SELECT uetr, digest FROM receipt
            WHERE instance = ? AND sender = ? AND message_id = ?
            """
        )
        insertReceipt = try prepare(
            """
            INSERT INTO receipt (instance, sender, message_id, uetr, digest, at)
            VALUES (?, ?, ?, ?, ?, ?)
            """
        )
        findRecord = try prepare(
            "SELECT id, version, content FROM record WHERE instance = ? AND kind = ? AND key = ?"
        )
        insertRecord = try prepare(
            "INSERT INTO record (instance, kind, key, version, content) VALUES (?, ?, ?, ?, ?)"
        )
        updateRecord = try prepare(
            "UPDATE record SET version = ?, content = ? WHERE id = ? AND version = ?"
        )
        deleteRecord = try prepare("DELETE FROM record WHERE id = ? AND version = ?")
        insertHistory = try prepare(
            """
            INSERT INTO history (at, payment, from_state, to_state, cause) VALUES (?, ?, ?, ?, ?)
            """
        )
        insertAlert = try prepare(
            "INSERT INTO alert (at, instance, severity, uetr, text) VALUES (?, ?, ?, ?, ?)"
        )
    }
}

/// Accounts and their sums.
struct AccountStatements {
    let findAccount: Statement
    let insertAccount: Statement
    let addToAccount: Statement
    /// With the floor asserted, for an account whose debits are the outflow.
    let addToGuardedCreditNormal: Statement
    let addToGuardedDebitNormal: Statement

    init(_ connection: SQLiteConnection) throws(SQLiteError) {
        func prepare(_ sql: String) throws(SQLiteError) -> Statement {
            try Statement(connection, sql)
        }
        findAccount = try prepare(
            """
            SELECT id, kind, floor, posted_debits, posted_credits, pending_debits, pending_credits
            FROM account WHERE book = ? AND name = ? AND currency = ?
            """
        )
        insertAccount = try prepare(
            """
            INSERT INTO account (book, name, currency, kind, floor, posted_debits, posted_credits,
                pending_debits, pending_credits) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
            """
        )
        let add = """
            UPDATE account SET posted_debits = posted_debits + ?1,
                posted_credits = posted_credits + ?2, pending_debits = pending_debits + ?3,
                pending_credits = pending_credits + ?4 WHERE id = ?5
            """
        addToAccount = try prepare(add)
        addToGuardedCreditNormal = try prepare(
            add + """
                 AND (floor IS NULL OR ?6 >= 0
                    OR posted_credits - posted_debits - pending_debits + ?6 >= floor)
                """
        )
        addToGuardedDebitNormal = try prepare(
            add + """
                 AND (floor IS NULL OR ?6 >= 0
                    OR posted_debits - posted_credits - pending_credits + ?6 >= floor)
                """
        )
    }
}

/// Journals and their transfers.
struct JournalStatements {
    let findJournalOfPayment: Statement
    let findJournalOfSubject: Statement
    let insertJournal: Statement
    let findTransfers: Statement
    let insertTransfer: Statement

    init(_ connection: SQLiteConnection) throws(SQLiteError) {
        func prepare(_ sql: String) throws(SQLiteError) -> Statement {
            try Statement(connection, sql)
        }
        let named = """
            SELECT sequence, action, closes,
                EXISTS (SELECT 1 FROM journal AS closing WHERE closing.closes = journal.sequence)
            FROM journal WHERE number = ?1 AND
            """
        findJournalOfPayment = try prepare(named + " payment = ?2")
        findJournalOfSubject = try prepare(
            named + " payment IS NULL AND book = ?2 AND subject = ?3"
        )
        insertJournal = try prepare(
            """
            INSERT INTO journal (at, book, payment, subject, number, purpose, action, closes)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?)
            """
        )
        findTransfers = try prepare(
            """
            SELECT debit.name, credit.name, amount, debit.currency FROM transfer
            JOIN account AS debit ON debit.id = transfer.debit
            JOIN account AS credit ON credit.id = transfer.credit
            WHERE journal = ? ORDER BY line
            """
        )
        insertTransfer = try prepare(
            "INSERT INTO transfer (journal, line, debit, credit, amount) VALUES (?, ?, ?, ?, ?)"
        )
    }
}
