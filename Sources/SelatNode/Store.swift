package import SelatLedger
package import SelatScheme
package import SelatTime

/// One durable truth per node. The seam owns the protocol; the adapters implement it, and one
/// contract suite runs on all of them.
package protocol Store: AnyObject {
    /// What a node needs to go on after a start.
    func recover() throws(StoreError) -> Recovered

    /// The newest committed values, one for each key and in their order; a key that has none is
    /// `.absent`.
    func fetch(_ keys: [FactKey]) throws(StoreError) -> [Fact]

    /// Messages sent over a link under an epoch, numbered from `first` to `last`, as they are kept
    /// for audit: in sequence; those that are no longer kept are left out.
    func sent(
        _ link: LinkID,
        epoch: UInt64,
        from first: UInt64,
        through last: UInt64
    ) throws(StoreError) -> [RetainedMessage]

    /// Makes the whole batch durable, or nothing of it.
    func commit(_ batch: CommitBatch) -> CommitOutcome
}

/// How a commit ended. After `.failed` and `.unknown` the node stops: it never goes on as if
/// it had worked.
package enum CommitOutcome: Hashable, Sendable {
    case committed
    /// A version, an absence or a floor was no longer what the decision rested on.
    case conflict
    /// Certainly not durable: disk full, I/O error, a broken constraint.
    case failed(String)
    /// Perhaps durable: the sync itself failed.
    case unknown(String)
}

/// Why a store could not answer.
package enum StoreError: Error, Hashable, CustomStringConvertible {
    case unavailable(String)
    case corrupt(String)
    case wrongVersion(found: Int, expected: Int)

    package var description: String {
        switch self {
        case .unavailable(let why): "the store does not answer: \(why)"
        case .corrupt(let what):
            "the store is damaged: \(what); "
                + "go on with a backup: 'selat restore'"
        case .wrongVersion(let found, let expected):
            "the database has schema version \(found), this program knows \(expected); "
                + "start it with the version that wrote it, or a newer one"
        }
    }
}

/// Everything one batch writes. Each row stands here once, with the version first read.
package struct CommitBatch: Hashable, Sendable {
    /// The greatest instant of the batch's events; the stored clock never runs back below it.
    package var at: Instant
    package var payments: [PaymentWrite] = []
    package var receipts: [ReceiptWrite] = []
    package var records: [RecordWrite] = []
    package var accounts: [LedgerAccount] = []
    package var journals: [JournalWrite] = []
    /// Aggregated over the journals, one entry per account, in the order in which they were
    /// first booked on.
    package var balances: [BalanceWrite] = []
    package var history: [HistoryRow] = []
    package var alerts: [AlertRow] = []
    package var received: [RetainedMessage] = []
    package var sent: [RetainedMessage] = []
    /// New positions of the links that moved.
    package var links: [LinkPosition] = []

    package init(at: Instant) { self.at = at }

    /// Nothing that would have to be durable.
    package var isEmpty: Bool {
        payments.isEmpty && receipts.isEmpty && records.isEmpty && accounts.isEmpty
            && journals.isEmpty && alerts.isEmpty && received.isEmpty && sent.isEmpty
            && links.isEmpty
    }

    /// Empties it for the next batch, which will need about as much memory.
    mutating func clear() {
        at = .distantPast
        payments.clear()
        receipts.clear()
        records.clear()
        accounts.clear()
        journals.clear()
        balances.clear()
        history.clear()
        alerts.clear()
        received.clear()
        sent.clear()
        links.clear()
    }
}

/// A batch to which nothing is added any more: one object however many hold it, on its way from
/// the core to the store and back.
package final class SealedBatch: Hashable, Sendable {
    package let batch: CommitBatch

    package init(_ batch: consuming CommitBatch) { self.batch = batch }

    package static func == (lhs: SealedBatch, rhs: SealedBatch) -> Bool {
        lhs === rhs || lhs.batch == rhs.batch
    }

    package func hash(into hasher: inout Hasher) { hasher.combine(batch.at) }
}

