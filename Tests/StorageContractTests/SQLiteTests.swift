import SelatLedger
import SelatNode
import SelatSQLite
import SelatStorage
import Testing

/// What only a database on a disk can suffer.
@Suite struct SQLiteTests {
    static func filled(_ path: String, _ count: UInt64 = 40) throws {
        let store = try SQLiteStore(path: path)
        for number in 1...count {
            let filling = batch { batch in
                batch.payments = [Sample.payment(number)]
                batch.records = [Sample.record("r\(number)", Sample.noise(number, count: 1800))]
            }
            #expect(store.commit(filling) == .committed)
        }
    }

    private static func error(
        opening path: String,
        _ options: SQLiteOptions = SQLiteOptions()
    )
        -> StoreError?
    {
        do {
            _ = try SQLiteStore(path: path, options: options)
            return nil
        } catch {
            return error
        }
    }

    // MARK: Sizes

    /// Small batches are packed in another way than large ones.
    @Test func batchesOfEverySizeAreReadBack() throws {
        let folder = try TemporaryFolder()
        let path = folder.file("node.db")
        let store = try SQLiteStore(path: path)
        let sizes = [0, 1, 2571, 8000] + Array(8100...8192) + [16_384, 70_000, 1_000_000]
        let batches = sizes.enumerated().map { number, size in
            batch { batch in
                let text = (0..<size).map { UInt8(truncatingIfNeeded: 60 + $0 % 31) }
                batch.records = [
                    Sample.record("text \(number)", text),
                    Sample.record("noise \(number)", Sample.noise(7, count: size / 8)),
                ]
            }
        }
        for batch in batches { #expect(store.commit(batch) == .committed) }
        let reader = try SQLiteReader(path: path)
        for (index, batch) in batches.enumerated() {
            #expect(try reader.batch(Int64(index + 1)) == batch, "\(sizes[index]) bytes")
        }
    }

    // MARK: Crashes

    /// The log is cut where a crash could have left it: at every frame and inside frames.
    @Test func aCommitCutShortIsAllOrNothing() throws {
        let folder = try TemporaryFolder()
        let path = folder.file("node.db")
        let store = try SQLiteStore(path: path)
        let first = batch { batch in
            batch.accounts = Sample.accounts
            batch.records = [Sample.record("a", [1])]
        }
        let second = batch(at: 2) { batch in
            batch.links = [LinkPosition(link: Sample.link, sendEpoch: 7, nextSequence: 31)]
            batch.sent = (1...30).map { Sample.retained($0) }
            batch.payments = (1...30).map { Sample.payment($0) }
            batch.records = [
                Sample.record("a", from: 1, [2]),
                Sample.record("large", Sample.noise(3, count: 60_000)),
            ]
            batch.book(
                Sample.journal(
                    1,
                    1,
                    .pending,
                    [Sample.transfer(Sample.customer, Sample.settlement, 10)]
                )
            )
        }
        #expect(store.commit(first) == .committed)
        let before = try SQLiteReader(path: path).dump()
        let database = contents(of: path)
        let startOfSecond = log(of: path).count
        #expect(store.commit(second) == .committed)
        let after = try SQLiteReader(path: path).dump()
        let log = log(of: path)
        #expect(contents(of: path) == database, "no checkpoint was due")

        let frame = 4096 + 24
        let frames = (log.count - startOfSecond) / frame
        #expect(frames > 10)
        var whole = 0
        for number in 0...frames {
            for offset in [-1, 0, 25, 4000] {
                let end = startOfSecond + number * frame + offset
                guard end >= startOfSecond, end <= log.count else { continue }
                let copy = folder.file("cut-\(number)-\(offset).db")
                try write(database, to: copy)
                try write(log.prefix(end), to: copy + "-wal")
                let survivor = try SQLiteStore(path: copy)
                let dump = try SQLiteReader(path: copy).dump()
                #expect(dump == (end == log.count ? after : before), "cut at \(end)")
                whole += dump == after ? 1 : 0
                // And it goes on from there.
                let next = batch(at: 3) { $0.records = [Sample.record("b", [1])] }
                #expect(survivor.commit(next) == .committed)
            }
        }
        #expect(whole == 1)
    }

    @Test func aDamagedLogLosesOnlyWhatFollows() throws {
        let folder = try TemporaryFolder()
        let path = folder.file("node.db")
        let store = try SQLiteStore(path: path)
        #expect(store.commit(batch { $0.records = [Sample.record("a", [1])] }) == .committed)
        let before = try SQLiteReader(path: path).dump()
        let end = log(of: path).count
        #expect(store.commit(batch { $0.records = [Sample.record("b", [1])] }) == .committed)
        var log = log(of: path)
        log[end + 100] ^= 0x40
        let copy = folder.file("copy.db")
        try write(contents(of: path), to: copy)
        try write(log, to: copy + "-wal")
        _ = try SQLiteStore(path: copy)
        #expect(try SQLiteReader(path: copy).dump() == before)
    }

    // MARK: The disk

    @Test func aFullDiskRefusesTheBatchAndKeepsTheRest() throws {
        let folder = try TemporaryFolder()
        let path = folder.file("node.db")
        var options = SQLiteOptions()
        options.pageLimit = 64
        let store = try SQLiteStore(path: path, options: options)
        var committed: UInt64 = 0
        var refusal: CommitOutcome = .committed
        var refused = batch { _ in }
        while refusal == .committed, committed < 1000 {
            refused = batch { batch in
                batch.payments = [Sample.payment(committed + 1)]
                let content = Sample.noise(committed, count: 3000)
                batch.records = [Sample.record("r\(committed + 1)", content)]
            }
            refusal = store.commit(refused)
            if refusal == .committed { committed += 1 }
        }
        guard case .failed(let why) = refusal else {
            Issue.record("expected .failed, got \(refusal)")
            return
        }
        #expect(why.contains("database or disk is full"))
        #expect(committed > 10)
        let dump = try SQLiteReader(path: path).dump()
        #expect(dump.payments.count == Int(committed))
        #expect(dump.records.count == Int(committed))
        try store.setPageLimit(4096)
        #expect(store.commit(refused) == .committed)
    }

    // MARK: Who may open it

    @Test func aSecondWriterIsRefusedAndReadersAreNot() throws {
        let folder = try TemporaryFolder()
        let path = folder.file("node.db")
        let store = try SQLiteStore(path: path)
        guard case .unavailable(let why) = Self.error(opening: path) else {
            Issue.record("a second writer was let in")
            return
        }
        #expect(why.contains("is open for writing in process"))
        let reader = try SQLiteReader(path: path)
        #expect(try reader.dump().records.isEmpty)
        #expect(store.commit(batch { $0.records = [Sample.record("a", [1])] }) == .committed)
        #expect(try reader.dump().records.count == 1)
        #expect(try reader.checkIntegrity() == "ok")
    }

    @Test func theNextWriterComesWhenTheFirstHasGone() throws {
        let folder = try TemporaryFolder()
        let path = folder.file("node.db")
        try Self.filled(path, 1)
        #expect(Self.error(opening: path) == nil)
        // A clean end leaves no log behind.
        #expect(folder.names().sorted() == ["node.db", "node.db.lock"])
    }

    @Test func aNewerSchemaIsRefused() throws {
        let folder = try TemporaryFolder()
        let path = folder.file("node.db")
        try Self.filled(path, 1)
        // user_version. Source: https://sqlite.org/fileformat2.html#the_database_header
        try Pages.patchMarked(path, at: 60, [0, 0, 0, 99])
        #expect(Self.error(opening: path) == .wrongVersion(found: 99, expected: 7))
        #expect(throws: StoreError.wrongVersion(found: 99, expected: 7)) {
            try SQLiteReader(path: path)
        }
    }

