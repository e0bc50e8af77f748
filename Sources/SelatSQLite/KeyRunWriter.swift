import SelatStorage

/// Writes a run, page by page.
final class KeyRunWriter {
    let run: KeyRun
    private let statements: KeyRunStatements
    /// The page at hand, and what it has so far.
    private(set) var number: Int64
    private var page = KeyPage()
    /// Keys that it was given.
    private(set) var taken: Int64 = 0

    init(_ run: KeyRun, from number: Int64? = nil, _ statements: KeyRunStatements) {
        self.run = run
        self.number = number ?? run.pages.lowerBound
        self.statements = statements
    }

    /// Takes the next key by hash.
    func append(_ key: RowKey) throws(SQLiteError) {
        let number = run.page(of: key.hash)
        while self.number < number { try write() }
        page.append(key)
        taken += 1
    }

    func end() throws(SQLiteError) {
        while number < run.pages.upperBound { try write() }
    }

    /// Also an empty page: what a crash left in its place is nobody's.
    func write() throws(SQLiteError) {
        try statements.write(page, number)
        page.removeAll()
        number += 1
    }
}

/// Writes the keys of some runs as one.
final class KeyRunMerge {
    private let writer: KeyRunWriter
    private var sources: [RunCursor]

    init(
        _ sources: [KeyRun],
        into run: KeyRun,
        from number: Int64,
        _ statements: KeyRunStatements
    ) {
        writer = KeyRunWriter(run, from: number, statements)
        self.sources = sources.map { RunCursor($0, from: number, of: run, statements) }
    }

    var isDone: Bool { writer.number == writer.run.pages.upperBound }

    /// Writes so many pages at most, and answers how many.
    func write(_ pages: Int) throws(SQLiteError) -> Int {
        var written = 0
        while written < pages, !isDone {
            var keys: [RowKey] = []
            for place in sources.indices {
                try sources[place].take(writer.number, of: writer.run, into: &keys)
            }
            keys.sort { ($0.hash, $0.row) < ($1.hash, $1.row) }
            var before: RowKey?
            // A generation that a crash interrupted wrote its keys twice.
            for key in keys where key != before {
                try writer.append(key)
                before = key
            }
            try writer.write()
            written += 1
        }
        return written
    }
}

/// Where a run's keys are read.
private struct RunCursor {
    private let run: KeyRun
    private let statements: KeyRunStatements
    private var number: Int64
    private var page = KeyPage()
    private var place = 0

    /// For what is to be taken from some page of another run on.
    init(_ run: KeyRun, from page: Int64, of target: KeyRun, _ statements: KeyRunStatements) {
        self.run = run
        self.statements = statements
        number = run.page(beginning: page, of: target)
    }

    /// Takes the keys of one page of another run, and passes over those before it, which it has.
    mutating func take(
        _ wanted: Int64,
        of target: KeyRun,
        into keys: inout [RowKey]
    ) throws(SQLiteError) {
        while true {
            while place < page.count {
                let key = page[place]
                let home = target.page(of: key.hash)
                guard home <= wanted else { return }
                if home == wanted { keys.append(key) }
                place += 1
            }
            guard number < run.pages.upperBound else { return }
            page = try statements.page(number)
            number += 1
            place = 0
        }
    }
}