/// A payment's row as the batch leaves it.
package struct PaymentWrite: Hashable, Sendable {
    package let instance: PartyID
    package let uetr: UUIDv4
    /// 0: there must be none.
    package let expectedVersion: Int64
    package var row: PaymentRow
    /// With an insertion only.
    package var instruction: InstructionWrite?

    package init(
        instance: PartyID,
        uetr: UUIDv4,
        expectedVersion: Int64,
        row: PaymentRow,
        instruction: InstructionWrite?
    ) {
        self.instance = instance
        self.uetr = uetr
        self.expectedVersion = expectedVersion
        self.row = row
        self.instruction = instruction
    }
}

/// The kept pacs.008: named where it is retained anyway, else its canonical bytes.
package enum InstructionWrite: Hashable, Sendable {
    /// Index into the batch's `received`.
    case received(index: Int, Message)
    /// Index into the batch's `sent`.
    case sent(index: Int, Message)
    /// Came from, or went to, a hosted party: nothing is retained for the hop.
    case hosted(Message)

    /// The pacs.008 itself.
    package var message: Message {
        switch self {
        case .received(_, let message), .sent(_, let message), .hosted(let message): message
        }
    }
}

/// A receipt; there must be none under its sender and MsgId.
package struct ReceiptWrite: Hashable, Sendable {
    package let instance: PartyID
    package let insertion: ReceiptInsertion

    package init(instance: PartyID, insertion: ReceiptInsertion) {
        self.instance = instance
        self.insertion = insertion
    }
}

/// A role's record as the batch leaves it.
package struct RecordWrite: Hashable, Sendable {
    package let instance: PartyID
    package let kind: RecordKind
    package let key: String
    package let expectedVersion: Int64
    /// `nil` deletes.
    package var row: RecordRow?

    package init(
        instance: PartyID,
        kind: RecordKind,
        key: String,
        expectedVersion: Int64,
        row: RecordRow?
    ) {
        self.instance = instance
        self.kind = kind
        self.key = key
        self.expectedVersion = expectedVersion
        self.row = row
    }
}

/// A journal and the instant of the event that booked it.
package struct JournalWrite: Hashable, Sendable {
    package let at: Instant
    package let journal: Journal

    package init(at: Instant, journal: Journal) {
        self.at = at
        self.journal = journal
    }
}

/// What a batch changes on one account, all journals added up.
package struct BalanceWrite: Hashable, Sendable {
    package let account: AccountKey
    package private(set) var delta: Balance
    /// True when the batch reserves or takes from the account: its floor is asserted once more.
    package private(set) var isGuarded: Bool

    package init(account: AccountKey, delta: Balance, isGuarded: Bool) {
        self.account = account
        self.delta = delta
        self.isGuarded = isGuarded
    }

    mutating func add(_ delta: Balance, isGuarded: Bool) {
        self.delta += delta
        self.isGuarded = self.isGuarded || isGuarded
    }
}

/// One step of one payment at one instance, in the order of the sequence.
package struct HistoryRow: Hashable, Sendable {
    package let at: Instant
    package let instance: PartyID
    package let uetr: UUIDv4
    /// `nil` at insertion.
    package let from: UInt8?
    package let to: UInt8
    package let cause: String

    package init(
        at: Instant,
        instance: PartyID,
        uetr: UUIDv4,
        from: UInt8?,
        to: UInt8,
        cause: String
    ) {
        self.at = at
        self.instance = instance
        self.uetr = uetr
        self.from = from
        self.to = to
        self.cause = cause
    }
}

/// Something for a person, with when and where.
package struct AlertRow: Hashable, Sendable {
    package let at: Instant
    package let instance: PartyID
    package let alert: Alert

    package init(at: Instant, instance: PartyID, alert: Alert) {
        self.at = at
        self.instance = instance
        self.alert = alert
    }
}

/// The node at the other end of a link.
package struct LinkID: WordHashable, Sendable, Comparable, CustomStringConvertible {
    /// The peer's node id, as its certificate proves it.
    package let node: String
    /// The id in one word, for tables.
    private let word: UInt64

    package init(_ node: String) {
        self.node = node
        word = WordHasher.word(of: node)
    }

    package func feed(_ hasher: inout WordHasher) { hasher.combine(word) }

    package static func == (lhs: LinkID, rhs: LinkID) -> Bool {
        lhs.word == rhs.word && lhs.node == rhs.node
    }

    package var description: String { node }

    package static func < (lhs: LinkID, rhs: LinkID) -> Bool { lhs.node < rhs.node }
}

