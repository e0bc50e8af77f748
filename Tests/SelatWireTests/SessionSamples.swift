import SelatTime
import SelatWire

let begin = Instant(nanoseconds: 1_795_407_125_000_000_000)

extension NodeName {
    static let hub = NodeName("hub") ?? .fallback
    static let system = NodeName("ips-sg") ?? .fallback
}

extension WireLimits {
    /// Small enough to reach in a test.
    static let small: WireLimits = {
        var limits = WireLimits()
        limits.window = 4
        limits.openRequests = 2
        return limits
    }()
}

/// The payment system's side of a link to the hub, and frames that the hub may send.
enum SessionSamples {
    static let epoch: UInt64 = 0xA
    static let peerEpoch: UInt64 = 0xB

    static func start(
        connection: UInt64 = 1,
        next: UInt64 = 1,
        acknowledged: UInt64 = 0,
        received: ReceivePosition = ReceivePosition()
    ) -> Session.Start {
        Session.Start(
            node: .system,
            peer: .hub,
            connection: connection,
            sent: SendPosition(epoch: epoch, nextSequence: next, acknowledged: acknowledged),
            received: received
        )
    }

    static func hello(
        has: UInt64 = 0,
        of epoch: UInt64? = nil,
        change: (inout HelloFrame) -> Void = { _ in }
    ) -> Frame {
        var hello = HelloFrame(
            node: .hub,
            sendEpoch: peerEpoch,
            lastReceivedEpoch: epoch ?? (has > 0 ? SessionSamples.epoch : 0),
            lastReceivedSequence: has,
            window: 1024,
            maximumFrame: 131_072
        )
        change(&hello)
        return .hello(hello)
    }

    static func awaiting(
        _ start: Session.Start = start(),
        limits: WireLimits = .small
    ) -> Session {
        Session.connected(start, at: begin, limits: limits).0
    }

    static func established(
        _ start: Session.Start = start(),
        has: UInt64 = 0,
        limits: WireLimits = .small
    ) -> Session {
        var session = awaiting(start, limits: limits)
        let actions = session.received(hello(has: has).encoded, at: begin)
        precondition(actions.contains(.established(resumeFrom: has + 1)))
        return session
    }

    static func message(_ sequence: UInt64, _ payload: String = "x") -> MessageFrame {
        MessageFrame(
            sequence: sequence,
            kind: .paymentStatusReport,
            from: party("hub"),
            to: party("SELASGS0"),
            payload: Array(payload.utf8)
        )
    }

    static func messages(_ sequences: ClosedRange<UInt64>) -> [MessageFrame] {
        sequences.map { message($0) }
    }

    static func request(_ correlation: UInt64) -> RequestFrame {
        RequestFrame(
            correlation: correlation,
            from: party("hub"),
            to: party("SELASGS0"),
            operation: FrameSamples.operation,
            payload: Array("{}".utf8)
        )
    }
}

extension Session {
    mutating func received(_ frames: Frame..., at now: Instant = begin) -> [SessionAction] {
        received(frames.flatMap(\.encoded), at: now)
    }

    /// Asks for something and gives what was sent.
    mutating func ask(at now: Instant = begin) -> RequestOutcome {
        request(
            FrameSamples.operation,
            from: party("SELASGS0"),
            to: party("hub"),
            payload: Array("{}".utf8),
            at: now
        )
    }
}

extension FrameDecoder {
    /// All frames that are complete with these bytes.
    mutating func all(_ bytes: [UInt8]) throws(WireError) -> [Frame] {
        var frames: [Frame] = []
        var place = 0
        while let frame = try next(bytes.span, from: &place) { frames.append(frame) }
        return frames
    }
}

extension [SessionAction] {
    /// Everything written, decoded.
    var frames: [Frame] {
        var decoder = FrameDecoder(limit: 131_072)
        var frames: [Frame] = []
        for case .write(let bytes) in self {
            var place = 0
            while let frame = try? decoder.next(bytes.span, from: &place) { frames.append(frame) }
        }
        return frames
    }

    var delivered: [UInt64] {
        compactMap { if case .deliver(_, let message) = $0 { message.sequence } else { nil } }
    }

    var end: SessionEnd? {
        for case .close(let end) in self { return end }
        return nil
    }

    /// The reason of the goodbye written, if any.
    var goodbye: GoodbyeReason? {
        for case .goodbye(let goodbye) in frames { return goodbye.reason }
        return nil
    }
}
