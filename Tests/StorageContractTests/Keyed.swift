import SelatNode
import SelatSQLite

/// Payments of which each has one key of every kind that the index finds: a UETR, a receipt's and a
/// record's.
enum Keyed {
    static func batch(_ number: UInt64) -> CommitBatch {
        StorageContractTests.batch { batch in
            batch.payments = [Sample.payment(number)]
            batch.receipts = [Sample.receiptWrite(number, id: "m\(number)")]
            batch.records = [Sample.record("r\(number)", [1])]
        }
    }

    static func keys(_ numbers: ClosedRange<UInt64>) -> [FactKey] {
        numbers.flatMap { number -> [FactKey] in
            [
                .payment(Sample.hub, Sample.uetr(number)),
                .receipt(Sample.hub, sender: Sample.bank, messageIdentification: "m\(number)"),
                .record(Sample.hub, .quote, "r\(number)"),
            ]
        }
    }

    /// A store whose generations have ten of them, and go to the tables with one commit.
    static func store(_ path: String, eraKeys: Int) throws -> SQLiteStore {
        var options = SQLiteOptions()
        options.generationRows = 20
        options.foldedRows = 1000
        options.eraKeys = eraKeys
        return try SQLiteStore(path: path, options: options)
    }
}
