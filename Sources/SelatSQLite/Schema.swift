/// One named step from one schema to the next. Steps are appended, never edited: a database in
/// the field has run them. Source: Specs/Protocol/Database.md.
struct Migration {
    let name: String
    let sql: String
}

/// What the tables are. `user_version` is the number of steps a database has run.
enum Schema {
    /// "SELT": tells `file` and other people's programs whose database it is.
    static let applicationID: Int64 = 0x5345_4C54

    static let migrations = [Migration(name: "0001-first", sql: first)]

    static var version: Int { migrations.count }

    private static let first = """
        CREATE TABLE party (
            id INTEGER PRIMARY KEY,
            name TEXT NOT NULL UNIQUE
        ) STRICT;

        CREATE TABLE link (
            id INTEGER PRIMARY KEY,
            node TEXT NOT NULL UNIQUE,
            send_epoch INTEGER NOT NULL,
            next_sequence INTEGER NOT NULL,
            acknowledged INTEGER NOT NULL,
            received_epoch INTEGER NOT NULL,
            received_sequence INTEGER NOT NULL
        ) STRICT;

        CREATE TABLE clock (
            id INTEGER PRIMARY KEY CHECK (id = 1),
            greatest INTEGER NOT NULL
        ) STRICT;
        INSERT INTO clock (id, greatest) VALUES (1, 0);

        CREATE TABLE message (
            id INTEGER PRIMARY KEY,
            link INTEGER REFERENCES link (id),
            direction TEXT NOT NULL CHECK (direction IN ('in', 'out', 'hosted')),
            epoch INTEGER,
            sequence INTEGER,
            kind INTEGER NOT NULL,
            sender INTEGER REFERENCES party (id),
            receiver INTEGER REFERENCES party (id),
            at INTEGER NOT NULL,
            uetr BLOB,
            payment INTEGER REFERENCES payment (id),
            bytes BLOB NOT NULL
        ) STRICT;
        CREATE UNIQUE INDEX message_by_place ON message (link, direction, epoch, sequence)
            WHERE link IS NOT NULL;
        CREATE INDEX message_by_payment ON message (payment) WHERE payment IS NOT NULL;
        CREATE INDEX message_by_uetr ON message (uetr)
            WHERE payment IS NULL AND uetr IS NOT NULL;

        CREATE TABLE payment (
            id INTEGER PRIMARY KEY,
            instance INTEGER NOT NULL REFERENCES party (id),
            uetr BLOB NOT NULL,
            version INTEGER NOT NULL,
            state INTEGER NOT NULL,
            due INTEGER,
            content BLOB NOT NULL,
            instruction INTEGER REFERENCES message (id)
        ) STRICT;
        CREATE UNIQUE INDEX payment_by_uetr ON payment (uetr, instance);
        CREATE INDEX payment_by_due ON payment (due) WHERE due IS NOT NULL;

        CREATE TABLE receipt (
            instance INTEGER NOT NULL REFERENCES party (id),
            sender INTEGER NOT NULL REFERENCES party (id),
            message_id TEXT NOT NULL,
            uetr BLOB NOT NULL,
            digest BLOB NOT NULL,
            at INTEGER NOT NULL,
            PRIMARY KEY (instance, sender, message_id)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE record (
            id INTEGER PRIMARY KEY,
            instance INTEGER NOT NULL REFERENCES party (id),
            kind TEXT NOT NULL,
            key TEXT NOT NULL,
            version INTEGER NOT NULL,
            content BLOB NOT NULL
        ) STRICT;
        CREATE UNIQUE INDEX record_by_key ON record (instance, kind, key);

        CREATE TABLE account (
            id INTEGER PRIMARY KEY,
            book INTEGER NOT NULL REFERENCES party (id),
            name TEXT NOT NULL,
            currency TEXT NOT NULL,
            kind TEXT NOT NULL,
            floor INTEGER,
            posted_debits INTEGER NOT NULL CHECK (posted_debits >= 0),
            posted_credits INTEGER NOT NULL CHECK (posted_credits >= 0),
            pending_debits INTEGER NOT NULL CHECK (pending_debits >= 0),
            pending_credits INTEGER NOT NULL CHECK (pending_credits >= 0)
        ) STRICT;
        CREATE UNIQUE INDEX account_by_name ON account (book, name, currency);

        CREATE TABLE journal (
            sequence INTEGER PRIMARY KEY,
            at INTEGER NOT NULL,
            book INTEGER NOT NULL REFERENCES party (id),
            payment INTEGER REFERENCES payment (id),
            subject BLOB,
            number INTEGER NOT NULL,
            purpose TEXT NOT NULL,
            action TEXT NOT NULL,
            closes INTEGER REFERENCES journal (sequence)
        ) STRICT;
        CREATE UNIQUE INDEX journal_by_payment ON journal (payment, number)
            WHERE payment IS NOT NULL;
        CREATE UNIQUE INDEX journal_by_subject ON journal (subject, book, number)
            WHERE payment IS NULL;
        CREATE UNIQUE INDEX journal_by_closes ON journal (closes) WHERE closes IS NOT NULL;

        CREATE TABLE transfer (
            journal INTEGER NOT NULL REFERENCES journal (sequence),
            line INTEGER NOT NULL,
            debit INTEGER NOT NULL REFERENCES account (id),
            credit INTEGER NOT NULL REFERENCES account (id),
            amount INTEGER NOT NULL CHECK (amount > 0),
            PRIMARY KEY (journal, line)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE history (
            sequence INTEGER PRIMARY KEY,
            at INTEGER NOT NULL,
            payment INTEGER NOT NULL REFERENCES payment (id),
            from_state INTEGER,
            to_state INTEGER NOT NULL,
            cause TEXT NOT NULL
        ) STRICT;
        CREATE INDEX history_by_payment ON history (payment);

        CREATE TABLE alert (
            sequence INTEGER PRIMARY KEY,
            at INTEGER NOT NULL,
            instance INTEGER NOT NULL REFERENCES party (id),
            severity TEXT NOT NULL,
            uetr BLOB,
            text TEXT NOT NULL
        ) STRICT;
        CREATE INDEX alert_by_uetr ON alert (uetr) WHERE uetr IS NOT NULL;

        CREATE VIEW step AS
            SELECT history.sequence, history.at, party.name AS instance,
                   lower(hex(payment.uetr)) AS uetr, from_state, to_state, cause
            FROM history
            JOIN payment ON payment.id = history.payment
            JOIN party ON party.id = payment.instance;

        CREATE VIEW booking AS
            SELECT journal.sequence, journal.at, party.name AS book,
                   lower(hex(coalesce(payment.uetr, journal.subject))) AS subject,
                   journal.number, journal.purpose, journal.action, journal.closes, transfer.line,
                   debit.name AS debit, credit.name AS credit,
                   transfer.amount, debit.currency
            FROM journal
            JOIN transfer ON transfer.journal =
                CASE WHEN journal.action IN ('post', 'void')
                     THEN journal.closes ELSE journal.sequence END
            JOIN account AS debit ON debit.id = transfer.debit
            JOIN account AS credit ON credit.id = transfer.credit
            JOIN party ON party.id = journal.book
            LEFT JOIN payment ON payment.id = journal.payment;
        """
}
