/// Turns bytes as they come into frames, one per call.
///
///     var place = 0
///     while let frame = try decoder.next(bytes, from: &place) { ... }
///
/// Frames are read where they stand; only the beginning of one whose end has not come is kept, so
/// that no more is ever buffered than one frame within the limit. After an error the stream has no
/// next frame boundary, so the decoder takes and gives nothing more.
public struct FrameDecoder: Sendable {
    /// The longest frame to take, as `WireLimits.frame` counts.
    public let limit: Int
    /// The beginning of a frame whose end has not come.
    private var begun: [UInt8] = []
    private var failure: WireError?

    /// - Parameter limit: The longest frame to take: type and body.
    public init(limit: Int) {
        self.limit = limit
    }

    /// Bytes kept for a frame that is not complete.
    public var bufferedCount: Int { begun.count }

    /// The next whole frame.
    ///
    /// - Parameters:
    ///   - bytes: What came, in whatever pieces; the same until `nil` is returned.
    ///   - place: Where to go on in it, 0 at first; moves behind what was taken.
    /// - Returns: `nil` when all of `bytes` is taken and no frame is complete.
    /// - Throws: `WireError` for a frame that is too long (as soon as its length is known) or
    ///   malformed; the same again on every later call.
    public mutating func next(
        _ bytes: Span<UInt8>,
        from place: inout Int
    ) throws(WireError) -> Frame? {
        if let failure { throw failure }
        do {
            return begun.isEmpty
                ? try whole(bytes, from: &place) : try completed(bytes, from: &place)
        } catch {
            failure = error
            begun = []
            throw error
        }
    }

    /// A frame that begins in `bytes`.
    private mutating func whole(
        _ bytes: Span<UInt8>,
        from place: inout Int
    ) throws(WireError) -> Frame? {
        guard let length = try length(bytes, at: place), length <= bytes.count - place else {
            keep(bytes.count - place, of: bytes, from: &place)
            return nil
        }
        var body = FrameBody(index: place + 4, end: place + length)
        place += length
        return try body.frame(bytes)
    }

    /// The frame whose beginning came earlier.
    private mutating func completed(
        _ bytes: Span<UInt8>,
        from place: inout Int
    ) throws(WireError) -> Frame? {
        keep(4 - begun.count, of: bytes, from: &place)
        guard let length = try length(begun.span, at: 0) else { return nil }
        keep(length - begun.count, of: bytes, from: &place)
        guard begun.count == length else { return nil }
        var body = FrameBody(index: 4, end: length)
        let frame = try body.frame(begun.span)
        begun.removeAll(keepingCapacity: true)
        return frame
    }

    /// How long the frame at `place` is with its length; `nil` while that has not come.
    private func length(_ bytes: Span<UInt8>, at place: Int) throws(WireError) -> Int? {
        guard bytes.count - place >= 4 else { return nil }
        let length =
            Int(bytes[place]) << 24 | Int(bytes[place + 1]) << 16
            | Int(bytes[place + 2]) << 8 | Int(bytes[place + 3])
        guard length > 0 else { throw .frameEmpty }
        guard length <= limit else { throw .frameTooLong(length: length, limit: limit) }
        return 4 + length
    }

    /// Takes up to `count` bytes for a frame whose end has not come.
    private mutating func keep(_ count: Int, of bytes: Span<UInt8>, from place: inout Int) {
        let end = min(place + max(count, 0), bytes.count)
        // SAFETY: the buffer is used inside the closure only.
        unsafe bytes.extracting(place..<end).withUnsafeBufferPointer {
            unsafe begun.append(contentsOf: $0)
        }
        place = end
    }
}

/// Reads the fields of one frame in order.
private struct FrameBody {
    private var index: Int
    private let end: Int
    private var type = FrameType.hello

    init(index: Int, end: Int) {
        self.index = index
        self.end = end
    }

    mutating func frame(_ bytes: Span<UInt8>) throws(WireError) -> Frame {
        let code = bytes[index]
        index += 1
        guard let type = FrameType(rawValue: code) else { throw .frameTypeUnknown(code) }
        self.type = type
        switch type {
        case .hello: return .hello(try hello(bytes))
        case .message: return .message(try message(bytes))
        case .acknowledgement:
            let epoch: UInt64 = try integer(bytes)
            let sequence: UInt64 = try integer(bytes)
            try finish()
            return .acknowledgement(epoch: epoch, sequence: sequence)
        case .request: return .request(try request(bytes))
        case .response: return .response(try response(bytes))
        case .ping:
            let nonce: UInt64 = try integer(bytes)
            try finish()
            return .ping(nonce: nonce)
        case .pong:
            let nonce: UInt64 = try integer(bytes)
            try finish()
            return .pong(nonce: nonce)
        case .goodbye: return .goodbye(try goodbye(bytes))
        }
    }

