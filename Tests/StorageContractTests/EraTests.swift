import SelatNode
import SelatSQLite
import SelatStorage
import Testing

/// The index of the tables in many eras: what was written is found in each, by whatever is left of
/// the filters.
@Suite struct EraTests {
    private static let numbers: ClosedRange<UInt64> = 1...500
    private static let keys = Keyed.keys(numbers)
    private static let unknown = Keyed.keys(1001...1500)

    private static func open(_ path: String) throws -> SQLiteStore {
        try Keyed.store(path, eraKeys: 50)
    }

    private static func filled(_ path: String) throws -> SQLiteStore {
        let store = try open(path)
        for number in numbers { #expect(store.commit(Keyed.batch(number)) == .committed) }
        try store.foldAll()
        return store
    }

    private static func expectAllIsKnown(_ store: SQLiteStore) throws {
        #expect(try store.fetch(keys).allSatisfy { $0 != .absent })
        #expect(try store.fetch(unknown).allSatisfy { $0 == .absent })
        // What was there in the first era and in the last is refused a second time.
        for number in [numbers.lowerBound, numbers.upperBound] {
            #expect(store.commit(Keyed.batch(number)) == .conflict)
        }
    }

    /// A filled database in which another program ran some SQL; how many filters it had before.
    private static func left(by sql: String, _ path: String) throws -> Int {
        let store = try filled(path)
        let kept = try kept(path)
        // Closing afterwards, the store copies the pages back and marks them.
        try withExtendedLifetime(store) { try Pages.execute(sql, on: path) }
        return kept
    }

    private static func kept(_ path: String) throws -> Int {
        try Pages.texts("SELECT number FROM era", of: path).count
    }

    @Test func everyEraIsLookedInto() throws {
        let folder = try TemporaryFolder()
        let path = folder.file("node.db")
        try Self.expectAllIsKnown(try Self.filled(path))
        // Twice eight filters lie side by side, and some do not.
        #expect(try Self.kept(path) > 16)
        try Self.expectAllIsKnown(try Self.open(path))
        let dump = try SQLiteReader(path: path).dump(about: Sample.uetr(1))
        #expect(dump.payments.count == 1)
    }

    @Test func filtersThatAreNotKeptAreMadeAgain() throws {
        let folder = try TemporaryFolder()
        let path = folder.file("node.db")
        let kept = try Self.left(by: "DELETE FROM era WHERE number % 2 = 0", path)
        let store = try Self.open(path)
        try Self.expectAllIsKnown(store)
        #expect(store.commit(Keyed.batch(2000)) == .committed)
        try store.foldAll()
        #expect(try Self.kept(path) >= kept)
    }

    @Test func aFilterOfBrokenLengthIsRefused() throws {
        let folder = try TemporaryFolder()
        let path = folder.file("node.db")
        _ = try Self.left(by: "UPDATE era SET filter = x'00' WHERE number = 3", path)
        #expect(throws: StoreError.self) { try Self.open(path) }
    }

    /// Goes through the log and then compares every share of it with the tables.
    private static func audit(_ path: String) throws {
        let node = LinkID("hub")
        let history = try SQLiteReader(path: path).history(of: node)
        let shares = Shares(of: 100)
        var place: Int64 = 0
        while let (_, last) = try history.stretch(after: place, shares) { place = last }
        #expect(shares.count > 5)
        for number in 0..<shares.count { _ = try history.part(shares[number]) }
    }

    @Test func anAuditAsksTheFiltersAndFindsOneThatIsWrong() throws {
        let folder = try TemporaryFolder()
        let path = folder.file("node.db")
        _ = try Self.filled(path)
        try Self.audit(path)
        // Beside seven others, and by itself.
        for number in [3, 18] {
            let wrong = folder.file("wrong\(number).db")
            _ = try Self.left(
                by: "UPDATE era SET filter = zeroblob(length(filter)) WHERE number = \(number)",
                wrong
            )
            #expect(throws: StoreError.self) { try Self.audit(wrong) }
        }
        // A filter that is not there denies nothing.
        let fewer = folder.file("fewer.db")
        _ = try Self.left(by: "DELETE FROM era WHERE number > 10", fewer)
        try Self.audit(fewer)
    }

    @Test func keysOfAnEraThatAnotherProgramWroteAreFound() throws {
        let folder = try TemporaryFolder()
        let path = folder.file("node.db")
        let store = try Self.filled(path)
        #expect(try store.fetch(Self.keys).allSatisfy { $0 != .absent })
        // Somebody moves every key to an era that is to come, and copies nothing back.
        try Pages.execute(
            "PRAGMA wal_autocheckpoint = 0; UPDATE key_run SET era = era + 1000",
            on: path
        )
        try Self.expectAllIsKnown(store)
    }

    /// A generation is on its way to the tables, a row with each commit, when what is in it changes.
    @Test func recordsDeletedAndMadeAgainBetweenGenerations() throws {
        let folder = try TemporaryFolder()
        var options = SQLiteOptions()
        options.generationRows = 3
        options.foldedRows = 1
        let store = try SQLiteStore(path: folder.file("node.db"), options: options)
        func commit(_ records: [RecordWrite]) {
            #expect(store.commit(batch { $0.records = records }) == .committed)
        }
        func record(_ key: String) throws -> Fact? {
            try store.fetch([.record(Sample.hub, .quote, key)]).first
        }
        commit(["a", "b", "c"].map { Sample.record($0, [1]) })
        // Frozen now. The deletion is in the next generation.
        commit([Sample.record("a", from: 1, nil), Sample.record("b", from: 1, nil)])
        try store.foldAll()
        #expect(try record("a") == .absent)
        #expect(try record("b") == .absent)
        commit([Sample.record("c", from: 1, nil)] + ["d", "e"].map { Sample.record($0, [1]) })
        // The deletion is frozen now, and the same key comes again.
        commit([Sample.record("c", [2])])
        try store.foldAll()
        #expect(try record("c") == .record(RecordRow(version: 1, content: [2])))
        #expect(try record("d") != .absent)
    }

    /// What was found in the tables is remembered only until it is written there again.
    @Test func aRecordThatWasReadIsReadAgainWhenItChanged() throws {
        let folder = try TemporaryFolder()
        let store = try SQLiteStore(path: folder.file("node.db"))
        let key = FactKey.record(Sample.hub, .customer, "a")
        func write(from version: Int64, _ content: [UInt8]?) {
            let write = RecordWrite(
                instance: Sample.hub,
                kind: .customer,
                key: "a",
                expectedVersion: version,
                row: content.map { RecordRow(version: version + 1, content: $0) }
            )
            #expect(store.commit(batch { $0.records = [write] }) == .committed)
        }
        write(from: 0, [1])
        for version in 1...3 {
            try store.foldAll()
            let known = Fact.record(RecordRow(version: Int64(version), content: [UInt8(version)]))
            #expect(try store.fetch([key]) == [known])
            #expect(
                store.commit(batch { $0.records = [Sample.record("\(version)", [1])] })
                    == .committed
            )
            #expect(try store.fetch([key]) == [known])
            write(from: Int64(version), version < 3 ? [UInt8(version + 1)] : nil)
        }
        #expect(try store.fetch([key]) == [.absent])
        try store.foldAll()
        #expect(try store.fetch([key]) == [.absent])
        write(from: 0, [9])
        #expect(try store.fetch([key]) == [.record(RecordRow(version: 1, content: [9]))])
    }

    @Test func deletedRecordsAreForgottenInEveryEra() throws {
        let folder = try TemporaryFolder()
        let path = folder.file("node.db")
        let store = try Self.filled(path)
        let deletion = batch { batch in
            batch.records = [1, 250, 500].map { Sample.record("r\($0)", from: 1, nil) }
        }
        #expect(store.commit(deletion) == .committed)
        try store.foldAll()
        let gone = try store.fetch([1, 250, 500].map { .record(Sample.hub, .quote, "r\($0)") })
        #expect(gone.allSatisfy { $0 == .absent })
        #expect(try Pages.texts("SELECT id FROM record", of: path).count == 497)
        #expect(try StoredKey.all(of: path).count { $0.kind == 1 } == 497)
    }
}
