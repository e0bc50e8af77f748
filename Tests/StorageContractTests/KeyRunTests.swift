import SelatNode
import SelatSQLite
import SelatStorage
import Testing

/// A key of the index as Specs/Protocol/Database.md says it is stored.
struct StoredKey: Hashable {
    let hash: Int64
    let kind: Int
    let row: Int64

    private init(_ text: Substring) {
        let hash = UInt64(text.prefix(16), radix: 16) ?? 0
        let row = UInt64(text.dropFirst(16).prefix(16), radix: 16) ?? 0
        self.hash = Int64(bitPattern: hash)
        kind = Int(row & 1)
        self.row = Int64(row >> 1)
    }

    /// Those in the pages of some runs, each once.
    static func all(of path: String, _ runs: String = "true") throws -> Set<StoredKey> {
        let pages = try Pages.texts(
            """
            SELECT hex(key_page.keys) FROM key_run JOIN key_page
            ON id >= first_page AND id < first_page + pages WHERE \(runs)
            """,
            of: path
        )
        var keys: Set<StoredKey> = []
        for page in pages {
            var rest = page[...]
            while !rest.isEmpty {
                keys.insert(StoredKey(rest.prefix(32)))
                rest = rest.dropFirst(32)
            }
        }
        return keys
    }
}

/// The runs of the index: merged as eras fill, whatever happens meanwhile.
@Suite struct KeyRunTests {
    private static func open(_ path: String, eraKeys: Int = 300) throws -> SQLiteStore {
        try Keyed.store(path, eraKeys: eraKeys)
    }

    private static func expectKnown(_ numbers: ClosedRange<UInt64>, _ store: SQLiteStore) throws {
        #expect(try store.fetch(Keyed.keys(numbers)).allSatisfy { $0 != .absent })
        let others = Keyed.keys(numbers.upperBound + 1...numbers.upperBound + 500)
        #expect(try store.fetch(others).allSatisfy { $0 == .absent })
    }

    private static func number(_ sql: String, _ path: String) throws -> Int? {
        try Pages.texts("SELECT \(sql)", of: path).first.flatMap { Int($0) }
    }

    /// Each page is a run's, and each key stands once.
    private static func expectTidy(_ path: String, keys: Int) throws {
        let pages = try number("sum(pages) FROM key_run", path)
        #expect(try number("count(*) FROM key_page", path) == pages)
        #expect(try number("sum(length(keys)) / 16 FROM key_page", path) == keys)
        #expect(try StoredKey.all(of: path).count == keys)
    }

    @Test func theRunsOfAFullEraBecomeOne() throws {
        let folder = try TemporaryFolder()
        let path = folder.file("node.db")
        let store = try Self.open(path)
        var most = 0
        for number in 1...500 as ClosedRange<UInt64> {
            #expect(store.commit(Keyed.batch(number)) == .committed)
            most = max(most, try Self.number("count(*) FROM key_run", path) ?? 0)
        }
        // Five eras of ten generations each, of which all but the last have one run.
        #expect(try Self.number("max(era) FROM key_run", path) == 5)
        #expect(try Self.number("count(*) FROM key_run WHERE era < 5", path) == 4)
        #expect(most > 9)
        let folded = try Self.number("count(*) FROM dossier", path) ?? 0
        try Self.expectTidy(path, keys: 3 * folded)
        try store.foldAll()
        try Self.expectKnown(1...500, store)
        try Self.expectTidy(path, keys: 1500)
    }

    @Test(arguments: 1...11)
    func aMergeGoesOnWhereItStood(commits: Int) throws {
        let folder = try TemporaryFolder()
        let path = folder.file("node.db")
        var store: SQLiteStore? = try Self.open(path)
        for number in 1...500 as ClosedRange<UInt64> {
            #expect(store?.commit(Keyed.batch(number)) == .committed)
            guard Int(number) % commits == 0 else { continue }
            store = nil
            store = try Self.open(path)
        }
        let last = try #require(store)
        try Self.expectKnown(1...500, last)
        try last.foldAll()
        try Self.expectKnown(1...500, last)
        #expect(try StoredKey.all(of: path).count == 1500)
    }

    @Test func manyRunsOfTheLastEraBecomeOne() throws {
        let folder = try TemporaryFolder()
        let path = folder.file("node.db")
        do {
            let store = try Self.open(path, eraKeys: 100_000)
            for number in 1...340 as ClosedRange<UInt64> {
                #expect(store.commit(Keyed.batch(number)) == .committed)
                try store.foldAll()
                #expect(try Self.number("count(*) FROM key_run", path) ?? 340 < 50)
            }
            try Self.expectKnown(1...340, store)
        }
        try Self.expectKnown(1...340, try Self.open(path, eraKeys: 100_000))
    }

