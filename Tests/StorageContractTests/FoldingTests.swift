import SelatNode
import SelatSQLite
import SelatStorage
import Testing

/// A generation on its way to the tables, whose rows go there several at a time.
@Suite struct FoldingTests {
    /// Of every length from none, so that a row that got its neighbour's bytes is found out.
    private static func content(_ number: UInt64, _ round: UInt64) -> [UInt8] {
        Sample.noise(round << 32 | number, count: Int(number - 1))
    }

    private static func payment(_ number: UInt64, from version: Int64) -> PaymentWrite {
        PaymentWrite(
            instance: Sample.hub,
            uetr: Sample.uetr(number),
            expectedVersion: version,
            row: PaymentRow(
                version: version + 1,
                state: UInt8(number),
                due: number % 2 == 0 ? Sample.at(Int64(number)) : nil,
                content: content(number, UInt64(version))
            ),
            instruction: nil
        )
    }

    private static func record(_ number: UInt64, from version: Int64) -> RecordWrite {
        let isDeleted = version == 1 && number % 5 == 0
        return Sample.record(
            String(repeating: "r", count: Int(number)),
            from: version,
            isDeleted ? nil : content(number, UInt64(version))
        )
    }

    @Test(arguments: [1, 15, 16, 17, 50] as [UInt64], [1, 7, 40, 1000])
    func everyRowIsReadAsItWasWritten(rows: UInt64, atOnce: Int) throws {
        let folder = try TemporaryFolder()
        func open() throws -> SQLiteStore {
            var options = SQLiteOptions()
            options.foldedRows = atOnce
            return try SQLiteStore(path: folder.file("node.db"), options: options)
        }
        func fold(_ change: CommitBatch) throws {
            let store = try open()
            #expect(store.commit(change) == .committed)
            try store.foldAll()
            #expect(store.unfoldedBatches == 0)
        }
        // What is new first, then changes of all, some of which are deletions.
        for version in [0, 1] as [Int64] {
            let payments = (1...rows).map { Self.payment($0, from: version) }
            let records = (1...rows).map { Self.record($0, from: version) }
            let change = batch { batch in
                batch.payments = payments
                batch.records = records
            }
            try fold(change)
            // A store that was just opened knows only the tables.
            let found = try open().fetch(
                payments.map { .payment($0.instance, $0.uetr) }
                    + records.map { .record($0.instance, $0.kind, $0.key) }
            )
            let rows = payments.map { Fact.payment($0.row) }
            #expect(found == rows + records.map { $0.row.map { .record($0) } ?? .absent })
        }
    }
}
