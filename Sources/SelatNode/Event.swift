package import SelatISO20022
package import SelatJSON
package import SelatScheme
package import SelatTime

/// One thing that happened to one role instance. Time and randomness come with it.
///
/// One object however many hold it: the inbox, the batch and whoever decides.
package final class Event: Hashable, Sendable {
    /// The instant its last byte arrived, or the instant a timer was found due.
    package let at: Instant
    /// Every id that a decision makes is derived from it.
    package let seed: Seed
    /// The role instance it is for.
    package let instance: PartyID
    package let body: Body

    /// What happened. What is rare and wide is boxed, so that a message's event is narrow.
    package enum Body: Hashable, Sendable {
        /// `from` is what the transport proved, never what the message claims.
        case message(from: PartyID, Message)
        /// A message of a party that may send here, but that is none we can read.
        indirect case malformed(from: PartyID, MalformedMessage)
        /// Answered by a `Reply` in the decision, or not at all.
        indirect case request(RequestID, from: PartyID, Request)
        /// A payment's own timer; `version` is the payment's when it was armed.
        case timer(payment: UUIDv4, version: Int64)
        /// Once at each start, before anything else: open the books that are not open yet.
        case opening
    }

    package init(at: Instant, seed: Seed, instance: PartyID, body: Body) {
        self.at = at
        self.seed = seed
        self.instance = instance
        self.body = body
    }

    package static func == (lhs: Event, rhs: Event) -> Bool {
        lhs === rhs
            || lhs.at == rhs.at && lhs.seed == rhs.seed && lhs.instance == rhs.instance
                && lhs.body == rhs.body
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(seed)
        hasher.combine(instance)
    }
}

/// What could be made out of an unreadable message, so that its sender can be told.
package struct MalformedMessage: Hashable, Sendable {
    /// The first is the one to answer with.
    package let rejections: [Rejection]
    package let kind: UInt8
    package let messageIdentification: String?
    package let uetr: UUIDv4?

    package init(
        rejections: [Rejection],
        kind: UInt8,
        messageIdentification: String?,
        uetr: UUIDv4?
    ) {
        self.rejections = rejections
        self.kind = kind
        self.messageIdentification = messageIdentification
        self.uetr = uetr
    }
}

/// Names one open request within its node; volatile.
package struct RequestID: Hashable, Sendable, Comparable {
    package let number: UInt64

    package init(_ number: UInt64) { self.number = number }

    package static func < (lhs: RequestID, rhs: RequestID) -> Bool { lhs.number < rhs.number }
}

/// A service call: an operation of Specs/Protocol/Requests.md and its JSON body.
package struct Request: Hashable, Sendable {
    package let operation: String
    package let body: JSONCursor

    package init(operation: String, body: JSONCursor) {
        self.operation = operation
        self.body = body
    }

    /// For whoever asks from within this process.
    package init(operation: String, body: JSONValue) {
        self.init(operation: operation, body: body.cursor)
    }
}
