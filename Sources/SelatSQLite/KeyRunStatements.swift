/// Reading and writing runs and their pages.
struct KeyRunStatements {
    private let runs: Statement
    private let insertRun: Statement
    private let updateRun: Statement
    private let deleteRun: Statement
    private let findPage: Statement
    private let replacePage: Statement
    private let deletePages: Statement
    private let lastPage: Statement

    init(_ connection: SQLiteConnection) throws(SQLiteError) {
        func prepare(_ sql: String) throws(SQLiteError) -> Statement {
            try Statement(connection, sql)
        }
        runs = try prepare(
            """
            SELECT number, era, first_page, pages, keys, merges, is_whole FROM key_run
            ORDER BY number
            """
        )
        insertRun = try prepare(
            """
            INSERT INTO key_run (number, era, first_page, pages, keys, merges, is_whole)
            VALUES (?, ?, ?, ?, ?, ?, ?)
            """
        )
        updateRun = try prepare("UPDATE key_run SET is_whole = 1 WHERE number = ?")
        deleteRun = try prepare("DELETE FROM key_run WHERE number = ?")
        findPage = try prepare("SELECT keys FROM key_page WHERE id = ?")
        replacePage = try prepare("INSERT OR REPLACE INTO key_page (id, keys) VALUES (?, ?)")
        deletePages = try prepare("DELETE FROM key_page WHERE id >= ? AND id < ?")
        lastPage = try prepare("SELECT max(id) FROM key_page WHERE id >= ? AND id < ?")
    }

    func allRuns() throws(SQLiteError) -> [KeyRun] {
        defer { runs.reset() }
        var all: [KeyRun] = []
        while try runs.step() { all.append(try runs.keyRun()) }
        return all
    }

    func insert(_ run: KeyRun) throws(SQLiteError) {
        insertRun.bind(run.number)
        insertRun.bind(run.era)
        insertRun.bind(run.pages.lowerBound)
        insertRun.bind(Int64(run.pages.count))
        insertRun.bind(run.keys)
        insertRun.bind(run.merges)
        insertRun.bind(run.isWhole ? 1 : 0)
        try insertRun.run()
    }

    func setWhole(_ run: KeyRun) throws(SQLiteError) {
        updateRun.bind(run.number)
        try updateRun.run()
    }

    func deletePages(of run: KeyRun) throws(SQLiteError) {
        bind(run.pages, to: deletePages)
        try deletePages.run()
    }

    func delete(_ run: KeyRun) throws(SQLiteError) {
        try deletePages(of: run)
        deleteRun.bind(run.number)
        try deleteRun.run()
    }

    private func bind(_ pages: Range<Int64>, to statement: Statement) {
        statement.bind(pages.lowerBound)
        statement.bind(pages.upperBound)
    }

    /// The first page that is not written yet of a run that is not whole.
    func nextPage(of run: KeyRun) throws(SQLiteError) -> Int64 {
        bind(run.pages, to: lastPage)
        defer { lastPage.reset() }
        let last = try lastPage.step() ? lastPage.optionalInteger(0) : nil
        return last.map { $0 + 1 } ?? run.pages.lowerBound
    }

    func page(_ number: Int64) throws(SQLiteError) -> KeyPage {
        guard let page = try writtenPage(number) else {
            throw .corrupt("page \(number) of the keys is missing", doing: "read keys")
        }
        return page
    }

    /// `nil` when there is none.
    func writtenPage(_ number: Int64) throws(SQLiteError) -> KeyPage? {
        findPage.bind(number)
        defer { findPage.reset() }
        guard try findPage.step() else { return nil }
        guard let page = KeyPage(findPage.bytes(0)) else {
            throw findPage.unreadable(0, "keys of 16 bytes")
        }
        return page
    }

    func write(_ page: KeyPage, _ number: Int64) throws(SQLiteError) {
        replacePage.bind(number)
        replacePage.bind(page.bytes)
        try replacePage.run()
    }
}

extension Statement {
    /// The run in the seven columns.
    fileprivate func keyRun() throws(SQLiteError) -> KeyRun {
        let (first, pages, keys) = (integer(2), integer(3), integer(4))
        guard 1..<1 << 48 ~= first else { throw unreadable(2, "a page's id") }
        guard 1..<1 << 32 ~= pages else { throw unreadable(3, "a number of pages") }
        guard 1..<pages << 16 ~= keys else { throw unreadable(4, "a number of keys") }
        return KeyRun(
            number: integer(0),
            era: integer(1),
            pages: first..<first + pages,
            keys: keys,
            merges: integer(5),
            isWhole: integer(6) != 0
        )
    }
}
