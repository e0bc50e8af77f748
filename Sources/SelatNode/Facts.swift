package import SelatLedger
package import SelatScheme
package import SelatTime

/// What a role may ask for: points in its own instance's namespace, never a range.
package enum FactKey: WordHashable, Sendable {
    case payment(PartyID, UUIDv4)
    /// The pacs.008 a payment's row kept.
    case instruction(PartyID, UUIDv4)
    case receipt(PartyID, sender: PartyID, messageIdentification: String)
    case account(AccountKey)
    case record(PartyID, RecordKind, String)

    package func feed(_ hasher: inout WordHasher) {
        switch self {
        case .payment(let instance, let uetr):
            hasher.combine(1)
            instance.feed(&hasher)
            uetr.feed(&hasher)
        case .instruction(let instance, let uetr):
            hasher.combine(2)
            instance.feed(&hasher)
            uetr.feed(&hasher)
        case .receipt(let instance, let sender, let messageIdentification):
            hasher.combine(3)
            instance.feed(&hasher)
            sender.feed(&hasher)
            hasher.combine(messageIdentification)
        case .account(let key):
            hasher.combine(4)
            key.feed(&hasher)
        case .record(let instance, let kind, let key):
            hasher.combine(5)
            instance.feed(&hasher)
            kind.feed(&hasher)
            hasher.combine(key)
        }
    }
}

extension FactKey {
    /// Inlined: a table compares at every look-up, and would take hold of both keys.
    @inline(__always)
    package static func == (lhs: FactKey, rhs: FactKey) -> Bool {
        switch (lhs, rhs) {
        case (.payment(let instance, let uetr), .payment(let other, let its)):
            uetr == its && instance == other
        case (.instruction(let instance, let uetr), .instruction(let other, let its)):
            uetr == its && instance == other
        case (
            .receipt(let instance, let sender, let identification),
            .receipt(let other, let its, let another)
        ): identification == another && sender == its && instance == other
        case (.account(let key), .account(let other)): key == other
        case (.record(let instance, let kind, let key), .record(let other, let its, let another)):
            kind == its && key == another && instance == other
        case (.payment, _), (.instruction, _), (.receipt, _), (.account, _), (.record, _): false
        }
    }

    /// What a role asks for may depend on this one. Source: `Role.facts(for:known:_:)`.
    var decidesWhatIsAsked: Bool {
        switch self {
        case .payment, .instruction, .record: true
        case .account, .receipt: false
        }
    }
}

/// The kinds of a role's own records; each a point namespace of its own per instance.
package enum RecordKind: String, Hashable, Sendable, CaseIterable, Comparable {
    /// Hub: the standing rate of provider/source/destination.
    case rate
    /// Hub: an issued quote, by its id.
    case quote
    /// Hub: a proxy resolution under way, by the MsgId of the second request.
    case resolution
    /// Participant: a customer's account, by its number.
    case customer
    /// Participant: an answer to a resolution it asked for, by the request's MsgId.
    case answer
    /// Proxy directory: a registration, by type and value.
    case proxy
    /// Participant or system: scripted outcomes for tests and demonstrations.
    case script
    /// Any: counters, by name.
    case counter
    /// Any: markers such as "the books are open".
    case marker

    package func feed(_ hasher: inout WordHasher) {
        let number: UInt64 =
            switch self {
            case .rate: 0
            case .quote: 1
            case .resolution: 2
            case .customer: 3
            case .answer: 4
            case .proxy: 5
            case .script: 6
            case .counter: 7
            case .marker: 8
            }
        hasher.combine(number)
    }

    package static func < (lhs: RecordKind, rhs: RecordKind) -> Bool { lhs.rawValue < rhs.rawValue }
}

/// One payment as one role instance sees it.
package struct PaymentRow: Hashable, Sendable {
    /// 1 at insertion, one more at each change.
    package var version: Int64
    /// The role's state, by its published number (Specs/States).
    package var state: UInt8
    /// When the payment's one timer is due; `nil` in a final state.
    package var due: Instant?
    /// The role's record.
    package var content: [UInt8]

    package init(version: Int64, state: UInt8, due: Instant?, content: [UInt8]) {
        self.version = version
        self.state = state
        self.due = due
        self.content = content
    }
}

/// That a business message was received: sender and MsgId to the payment and its content.
package struct Receipt: Hashable, Sendable {
    package let uetr: UUIDv4
    /// Over the decoded business fields, not the bytes.
    package let digest: ContentDigest

    package init(uetr: UUIDv4, digest: ContentDigest) {
        self.uetr = uetr
        self.digest = digest
    }
}

/// A role's record with its version, 1 at insertion.
package struct RecordRow: Hashable, Sendable {
    package var version: Int64
    package var content: [UInt8]

    package init(version: Int64, content: [UInt8]) {
        self.version = version
        self.content = content
    }
}

