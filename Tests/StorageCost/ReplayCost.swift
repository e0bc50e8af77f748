import SelatNode
import SelatSQLite

/// Commits the batches of a node's database once more, into a new one, and prints what that costs:
/// `storage-cost replay SOURCE DATABASE [BATCHES]`.
///
/// The batches are as large and as mixed as the node's load made them, and what they rest on is
/// fetched before, as a core does. Only the commits are measured: neither that nor reading the
/// source nor giving back a batch's memory.
enum ReplayCost {
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    static func run(_ source: String, into path: String, _ most: Int) throws {
        let reader = try SQLiteReader(path: source)
        let store = try SQLiteStore(path: path)
        var meter = Meter()
        var payments = 0
        var number: Int64 = 0
        while number < most, let batch = try reader.batch(number + 1) {
            number += 1
            payments += batch.payments.count { $0.expectedVersion == 0 }
            _ = try store.fetch(facts(under: batch))
            meter.start()
            let outcome = store.commit(batch)
            meter.stop()
            guard outcome == .committed else {
                throw Failure(description: "batch \(number): \(outcome)")
            }
        }
        print("\(number) batches, \(payments) payments")
        meter.report("  commits", payments: payments)
    }

    private static func facts(under batch: CommitBatch) -> [FactKey] {
        batch.payments.map { .payment($0.instance, $0.uetr) }
            + batch.receipts.map {
                .receipt(
                    $0.instance,
                    sender: $0.insertion.sender,
                    messageIdentification: $0.insertion.messageIdentification
                )
            }
            + batch.records.map { .record($0.instance, $0.kind, $0.key) }
            + batch.balances.map { .account($0.account) }
    }
}
