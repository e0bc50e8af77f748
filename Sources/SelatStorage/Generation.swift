package import SelatLedger
package import SelatNode
import SelatScheme
import SelatTime

/// What was changed since the tables were last written.
package struct Generation {
    /// By what hash the tables' index finds a dossier.
    package struct Hash {
        package let hash: Int64
        package let dossier: Int64
    }

    private(set) var dossiers: [UUIDv4: Dossier] = [:]
    /// The same, as they came.
    package private(set) var order: [(id: Int64, dossier: Dossier)] = []
    /// Of new dossiers and new receipts, as they came.
    package private(set) var hashes: [Hash] = []
    package internal(set) var records = WordTable<RecordKey, RecordEntry>()
    package internal(set) var accounts: [AccountKey: AccountEntry] = [:]
    /// Whose dossier has the receipt. The dossier's own bytes decide.
    private var receipts: [KeyWord: UUIDv4] = [:]
    /// Receipts whose word another has.
    private var otherReceipts: [ReceiptKey: UUIDv4] = [:]
    /// The youngest batch in it.
    package internal(set) var lastBatch: Int64 = 0
    package internal(set) var batches = 0

    /// Rows that the tables will have to take.
    package var rows: Int { dossiers.count + records.count + accounts.count }

    init() {}

    /// An empty one, with room for as much as the one before it has.
    init(after other: Generation) {
        dossiers.reserveCapacity(other.dossiers.count)
        order.reserveCapacity(other.order.count)
        hashes.reserveCapacity(other.hashes.count)
        records.reserveCapacity(other.records.count)
        accounts.reserveCapacity(other.accounts.count)
        receipts.reserveCapacity(other.receipts.count)
        lastBatch = other.lastBatch
    }

    /// Takes a dossier; `hash` when the tables do not know it yet.
    mutating func insert(_ dossier: Dossier, hash: Int64?) {
        dossiers[dossier.uetr] = dossier
        order.append((dossier.id, dossier))
        if let hash { hashes.append(Hash(hash: hash, dossier: dossier.id)) }
    }

    /// Notes that a dossier has a receipt now.
    mutating func note(
        _ key: ReceiptKey,
        _ word: KeyWord,
        of dossier: Dossier,
        hash: Int64
    ) {
        hashes.append(Hash(hash: hash, dossier: dossier.id))
        if receipts[word] == nil {
            receipts[word] = dossier.uetr
        } else {
            otherReceipts[key] = dossier.uetr
        }
    }

    func receipt(_ key: ReceiptKey, _ word: KeyWord) -> Receipt? {
        guard let first = receipts[word] else { return nil }
        if let receipt = dossiers[first]?.receipt(key) { return receipt }
        return otherReceipts[key].flatMap { dossiers[$0]?.receipt(key) }
    }
}