    /// The other runs' pages are missing, which who reads one is told.
    @Test func aKeyIsLookedForInTheRunThatHasIt() throws {
        let folder = try TemporaryFolder()
        let path = folder.file("node.db")
        try withExtendedLifetime(try Self.open(path)) {
            // The same hashes each time, of which none is taken for another run's.
            try Pages.execute(
                "PRAGMA wal_autocheckpoint = 0; UPDATE folded SET hash_key = 1",
                on: path
            )
        }
        try withExtendedLifetime(try Self.open(path)) { store in
            for number in 1...3 as ClosedRange<UInt64> {
                #expect(store.commit(Keyed.batch(number)) == .committed)
                try store.foldAll()
            }
        }
        let store = try Self.open(path)
        try Pages.execute(
            "DELETE FROM key_page WHERE id < (SELECT max(first_page) FROM key_run)",
            on: path
        )
        #expect(try store.fetch(Keyed.keys(3...3)).allSatisfy { $0 != .absent })
        #expect(throws: StoreError.self) { try store.fetch(Keyed.keys(1...1)) }
    }

    @Test func whatIsDeletedWhileRunsAreMergedStaysDeleted() throws {
        let folder = try TemporaryFolder()
        let path = folder.file("node.db")
        let store = try Self.open(path)
        for number in 1...500 as ClosedRange<UInt64> {
            #expect(store.commit(Keyed.batch(number)) == .committed)
            guard number > 60 else { continue }
            let deletion = batch { $0.records = [Sample.record("r\(number - 60)", from: 1, nil)] }
            #expect(store.commit(deletion) == .committed)
        }
        try store.foldAll()
        let records = try store.fetch((1...500).map { .record(Sample.hub, .quote, "r\($0)") })
        #expect(records.prefix(440).allSatisfy { $0 == .absent })
        #expect(records.suffix(60).allSatisfy { $0 != .absent })
        #expect(try StoredKey.all(of: path).count { $0.kind == 1 } == 60)
    }

    /// A refused batch takes back what its transaction wrote of runs and merges.
    @Test func aRefusedBatchLeavesTheRunsAsTheyWere() throws {
        let folder = try TemporaryFolder()
        let path = folder.file("node.db")
        do {
            let store = try Self.open(path)
            for number in 1...500 as ClosedRange<UInt64> {
                #expect(store.commit(Keyed.batch(number)) == .committed)
                #expect(store.commit(Keyed.batch(number)) == .conflict)
            }
            try store.foldAll()
            try Self.expectKnown(1...500, store)
        }
        #expect(try StoredKey.all(of: path).count == 1500)
        try Self.expectKnown(1...500, try Self.open(path))
    }

    @Test func aPageThatIsMissingIsDamage() throws {
        let folder = try TemporaryFolder()
        let path = folder.file("node.db")
        let store = try Self.open(path)
        #expect(store.commit(Keyed.batch(1)) == .committed)
        try store.foldAll()
        try Pages.execute("DELETE FROM key_page", on: path)
        #expect(throws: StoreError.self) { try store.fetch(Keyed.keys(1...1)) }
    }

    @Test(arguments: [
        "UPDATE key_page SET keys = x'00'", "UPDATE key_run SET pages = 0",
        "UPDATE key_run SET first_page = -1", "UPDATE key_run SET keys = 1 << 60",
    ])
    func whatIsNoIndexIsRefused(sql: String) throws {
        let folder = try TemporaryFolder()
        let path = folder.file("node.db")
        try withExtendedLifetime(try Self.open(path)) { store in
            #expect(store.commit(Keyed.batch(1)) == .committed)
            try store.foldAll()
            try Pages.execute(sql, on: path)
        }
        #expect(throws: StoreError.self) { try Self.open(path) }
    }

    /// A row for each key, as version 6 had them.
    @Test func keysOfVersionSixBecomeRuns() throws {
        let folder = try TemporaryFolder()
        let path = folder.file("node.db")
        try withExtendedLifetime(try Self.open(path)) { store in
            for number in 1...500 as ClosedRange<UInt64> {
                #expect(store.commit(Keyed.batch(number)) == .committed)
            }
            try store.foldAll()
            var rows: [String] = []
            for era in 1...5 {
                rows += try StoredKey.all(of: path, "era = \(era)").map {
                    "(\(era), \($0.hash), \($0.kind), \($0.row))"
                }
            }
            try Pages.execute(
                """
                PRAGMA wal_autocheckpoint = 0;
                CREATE TABLE row_key (
                    era INTEGER NOT NULL, hash INTEGER NOT NULL, kind INTEGER NOT NULL,
                    id INTEGER NOT NULL, PRIMARY KEY (era, hash, kind, id)
                ) STRICT, WITHOUT ROWID;
                INSERT INTO row_key VALUES \(rows.joined(separator: ","));
                DROP TABLE key_page;
                DROP TABLE key_run;
                DELETE FROM migration WHERE name = '0007-key-runs';
                PRAGMA user_version = 6;
                """,
                on: path
            )
        }
        let before = try Pages.texts("SELECT quote(content) FROM dossier ORDER BY id", of: path)
        let store = try Self.open(path)
        try Self.expectKnown(1...500, store)
        #expect(
            try Pages.texts("SELECT quote(content) FROM dossier ORDER BY id", of: path) == before
        )
        try Self.expectTidy(path, keys: 1500)
        #expect(try Self.number("count(*) FROM key_run", path) == 5)
        #expect(try Self.number("count(*) FROM sqlite_schema WHERE name = 'row_key'", path) == 0)
        #expect(store.commit(Keyed.batch(501)) == .committed)
    }
}
