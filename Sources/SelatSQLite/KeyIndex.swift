import SelatStorage

/// Finds the rows of the tables by the hashes of their keys.
///
/// Keys are random, and in one large index each would be written to a page of its own and looked
/// for on another. So the index has eras: what is new goes to the last one, which is small enough
/// to stay in memory, and an era that is full is never written again. Most keys looked for are new;
/// a filter in memory for each era says so without a look at the tables.
/// Source: Specs/Decisions/0022-the-index-has-eras.md.
final class KeyIndex {
    private let connection: SQLiteConnection
    private let statements: KeyStatements
    /// The hashes at which an era is full.
    private let capacity: Int
    /// The filters of the first eras, eight by eight.
    private var slices: [FilterSlice] = []
    /// Those of the eras behind them. Eras behind these are looked into: all, for a reader that
    /// has read none.
    private var filters: [KeyFilter] = []
    /// Full eras whose filter no row keeps yet.
    private var unkept: [Int64] = []
    /// The era that takes what is new.
    private(set) var era: Int64 = 0

    /// For reading: looks into every era, unless it reads the filters.
    init(_ connection: SQLiteConnection) throws(SQLiteError) {
        self.connection = connection
        statements = try KeyStatements(connection)
        capacity = 0
        era = try KeyIndex.lastEra(connection)
    }

    /// For writing: loads the filters, and makes those that are not kept.
    init(_ connection: SQLiteConnection, capacity: Int) throws(SQLiteError) {
        self.connection = connection
        self.capacity = capacity
        statements = try KeyStatements(connection)
        try load()
    }

    private static func lastEra(_ connection: SQLiteConnection) throws(SQLiteError) -> Int64 {
        let written = try connection.integer("SELECT max(era) FROM row_key") ?? 0
        let full = try connection.integer("SELECT max(number) FROM era") ?? 0
        return max(written, full + 1)
    }

    // MARK: Looking up

    /// Rows whose key may be the one of this hash, the youngest first.
    func rows(_ hash: Int64, _ table: KeyedTable) throws(SQLiteError) -> [Int64] {
        var rows: [Int64] = []
        let find = statements.find
        try forEachEra(of: hash) { era throws(SQLiteError) in
            find.bind(era)
            find.bind(hash)
            find.bind(table.rawValue)
            while try find.step() { rows.append(find.integer(0)) }
            find.reset()
        }
        return rows
    }

    /// The eras that may hold a hash, the last first.
    private func forEachEra(
        of hash: Int64,
        _ body: (Int64) throws(SQLiteError) -> Void
    ) throws(SQLiteError) {
        let sliced = Int64(slices.count * FilterSlice.width)
        for number in stride(from: era, to: sliced + Int64(filters.count), by: -1) {
            try body(number)
        }
        var end = filters.count
        while end > 0 {
            let start = max(end - UInt64.bitWidth, 0)
            var left: UInt64 = 0
            for place in start..<end {
                left |= filters[place].firstBit(of: hash) << UInt64(place - start)
            }
            while let bit = left.takeHighestBit() {
                if filters[start + bit].mayHold(hash) { try body(sliced + Int64(start + bit + 1)) }
            }
            end = start
        }
        for slice in slices.indices.reversed() {
            var left = slices[slice].mayHold(hash)
            while let bit = left.takeHighestBit() {
                try body(Int64(slice * FilterSlice.width + bit + 1))
            }
        }
    }

    // MARK: Writing

    /// Before the keys of a generation are written: they all go to one era.
    func beginGeneration() throws(SQLiteError) {
        if let last = filters.last, last.count >= capacity {
            unkept.append(era)
            era += 1
            filters.append(KeyFilter(capacity: capacity))
        }
        // Should the transaction be rolled back, the next start makes the filter again.
        let sliced = slices.count * FilterSlice.width
        for number in unkept { try keep(filters[Int(number) - sliced - 1], of: number) }
        unkept.removeAll()
        slice()
    }

    /// Lays full eras side by side, eight that are kept at a time.
    private func slice() {
        while filters.count > FilterSlice.width,
            let slice = FilterSlice(filters.prefix(FilterSlice.width))
        {
            slices.append(slice)
            filters.removeFirst(FilterSlice.width)
        }
    }

