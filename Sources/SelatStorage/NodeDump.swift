package import SelatLedger
package import SelatNode
package import SelatScheme
package import SelatTime

/// Everything a node's store holds at one instant, as plain values: what a checker reads.
///
/// Every driver makes the same dump of the same commits: each list has one order, and the
/// sequence numbers are given in the order of writing.
package struct NodeDump: Hashable, Sendable {
    /// No event of the node is younger than this.
    package var greatestInstant = Instant.distantPast
    /// By key.
    package var accounts: [LedgerAccount] = []
    /// By sequence.
    package var journals: [StoredJournal] = []
    /// In order of arrival.
    package var payments: [StoredPayment] = []
    /// By instance, sender and message id.
    package var receipts: [StoredReceipt] = []
    /// By instance, kind and key.
    package var records: [StoredRecord] = []
    /// By sequence: the only order that says what came first.
    package var history: [StoredStep] = []
    /// In the order written.
    package var alerts: [AlertRow] = []
    /// By number: received and sent over links, and instructions between hosted parties.
    package var messages: [StoredMessage] = []
    /// By node.
    package var links: [LinkPosition] = []

    package init() {}
}

/// A journal with the place it has in the order of all journals of the node.
package struct StoredJournal: Hashable, Sendable {
    /// 1, 2, ... in the order of writing, over all books.
    package let sequence: Int64
    /// The instant of the event that caused it.
    package let at: Instant
    /// With the transfers it moved or released, also where only their reservation names them.
    package let journal: Journal
    /// The sequence of the journal it posts, voids or reverses.
    package let closes: Int64?

    package init(sequence: Int64, at: Instant, journal: Journal, closes: Int64?) {
        self.sequence = sequence
        self.at = at
        self.journal = journal
        self.closes = closes
    }
}

/// One payment as one instance of the node holds it.
package struct StoredPayment: Hashable, Sendable {
    package let instance: PartyID
    package let uetr: UUIDv4
    package let row: PaymentRow
    /// The number of the kept pacs.008 among the messages.
    package let instruction: Int64?

    package init(instance: PartyID, uetr: UUIDv4, row: PaymentRow, instruction: Int64?) {
        self.instance = instance
        self.uetr = uetr
        self.row = row
        self.instruction = instruction
    }
}

/// The memory of one received business message.
package struct StoredReceipt: Hashable, Sendable {
    package let instance: PartyID
    package let sender: PartyID
    package let messageIdentification: String
    package let receipt: Receipt
    /// The instant of the batch that wrote it: retention counts from here.
    package let at: Instant

    package init(
        instance: PartyID,
        sender: PartyID,
        messageIdentification: String,
        receipt: Receipt,
        at: Instant
    ) {
        self.instance = instance
        self.sender = sender
        self.messageIdentification = messageIdentification
        self.receipt = receipt
        self.at = at
    }
}

/// One record of a role.
package struct StoredRecord: Hashable, Sendable {
    package let instance: PartyID
    package let kind: RecordKind
    package let key: String
    package let row: RecordRow

    package init(instance: PartyID, kind: RecordKind, key: String, row: RecordRow) {
        self.instance = instance
        self.kind = kind
        self.key = key
        self.row = row
    }
}

/// One step of one payment, with its place in the order of all steps of the node.
package struct StoredStep: Hashable, Sendable {
    /// 1, 2, ... in the order of writing.
    package let sequence: Int64
    package let row: HistoryRow

    package init(sequence: Int64, row: HistoryRow) {
        self.sequence = sequence
        self.row = row
    }
}

/// A message kept byte for byte.
///
/// Shared and not copied: a checker goes through them many times.
package final class StoredMessage: Hashable, Sendable {
    /// Bytes as they came or went, or the message that a driver in memory writes down when asked.
    private enum Content: Sendable {
        case bytes([UInt8])
        case message(Message)
    }

    /// Which way it went.
    package enum Direction: String, Hashable, Sendable, CaseIterable {
        case received = "in"
        case sent = "out"
        /// Between two parties of this node: kept only as a payment's instruction.
        case hosted
    }

    /// Where it stood on its link.
    package struct Hop: Hashable, Sendable {
        package let link: LinkID
        package let epoch: UInt64
        package let sequence: UInt64
        package let from: PartyID
        package let to: PartyID

        package init(link: LinkID, epoch: UInt64, sequence: UInt64, from: PartyID, to: PartyID) {
            self.link = link
            self.epoch = epoch
            self.sequence = sequence
            self.from = from
            self.to = to
        }
    }

    /// 1, 2, ... in the order of writing: per batch the received, the sent, the hosted.
    package let number: Int64
    package let direction: Direction
    /// `nil` exactly when hosted.
    package let hop: Hop?
    /// The wire's message kind.
    package let kind: UInt8
    package let at: Instant
    package let uetr: UUIDv4?
    private let content: Content

    package var bytes: [UInt8] {
        switch content {
        case .bytes(let bytes): bytes
        case .message(let message): message.encoded().bytes
        }
    }

    package init(
        number: Int64,
        direction: Direction,
        hop: Hop?,
        kind: UInt8,
        at: Instant,
        uetr: UUIDv4?,
        bytes: [UInt8]
    ) {
        self.number = number
        self.direction = direction
        self.hop = hop
        self.kind = kind
        self.at = at
        self.uetr = uetr
        content = .bytes(bytes)
    }

    /// An instruction of one party of a node to another, for the payment that keeps it.
    package init(number: Int64, hosted message: Message, of payment: UUIDv4, at: Instant) {
        self.number = number
        direction = .hosted
        hop = nil
        kind = message.kind
        self.at = at
        uetr = payment
        content = .message(message)
    }

    package static func == (lhs: StoredMessage, rhs: StoredMessage) -> Bool {
        lhs.number == rhs.number && lhs.direction == rhs.direction && lhs.hop == rhs.hop
            && lhs.kind == rhs.kind && lhs.at == rhs.at && lhs.uetr == rhs.uetr
            && lhs.bytes == rhs.bytes
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(number)
        hasher.combine(hop)
    }

    /// A message that crossed a hop.
    package convenience init(number: Int64, direction: Direction, _ message: RetainedMessage) {
        self.init(
            number: number,
            direction: direction,
            hop: message.hop,
            kind: message.kind,
            at: message.at,
            uetr: message.uetr,
            bytes: message.bytes
        )
    }
}