/// A message that crossed a hop, byte for byte.
///
/// One object however many hold it: it goes from hand to hand on its way to the log and back.
package final class RetainedMessage: Hashable, Sendable {
    package let link: LinkID
    package let epoch: UInt64
    package let sequence: UInt64
    /// The wire's message kind.
    package let kind: UInt8
    package let from: PartyID
    package let to: PartyID
    package let at: Instant
    /// The payment it is about, where that could be told.
    package let uetr: UUIDv4?
    package let bytes: [UInt8]

    package init(
        link: LinkID,
        epoch: UInt64,
        sequence: UInt64,
        kind: UInt8,
        from: PartyID,
        to: PartyID,
        at: Instant,
        uetr: UUIDv4?,
        bytes: [UInt8]
    ) {
        self.link = link
        self.epoch = epoch
        self.sequence = sequence
        self.kind = kind
        self.from = from
        self.to = to
        self.at = at
        self.uetr = uetr
        self.bytes = bytes
    }

    /// As it would stand under another number.
    package func numbered(_ sequence: UInt64, of epoch: UInt64) -> RetainedMessage {
        placed(link, epoch, sequence)
    }

    /// As it would stand at the link of the other end.
    package func over(_ link: LinkID) -> RetainedMessage { placed(link, epoch, sequence) }

    private func placed(_ link: LinkID, _ epoch: UInt64, _ sequence: UInt64) -> RetainedMessage {
        RetainedMessage(
            link: link,
            epoch: epoch,
            sequence: sequence,
            kind: kind,
            from: from,
            to: to,
            at: at,
            uetr: uetr,
            bytes: bytes
        )
    }

    package static func == (lhs: RetainedMessage, rhs: RetainedMessage) -> Bool {
        lhs === rhs
            || lhs.link == rhs.link && lhs.epoch == rhs.epoch && lhs.sequence == rhs.sequence
                && lhs.kind == rhs.kind && lhs.from == rhs.from && lhs.to == rhs.to
                && lhs.at == rhs.at && lhs.uetr == rhs.uetr && lhs.bytes == rhs.bytes
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(link)
        hasher.combine(epoch)
        hasher.combine(sequence)
    }
}

/// Both ends of a link as this node durably knows them.
package struct LinkPosition: Hashable, Sendable {
    package let link: LinkID
    package var sendEpoch: UInt64
    /// The number the next message gets; the first is 1.
    package var nextSequence: UInt64
    /// The peer has committed everything up to here.
    package var acknowledged: UInt64
    package var receivedEpoch: UInt64
    package var receivedSequence: UInt64

    package init(
        link: LinkID,
        sendEpoch: UInt64,
        nextSequence: UInt64 = 1,
        acknowledged: UInt64 = 0,
        receivedEpoch: UInt64 = 0,
        receivedSequence: UInt64 = 0
    ) {
        self.link = link
        self.sendEpoch = sendEpoch
        self.nextSequence = nextSequence
        self.acknowledged = acknowledged
        self.receivedEpoch = receivedEpoch
        self.receivedSequence = receivedSequence
    }
}

/// A payment whose timer is armed.
package struct ArmedTimer: Hashable, Sendable {
    package let due: Instant
    package let instance: PartyID
    package let uetr: UUIDv4
    package let version: Int64

    package init(due: Instant, instance: PartyID, uetr: UUIDv4, version: Int64) {
        self.due = due
        self.instance = instance
        self.uetr = uetr
        self.version = version
    }
}

/// What a store hands to a starting node.
package struct Recovered: Hashable, Sendable {
    /// No event is older than this.
    package var greatestInstant: Instant
    package var links: [LinkPosition]
    /// Sent and not acknowledged, in sequence order per link.
    package var undelivered: [RetainedMessage]
    package var timers: [ArmedTimer]

    package init(
        greatestInstant: Instant = .distantPast,
        links: [LinkPosition] = [],
        undelivered: [RetainedMessage] = [],
        timers: [ArmedTimer] = []
    ) {
        self.greatestInstant = greatestInstant
        self.links = links
        self.undelivered = undelivered
        self.timers = timers
    }
}
