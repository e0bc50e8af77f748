import SelatLedger
package import SelatNode
import SelatScheme
package import SelatStorage

/// A database at one moment, read as an audit needs it: the whole log once, a stretch at a time,
/// and then each share's batches again. One thread at a time.
///
/// Each batch is checked again as it was before its commit: what is about no payment when the log
/// is gone through, payments and records when their share is read. What the log leads to is
/// compared with the tables. Until this is let go of the database keeps all that was there at the
/// moment, so a node at work cannot shorten its log meanwhile.
package final class SQLiteHistory {
    /// Batches that one stretch covers at most.
    private static let stretch = 64

    private let node: LinkID
    private let tables: Tables
    private let reader: DumpReader
    private var state: LiveState
    /// Accounts, balances and links as far as the log was gone through.
    private let model = MemoryStore()
    /// Those of the next batch's first rows.
    private var numbers = LoggedBatch.Numbers()
    /// Share to the batches that are about it, in their order.
    private var batches: [Int: [Int64]] = [:]

    /// `connection` is in a transaction of its own.
    init(
        node: LinkID,
        _ connection: SQLiteConnection,
        path: String
    ) throws(SQLiteError) {
        self.node = node
        tables = try Tables(reading: connection, try Archives(connection, beside: path))
        // The keys of an era are read again and again: 32 MB of pages.
        try connection.execute("PRAGMA cache_size = -32768")
        // All that the log ever wrote is looked for. What a filter denies wrongly is then missing.
        try tables.index.loadFilters()
        reader = DumpReader(connection, tables)
        state = try Recovery(connection, tables).state()
    }

    /// As `StoredHistory.stretch`.
    package func stretch(
        after place: Int64,
        _ shares: Shares
    ) throws(StoreError) -> (dump: NodeDump, last: Int64)? {
        try asStoreError { () throws(SQLiteError) in
            var dump = NodeDump()
            var last = place
            var rows = tables.log.rows(after: place)
            while last < place + Int64(SQLiteHistory.stretch), let row = try rows.next() {
                let number = row.integer(0)
                guard number == last + 1 else {
                    throw .corrupt("batch \(last + 1) is missing", doing: "replay the log")
                }
                let logged = try row.loggedBatch()
                guard logged.numbers == numbers else {
                    throw .corrupt("batch \(number) is numbered otherwise", doing: "replay the log")
                }
                numbers = logged.nextNumbers
                try commit(BatchPart(withoutPaymentsOf: logged), number, to: model)
                dump.accounts += logged.batch.accounts
                dump.journals += logged.storedJournals
                dump.alerts += logged.batch.alerts
                dump.messages += model.takeMessages() + logged.hostedMessages
                for share in logged.deal(shares, at: node) {
                    batches[share, default: []].append(number)
                }
                last = number
            }
            return last == place ? nil : (dump, last)
        }
    }

    /// As `StoredHistory.standing`: the accounts are those of the tables, for a checker to hold
    /// against the journals.
    package func standing() throws(StoreError) -> NodeDump {
        try asStoreError { () throws(SQLiteError) in
            var dump = model.dump()
            do throws(StoreError) {
                dump.accounts = try reader.stored(dump.accounts, in: &state)
            } catch {
                throw .corrupt("\(error)", doing: "compare tables and log")
            }
            return dump
        }
    }

    /// As `StoredHistory.part`.
    package func part(_ share: Share) throws(StoreError) -> HistoryPart {
        try asStoreError { () throws(SQLiteError) in
            let whole = model.dump()
            let model = MemoryStore(partsWith: whole.accounts, whole.links)
            var crossings: [StoredMessage] = []
            for number in batches[share.number] ?? [] {
                let logged = try batch(number)
                crossings += logged.crossings(in: share, at: node)
                let part: BatchPart
                do throws(BatchError) { part = try BatchPart(logged, in: share) } catch {
                    throw .corrupt("batch \(number): \(error)", doing: "replay the log")
                }
                try commit(part, number, to: model)
            }
            var dump = model.dump()
            do throws(StoreError) { try reader.compare(dump, with: &state) } catch {
                throw .corrupt("\(error)", doing: "compare tables and log")
            }
            state.forgetFound()
            // Compared, and of no more use.
            dump.receipts = []
            dump.records = []
            return HistoryPart(dump: dump, crossings: crossings)
        }
    }

    /// As `StoredHistory.records`.
    package func records(_ keys: [RecordKey]) throws(StoreError) -> [StoredRecord] {
        var records: [StoredRecord] = []
        for key in keys {
            guard
                case .record(let row) = try state.fact(.record(key.instance, key.kind, key.key))
            else { continue }
            records.append(
                StoredRecord(instance: key.instance, kind: key.kind, key: key.key, row: row)
            )
        }
        return records
    }

    /// As the log goes: what is in an archive and in the table as well counts as archived.
    private func batch(_ number: Int64) throws(SQLiteError) -> LoggedBatch {
        if let archived = try tables.archives.batch(number) { return archived }
        return try tables.batch(number)
    }

    private func commit(
        _ part: BatchPart,
        _ number: Int64,
        to model: MemoryStore
    ) throws(SQLiteError) {
        let outcome = model.commit(part)
        guard outcome == .committed else {
            throw .corrupt("batch \(number) of the log: \(outcome)", doing: "replay the log")
        }
    }
}
