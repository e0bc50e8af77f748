import SelatLedger
import SelatNode
import SelatSQLite
import SelatScheme
import SelatStorage
import SelatTime
import Testing

/// A database with some months behind it. Generations, and what a commit clears, are small, so
/// that each state on the way is met.
final class Months {
    static let names = ["2026-09", "2026-10", "2026-11"]
    /// Payments of one month; each takes two batches.
    static let payments: UInt64 = 12
    /// The payment of each month whose timer stays armed.
    static let open: UInt64 = 5

    static let options: SQLiteOptions = {
        var options = SQLiteOptions()
        options.generationRows = 12
        options.foldedRows = 3
        options.clearedRows = 3
        return options
    }()

    let folder: TemporaryFolder
    let path: String
    private(set) var store: SQLiteStore?
    private var second: Int64 = 0
    private var sent: UInt64 = 0

    /// Fills every month in `names`, folded.
    init() throws {
        folder = try TemporaryFolder()
        path = folder.file("node.db")
        let store = try SQLiteStore(path: path, options: Months.options)
        self.store = store
        for (index, name) in Months.names.enumerated() {
            try begin(name)
            if index == 0 { try commitFirst() }
            for number in numbers(of: index) { try pay(number) }
        }
        try store.foldAll()
    }

    func numbers(of month: Int) -> ClosedRange<UInt64> {
        let first = UInt64(month) * Months.payments + 1
        return first...first + Months.payments - 1
    }

    var all: ClosedRange<UInt64> { 1...UInt64(Months.names.count) * Months.payments }

    static func start(of name: String) throws -> Instant { try #require(Month(name)).start }

    func begin(_ name: String) throws {
        second = try Months.start(of: name).nanoseconds / 1_000_000_000
    }

    func opened() throws -> SQLiteStore { try #require(store) }

    func close() { store = nil }

    func reopen() throws {
        close()
        store = try SQLiteStore(path: path, options: Months.options)
    }

    func reader() throws -> SQLiteReader { try SQLiteReader(path: path) }

    func commit(_ fill: (inout CommitBatch) -> Void) throws {
        second += 60
        #expect(try opened().commit(batch(at: second, fill)) == .committed)
    }

    private func commitFirst() throws {
        try commit { batch in
            batch.accounts = Sample.accounts
            batch.links = [LinkPosition(link: Sample.link, sendEpoch: 7)]
        }
    }

    /// One payment from its instruction to its end, with all that goes with it.
    func pay(_ number: UInt64) throws {
        let isOpen = number % Months.payments == Months.open
        sent += 1
        let message = Sample.retained(sent, about: Sample.uetr(number))
        try commit { batch in
            batch.payments = [
                Sample.payment(
                    number,
                    due: Sample.at(second + 9),
                    instruction: .sent(index: 0, Sample.message(sent))
                )
            ]
            batch.receipts = [Sample.receiptWrite(number, id: "m\(number)")]
            batch.records = [Sample.record("q\(number)", Sample.noise(number, count: 300))]
            batch.sent = [message]
            batch.links = [
                LinkPosition(
                    link: Sample.link,
                    sendEpoch: 7,
                    nextSequence: sent + 1,
                    // The first message never arrives.
                    acknowledged: 0
                )
            ]
            batch.history = [Sample.history(number, nil, 1)]
            batch.book(
                Sample.journal(
                    number,
                    1,
                    .pending,
                    [Sample.transfer(Sample.settlement, Sample.income, 1)]
                )
            )
        }
        try commit { batch in
            batch.payments = [
                Sample.payment(number, from: 1, state: 3, due: isOpen ? Sample.at(second) : nil)
            ]
            batch.history = [Sample.history(number, 1, 3)]
            batch.book(
                Sample.journal(
                    number,
                    2,
                    .post(number: 1),
                    [Sample.transfer(Sample.settlement, Sample.income, 1)]
                )
            )
        }
    }

    // MARK: What is known

    /// Every fact there is of the payments.
    var keys: [FactKey] {
        all.flatMap { number -> [FactKey] in
            [
                .payment(Sample.hub, Sample.uetr(number)),
                .instruction(Sample.hub, Sample.uetr(number)),
                .receipt(Sample.hub, sender: Sample.bank, messageIdentification: "m\(number)"),
                .record(Sample.hub, .quote, "q\(number)"),
            ]
        } + Sample.accounts.map { .account($0.key) }
    }

    /// All that reports are made from.
    struct Reports: Equatable {
        let facts: [Fact]
        let dump: NodeDump
        let traces: [NodeDump]
        let recovered: Recovered
        let sent: [RetainedMessage]
    }

    func reports() throws -> Reports {
        let store = try opened()
        let reader = try reader()
        return Reports(
            facts: try store.fetch(keys),
            dump: try reader.dump(),
            traces: try all.map { try reader.dump(about: Sample.uetr($0)) },
            recovered: try store.recover(),
            sent: try store.sent(Sample.link, epoch: 7, from: 2, through: 9)
        )
    }

    // MARK: Archives

    /// Copies and registers all months before one; what is in them is still in the tables.
    @discardableResult
    func archive(before month: String) throws -> [Archive] {
        let store = try opened()
        try store.foldAll()
        var archives: [Archive] = []
        let limit = try Months.start(of: month)
        while let archive = try Archiving.writeNext(of: path, before: limit) {
            try store.register(archive: archive.name)
            archives.append(archive)
        }
        return archives
    }

    func clear() throws {
        let store = try opened()
        while !store.isTidy { try store.tidy() }
    }

    /// Rows of a table, as another program sees them.
    func count(_ table: String) throws -> Int {
        Int(try Pages.texts("SELECT count(*) FROM \(table)", of: path)[0]) ?? -1
    }

    /// What a crash at this moment would leave, in another folder.
    func afterCrash() throws -> TemporaryFolder {
        let copy = try TemporaryFolder()
        for name in folder.names() where !name.hasSuffix("-shm") {
            try write(contents(of: folder.file(name)), to: copy.file(name))
        }
        return copy
    }
}
