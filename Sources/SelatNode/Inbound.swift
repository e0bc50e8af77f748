package import SelatScheme
package import SelatTime

/// A message as a link's session delivered it, in sequence and once per connection.
package struct InboundMessage: Hashable, Sendable {
    package let link: LinkID
    package let epoch: UInt64
    package let sequence: UInt64
    package let kind: UInt8
    package let from: PartyID
    package let to: PartyID
    package let payload: [UInt8]
    /// When its last byte arrived.
    package let at: Instant
    package let seed: Seed

    package init(
        link: LinkID,
        epoch: UInt64,
        sequence: UInt64,
        kind: UInt8,
        from: PartyID,
        to: PartyID,
        payload: [UInt8],
        at: Instant,
        seed: Seed
    ) {
        self.link = link
        self.epoch = epoch
        self.sequence = sequence
        self.kind = kind
        self.from = from
        self.to = to
        self.payload = payload
        self.at = at
        self.seed = seed
    }
}

/// A service call from a link, or from the operator's channel when `link` is `nil`.
package struct InboundRequest: Hashable, Sendable {
    package let id: RequestID
    package let link: LinkID?
    package let from: PartyID
    package let to: PartyID
    package let request: Request
    /// The body's canonical text where it is only to be passed on; `request.body` is nothing then.
    package let text: [UInt8]?
    package let at: Instant
    package let seed: Seed

    package init(
        id: RequestID,
        link: LinkID?,
        from: PartyID,
        to: PartyID,
        request: Request,
        text: [UInt8]? = nil,
        at: Instant,
        seed: Seed
    ) {
        self.id = id
        self.link = link
        self.from = from
        self.to = to
        self.request = request
        self.text = text
        self.at = at
        self.seed = seed
    }
}

/// What a link said faster than it is listened to.
enum HeldInput: Sendable {
    case message(InboundMessage)
    case request(InboundRequest)
}

/// What waits to be decided. Roles and links by their places.
enum InboxEntry: Sendable {
    case message(Event, role: Int, RetainedMessage, link: Int)
    case event(Event, role: Int)
    /// Kept and acknowledged, but no role sees it.
    indirect case refused(RetainedMessage, link: Int, Alert)

    /// When it came.
    var at: Instant {
        switch self {
        case .message(let event, _, _, _), .event(let event, _): event.at
        case .refused(let message, _, _): message.at
        }
    }
}