/// A value that was read, or the knowledge that there is none.
package enum Fact: Hashable, Sendable {
    case absent
    case payment(PaymentRow)
    case instruction(Message)
    case receipt(Receipt)
    case account(LedgerAccount)
    case record(RecordRow)

    /// Version and state of a row; `nil` for nothing. A record has no state.
    var standing: (version: Int64, state: UInt8?)? {
        switch self {
        case .payment(let row): (row.version, row.state)
        case .record(let row): (row.version, nil)
        case .absent: nil
        case .instruction, .receipt, .account:
            preconditionFailure("what was read under a payment's or record's key is neither")
        }
    }

    /// What was booked counts for whoever is decided next.
    mutating func add(_ delta: Balance) {
        switch consume self {
        case .account(var account):
            account.balance += delta
            self = .account(account)
        case let other: self = other
        }
    }
}

/// Everything known so far: what was read, overlaid by what this batch has decided.
package struct Facts: Sendable {
    /// What the batch at hand has to do with each is noted there, too.
    var table = FactTable()
    /// Parties to whom too much is under way: new payments for them are refused, retryable.
    package var congested: Set<PartyID>
    /// Parties to whom it is nearly too much, the congested among them: no new quotes.
    package var crowded: Set<PartyID>
    /// The node has more to do than it can: it begins nothing new, and carries on what is under
    /// way.
    package var isOverloaded: Bool

    package init(
        _ facts: [(FactKey, Fact)] = [],
        congested: Set<PartyID> = [],
        crowded: Set<PartyID> = [],
        isOverloaded: Bool = false
    ) {
        self.congested = congested
        self.crowded = crowded
        self.isOverloaded = isOverloaded
        for (key, fact) in facts { set(fact, at: key) }
    }

    /// Whether a new payment to a party is to be turned away for now.
    package func isClosed(to party: PartyID) -> Bool {
        isOverloaded || congested.contains(party)
    }

    /// `nil` when the key was not asked for yet; `.absent` when there is nothing.
    package subscript(key: FactKey) -> Fact? { table.place(of: key).flatMap { table.fact(at: $0) } }

    package mutating func set(_ fact: Fact, at key: FactKey) {
        table.set(fact, at: table.insert(key))
    }

    package func isKnown(_ key: FactKey) -> Bool {
        table.place(of: key).map { table.entries[$0].isKnown } ?? false
    }

    package mutating func removeAll() { table.removeAll() }

    // Reading a key of the wrong case, or one never asked for, is this program's fault.

    package func payment(_ instance: PartyID, _ uetr: UUIDv4) -> PaymentRow? {
        table.entries[place(of: .payment(instance, uetr))].fact.payment
    }

    package func instruction(_ instance: PartyID, _ uetr: UUIDv4) -> Message? {
        table.entries[place(of: .instruction(instance, uetr))].fact.instruction
    }

    package func receipt(
        _ instance: PartyID,
        from sender: PartyID,
        _ messageIdentification: String
    ) -> Receipt? {
        let key = FactKey.receipt(
            instance,
            sender: sender,
            messageIdentification: messageIdentification
        )
        return table.entries[place(of: key)].fact.receipt
    }

    package func account(_ key: AccountKey) -> LedgerAccount? {
        table.entries[place(of: .account(key))].fact.account
    }

    package func record(_ instance: PartyID, _ kind: RecordKind, _ key: String) -> RecordRow? {
        table.entries[place(of: .record(instance, kind, key))].fact.record
    }

    private func place(of key: FactKey) -> Int {
        guard let place = table.place(of: key), table.entries[place].isKnown else {
            preconditionFailure("a fact was read without being fetched")
        }
        return place
    }
}

/// What is read of a fact where it stands: nothing else of it is copied.
extension Fact {
    fileprivate var payment: PaymentRow? {
        switch self {
        case .payment(let row): row
        case .absent: nil
        case .instruction, .receipt, .account, .record: Fact.isOther()
        }
    }

    fileprivate var instruction: Message? {
        switch self {
        case .instruction(let message): message
        case .absent: nil
        case .payment, .receipt, .account, .record: Fact.isOther()
        }
    }

    fileprivate var receipt: Receipt? {
        switch self {
        case .receipt(let receipt): receipt
        case .absent: nil
        case .payment, .instruction, .account, .record: Fact.isOther()
        }
    }

    fileprivate var account: LedgerAccount? {
        switch self {
        case .account(let account): account
        case .absent: nil
        case .payment, .instruction, .receipt, .record: Fact.isOther()
        }
    }

    fileprivate var record: RecordRow? {
        switch self {
        case .record(let row): row
        case .absent: nil
        case .payment, .instruction, .receipt, .account: Fact.isOther()
        }
    }

    private static func isOther() -> Never {
        preconditionFailure("a fact is not what its key says")
    }
}
