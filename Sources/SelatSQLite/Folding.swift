import SelatLedger
import SelatMoney
import SelatNode
import SelatScheme
import SelatStorage
import SelatTime

/// A frozen generation on its way to the tables, some rows with each commit, in the order in which
/// the pages lie: a page is written once or twice for a generation, not once for every row.
struct Folding {
    /// A record of the generation, to be sorted by its id or by its hash.
    private struct RecordPlace {
        let order: Int64
        let index: Int
    }

    private let generation: Generation
    private let dossiers: [(id: Int64, dossier: Dossier)]
    private let dossierHashes: [Generation.Hash]
    private let records: [RecordPlace]
    private let recordChanges: [RecordPlace]
    private var nextDossier = 0
    private var nextDossierHash = 0
    private var nextRecord = 0
    private var nextRecordHash = 0

    init(_ generation: Generation, _ tables: Tables) {
        self.generation = generation
        dossiers = generation.order.sorted { $0.id < $1.id }
        dossierHashes = generation.hashes.sorted { $0.hash < $1.hash }
        var records: [RecordPlace] = []
        var changes: [RecordPlace] = []
        records.reserveCapacity(generation.records.count)
        for (index, (key, entry)) in generation.records.entries.enumerated() {
            let isNew = entry.storedAsOf == 0
            records.append(RecordPlace(order: entry.id, index: index))
            // Else made and deleted within the generation, or in the index already.
            if isNew == (entry.row != nil) {
                changes.append(RecordPlace(order: tables.hash(of: key), index: index))
            }
        }
        self.records = records.sorted { $0.order < $1.order }
        recordChanges = changes.sorted { $0.order < $1.order }
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
                try write(dossiers[nextDossier].dossier, statements, &writer)
                nextDossier += 1
            } else if nextRecordHash < recordChanges.count {
                try writeHash(recordChanges[nextRecordHash], statements)
                nextRecordHash += 1
            } else if nextRecord < records.count {
                let (key, entry) = generation.records.entries[records[nextRecord].index]
                try write(key, entry, statements)
                nextRecord += 1
            } else {
                return false
            }
        }
        return true
    }

    private func write(_ hash: Generation.Hash, _ statements: FoldingStatements) throws(SQLiteError)
    {
        let insert = statements.insertDossierHash
        insert.bind(hash.hash)
        insert.bind(hash.dossier)
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
        _ place: RecordPlace,
        _ statements: FoldingStatements
    ) throws(SQLiteError) {
        let entry = generation.records.entries[place.index].value
        let change =
            entry.storedAsOf == 0 ? statements.insertRecordHash : statements.deleteRecordHash
        change.bind(place.order)
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

    init(_ state: borrowing LiveState) {
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
