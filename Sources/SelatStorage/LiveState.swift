import DequeModule
package import SelatLedger
package import SelatNode
import SelatScheme
package import SelatTime

/// A durable driver's tables, as far as `LiveState` looks things up in them.
package protocol StoredRows: AnyObject {
    func dossier(_ uetr: UUIDv4) throws(StoreError) -> Dossier?
    /// The dossier that holds the receipt of this hash.
    func dossier(holding receipt: ReceiptKey, hash: Int64) throws(StoreError) -> Dossier?
    func record(_ key: RecordKey, hash: Int64) throws(StoreError) -> RecordEntry?
    func account(_ key: AccountKey) throws(StoreError) -> AccountEntry?
    /// What the tables' index knows keys by.
    func hash(of uetr: UUIDv4) -> Int64
    func hash(of receipt: ReceiptKey) -> Int64
    func hash(of record: RecordKey) -> Int64
    /// A batch of the log.
    func logged(_ number: Int64) throws(StoreError) -> LoggedBatch
}

/// A record as the last batch left it.
package struct RecordEntry {
    package let id: Int64
    /// As `Dossier.storedAsOf`.
    package let storedAsOf: Int64
    /// `nil`: it was deleted.
    package var row: RecordRow?

    package init(id: Int64, storedAsOf: Int64, row: RecordRow?) {
        self.id = id
        self.storedAsOf = storedAsOf
        self.row = row
    }
}

/// An account as the last batch left it.
package struct AccountEntry {
    /// As `Dossier.storedAsOf`.
    package let storedAsOf: Int64
    package var account: LedgerAccount

    package init(storedAsOf: Int64, account: LedgerAccount) {
        self.storedAsOf = storedAsOf
        self.account = account
    }
}

