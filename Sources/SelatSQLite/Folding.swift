import SelatLedger
import SelatMoney
import SelatNode
import SelatScheme
import SelatStorage
import SelatTime

/// A frozen generation on its way to the tables, some rows with each commit, in the order in which
/// the pages lie: a page is written once or twice for a generation, not once for every row.
struct Folding {
    private let generation: Generation
    private let tables: Tables
    /// The part of the keys at hand, by hash.
    private var keys: [RowKey] = []
    private var nextPart = 0
    private var nextKey = 0
    /// Places among the generation's dossiers and records, by id.
    private let dossiers: [Int]
    private let records: [Int]
    private var nextDossier = 0
    private var nextRecord = 0
    /// Keys and rows to be written for each row of the generation.
    private let writesPerRow: Int

    init(_ generation: Generation, _ tables: Tables) {
        self.generation = generation
        self.tables = tables
        let entries = generation.records.entries
        dossiers = Folding.order(generation.dossiers.indices, from: generation.firstDossier) {
            generation.dossiers[$0].id
        }
        records = Folding.order(entries.indices, from: generation.firstRecord) {
            entries[$0].value.id
        }
        writesPerRow =
            1 + (generation.keyCount + dossiers.count + records.count) / max(generation.rows, 1)
    }

    /// By id. Those whose ids were given in the generation came in that order.
    private static func order(
        _ places: Range<Int>,
        from first: Int64,
        _ id: (Int) -> Int64
    ) -> [Int] {
        let older = places.filter { id($0) < first }.sorted { id($0) < id($1) }
        return older + places.filter { id($0) >= first }
    }

    /// What to write while the next generation gets so many rows, to be done when that one is half
    /// complete.
    func count(besides rows: Int) -> Int { 2 * writesPerRow * rows }

    /// Writes `count` keys and rows more; false when everything is written.
    mutating func write(
        _ count: Int,
        _ statements: FoldingStatements,
        _ writer: inout BatchWriter
    ) throws(SQLiteError) -> Bool {
        var left = count
        while left > 0 {
            let keys = takeKeys(left)
            if !keys.isEmpty {
                try tables.index.insert(keys)
                left -= keys.count
            } else if nextDossier < dossiers.count {
                left -= try writeDossiers(left, statements, &writer)
            } else if nextRecord < records.count {
                left -= try writeRecords(left, statements, &writer)
            } else {
                return false
            }
        }
        return true
    }

    /// At most so many of the next keys; none when all are taken.
    private mutating func takeKeys(_ most: Int) -> ArraySlice<RowKey> {
        while nextKey == keys.count {
            guard nextPart < generation.keys.count else { return [] }
            keys = generation.keys[nextPart].sorted { $0.hash < $1.hash }
            nextPart += 1
            nextKey = 0
        }
        let taken = keys[nextKey..<min(nextKey + most, keys.count)]
        nextKey = taken.endIndex
        return taken
    }

    /// Writes some of the next dossiers, at most so many, and answers how many.
    private mutating func writeDossiers(
        _ most: Int,
        _ statements: FoldingStatements,
        _ writer: inout BatchWriter
    ) throws(SQLiteError) -> Int {
        let left = min(most, dossiers.count - nextDossier)
        let (replace, count) = statements.replaceDossiers.taking(of: left)
        let places = dossiers[nextDossier..<nextDossier + count]
        writer.removeAll()
        var ends: [Int] = []
        ends.reserveCapacity(count)
        for place in places {
            generation.dossiers[place].dossier.encode(into: &writer)
            ends.append(writer.count)
        }
        try unsafe writer.withBytes { contents throws(SQLiteError) in
            for (number, place) in places.enumerated() {
                let (id, _, dossier) = generation.dossiers[place]
                replace.bind(id)
                replace.bind(generation.lastBatch)
                replace.bind(dossier.due?.nanoseconds)
                unsafe replace.bind(untilRun: contents.part(number, endingAt: ends))
            }
            try replace.run()
        }
        nextDossier += count
        return count
    }

    /// As `writeDossiers`.
    private mutating func writeRecords(
        _ most: Int,
        _ statements: FoldingStatements,
        _ writer: inout BatchWriter
    ) throws(SQLiteError) -> Int {
        let entries = generation.records.entries
        let next = records[nextRecord...].prefix(min(most, RowsStatement.most))
        let left = next.prefix { entries[$0].value.row != nil }
        guard !left.isEmpty else {
            let (key, entry) = entries[records[nextRecord]]
            try delete(key, entry.id, statements)
            nextRecord += 1
            return 1
        }
        let (replace, count) = statements.replaceRecords.taking(of: left.count)
        let places = left.prefix(count)
        writer.removeAll()
        var ends: [Int] = []
        ends.reserveCapacity(4 * count)
        for place in places {
            let (key, entry) = entries[place]
            writer.append(key.instance.name)
            ends.append(writer.count)
            writer.append(key.kind.rawValue)
            ends.append(writer.count)
            writer.append(key.key)
            ends.append(writer.count)
            unsafe entry.row?.content.withUnsafeBytes { unsafe writer.append($0) }
            ends.append(writer.count)
        }
        try unsafe writer.withBytes { contents throws(SQLiteError) in
            for (number, place) in places.enumerated() {
                replace.bind(entries[place].value.id)
                replace.bind(generation.lastBatch)
                for text in 4 * number..<4 * number + 3 {
                    unsafe replace.bind(textUntilRun: contents.part(text, endingAt: ends))
                }
                replace.bind(entries[place].value.row?.version)
                unsafe replace.bind(untilRun: contents.part(4 * number + 3, endingAt: ends))
            }
            try replace.run()
        }
        nextRecord += count
        return count
    }

    private func delete(
        _ key: RecordKey,
        _ id: Int64,
        _ statements: FoldingStatements
    ) throws(SQLiteError) {
        let hash = tables.hash(of: key)
        try tables.index.delete(RowKey(hash: hash, table: .record, row: id))
        statements.deleteRecord.bind(id)
        try statements.deleteRecord.run()
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

extension UnsafeRawBufferPointer {
    /// One of the parts that stand one behind the other and end there.
    fileprivate func part(_ number: Int, endingAt ends: [Int]) -> UnsafeRawBufferPointer {
        let start = number == 0 ? 0 : ends[number - 1]
        return unsafe UnsafeRawBufferPointer(rebasing: self[start..<ends[number]])
    }
}
