/// What the owner of a session must do, in this order. Every input returns a list of them.
public enum SessionAction: Hashable, Sendable {
    /// Hand these bytes to the transport.
    case write([UInt8])
    /// The peer's hello fits: send messages from this number on, as far as `sendable` reaches.
    case established(resumeFrom: UInt64)
    /// The peer has committed our messages up to this number; they may leave the outbox.
    case acknowledged(epoch: UInt64, through: UInt64)
    /// A message of the peer, the next in its epoch. Commit (epoch, sequence) with what it does,
    /// then call `acknowledge(epoch:upTo:)`.
    case deliver(epoch: UInt64, MessageFrame)
    /// A request of the peer; answer it with `respond(to:status:payload:)`.
    case deliverRequest(CallID, RequestFrame)
    /// The answer to a request of ours.
    case deliverResponse(CallID, ResponseFrame)
    /// A request of ours will not be answered.
    case requestFailed(CallID, RequestFailure)
    /// The peer lost messages it had acknowledged: it was restored. `established` follows, with a
    /// number that may lie below the outbox: send again what is retained from there on.
    case peerRestored(onceAcknowledged: UInt64, has: UInt64)
    /// The peer numbers under another epoch than before: it was restored. Nothing follows from it
    /// but a report; its messages start at 1 again, and receipts know those that were here before.
    case peerRenumbered(previous: ReceivePosition)
    /// Both sides cannot meet under the present epoch: the peer has messages that this node never
    /// numbered (this node was restored), or wants some that this node no longer keeps. Take a new
    /// epoch, number all undelivered messages anew from 1, report for reconciliation, connect
    /// again. `close` follows.
    case renumber(numbered: UInt64, peerHas: UInt64)
    /// Close the transport once everything written has left. Exactly once, and the last action.
    case close(SessionEnd)
}

/// Names one request on one connection, so that an answer never reaches another connection's.
public struct CallID: Hashable, Sendable {
    /// As the owner numbered the session.
    public let connection: UInt64
    /// As the frame says.
    public let correlation: UInt64

    /// - Parameters:
    ///   - connection: As the owner numbered the session.
    ///   - correlation: As the frame says.
    public init(connection: UInt64, correlation: UInt64) {
        self.connection = connection
        self.correlation = correlation
    }
}

/// Why a request of ours has no answer. Whether the peer acted on it is not known.
public enum RequestFailure: Hashable, Sendable {
    /// The connection ended first.
    case disconnected
    /// No response within `WireLimits.requestTimeout`.
    case timedOut
}

/// What became of `Session.request`.
public enum RequestOutcome: Hashable, Sendable {
    /// Written; a response or a failure will carry this id.
    case sent(CallID, [SessionAction])
    /// There is no established connection.
    case notEstablished
    /// `WireLimits.openRequests` are unanswered already.
    case tooManyOpen
    /// The payload is longer than `WireLimits.requestPayload`.
    case tooLong
}

/// Why a session is over.
public enum SessionEnd: Hashable, Sendable {
    /// This side's owner left.
    case left(GoodbyeReason)
    /// The peer said goodbye.
    case goodbye(GoodbyeFrame)
    /// The peer broke the protocol.
    case violation(WireError)
    /// The peer sent no hello in time.
    case helloTimeout
    /// The peer sent nothing for too long.
    case silence
    /// This node must come back under a new epoch.
    case renumbering
    /// The transport ended without a goodbye.
    case disconnected
}

/// How far a node has come with its own messages on a link. Durable, and the owner's.
public struct SendPosition: Hashable, Sendable {
    /// Random, never 0; changes whenever the node is restored from a backup.
    public var epoch: UInt64
    /// The number the next message gets; the first is 1.
    public var nextSequence: UInt64
    /// The peer has committed everything up to here.
    public var acknowledged: UInt64

    /// - Parameters:
    ///   - epoch: Random, never 0.
    ///   - nextSequence: The number the next message gets.
    ///   - acknowledged: The peer has committed everything up to here.
    public init(epoch: UInt64, nextSequence: UInt64, acknowledged: UInt64) {
        precondition(epoch != 0, "a send epoch is never 0")
        precondition(
            acknowledged < nextSequence,
            "only messages that have a number are acknowledged"
        )
        self.epoch = epoch
        self.nextSequence = nextSequence
        self.acknowledged = acknowledged
    }
}

/// How far a node has come with the peer's messages on a link. Durable, the owner's, and changed
/// only in the commit of what a message did.
public struct ReceivePosition: Hashable, Sendable {
    /// The peer's epoch; 0 before its first message.
    public var epoch: UInt64
    /// The last number committed of that epoch.
    public var sequence: UInt64

    /// - Parameters:
    ///   - epoch: The peer's epoch; 0 before its first message.
    ///   - sequence: The last number committed of that epoch.
    public init(epoch: UInt64 = 0, sequence: UInt64 = 0) {
        self.epoch = epoch
        self.sequence = sequence
    }
}