/// The state a log of batches leads to: what was changed lately in memory, the rest in a driver's
/// tables. Checks each batch against it, applies it, and answers facts.
///
/// Two generations: the young one takes every change; when it is large it is frozen, and the
/// driver writes it to the tables bit by bit while the next one grows. A look-up goes from young
/// to frozen to tables. After a refused batch the state is worth nothing and is made again. Large, and
/// changed in place: nobody copies it.
package struct LiveState: ~Copyable {
    /// A sent message that its receiver has not acknowledged.
    package struct Undelivered: Hashable {
        package let epoch: UInt64
        package let sequence: UInt64
        package let place: Dossier.MessagePlace

        package init(epoch: UInt64, sequence: UInt64, place: Dossier.MessagePlace) {
            self.epoch = epoch
            self.sequence = sequence
            self.place = place
        }
    }

    struct Stream: WordHashable {
        let link: LinkID
        let direction: StoredMessage.Direction
        let epoch: UInt64

        func feed(_ hasher: inout WordHasher) {
            link.feed(&hasher)
            let number: UInt64 =
                switch direction {
                case .received: 0
                case .sent: 1
                case .hosted: 2
                }
            hasher.combine(number)
            hasher.combine(epoch)
        }
    }

    let rows: any StoredRows
    package internal(set) var lastBatch: Int64
    package internal(set) var numbers: LoggedBatch.Numbers
    package internal(set) var greatestInstant: Instant
    package internal(set) var links: [LinkID: LinkPosition] = [:]
    var undelivered: [LinkID: Deque<Undelivered>] = [:]
    package internal(set) var young: Generation
    /// Being written to the tables.
    package private(set) var frozen: Generation?
    /// In the tables, and being let go of.
    private var written: Generation?
    /// The highest number of each stream of messages: a number is used once.
    var highest: [Stream: UInt64] = [:]
    var nextDossier: Int64
    var nextRecord: Int64
    /// Instructions between hosted parties in the batch at hand.
    var hosted = 0
    var hostedBatch: Int64 = 0
    /// For what is written for a moment.
    var scratch = BatchWriter()
    /// What was found, or not found, in the tables since the last commit.
    private var foundDossiers: [UUIDv4: Dossier?] = [:]
    private var foundReceipts = WordTable<ReceiptKey, Receipt?>()
    private var foundAccounts: [AccountKey: AccountEntry?] = [:]
    /// Records found in the tables since a generation was last written there: many are asked for
    /// with every payment, and never change.
    private var foundRecords = WordTable<RecordKey, RecordEntry>()
    /// As many of them are kept at most; about 4 MB.
    private static let mostFoundRecords = 16_384
    var instructions = InstructionsAtHand()

    /// What the tables say, before anything of the log is applied.
    package struct Stored {
        package var lastBatch: Int64 = 0
        package var numbers = LoggedBatch.Numbers()
        package var greatestInstant = Instant.distantPast
        package var links: [LinkPosition] = []
        package var undelivered: [LinkID: [Undelivered]] = [:]
        package var nextDossier: Int64 = 1
        package var nextRecord: Int64 = 1

        package init() {}
    }

    package init(_ rows: any StoredRows, _ stored: Stored) {
        self.rows = rows
        lastBatch = stored.lastBatch
        numbers = stored.numbers
        greatestInstant = stored.greatestInstant
        nextDossier = stored.nextDossier
        nextRecord = stored.nextRecord
        young = Generation(firstDossier: nextDossier, firstRecord: nextRecord)
        undelivered = stored.undelivered.mapValues { Deque($0) }
        for position in stored.links {
            links[position.link] = position
            let sent = Stream(link: position.link, direction: .sent, epoch: position.sendEpoch)
            highest[sent] = position.nextSequence - 1
            let received = Stream(
                link: position.link,
                direction: .received,
                epoch: position.receivedEpoch
            )
            highest[received] = position.receivedSequence
        }
    }

    // MARK: Facts

    /// What is known under each key, in their order.
    package mutating func facts(_ keys: [FactKey]) throws(StoreError) -> [Fact] {
        var facts: [Fact] = []
        facts.reserveCapacity(keys.count)
        let keys = keys.span
        for place in keys.indices { facts.append(try fact(keys, place)) }
        return facts
    }

    package mutating func fact(_ key: FactKey) throws(StoreError) -> Fact {
        try fact([key].span, 0)
    }

    private mutating func fact(_ keys: Span<FactKey>, _ place: Int) throws(StoreError) -> Fact {
        switch keys[place] {
        case .payment(let instance, let uetr):
            guard let dossier = try dossier(uetr), let index = dossier.index(of: instance) else {
                return .absent
            }
            return .payment(dossier.payments[index].row)
        case .instruction(let instance, let uetr):
            return try instruction(instance, uetr).map { .instruction($0) } ?? .absent
        case .receipt(let instance, let sender, let messageIdentification):
            let key = ReceiptKey(
                instance: instance,
                sender: sender,
                messageIdentification: messageIdentification
            )
            return try receipt(key, word(of: key)).map { .receipt($0) } ?? .absent
        case .account(let key): return try account(key).map { .account($0.account) } ?? .absent
        case .record(let instance, let kind, let name):
            let key = RecordKey(instance: instance, kind: kind, key: name)
            return try record(key, word(of: key))?.row.map { .record($0) } ?? .absent
        }
    }

    // MARK: Looking up

    func word(of key: ReceiptKey) -> KeyWord { KeyWord(hash: rows.hash(of: key)) }

    func word(of key: RecordKey) -> KeyWord { KeyWord(hash: rows.hash(of: key)) }

    mutating func dossier(_ uetr: UUIDv4) throws(StoreError) -> Dossier? {
        if let dossier = young.dossier(uetr) { return dossier }
        return try olderDossier(uetr)
    }

    /// One that is not among the young.
    private mutating func olderDossier(_ uetr: UUIDv4) throws(StoreError) -> Dossier? {
        if let dossier = frozen?.dossier(uetr) { return dossier }
        if let found = foundDossiers[uetr] { return found }
        let found = try rows.dossier(uetr)
        foundDossiers[uetr] = .some(found)
        return found
    }

    mutating func receipt(_ key: ReceiptKey, _ word: KeyWord) throws(StoreError) -> Receipt? {
        if let receipt = young.receipt(key, word) { return receipt }
        if let receipt = frozen?.receipt(key, word) { return receipt }
        if let place = foundReceipts.place(of: key, word) { return foundReceipts[place] }
        let found = try rows.dossier(holding: key, hash: word.hash)?.receipt(key)
        foundReceipts.insert(key, word, found)
        return found
    }

    mutating func record(_ key: RecordKey, _ word: KeyWord) throws(StoreError) -> RecordEntry? {
        if let place = young.records.place(of: key, word) { return young.records[place] }
        if let frozen, let place = frozen.records.place(of: key, word) {
            return frozen.records[place]
        }
        if let place = foundRecords.place(of: key, word) { return foundRecords[place] }
        guard let found = try rows.record(key, hash: word.hash) else { return nil }
        if foundRecords.count == LiveState.mostFoundRecords { foundRecords.removeAll() }
        foundRecords.insert(key, word, found)
        return found
    }

    mutating func account(_ key: AccountKey) throws(StoreError) -> AccountEntry? {
        if let entry = young.accounts[key] { return entry }
        if let entry = frozen?.accounts[key] { return entry }
        if let found = foundAccounts[key] { return found }
        let found = try rows.account(key)
        foundAccounts[key] = .some(found)
        return found
    }

    /// The dossier to change in the batch at hand.
    mutating func opened(_ uetr: UUIDv4, in batch: Int64) throws(StoreError) -> Dossier {
        let place = try mention(uetr, in: batch)
        return young[place]
    }

    /// Notes that the batch at hand is about a dossier, and answers its place among the young.
    @discardableResult
    mutating func mention(_ uetr: UUIDv4, in batch: Int64) throws(StoreError) -> Int {
        if let place = young.place(of: uetr) {
            young.mention(place, in: batch)
            return place
        }
        let place: Int
        if let older = try olderDossier(uetr) {
            place = young.insert(older.copy(), hash: nil)
        } else {
            place = young.insert(Dossier(uetr, id: nextDossier), hash: rows.hash(of: uetr))
            nextDossier += 1
        }
        young.mention(place, in: batch)
        return place
    }

    // MARK: Generations

    /// The young generation is complete; from now on it is only read.
    package mutating func freeze() {
        precondition(frozen == nil, "one generation is written at a time")
        let complete = young
        young = Generation(after: complete, firstDossier: nextDossier, firstRecord: nextRecord)
        frozen = complete
    }

    /// The frozen generation stands in the tables.
    package mutating func hasFolded() {
        written = frozen
        frozen = nil
        forgetFound()
        // What was changed stood in a generation, which came first; now the tables have it.
        foundRecords.removeAll()
    }

    /// Frees the memory of so many rows that the tables have.
    package mutating func release(_ rows: Int) {
        if written?.release(rows) == false { written = nil }
    }

    /// A commit may have changed what was found in the tables.
    package mutating func forgetFound() {
        if !foundDossiers.isEmpty { foundDossiers.removeAll(keepingCapacity: true) }
        foundReceipts.removeAll()
        if !foundAccounts.isEmpty { foundAccounts.removeAll(keepingCapacity: true) }
    }

    // MARK: Recovery

    /// Sent and not acknowledged, by link, in sequence.
    package var undeliveredMessages: [LinkID: [Undelivered]] { undelivered.mapValues { Array($0) } }

    /// Payments with an armed timer that the generations hold; `isNewer` tells whether a dossier
    /// of the tables is outdated.
    package var openDossiers: [Dossier] {
        let frozen = self.frozen?.dossiers.filter { young.dossier($0.dossier.uetr) == nil } ?? []
        return (young.dossiers + frozen).map(\.dossier).filter { $0.due != nil }
    }

    package func isNewer(than stored: Dossier) -> Bool {
        young.dossier(stored.uetr) != nil || frozen?.dossier(stored.uetr) != nil
    }
}

extension Deque<LiveState.Undelivered> {
    /// Forgets what the peer has, and what was numbered under an epoch that is over.
    mutating func forgetDelivered(as position: LinkPosition) {
        while let first,
            first.epoch != position.sendEpoch || first.sequence <= position.acknowledged
        {
            removeFirst()
        }
    }
}
