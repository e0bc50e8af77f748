/// The bounds of one connection. Each is tested at the limit and one past it.
///
/// Source: Specs/Protocol/Session.md, which every peer relies on: change them on both sides.
public struct WireLimits: Hashable, Sendable {
    /// What the length of a frame may say: its type byte and body, not the length itself. Every
    /// peer must take frames this long.
    public var frame = 131_072
    /// Messages a side may send ahead of the other's acknowledgement.
    public var window = 1024
    /// Requests a side may have unanswered.
    public var openRequests = 64
    /// Frames a second that tell nothing new: pings, and what was acknowledged or received already.
    public var idleFrames = 256
    /// The longest time for which an acknowledgement waits for something else to be written: alone
    /// it costs both sides as much as a message. Not a limit, and nothing to agree on: zero for an
    /// owner that does not follow `Session.nextTimer`.
    public var acknowledgementDelay: Duration = .milliseconds(50)
    /// From the handshake to the peer's hello.
    public var helloTimeout: Duration = .seconds(5)
    /// Time without a whole frame after which a ping is sent.
    public var heartbeat: Duration = .seconds(10)
    /// Time without a whole frame after which the connection counts as dead.
    public var silence: Duration = .seconds(30)
    /// Wait for a response before the request counts as failed.
    public var requestTimeout: Duration = .seconds(10)

    /// The limits of protocol version 1.
    public init() {}

    /// Bytes of a party's name.
    public static let partyName = 35
    /// Bytes of a node's name.
    public static let nodeName = 63
    /// Bytes of an operation's name.
    public static let operation = 64
    /// Bytes of a goodbye's text.
    public static let goodbyeText = 200
    /// Bytes of a message frame besides its payload, at most: type, sequence, kind, two names.
    public static let messageOverhead = 1 + 8 + 1 + 2 * (1 + partyName)
    /// Bytes of a request frame besides its payload, at most.
    public static let requestOverhead = 1 + 8 + 2 * (1 + partyName) + 1 + operation
    /// Bytes of a response frame besides its payload.
    public static let responseOverhead = 1 + 8 + 2

    /// Bytes a message's payload may have, whatever the names around it.
    public var messagePayload: Int { frame - Self.messageOverhead }
    /// Bytes a request's payload may have, whatever the names around it.
    public var requestPayload: Int { frame - Self.requestOverhead }
    /// Bytes a response's payload may have.
    public var responsePayload: Int { frame - Self.responseOverhead }
}