    private mutating func hello(_ bytes: Span<UInt8>) throws(WireError) -> HelloFrame {
        let version: UInt16 = try integer(bytes)
        // What follows is version 1's; a later version may have put anything here.
        guard version == HelloFrame.currentVersion else {
            throw .versionUnsupported(expected: HelloFrame.currentVersion, got: version)
        }
        let text = try name(bytes, limit: WireLimits.nodeName, .node)
        guard let node = NodeName(text) else { throw .fieldInvalid(type, .node) }
        let hello = HelloFrame(
            version: version,
            node: node,
            sendEpoch: try integer(bytes),
            lastReceivedEpoch: try integer(bytes),
            lastReceivedSequence: try integer(bytes),
            window: try integer(bytes),
            maximumFrame: try integer(bytes)
        )
        try finish()
        guard hello.sendEpoch != 0 else { throw .fieldInvalid(type, .sendEpoch) }
        guard hello.lastReceivedEpoch != 0 || hello.lastReceivedSequence == 0 else {
            throw .fieldInvalid(type, .lastReceived)
        }
        guard hello.window > 0 else { throw .fieldInvalid(type, .window) }
        return hello
    }

    private mutating func message(_ bytes: Span<UInt8>) throws(WireError) -> MessageFrame {
        let sequence: UInt64 = try integer(bytes)
        // The greatest number is refused so that "the next one" always exists.
        guard sequence > 0, sequence < .max else { throw .fieldInvalid(type, .sequence) }
        let kind: UInt8 = try integer(bytes)
        let from = try party(bytes, .from)
        let to = try party(bytes, .to)
        return MessageFrame(
            sequence: sequence,
            kind: MessageKind(rawValue: kind),
            from: from,
            to: to,
            payload: rest(bytes)
        )
    }

    private mutating func request(_ bytes: Span<UInt8>) throws(WireError) -> RequestFrame {
        let correlation: UInt64 = try integer(bytes)
        guard correlation > 0, correlation < .max else { throw .fieldInvalid(type, .correlation) }
        let from = try party(bytes, .from)
        let to = try party(bytes, .to)
        let text = try name(bytes, limit: WireLimits.operation, .operation)
        guard let operation = OperationName(text) else { throw .fieldInvalid(type, .operation) }
        return RequestFrame(
            correlation: correlation,
            from: from,
            to: to,
            operation: operation,
            payload: rest(bytes)
        )
    }

    private mutating func response(_ bytes: Span<UInt8>) throws(WireError) -> ResponseFrame {
        let correlation: UInt64 = try integer(bytes)
        guard correlation > 0 else { throw .fieldInvalid(type, .correlation) }
        let status: UInt16 = try integer(bytes)
        guard (200...599).contains(status) else { throw .fieldInvalid(type, .status) }
        return ResponseFrame(correlation: correlation, status: status, payload: rest(bytes))
    }

    private mutating func goodbye(_ bytes: Span<UInt8>) throws(WireError) -> GoodbyeFrame {
        let reason: UInt8 = try integer(bytes)
        guard end - index <= WireLimits.goodbyeText else { throw .fieldInvalid(type, .text) }
        do throws(UTF8.ValidationError) {
            let text = String(copying: try UTF8Span(validating: bytes.extracting(index..<end)))
            return GoodbyeFrame(reason: GoodbyeReason(rawValue: reason), text: text)
        } catch {
            throw .fieldInvalid(type, .text)
        }
    }

    private mutating func integer<Integer: FixedWidthInteger & UnsignedInteger>(
        _ bytes: Span<UInt8>
    ) throws(WireError) -> Integer {
        let width = Integer.bitWidth / 8
        guard end - index >= width else { throw .bodyTooShort(type) }
        var value: UInt64 = 0
        for _ in 0..<width {
            value = value << 8 | UInt64(bytes[index])
            index += 1
        }
        return Integer(truncatingIfNeeded: value)
    }

    private mutating func party(
        _ bytes: Span<UInt8>,
        _ field: WireError.Field
    ) throws(WireError) -> PartyName {
        PartyName(decoded: try name(bytes, limit: WireLimits.partyName, field))
    }

    /// A length byte and as many characters from `!` to `~`.
    private mutating func name(
        _ bytes: Span<UInt8>,
        limit: Int,
        _ field: WireError.Field
    ) throws(WireError) -> String {
        let length = Int(try integer(bytes) as UInt8)
        guard (1...limit).contains(length) else { throw .fieldInvalid(type, field) }
        guard end - index >= length else { throw .bodyTooShort(type) }
        let text = bytes.extracting(index..<index + length)
        for place in text.indices where text[place] <= 0x20 || text[place] >= 0x7F {
            throw .fieldInvalid(type, field)
        }
        index += length
        // SAFETY: ASCII, as just seen, is UTF-8.
        return String(copying: unsafe UTF8Span(unchecked: text, isKnownASCII: true))
    }

    /// The payload: whatever is left, in one copy.
    private mutating func rest(_ bytes: Span<UInt8>) -> [UInt8] {
        defer { index = end }
        // SAFETY: the buffer is used inside the closure only.
        return unsafe bytes.extracting(index..<end).withUnsafeBufferPointer { unsafe Array($0) }
    }

    private func finish() throws(WireError) {
        guard index == end else { throw .bodyTooLong(type, surplus: end - index) }
    }
}