    /// Takes new keys, in the order of their hashes.
    func insert(_ keys: ArraySlice<RowKey>) throws(SQLiteError) {
        for key in keys { filters[filters.count - 1].insert(key.hash) }
        var left = keys
        while !left.isEmpty {
            let (insert, count) = statements.insert.taking(of: left.count)
            for key in left.prefix(count) {
                insert.bind(era)
                insert.bind(key)
            }
            try insert.run()
            left = left.dropFirst(count)
        }
    }

    /// Forgets a row that is deleted; the filters never do.
    func delete(_ key: RowKey) throws(SQLiteError) {
        let delete = statements.delete
        try forEachEra(of: key.hash) { era throws(SQLiteError) in
            delete.bind(era)
            delete.bind(key)
            try delete.run()
        }
    }

    // MARK: Filters

    /// As the tables are now.
    func load() throws(SQLiteError) {
        era = try KeyIndex.lastEra(connection)
        slices.removeAll()
        filters.removeAll(keepingCapacity: true)
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
        if unkept.isEmpty { slice() }
    }

    /// For a reader that looks for many keys: from now on it asks the filters that are kept.
    func readFilters() throws(SQLiteError) {
        for number in 1..<era {
            guard let kept = try kept(number) else { break }
            filters.append(kept)
        }
        slice()
    }

    private func kept(_ number: Int64) throws(SQLiteError) -> KeyFilter? {
        let read = statements.readFilter
        defer { read.reset() }
        read.bind(number)
        guard try read.step() else { return nil }
        guard let filter = KeyFilter(read.bytes(0)) else {
            throw read.unreadable(0, "a filter of whole blocks")
        }
        return filter
    }

    private func made(_ number: Int64) throws(SQLiteError) -> KeyFilter {
        let counting = statements.count
        counting.bind(number)
        let count = try counting.step() ? Int(counting.integer(0)) : 0
        counting.reset()
        // An era may hold a generation too many; much more only when its limit was another. Of one
        // size, filters can be laid side by side.
        var filter = KeyFilter(capacity: count / 2 > capacity ? count : capacity)
        let hashes = statements.hashes
        defer { hashes.reset() }
        hashes.bind(number)
        while try hashes.step() { filter.insert(hashes.integer(0)) }
        return filter
    }

    private func keep(_ filter: KeyFilter, of number: Int64) throws(SQLiteError) {
        let keep = statements.keepFilter
        keep.bind(number)
        keep.bind(filter.bytes)
        try keep.run()
    }
}

private struct KeyStatements {
    let find: Statement
    let insert: RowsStatement
    let delete: Statement
    let readFilter: Statement
    let keepFilter: Statement
    let count: Statement
    let hashes: Statement

    init(_ connection: SQLiteConnection) throws(SQLiteError) {
        func prepare(_ sql: String) throws(SQLiteError) -> Statement {
            try Statement(connection, sql)
        }
        find = try prepare("SELECT id FROM row_key WHERE era = ? AND hash = ? AND kind = ?")
        insert = try RowsStatement(connection, "INSERT OR IGNORE INTO row_key", columns: 4)
        delete = try prepare(
            "DELETE FROM row_key WHERE era = ? AND hash = ? AND kind = ? AND id = ?"
        )
        readFilter = try prepare("SELECT filter FROM era WHERE number = ?")
        keepFilter = try prepare("INSERT OR REPLACE INTO era VALUES (?, ?)")
        count = try prepare("SELECT count(*) FROM row_key WHERE era = ?")
        hashes = try prepare("SELECT hash FROM row_key WHERE era = ?")
    }
}

extension Statement {
    /// Hash, table and row.
    fileprivate func bind(_ key: RowKey) {
        bind(key.hash)
        bind(key.table.rawValue)
        bind(key.row)
    }
}

extension FixedWidthInteger {
    /// The place of the highest bit that is set, which is cleared; `nil` when there is none.
    fileprivate mutating func takeHighestBit() -> Int? {
        guard self != 0 else { return nil }
        let bit = Self.bitWidth - 1 - leadingZeroBitCount
        self &= ~(1 << Self(bit))
        return bit
    }
}
