import CCheckedPages
import CSQLite
import SelatNode
import SelatSQLite
import SelatStorage
import Testing

/// A database's pages, touched from outside.
enum Pages {
    static let size = Int(SELAT_PAGE)

    /// Changes the first page as a program would that keeps the marks.
    static func patchMarked(_ path: String, at offset: Int, _ bytes: [UInt8]) throws {
        var content = contents(of: path)
        content.replaceSubrange(offset..<offset + bytes.count, with: bytes)
        let mark = unsafe content.withUnsafeBytes { page in
            unsafe selat_page_mark(page.baseAddress, 1)
        }
        let stored = (0..<8).map { UInt8(truncatingIfNeeded: mark >> (UInt64($0) * 8)) }
        content.replaceSubrange(size - 8..<size, with: stored)
        try write(content, to: path)
    }

    /// Runs SQL as any other program would, with a connection that knows no marks.
    static func execute(_ sql: String, on path: String) throws {
        var handle: OpaquePointer?
        try #require(unsafe sqlite3_open(path, &handle) == SQLITE_OK)
        defer { _ = unsafe sqlite3_close(handle) }
        try #require(unsafe sqlite3_exec(handle, sql, nil, nil, nil) == SQLITE_OK)
    }

    /// What each page holds: its table or index, and internal, leaf or overflow.
    static func kinds(of path: String) throws -> [Int: String] {
        let sql = "SELECT pageno || ' ' || name || ' ' || pagetype FROM dbstat"
        var kinds: [Int: String] = [:]
        for text in try texts(sql, of: path) {
            let parts = text.split(separator: " ", maxSplits: 1)
            if let number = Int(parts[0]) { kinds[number] = String(parts[1]) }
        }
        return kinds
    }

    /// The first column of each row.
    static func texts(_ sql: String, of path: String) throws -> [String] {
        var handle: OpaquePointer?
        try #require(
            unsafe sqlite3_open_v2(path, &handle, SQLITE_OPEN_READONLY, nil) == SQLITE_OK
        )
        defer { _ = unsafe sqlite3_close(handle) }
        var statement: OpaquePointer?
        try #require(unsafe sqlite3_prepare_v2(handle, sql, -1, &statement, nil) == SQLITE_OK)
        defer { _ = unsafe sqlite3_finalize(statement) }
        var texts: [String] = []
        while unsafe sqlite3_step(statement) == SQLITE_ROW {
            let text = unsafe sqlite3_column_text(statement, 0).map { unsafe String(cString: $0) }
            texts.append(text ?? "")
        }
        return texts
    }
}

/// A disk that gives back something else than was written: the store refuses, and never answers
/// from it. Specs/Disk.md.
@Suite struct DamageTests {
    private static let payments: ClosedRange<UInt64> = 1...330
    private static let keys =
        Keyed.keys(payments) + [.account(Sample.customer), .account(Sample.settlement)]

    /// Everything folded, so that each kind of page is there.
    private static func fill(_ path: String) throws {
        var options = SQLiteOptions()
        options.eraKeys = 600
        let store = try SQLiteStore(path: path, options: options)
        let opening = batch { batch in
            batch.accounts = Sample.accounts
            batch.links = [LinkPosition(link: Sample.link, sendEpoch: 7, nextSequence: 300)]
            batch.sent = (1...299).map { Sample.retained($0) }
        }
        #expect(store.commit(opening) == .committed)
        for number in payments {
            let filling = batch { batch in
                batch.payments = [Sample.payment(number, due: Sample.at(9))]
                batch.receipts = [Sample.receiptWrite(number, id: "m\(number)")]
                let content = Sample.noise(number, count: number % 20 == 0 ? 6000 : 400)
                batch.records = [Sample.record("r\(number)", content)]
            }
            #expect(store.commit(filling) == .committed)
            if number == payments.upperBound - 10 { try store.foldAll() }
        }
        try store.foldAll()
    }

    /// What a node asks of its store, all of it; `nil` when it was refused for damage.
    private static func everything(_ path: String) throws -> ([Fact], Recovered)? {
        do {
            let store = try SQLiteStore(path: path)
            return (try store.fetch(keys), try store.recover())
        } catch StoreError.corrupt {
            return nil
        }
    }

