import SelatLedger
import SelatNode
import SelatScheme
import SelatStorage
import SelatTime

/// Reads the log as values: all of it, or what is about one payment.
struct DumpReader {
    private let connection: SQLiteConnection
    private let tables: Tables

    init(_ connection: SQLiteConnection, _ tables: Tables) {
        self.connection = connection
        self.tables = tables
    }

    private func eachBatch(
        after number: Int64,
        _ body: (Int64, LoggedBatch) throws(SQLiteError) -> Void
    ) throws(SQLiteError) {
        var rows = tables.log.rows(after: number)
        while let row = try rows.next() {
            try body(row.integer(0), try row.loggedBatch())
        }
    }

    // MARK: All of it

    /// What the log says, batch by batch, in a store that checks each of them again; and that the
    /// tables say the same. The accounts are those of the tables, for a checker to hold against
    /// the journals.
    func all() throws(SQLiteError) -> NodeDump {
        let model = MemoryStore()
        var last: Int64 = 0
        try eachBatch(after: 0) { number, logged throws(SQLiteError) in
            let batch: CommitBatch
            do throws(BatchError) { batch = try logged.commitBatch() } catch {
                throw SQLiteError.corrupt("batch \(number): \(error)", doing: "replay the log")
            }
            let outcome = model.commit(batch)
            guard number == last + 1, outcome == .committed else {
                throw .corrupt("batch \(number) of the log: \(outcome)", doing: "replay the log")
            }
            last = number
        }
        var dump = model.dump()
        var state = try Recovery(connection, tables).state()
        do throws(StoreError) {
            try compare(dump, with: &state)
            dump.accounts = try stored(dump.accounts, in: &state)
        } catch {
            throw .corrupt("\(error)", doing: "compare tables and log")
        }
        return dump
    }

    /// Accounts that the log opened, as the tables have them; what never changes must be the same.
    func stored(
        _ accounts: [LedgerAccount],
        in state: inout LiveState
    ) throws(StoreError) -> [LedgerAccount] {
        var found: [LedgerAccount] = []
        found.reserveCapacity(accounts.count)
        for account in accounts {
            guard case .account(let stored) = try state.fact(.account(account.key)) else {
                throw .corrupt("account \(account.key.redacted) is missing in the tables")
            }
            guard stored.kind == account.kind, stored.floor == account.floor else {
                throw .corrupt("account \(account.key.redacted) is another in the tables")
            }
            found.append(stored)
        }
        return found
    }

    /// That the tables have the same payments, receipts and records as the log leads to.
    func compare(
        _ dump: NodeDump,
        with state: inout LiveState
    ) throws(StoreError) {
        for payment in dump.payments {
            let stored = try state.fact(.payment(payment.instance, payment.uetr))
            guard stored == .payment(payment.row) else {
                throw .corrupt(
                    "payment \(payment.uetr) of \(payment.instance) is another in the tables"
                )
            }
        }
        for receipt in dump.receipts {
            let key = FactKey.receipt(
                receipt.instance,
                sender: receipt.sender,
                messageIdentification: receipt.messageIdentification
            )
            guard try state.fact(key) == .receipt(receipt.receipt) else {
                throw .corrupt("a receipt of \(receipt.instance) is another in the tables")
            }
        }
        for record in dump.records {
            let stored = try state.fact(.record(record.instance, record.kind, record.key))
            guard stored == .record(record.row) else {
                throw .corrupt("\(record.kind) \(record.key) is another in the tables")
            }
        }
    }

    // MARK: One payment

    /// Only the batches that mention the payment are read, and those not folded yet.
    func about(_ uetr: UUIDv4) throws(SQLiteError) -> NodeDump {
        let folded = try connection.integer("SELECT batch FROM folded") ?? 0
        let dossier: Dossier?
        do throws(StoreError) { dossier = try tables.dossier(uetr) } catch {
            throw .corrupt("\(error)", doing: "read dossier")
        }
        var story = Story(uetr)
        for number in dossier?.batches ?? [] where number <= folded {
            story.add(try tables.batch(number), number)
        }
        var greatest = try connection.integer("SELECT greatest FROM folded") ?? 0
        try eachBatch(after: folded) { number, logged throws(SQLiteError) in
            story.add(logged, number)
            greatest = max(greatest, logged.batch.at.nanoseconds)
        }
        var dump = story.dump
        dump.greatestInstant = Instant(nanoseconds: greatest)
        return dump
    }
}

/// What batches say about one payment.
private struct Story {
    private let uetr: UUIDv4
    private(set) var dump = NodeDump()

    init(_ uetr: UUIDv4) { self.uetr = uetr }

    mutating func add(_ logged: LoggedBatch, _ number: Int64) {
        addMessages(logged)
        addPayments(logged, number)
        for (index, write) in logged.batch.journals.enumerated()
        where write.journal.subject == uetr {
            let journal = write.journal
            let closes = journal.action.closes.flatMap { closed in
                dump.journals.first { stored in
                    stored.journal.book == journal.book && stored.journal.number == closed
                }?.sequence
            }
            dump.journals.append(
                StoredJournal(
                    sequence: logged.numbers.journal + Int64(index),
                    at: write.at,
                    journal: journal,
                    closes: closes
                )
            )
        }
        for (index, row) in logged.batch.history.enumerated() where row.uetr == uetr {
            dump.history.append(
                StoredStep(sequence: logged.numbers.step + Int64(index), row: row)
            )
        }
        dump.alerts += logged.batch.alerts.filter { $0.alert.uetr == uetr }
    }

    private mutating func addMessages(_ logged: LoggedBatch) {
        var number = logged.numbers.message
        for (direction, messages) in [
            (StoredMessage.Direction.received, logged.batch.received), (.sent, logged.batch.sent),
        ] {
            for message in messages {
                if message.uetr == uetr {
                    dump.messages.append(
                        StoredMessage(number: number, direction: direction, message)
                    )
                }
                number += 1
            }
        }
        for (index, instruction) in logged.instructions.enumerated() {
            guard case .hosted(let kind, let bytes) = instruction else { continue }
            if logged.batch.payments[index].uetr == uetr {
                dump.messages.append(
                    StoredMessage(
                        number: number,
                        direction: .hosted,
                        hop: nil,
                        kind: kind,
                        at: logged.batch.at,
                        uetr: uetr,
                        bytes: bytes
                    )
                )
            }
            number += 1
        }
    }

    private mutating func addPayments(_ logged: LoggedBatch, _ number: Int64) {
        var hosted = 0
        for (index, write) in logged.batch.payments.enumerated() {
            let place = logged.place(
                of: logged.instructions[index],
                batch: number,
                hosted: &hosted
            )
            guard write.uetr == uetr else { continue }
            let known = dump.payments.firstIndex { $0.instance == write.instance }
            let payment = StoredPayment(
                instance: write.instance,
                uetr: uetr,
                row: write.row,
                instruction: known.map { dump.payments[$0].instruction }
                    ?? place.map { logged.numbers.message + Int64($0.index) }
            )
            if let known {
                dump.payments[known] = payment
            } else {
                dump.payments.append(payment)
            }
        }
    }
}