    @Test func anotherProgramsDatabaseIsRefusedUntouched() throws {
        let folder = try TemporaryFolder()
        let path = folder.file("node.db")
        try Self.filled(path, 1)
        // application_id.
        try Pages.patchMarked(path, at: 68, [0, 0, 0, 1])
        let before = contents(of: path)
        guard case .unavailable(let why) = Self.error(opening: path) else {
            Issue.record("a foreign database was accepted")
            return
        }
        #expect(why.contains("it is no database of this program"))
        #expect(contents(of: path) == before)
    }

    @Test func aFileThatIsNoDatabaseIsRefused() throws {
        let folder = try TemporaryFolder()
        let path = folder.file("node.db")
        try write([UInt8](repeating: 0x20, count: 8192), to: path)
        guard case .corrupt = Self.error(opening: path) else {
            Issue.record("a text was opened as a database")
            return
        }
    }

    @Test func aReaderNeedsADatabase() throws {
        let folder = try TemporaryFolder()
        #expect(throws: StoreError.self) { try SQLiteReader(path: folder.file("none.db")) }
        #expect(folder.names().isEmpty)
    }

    // MARK: The log

    @Test func theLogIsCopiedBackWhileTheNodeRuns() throws {
        let folder = try TemporaryFolder()
        let path = folder.file("node.db")
        var options = SQLiteOptions()
        options.checkpointPages = 50
        let store = try SQLiteStore(path: path, options: options)
        var largest = 0
        for number in 1...1500 as ClosedRange<UInt64> {
            let filling = batch { batch in
                batch.payments = [Sample.payment(number)]
                let content = Sample.noise(number, count: 3000)
                batch.records = [Sample.record("r\(number)", content)]
            }
            #expect(store.commit(filling) == .committed)
            guard number % 25 == 0 else { continue }
            largest = max(largest, contents(of: path + "-wal").count)
        }
        // Without checkpoints the log would have 1500 times 5 pages and more.
        #expect(largest < 1500 * 4096)
        #expect(contents(of: path).count > 100 * 4096)
        #expect(try SQLiteReader(path: path).dump().payments.count == 1500)
    }

    /// The disk fails under COMMIT itself: in a process of its own, because the limit is its own.
    @Test func anErrorOfTheCommitItselfStopsTheStore() async {
        await #expect(processExitsWith: .success) { try FailureUnderCommit.run() }
    }
}
