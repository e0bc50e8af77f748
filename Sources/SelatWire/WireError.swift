/// What a peer did against the protocol. Every case ends the connection; none is ours to repair.
///
/// A description says what was expected and what came, and never repeats names or payloads.
public enum WireError: Error, Hashable, Sendable, CustomStringConvertible {
    // MARK: A frame by itself

    /// A length beyond the limit; nothing of the frame was kept.
    case frameTooLong(length: Int, limit: Int)
    /// A length of 0: not even a type.
    case frameEmpty
    /// A type byte outside 1...8.
    case frameTypeUnknown(UInt8)
    /// The body ends before its fields do.
    case bodyTooShort(FrameType)
    /// The body goes on after its last field.
    case bodyTooLong(FrameType, surplus: Int)
    /// A field holds what it may not hold.
    case fieldInvalid(FrameType, Field)

    // MARK: A frame in its place

    /// A frame other than a hello came first.
    case helloExpected(got: FrameType)
    /// A second hello came.
    case helloRepeated
    /// The peer speaks another version.
    case versionUnsupported(expected: UInt16, got: UInt16)
    /// The hello names another node than the certificate.
    case nodeMismatch
    /// The peer takes only shorter frames than every peer must.
    case maximumFrameTooSmall(expected: Int, got: Int)
    /// A message's number is not the next one.
    case sequenceGap(expected: UInt64, got: UInt64)
    /// More messages than the window, none of them acknowledged.
    case windowExceeded(limit: Int)
    /// The peer acknowledges another epoch than ours.
    case acknowledgementOfOtherEpoch
    /// The peer acknowledges a message that was never numbered.
    case acknowledgementOfUnsent(last: UInt64, got: UInt64)
    /// The peer acknowledges less than it did before.
    case acknowledgementMovedBack(last: UInt64, got: UInt64)
    /// More unanswered requests than allowed.
    case tooManyRequests(limit: Int)
    /// A request's correlation does not rise.
    case correlationNotRising(last: UInt64, got: UInt64)
    /// A response to a request that was never made.
    case responseUnasked(last: UInt64, got: UInt64)
    /// A pong to a ping that was never sent.
    case pongUnasked
    /// More frames within a second that tell nothing new than a link needs.
    case tooManyIdleFrames(limit: Int)

    /// A field of a frame's body, as Specs/Protocol/Framing.md names it.
    public enum Field: String, Hashable, Sendable, CaseIterable {
        case node
        case sendEpoch
        case lastReceived
        case window
        case sequence
        case from
        case to
        case correlation
        case operation
        case status
        case text
    }

    /// The reason to give in the goodbye.
    public var goodbyeReason: GoodbyeReason {
        switch self {
        case .frameTooLong, .frameEmpty, .frameTypeUnknown, .bodyTooShort, .bodyTooLong,
            .fieldInvalid, .helloExpected, .helloRepeated, .windowExceeded,
            .acknowledgementOfOtherEpoch, .acknowledgementOfUnsent, .acknowledgementMovedBack,
            .tooManyRequests, .correlationNotRising, .responseUnasked, .pongUnasked,
            .tooManyIdleFrames:
            .protocolViolation
        case .versionUnsupported, .maximumFrameTooSmall: .incompatible
        case .nodeMismatch: .wrongNode
        case .sequenceGap: .gap
        }
    }

    /// One sentence: expected, got, and what the peer must do where that is not plain.
    public var description: String {
        switch self {
        case .frameTooLong(let length, let limit):
            "a frame of \(length) bytes; send at most \(limit)"
        case .frameEmpty: "a frame of 0 bytes; every frame has a type"
        case .frameTypeUnknown(let type): "frame type \(type); version 1 knows 1 to 8"
        case .bodyTooShort(let type): "a \(type) frame ends before its last field"
        case .bodyTooLong(let type, let surplus):
            "a \(type) frame has \(surplus) bytes after its last field"
        case .fieldInvalid(let type, let field):
            "a \(type) frame's \(field.rawValue) is not what Framing.md allows"
        case .helloExpected(let got): "expected a hello first, got a \(got) frame"
        case .helloRepeated: "expected one hello, got a second"
        case .versionUnsupported(let expected, let got):
            "expected protocol version \(expected), got \(got); upgrade the older node"
        case .nodeMismatch: "the hello names another node than the certificate; correct either"
        case .maximumFrameTooSmall(let expected, let got):
            "expected a maximum frame of at least \(expected) bytes, got \(got)"
        case .sequenceGap(let expected, let got):
            "expected message \(expected), got \(got); connect again and resume from the hello"
        case .windowExceeded(let limit): "more than \(limit) messages without acknowledgement"
        case .acknowledgementOfOtherEpoch: "an acknowledgement of an epoch that is not in use"
        case .acknowledgementOfUnsent(let last, let got):
            "message \(got) acknowledged; the last one numbered is \(last)"
        case .acknowledgementMovedBack(let last, let got):
            "message \(got) acknowledged after \(last)"
        case .tooManyRequests(let limit): "more than \(limit) requests without response"
        case .correlationNotRising(let last, let got): "correlation \(got) after \(last)"
        case .responseUnasked(let last, let got):
            "a response to request \(got); the last one made is \(last)"
        case .pongUnasked: "a pong to a ping that was never sent"
        case .tooManyIdleFrames(let limit):
            "more than \(limit) frames within a second that tell nothing new"
        }
    }
}
