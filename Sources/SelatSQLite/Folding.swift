import SelatLedger
import SelatMoney
import SelatNode
import SelatScheme
import SelatStorage
import SelatTime

/// A frozen generation on its way to the tables, some rows with each commit, in the order in which
/// the pages lie: a page is written once or twice for a generation, not once for every row.
struct Folding {
    private struct Hash {
        let hash: Int64
        let id: Int64
    }

    private let generation: Generation
    private let dossiers: [Dossier]
    private let dossierHashes: [Hash]
    private let records: [(key: RecordKey, entry: RecordEntry, hash: Int64)]
    private var nextDossier = 0
    private var nextDossierHash = 0
    private var nextRecord = 0
    private var nextRecordHash = 0
    private let recordsByHash: [Int]

    init(_ generation: Generation, _ tables: Tables) {
        self.generation = generation
        dossiers = generation.dossiers.values.sorted { $0.id < $1.id }
        var hashes: [Hash] = []
        hashes.reserveCapacity(dossiers.count * 2)
        for dossier in dossiers {
            if dossier.storedAsOf == 0 {
                hashes.append(Hash(hash: tables.hash(of: dossier.uetr), id: dossier.id))
            }
            for entry in dossier.receipts.dropFirst(dossier.indexedReceipts) {
                hashes.append(Hash(hash: tables.hash(of: entry.key), id: dossier.id))
            }
        }
        dossierHashes = hashes.sorted { $0.hash < $1.hash }
        records = generation.records
            .map { ($0.key, $0.value, tables.hash(of: $0.key)) }
            .sorted { $0.entry.id < $1.entry.id }
        recordsByHash = records.indices.sorted { [records] in records[$0].hash < records[$1].hash }
    }

    /// Writes `count` rows more; false when everything is written.
    mutating func write(
        _ count: Int,
        _ statements: FoldingStatements,
        _ writer: inout BatchWriter
    ) throws(SQLiteError) -> Bool {
        var left = count
        while left > 0 {
            left -= 1
            if nextDossierHash < dossierHashes.count {
                try write(dossierHashes[nextDossierHash], statements)
                nextDossierHash += 1
            } else if nextDossier < dossiers.count {
                try write(dossiers[nextDossier], statements, &writer)
                nextDossier += 1
            } else if nextRecordHash < recordsByHash.count {
                try writeHash(ofRecord: recordsByHash[nextRecordHash], statements)
                nextRecordHash += 1
            } else if nextRecord < records.count {
                try write(records[nextRecord].key, records[nextRecord].entry, statements)
                nextRecord += 1
            } else {
                return false
            }
        }
        return true
    }

    private func write(_ hash: Hash, _ statements: FoldingStatements) throws(SQLiteError) {
        let insert = statements.insertDossierHash
        insert.bind(hash.hash)
        insert.bind(hash.id)
        try insert.run()
    }

    private func write(
        _ dossier: Dossier,
        _ statements: FoldingStatements,
        _ writer: inout BatchWriter
    ) throws(SQLiteError) {
        let replace = statements.replaceDossier
        replace.bind(dossier.id)
        replace.bind(generation.lastBatch)
        replace.bind(dossier.due?.nanoseconds)
        dossier.encode(into: &writer)
        try unsafe writer.withBytes { content throws(SQLiteError) in
            unsafe replace.bind(untilRun: content)
            try replace.run()
        }
    }

    private func writeHash(
        ofRecord index: Int,
        _ statements: FoldingStatements
    ) throws(SQLiteError) {
        let (_, entry, hash) = records[index]
        let isNew = entry.storedAsOf == 0
        // Made and deleted within the generation, or already there.
        guard isNew != (entry.row == nil) else { return }
        let change = isNew ? statements.insertRecordHash : statements.deleteRecordHash
        change.bind(hash)
        change.bind(entry.id)
        try change.run()
    }

    private func write(
        _ key: RecordKey,
        _ entry: RecordEntry,
        _ statements: FoldingStatements
    ) throws(SQLiteError) {
        guard let row = entry.row else {
            guard entry.storedAsOf > 0 else { return }
            statements.deleteRecord.bind(entry.id)
            try statements.deleteRecord.run()
            return
        }
        let replace = statements.replaceRecord
        replace.bind(entry.id)
        replace.bind(generation.lastBatch)
        replace.bind(key.instance.name)
        replace.bind(key.kind.rawValue)
        replace.bind(key.key)
        replace.bind(row.version)
        replace.bind(row.content)
        try replace.run()
    }

    /// The rest: the accounts, and how far the tables go now.
    func finish(
        _ frontier: Frontier,
        _ statements: FoldingStatements
    ) throws(SQLiteError) {
        for entry in generation.accounts.values.sorted(by: { $0.account.key < $1.account.key }) {
            let (account, key) = (entry.account, entry.account.key)
            let replace = statements.replaceAccount
            replace.bind(key.book.name)
            replace.bind(key.name)
            replace.bind(key.currency.code)
            replace.bind(generation.lastBatch)
            replace.bind(account.kind.rawValue)
            replace.bind(account.floor)
            replace.bind(account.balance.postedDebits)
            replace.bind(account.balance.postedCredits)
            replace.bind(account.balance.pendingDebits)
            replace.bind(account.balance.pendingCredits)
            try replace.run()
        }
        try frontier.write(statements)
    }
}

/// Where the state stood when a generation was frozen: from here a start replays the log.
struct Frontier {
    let lastBatch: Int64
    let greatest: Int64
    let numbers: LoggedBatch.Numbers
    let links: [LinkPosition]
    let undelivered: [LinkID: [LiveState.Undelivered]]

    init(_ state: LiveState) {
        lastBatch = state.lastBatch
        greatest = state.greatestInstant.nanoseconds
        numbers = state.numbers
        links = state.links.values.sorted { $0.link < $1.link }
        undelivered = state.undeliveredMessages
    }

    func write(_ statements: FoldingStatements) throws(SQLiteError) {
        for position in links {
            let replace = statements.replaceLink
            replace.bind(position.link.node)
            replace.bind(bits: position.sendEpoch)
            replace.bind(bits: position.nextSequence)
            replace.bind(bits: position.acknowledged)
            replace.bind(bits: position.receivedEpoch)
            replace.bind(bits: position.receivedSequence)
            try replace.run()
        }
        try statements.deleteUndelivered.run()
        for link in undelivered.keys.sorted() {
            for message in undelivered[link] ?? [] {
                let insert = statements.insertUndelivered
                insert.bind(link.node)
                insert.bind(bits: message.sequence)
                insert.bind(bits: message.epoch)
                insert.bind(message.place.batch)
                insert.bind(Int64(message.place.index))
                try insert.run()
            }
        }
        let update = statements.updateFolded
        update.bind(lastBatch)
        update.bind(greatest)
        update.bind(numbers.message)
        update.bind(numbers.journal)
        update.bind(numbers.step)
        try update.run()
    }
}