    @Test func aChangedByteInAnyPageIsNeverServed() throws {
        let folder = try TemporaryFolder()
        let path = folder.file("node.db")
        try Self.fill(path)
        let sound = contents(of: path)
        let kinds = try Pages.kinds(of: path)
        let whole = try #require(try Self.everything(path))
        #expect(contents(of: path) == sound)
        var refused: Set<String> = []
        for page in 1...sound.count / Pages.size {
            for place in [0, 21, 1000 + page % 512, Pages.size - 3] {
                var damaged = sound
                damaged[(page - 1) * Pages.size + place] ^= 1 << UInt8(page % 8)
                try write(damaged, to: path)
                if let served = try Self.everything(path) {
                    #expect(served.0 == whole.0 && served.1 == whole.1, "page \(page)")
                } else {
                    refused.insert(kinds[page] ?? "free")
                }
            }
        }
        let wanted = [
            "sqlite_schema leaf", "batch internal", "batch leaf", "batch overflow",
            "dossier internal", "dossier leaf", "key_page leaf", "key_page internal",
            "key_run leaf",
            "era leaf", "dossier_open leaf", "record internal", "record leaf", "record overflow",
            "account leaf", "link leaf", "undelivered internal", "undelivered leaf", "folded leaf",
            "sqlite_autoindex_migration_1 leaf",
        ]
        #expect(Set(wanted).subtracting(refused) == [], "found damage in \(refused.sorted())")
    }

    @Test func aPageInAnothersPlaceIsRefused() throws {
        let folder = try TemporaryFolder()
        let path = folder.file("node.db")
        try Self.fill(path)
        var content = contents(of: path)
        let leaves = try Pages.kinds(of: path).filter { $0.value == "key_page leaf" }.keys.sorted()
        let (one, other) = ((leaves[0] - 1) * Pages.size, (leaves[1] - 1) * Pages.size)
        content.replaceSubrange(
            one..<one + Pages.size,
            with: Array(content[other..<other + Pages.size])
        )
        try write(content, to: path)
        #expect(try Self.everything(path) == nil)
    }

    /// The last leaf is read when the store opens, the others when they are asked for.
    @Test func theRefusalNamesFileAndPageAndSaysWhatToDo() throws {
        let folder = try TemporaryFolder()
        let path = folder.file("node.db")
        try Self.fill(path)
        let sound = contents(of: path)
        let leaves = try Pages.kinds(of: path).filter { $0.value == "dossier leaf" }.keys
        var refusedWhileOpen = 0
        for page in leaves.sorted() {
            var damaged = sound
            damaged[(page - 1) * Pages.size + 2000] ^= 4
            try write(damaged, to: path)
            var opened: SQLiteStore?
            var said = ""
            do {
                opened = try SQLiteStore(path: path)
                _ = try opened?.fetch(Self.keys)
            } catch {
                said = error.description
            }
            #expect(said.contains("page \(page) of \(path) does not agree with its mark"))
            #expect(said.contains("selat restore"))
            guard let opened else { continue }
            refusedWhileOpen += 1
            // From then on it answers nothing at all.
            let next = batch { $0.records = [Sample.record("x", [1])] }
            guard case .failed = opened.commit(next) else {
                Issue.record("a store with page \(page) damaged went on")
                continue
            }
        }
        #expect(refusedWhileOpen > 0)
    }

    // MARK: The log

    /// Damage in the middle of SQLite's log would end it there without a word.
    @Test func aDamagedLogDoesNotLoseWhatFollows() throws {
        let folder = try TemporaryFolder()
        let path = folder.file("node.db")
        let store = try SQLiteStore(path: path)
        var ends: [Int] = []
        for number in 1...3 as ClosedRange<UInt64> {
            let next = batch {
                $0.records = [Sample.record("r\(number)", Sample.noise(1, count: 9000))]
            }
            #expect(store.commit(next) == .committed)
            ends.append(log(of: path).count)
        }
        let (database, whole) = (contents(of: path), log(of: path))
        let before = try SQLiteReader(path: path).dump()
        func open(_ name: String, _ change: (inout [UInt8]) -> Void) throws -> StoreError? {
            let copy = folder.file(name)
            var changed = whole
            change(&changed)
            try write(database, to: copy)
            try write(changed, to: copy + "-wal")
            do {
                _ = try SQLiteStore(path: copy)
                return nil
            } catch {
                return error
            }
        }
        for place in [ends[0] + 100, ends[0] + 4, ends[1] - 4096, ends[1] - 9, 20, 5000] {
            guard case .corrupt(let what) = try open("\(place).db", { $0[place] ^= 0x40 }) else {
                Issue.record("damage at \(place) of the log was not found")
                continue
            }
            #expect(what.contains("does not agree with its check sum"))
        }
        // What a crash leaves of the last commit is no damage.
        #expect(try open("torn.db") { $0.removeLast(5000) } == nil)
        #expect(try open("torn2.db") { $0[$0.count - 5000] ^= 1 } == nil)
        #expect(try SQLiteReader(path: folder.file("torn.db")).dump().records.count == 2)
        #expect(try SQLiteReader(path: folder.file("torn2.db")).dump().records.count == 2)
        #expect(try open("whole.db") { _ in } == nil)
        // As the file is, with the zeros that follow the last commit.
        #expect(try open("zeros.db") { $0 = contents(of: path + "-wal") } == nil)
        #expect(try SQLiteReader(path: folder.file("zeros.db")).dump() == before)
        #expect(try SQLiteReader(path: folder.file("whole.db")).dump() == before)
    }

