package import SelatLedger
package import SelatScheme
package import SelatTime

/// All that one event leads to. It becomes visible by one commit, and only then is anything
/// acknowledged or sent.
package struct Decision: Hashable, Sendable {
    package var payments: [PaymentChange] = []
    package var receipts: [ReceiptInsertion] = []
    package var records: [RecordChange] = []
    /// Accounts opened here; their first journals may be in the same decision.
    package var accounts: [LedgerAccount] = []
    package var journals: [Journal] = []
    package var messages: [Outgoing] = []
    package var alerts: [Alert] = []
    package var replies: [Reply] = []

    package init() {}

    /// Adds what was decided apart; the lists keep their memory.
    package mutating func add(_ other: consuming Decision) {
        payments += other.payments
        receipts += other.receipts
        records += other.records
        accounts += other.accounts
        journals += other.journals
        messages += other.messages
        alerts += other.alerts
        replies += other.replies
    }

    /// Nothing to store, send or answer.
    package static let nothing = Decision()
}

/// A payment's next row.
package struct PaymentChange: Hashable, Sendable {
    package let uetr: UUIDv4
    /// The version the decision rests on; 0 when there was no row.
    package let expectedVersion: Int64
    package let state: UInt8
    /// When the payment's one timer is due; `nil` for none.
    package let due: Instant?
    package let content: [UInt8]
    /// What caused it, for people and checkers: `M4`, `M12 RJCT AB04`, `timer`. At most 35.
    package let cause: String
    /// The pacs.008 to keep with the payment; only at insertion.
    package let instruction: InstructionSource?

    package init(
        uetr: UUIDv4,
        expectedVersion: Int64,
        state: UInt8,
        due: Instant?,
        content: [UInt8],
        cause: String,
        instruction: InstructionSource? = nil
    ) {
        self.uetr = uetr
        self.expectedVersion = expectedVersion
        self.state = state
        self.due = due
        self.content = content
        self.cause = cause
        self.instruction = instruction
    }
}

/// Where the kept pacs.008 comes from.
package enum InstructionSource: Hashable, Sendable {
    /// The message of the very event.
    case event
    /// The decision's own message at this index of `messages`.
    case outgoing(Int)
}

/// Remembers a received business message for the retention time (62 days).
package struct ReceiptInsertion: Hashable, Sendable {
    package let sender: PartyID
    package let messageIdentification: String
    package let receipt: Receipt

    package init(sender: PartyID, messageIdentification: String, receipt: Receipt) {
        self.sender = sender
        self.messageIdentification = messageIdentification
        self.receipt = receipt
    }
}

/// A role's record's next value; `nil` content deletes it.
package struct RecordChange: Hashable, Sendable {
    package let kind: RecordKind
    package let key: String
    /// 0 when there was no record.
    package let expectedVersion: Int64
    package let content: [UInt8]?

    package init(kind: RecordKind, key: String, expectedVersion: Int64, content: [UInt8]?) {
        self.kind = kind
        self.key = key
        self.expectedVersion = expectedVersion
        self.content = content
    }
}

/// A message to another party, hosted here or at the end of a link.
package struct Outgoing: Hashable, Sendable {
    package let to: PartyID
    package let message: Message
    package init(to: PartyID, _ message: Message) {
        self.to = to
        self.message = message
    }
}

/// Something a person should look at. Never a name, an account or a payload.
package struct Alert: Hashable, Sendable {
    /// How soon a person should look.
    package enum Severity: String, Hashable, Sendable, CaseIterable {
        /// Expected now and then: a late answer, a refused copy.
        case notice
        /// A party spoke for another, or altered a copy.
        case security
        /// Two finals disagree, or a promise was broken.
        case incident
    }

    package let severity: Severity
    package let uetr: UUIDv4?
    package let text: String

    package init(_ severity: Severity, uetr: UUIDv4?, _ text: String) {
        self.severity = severity
        self.uetr = uetr
        self.text = text
    }
}
