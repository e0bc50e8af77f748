import SelatStorage

/// Finds the rows of the tables by the hashes of their keys.
///
/// Keys are random, and in one large index each would be written to a page of its own and looked
/// for on another. So the index has eras, and in an era runs: the keys of a generation are written
/// once, in the order of their hashes, and later merged with those of other generations. Most keys
/// looked for are new; a filter in memory for each era says so without a look at the tables.
/// Source: Specs/Decisions/0022-the-index-has-eras.md, 0034-keys-in-runs.md.
final class KeyIndex {
    private let runs: KeyRuns
    private let statements: FilterStatements
    /// The hashes at which an era is full.
    private let capacity: Int
    private var filters = EraFilters()
    /// Full eras whose filter no row keeps yet.
    private var unkept: [Int64] = []
    /// The era that takes what is new.
    private var era: Int64 = 1

    /// For reading: looks into every era, unless it loads the filters.
    init(_ connection: SQLiteConnection) throws(SQLiteError) {
        runs = try KeyRuns(connection)
        statements = try FilterStatements(connection)
        capacity = 0
        try findLastEra()
    }

    /// For writing: loads the filters, and makes those that are not kept.
    init(_ connection: SQLiteConnection, capacity: Int) throws(SQLiteError) {
        runs = try KeyRuns(connection)
        statements = try FilterStatements(connection)
        self.capacity = capacity
        try findLastEra()
        try loadFilters()
    }

    private func findLastEra() throws(SQLiteError) {
        let full = try statements.lastEra.step() ? statements.lastEra.integer(0) : 0
        statements.lastEra.reset()
        era = max(runs.lastEra, full + 1)
    }

    // MARK: Looking up

    /// Rows whose key may be the one of this hash, the youngest first.
    func rows(_ hash: Int64, _ table: KeyedTable) throws(SQLiteError) -> [Int64] {
        var rows: [Int64] = []
        try filters.forEachEra(of: hash, through: era) { era throws(SQLiteError) in
            rows += try runs.rows(hash, table, in: era)
        }
        return rows
    }

    // MARK: Writing

    /// Before the keys of a generation are written, so many: they all go to one era.
    func beginGeneration(keys: Int64) throws(SQLiteError) {
        if let last = filters.last, last.count >= capacity {
            unkept.append(era)
            era += 1
            filters.append(KeyFilter(capacity: capacity))
        }
        // Should the transaction be rolled back, the next start makes the filter again.
        for number in unkept { try keep(filters[number], of: number) }
        unkept.removeAll()
        filters.slice()
        runs.begin(era, keys: keys)
    }

    /// Takes new keys, in the order of their hashes.
    func insert(_ keys: ArraySlice<RowKey>) throws(SQLiteError) {
        for key in keys { filters.insert(key.hash) }
        try runs.append(keys)
    }

    /// Goes on merging the runs of an era, so many pages.
    func merge(_ pages: Int) throws(SQLiteError) { try runs.merge(pages, lastEra: era) }

    /// Forgets a row that is deleted; the filters never do.
    func delete(_ key: RowKey) throws(SQLiteError) {
        try filters.forEachEra(of: key.hash, through: era) { era throws(SQLiteError) in
            try runs.delete(key, in: era)
        }
    }

    /// After a transaction was rolled back: where the tables stand. What the filters have more than
    /// those does no harm.
    func forgetUnwritten() throws(SQLiteError) { try runs.forgetUnwritten() }

    // MARK: Filters

    /// As the tables are now.
    func load() throws(SQLiteError) {
        try runs.load()
        try findLastEra()
        try loadFilters()
    }

    /// From now on the filters are asked, those that are kept and those made of what the tables
    /// have.
    func loadFilters() throws(SQLiteError) {
        filters.removeAll()
        unkept.removeAll()
        for number in 1...era {
            if let kept = try kept(number) {
                filters.append(kept)
            } else {
                filters.append(try made(number))
                if number < era { unkept.append(number) }
            }
        }
        // Those that are still to be kept are wanted whole.
        if unkept.isEmpty { filters.slice() }
    }

    private func kept(_ number: Int64) throws(SQLiteError) -> KeyFilter? {
        let read = statements.read
        defer { read.reset() }
        read.bind(number)
        guard try read.step() else { return nil }
        guard let filter = KeyFilter(read.bytes(0)) else {
            throw read.unreadable(0, "a filter of whole blocks")
        }
        return filter
    }

    private func made(_ number: Int64) throws(SQLiteError) -> KeyFilter {
        // An era may hold a generation too many; much more only when its limit was another. Of one
        // size, filters can be laid side by side.
        let hashes = try runs.loadHashes(of: number)
        var filter = KeyFilter(capacity: hashes.count / 2 > capacity ? hashes.count : capacity)
        for hash in hashes { filter.insert(hash) }
        return filter
    }

    private func keep(_ filter: KeyFilter, of number: Int64) throws(SQLiteError) {
        let keep = statements.keep
        keep.bind(number)
        keep.bind(filter.bytes)
        try keep.run()
    }
}

private struct FilterStatements {
    let lastEra: Statement
    let read: Statement
    let keep: Statement

    init(_ connection: SQLiteConnection) throws(SQLiteError) {
        lastEra = try Statement(connection, "SELECT max(number) FROM era")
        read = try Statement(connection, "SELECT filter FROM era WHERE number = ?")
        keep = try Statement(connection, "INSERT OR REPLACE INTO era VALUES (?, ?)")
    }
}
