/// One unit on the wire: a length, a type, a body. Layout: Specs/Protocol/Framing.md.
public enum Frame: Hashable, Sendable {
    /// Each side's first frame.
    case hello(HelloFrame)
    /// A durable, numbered message.
    case message(MessageFrame)
    /// Everything up to `sequence` of that epoch is committed at the sender of this frame.
    case acknowledgement(epoch: UInt64, sequence: UInt64)
    /// A volatile service call.
    case request(RequestFrame)
    /// The answer to one.
    case response(ResponseFrame)
    /// Are you there?
    case ping(nonce: UInt64)
    /// Yes.
    case pong(nonce: UInt64)
    /// Each side's last frame.
    case goodbye(GoodbyeFrame)

    /// The frame's type.
    public var type: FrameType {
        switch self {
        case .hello: .hello
        case .message: .message
        case .acknowledgement: .acknowledgement
        case .request: .request
        case .response: .response
        case .ping: .ping
        case .pong: .pong
        case .goodbye: .goodbye
        }
    }
}

/// The byte that says what a frame is.
public enum FrameType: UInt8, Hashable, Sendable, CaseIterable {
    case hello = 1
    case message = 2
    case acknowledgement = 3
    case request = 4
    case response = 5
    case ping = 6
    case pong = 7
    case goodbye = 8
}

/// What a side says of itself before anything else.
public struct HelloFrame: Hashable, Sendable {
    /// The only protocol version there is.
    public static let currentVersion: UInt16 = 1

    /// The sender's protocol version.
    public var version: UInt16
    /// The sender; must be whom its certificate names.
    public var node: NodeName
    /// Under which the sender numbers its messages; random, never 0.
    public var sendEpoch: UInt64
    /// The epoch of the peer's messages that the sender has committed; 0 when it has none.
    public var lastReceivedEpoch: UInt64
    /// The last number it has committed of that epoch; 0 when none.
    public var lastReceivedSequence: UInt64
    /// Unacknowledged messages it takes.
    public var window: UInt32
    /// The longest frame it takes, as `WireLimits.frame` counts.
    public var maximumFrame: UInt32

    /// - Parameters:
    ///   - version: The sender's protocol version.
    ///   - node: The sender.
    ///   - sendEpoch: Under which it numbers its messages.
    ///   - lastReceivedEpoch: The epoch it has committed of the peer's messages.
    ///   - lastReceivedSequence: The last number it has committed of that epoch.
    ///   - window: Unacknowledged messages it takes.
    ///   - maximumFrame: The longest frame it takes.
    public init(
        version: UInt16 = HelloFrame.currentVersion,
        node: NodeName,
        sendEpoch: UInt64,
        lastReceivedEpoch: UInt64,
        lastReceivedSequence: UInt64,
        window: UInt32,
        maximumFrame: UInt32
    ) {
        self.version = version
        self.node = node
        self.sendEpoch = sendEpoch
        self.lastReceivedEpoch = lastReceivedEpoch
        self.lastReceivedSequence = lastReceivedSequence
        self.window = window
        self.maximumFrame = maximumFrame
    }
}

/// A durable message: its sender keeps it until it is acknowledged.
public struct MessageFrame: Hashable, Sendable {
    /// From 1, without gaps, within the sender's epoch.
    public var sequence: UInt64
    /// What the payload is.
    public var kind: MessageKind
    /// Who says or asks it.
    public var from: PartyName
    /// Whom it is for.
    public var to: PartyName
    /// At most `WireLimits.messagePayload` bytes.
    public var payload: [UInt8]

    /// - Parameters:
    ///   - sequence: From 1, without gaps, within the sender's epoch.
    ///   - kind: What the payload is.
    ///   - from: The party that says it.
    ///   - to: The party it is for.
    ///   - payload: At most `WireLimits.messagePayload` bytes.
    public init(
        sequence: UInt64,
        kind: MessageKind,
        from: PartyName,
        to: PartyName,
        payload: [UInt8]
    ) {
        self.sequence = sequence
        self.kind = kind
        self.from = from
        self.to = to
        self.payload = payload
    }
}

/// A service call: lost with the connection, answered in any order.
public struct RequestFrame: Hashable, Sendable {
    /// From 1, rising, within the connection and direction.
    public var correlation: UInt64
    /// Who says or asks it.
    public var from: PartyName
    /// Whom it is for.
    public var to: PartyName
    /// What for.
    public var operation: OperationName
    /// A JSON object.
    public var payload: [UInt8]

    /// - Parameters:
    ///   - correlation: From 1, rising, within the connection and direction.
    ///   - from: The party that asks.
    ///   - to: The party asked.
    ///   - operation: What for.
    ///   - payload: A JSON object of at most `WireLimits.requestPayload` bytes.
    public init(
        correlation: UInt64,
        from: PartyName,
        to: PartyName,
        operation: OperationName,
        payload: [UInt8]
    ) {
        self.correlation = correlation
        self.from = from
        self.to = to
        self.operation = operation
        self.payload = payload
    }
}

/// The answer to the request with the same correlation.
public struct ResponseFrame: Hashable, Sendable {
    /// The request's.
    public var correlation: UInt64
    /// As in HTTP: 200, 400, 403, 404, 409, 413, 422, 503.
    public var status: UInt16
    /// A JSON object.
    public var payload: [UInt8]

    /// - Parameters:
    ///   - correlation: The request's.
    ///   - status: As in HTTP.
    ///   - payload: A JSON object of at most `WireLimits.responsePayload` bytes.
    public init(correlation: UInt64, status: UInt16, payload: [UInt8]) {
        self.correlation = correlation
        self.status = status
        self.payload = payload
    }
}

/// The end of a connection, with its reason.
public struct GoodbyeFrame: Hashable, Sendable {
    /// Why; what to do about it follows from this alone.
    public var reason: GoodbyeReason
    /// For a person to read; at most 200 bytes.
    public private(set) var text: String

    /// - Parameters:
    ///   - reason: What to do about it follows from this alone.
    ///   - text: For a person to read; cut to 200 bytes of whole characters.
    public init(reason: GoodbyeReason, text: String) {
        self.reason = reason
        var text = text
        while text.utf8.count > WireLimits.goodbyeText { text.removeLast() }
        self.text = text
    }
}
