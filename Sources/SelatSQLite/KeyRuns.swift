import SelatStorage

/// The runs of all eras in the tables.
///
/// Each generation writes one. Those of a full era are merged into one, and so are those of the
/// last era when they are many, some pages with each commit: then a key is looked for in one place.
final class KeyRuns {
    /// Runs that the last era may have before they are merged: each is a look more.
    static let most = 32

    private let statements: KeyRunStatements
    /// By number.
    private var runs: [KeyRun] = [] { didSet { findLive() } }
    /// By era, those that keys are looked for in.
    private var live: [Int64: [KeyRun]] = [:]
    /// By number, what a run may have; one without may have any hash. The last era's have one, so
    /// that a key is looked for in the one run that has it.
    private var filters: [Int64: KeyFilter] = [:]
    /// Pages from this one on are nobody's, but that of the run that is being written.
    private var nextPage: Int64 = 1
    private var writing: KeyRunWriter?
    private var merging: KeyRunMerge?
    /// False when there is nothing to merge.
    private var mayMerge = true

    init(_ connection: SQLiteConnection) throws(SQLiteError) {
        statements = try KeyRunStatements(connection)
        try load()
    }

    /// As the tables are now: what is not whole there is written from where it stands.
    func load() throws(SQLiteError) {
        filters.removeAll()
        try forgetUnwritten()
    }

    /// As `load`, where nobody else has written: what runs have is known.
    func forgetUnwritten() throws(SQLiteError) {
        runs = try statements.allRuns()
        filters = filters.filter { number, _ in runs.contains { $0.number == number } }
        nextPage = runs.map(\.pages.upperBound).max() ?? 1
        writing = nil
        merging = nil
        mayMerge = true
    }

    private func findLive() {
        live = Dictionary(grouping: runs.filter { isLive($0) }, by: \.era)
    }

    private func isLive(_ run: KeyRun) -> Bool { run.isWhole && !isTakenOver(run) }

    /// Whether another run has all its keys.
    private func isTakenOver(_ run: KeyRun) -> Bool {
        runs.contains { $0.isWhole && $0.takesOver(run) }
    }

    var lastEra: Int64 { runs.map(\.era).max() ?? 1 }

    // MARK: Looking up

    /// Rows whose key may be the one of this hash, the youngest run first.
    func rows(
        _ hash: Int64,
        _ table: KeyedTable,
        in era: Int64
    ) throws(SQLiteError) -> [Int64] {
        var rows: [Int64] = []
        for run in live[era, default: []].reversed()
        where filters[run.number]?.mayHold(hash) ?? true {
            rows += try statements.page(run.page(of: hash)).rows(hash, table)
        }
        return rows
    }

    /// Those of all keys of an era. From now on its runs are read only for what they may have.
    func loadHashes(of era: Int64) throws(SQLiteError) -> [Int64] {
        var hashes: [Int64] = []
        for run in live[era, default: []] {
            let start = hashes.count
            for number in run.pages {
                let page = try statements.page(number)
                for place in 0..<page.count { hashes.append(page.hash(at: place)) }
            }
            var filter = KeyFilter(capacity: hashes.count - start)
            for hash in hashes[start...] { filter.insert(hash) }
            filters[run.number] = filter
        }
        return hashes
    }

    // MARK: Writing

    /// Begins a run of so many keys.
    func begin(_ era: Int64, keys: Int64) {
        guard keys > 0 else { return }
        let run = newRun(of: era, keys: keys)
        writing = KeyRunWriter(run, statements)
        filters[run.number] = KeyFilter(capacity: Int(keys))
    }

    /// The next run, of pages that are nobody's; `merges` is the first run whose keys it takes over.
    private func newRun(of era: Int64, keys: Int64, merges: Int64? = nil) -> KeyRun {
        let number = (runs.last?.number ?? 0) + 1
        return KeyRun(
            number: number,
            era: era,
            pages: nextPage..<nextPage + (keys - 1) / KeyPage.keys + 1,
            keys: keys,
            merges: merges ?? number,
            isWhole: merges == nil
        )
    }

    /// Takes keys of the run, in the order of their hashes. Once it has all of them they are found
    /// in it.
    func append(_ keys: ArraySlice<RowKey>) throws(SQLiteError) {
        guard let written = writing else { return }
        for key in keys {
            try written.append(key)
            filters[written.run.number]?.insert(key.hash)
        }
        guard written.taken == written.run.keys else { return }
        try written.end()
        try add(written.run)
        writing = nil
        mayMerge = true
    }

    private func add(_ run: KeyRun) throws(SQLiteError) {
        try statements.insert(run)
        runs.append(run)
        nextPage = run.pages.upperBound
    }

    /// Forgets a key, wherever it stands.
    func delete(_ key: RowKey, in era: Int64) throws(SQLiteError) {
        for run in runs where run.era == era {
            let number = run.page(of: key.hash)
            guard var page = try statements.writtenPage(number), page.remove(key) else { continue }
            try statements.write(page, number)
        }
        // It has keys of a page in memory: it reads that again.
        merging = nil
    }

    // MARK: Merging

    /// Does so many pages' work, if there is any; not while a run is being written.
    func merge(_ pages: Int, lastEra: Int64) throws(SQLiteError) {
        guard mayMerge, writing == nil else { return }
        var left = pages
        while left > 0, mayMerge {
            if let place = runs.firstIndex(where: { !$0.isWhole }) {
                left -= try merge(into: runs[place], left)
                guard merging == nil else { return }
                try statements.setWhole(runs[place])
                runs[place].isWhole = true
            } else if let place = runs.firstIndex(where: { isTakenOver($0) }) {
                try statements.delete(runs[place])
                left -= runs[place].pages.count
                filters[runs.remove(at: place).number] = nil
            } else if let era = live.keys.sorted().first(where: { isToMerge($0, lastEra) }) {
                try beginMerge(of: era)
            } else {
                mayMerge = false
            }
        }
    }

    private func isToMerge(_ era: Int64, _ lastEra: Int64) -> Bool {
        live[era, default: []].count > (era < lastEra ? 1 : KeyRuns.most)
    }

    private func beginMerge(of era: Int64) throws(SQLiteError) {
        let sources = live[era, default: []]
        let keys = sources.reduce(0) { $0 + $1.keys }
        let run = newRun(of: era, keys: keys, merges: sources.first?.number)
        // What is there is a crash's, and is not to be taken for pages of this run.
        try statements.deletePages(of: run)
        try add(run)
    }

    /// Writes so many pages of a run at most, from where it stands, and answers how many. With the
    /// last one `merging` is over.
    private func merge(into run: KeyRun, _ pages: Int) throws(SQLiteError) -> Int {
        let merge: KeyRunMerge
        if let merging {
            merge = merging
        } else {
            let sources = runs.filter { $0.isWhole && run.takesOver($0) }
            let next = try statements.nextPage(of: run)
            merge = KeyRunMerge(sources, into: run, from: next, statements)
        }
        let written = try merge.write(pages)
        merging = merge.isDone ? nil : merge
        return written
    }
}
