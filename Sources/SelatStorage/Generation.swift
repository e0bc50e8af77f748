package import SelatLedger
package import SelatNode
import SelatScheme
import SelatTime

/// Tables whose rows are found by the hashes of their keys.
package enum KeyedTable: Int64 {
    case dossier = 0
    case record = 1
}

/// One key of a row, by whose hash the tables' index finds it.
package struct RowKey: Equatable {
    package let hash: Int64
    package let table: KeyedTable
    package let row: Int64

    package init(hash: Int64, table: KeyedTable, row: Int64) {
        self.hash = hash
        self.table = table
        self.row = row
    }
}

/// What was changed since the tables were last written.
package struct Generation {
    /// Parts that the keys are in, each of which is sorted when its turn comes.
    package static let keyParts = 64

    /// Ids from these on were given in this generation.
    package let firstDossier: Int64
    package let firstRecord: Int64
    /// As they came, each with the last batch that mentions it.
    package private(set) var dossiers: [(id: Int64, mentioned: Int64, dossier: Dossier)] = []
    private var places: [UUIDv4: Int] = [:]
    /// Of new dossiers, receipts and records: part after part, as they came in each.
    package private(set) var keys = [[RowKey]](repeating: [], count: keyParts)
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

    package var keyCount: Int { keys.reduce(0) { $0 + $1.count } }

    init(firstDossier: Int64, firstRecord: Int64) {
        self.firstDossier = firstDossier
        self.firstRecord = firstRecord
    }

    /// An empty one, with room for as much as the one before it has.
    init(after other: Generation, firstDossier: Int64, firstRecord: Int64) {
        self.init(firstDossier: firstDossier, firstRecord: firstRecord)
        dossiers.reserveCapacity(other.dossiers.count)
        places.reserveCapacity(other.places.count)
        for part in keys.indices { keys[part].reserveCapacity(other.keys[part].count) }
        records.reserveCapacity(other.records.count)
        accounts.reserveCapacity(other.accounts.count)
        receipts.reserveCapacity(other.receipts.count)
        lastBatch = other.lastBatch
    }

    /// Takes a dossier; `hash` when the tables do not know it yet. Answers its place.
    mutating func insert(_ dossier: Dossier, hash: Int64?) -> Int {
        let place = dossiers.count
        places[dossier.uetr] = place
        dossiers.append((dossier.id, 0, dossier))
        if let hash { note(RowKey(hash: hash, table: .dossier, row: dossier.id)) }
        return place
    }

    func place(of uetr: UUIDv4) -> Int? { places[uetr] }

    subscript(place: Int) -> Dossier { dossiers[place].dossier }

    func dossier(_ uetr: UUIDv4) -> Dossier? { place(of: uetr).map { self[$0] } }

    /// Notes a batch in the story of a dossier, once.
    mutating func mention(_ place: Int, in batch: Int64) {
        guard dossiers[place].mentioned != batch else { return }
        dossiers[place].mentioned = batch
        dossiers[place].dossier.mention(batch)
    }

    /// Takes a key that the tables do not know yet.
    mutating func note(_ key: RowKey) {
        // The parts are in the order of the hashes, which are signed.
        let place = UInt64(bitPattern: key.hash) ^ 1 << 63
        keys[Int(place.multipliedFullWidth(by: UInt64(Generation.keyParts)).high)].append(key)
    }

    /// Notes that a dossier has a receipt now.
    mutating func note(
        _ key: ReceiptKey,
        _ word: KeyWord,
        of dossier: Dossier
    ) {
        note(RowKey(hash: word.hash, table: .dossier, row: dossier.id))
        // Under a word that a receipt of the same dossier has, that dossier is found as well.
        if !receipts.putFirst(dossier.uetr, under: word) { otherReceipts[key] = dossier.uetr }
    }

    func receipt(_ key: ReceiptKey, _ word: KeyWord) -> Receipt? {
        guard let first = receipts[word] else { return nil }
        if let receipt = dossier(first)?.receipt(key) { return receipt }
        return otherReceipts[key].flatMap { dossier($0)?.receipt(key) }
    }

    /// Lets go of so many rows, the last first; false when none is left. All of them at once would
    /// hold up a commit.
    mutating func release(_ count: Int) -> Bool {
        dossiers.removeLast(min(count, dossiers.count))
        records.release(count)
        return !dossiers.isEmpty || records.count > 0
    }
}