    // MARK: Other programs

    /// After a kill somebody looks with a tool, which copies the log back as it closes.
    @Test func aLogThatAnotherProgramCopiedBackIsTakenUp() throws {
        let folder = try TemporaryFolder()
        let path = folder.file("node.db")
        let store = try SQLiteStore(path: path)
        for number in 1...40 as ClosedRange<UInt64> {
            let next = batch { batch in
                batch.payments = [Sample.payment(number)]
                batch.records = [Sample.record("r\(number)", Sample.noise(number, count: 1800))]
            }
            #expect(store.commit(next) == .committed)
        }
        let copy = folder.file("copy.db")
        try write(contents(of: path), to: copy)
        try write(contents(of: path + "-wal"), to: copy + "-wal")
        let before = try SQLiteReader(path: path).dump()
        try Pages.execute("SELECT count(*) FROM batch", on: copy)
        #expect(contents(of: copy + "-wal").isEmpty)
        #expect(try SQLiteReader(path: copy).dump() == before)
        do {
            let again = try SQLiteStore(path: copy)
            #expect(again.commit(batch { $0.records = [Sample.record("x", [1])] }) == .committed)
        }
        // Now every page is held to its mark.
        var content = contents(of: copy)
        content[content.count - 2000] ^= 1
        try write(content, to: copy)
        #expect(throws: StoreError.self) { try SQLiteReader(path: copy).dump() }
    }

    @Test func aDatabaseWithoutMarksIsBroughtUpToDate() throws {
        let folder = try TemporaryFolder()
        let path = folder.file("node.db")
        try Self.fill(path)
        let before = try SQLiteReader(path: path).dump()
        // As version 2 wrote it: no room for marks, and the keys in two indexes without eras.
        let old = folder.file("old.db")
        let tables = ["batch", "folded", "link", "undelivered", "dossier", "record", "account"]
        let keys = try StoredKey.all(of: path)
        let names = ["dossier_hash", "record_hash"]
        let schema = try Pages.texts(
            """
            SELECT sql FROM sqlite_schema WHERE sql > ''
            AND name NOT IN ('key_page', 'key_run', 'era', 'archive')
            """,
            of: path
        )
        try Pages.execute(
            """
            PRAGMA application_id = 0x53454C54; PRAGMA user_version = 2;
            \(schema.joined(separator: ";"));
            CREATE TABLE dossier_hash (hash INTEGER NOT NULL, dossier INTEGER NOT NULL,
                PRIMARY KEY (hash, dossier)) STRICT, WITHOUT ROWID;
            CREATE TABLE record_hash (hash INTEGER NOT NULL, record INTEGER NOT NULL,
                PRIMARY KEY (hash, record)) STRICT, WITHOUT ROWID;
            ATTACH '\(path)' AS other;
            \(keys.map { "INSERT INTO \(names[$0.kind]) VALUES (\($0.hash), \($0.row));" }.joined())
            \(tables.map { "INSERT INTO main.\($0) SELECT * FROM other.\($0);" }.joined())
            INSERT INTO main.migration SELECT * FROM other.migration WHERE name = '0002-log';
            """,
            on: old
        )
        #expect(contents(of: old)[20] == 0)
        #expect(throws: StoreError.wrongVersion(found: 2, expected: 7)) {
            try SQLiteReader(path: old)
        }
        let store = try SQLiteStore(path: old)
        #expect(try store.fetch(Self.keys).allSatisfy { $0 != .absent })
        #expect(contents(of: old)[20] == 8)
        #expect(try SQLiteReader(path: old).dump() == before)
    }
}
