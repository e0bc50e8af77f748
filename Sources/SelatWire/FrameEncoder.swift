/// Appends frames to a buffer, so that several leave in one write.
public enum FrameEncoder {
    /// Appends one whole frame.
    ///
    /// A frame longer than `WireLimits.frame` is a fault of the caller, who had to hold its payload
    /// to `WireLimits.messagePayload` and its like; the session traps on it.
    public static func append(_ frame: Frame, to bytes: inout [UInt8]) {
        switch frame {
        case .hello(let hello): append(hello, to: &bytes)
        case .message(let message): append(message, to: &bytes)
        case .acknowledgement(let epoch, let sequence):
            begin(.acknowledgement, bodyLength: 16, in: &bytes)
            bytes.appendBigEndian(epoch)
            bytes.appendBigEndian(sequence)
        case .request(let request): append(request, to: &bytes)
        case .response(let response): append(response, to: &bytes)
        case .ping(let nonce):
            begin(.ping, bodyLength: 8, in: &bytes)
            bytes.appendBigEndian(nonce)
        case .pong(let nonce):
            begin(.pong, bodyLength: 8, in: &bytes)
            bytes.appendBigEndian(nonce)
        case .goodbye(let goodbye): append(goodbye, to: &bytes)
        }
    }

    /// Appends a message frame.
    public static func append(_ message: MessageFrame, to bytes: inout [UInt8]) {
        let names = message.from.text.utf8.count + message.to.text.utf8.count
        begin(.message, bodyLength: 11 + names + message.payload.count, in: &bytes)
        bytes.appendBigEndian(message.sequence)
        bytes.append(message.kind.rawValue)
        bytes.appendName(message.from.text)
        bytes.appendName(message.to.text)
        bytes.append(contentsOf: message.payload)
    }

    private static func append(_ hello: HelloFrame, to bytes: inout [UInt8]) {
        begin(.hello, bodyLength: 35 + hello.node.text.utf8.count, in: &bytes)
        bytes.appendBigEndian(hello.version)
        bytes.appendName(hello.node.text)
        bytes.appendBigEndian(hello.sendEpoch)
        bytes.appendBigEndian(hello.lastReceivedEpoch)
        bytes.appendBigEndian(hello.lastReceivedSequence)
        bytes.appendBigEndian(hello.window)
        bytes.appendBigEndian(hello.maximumFrame)
    }

    private static func append(_ request: RequestFrame, to bytes: inout [UInt8]) {
        let names =
            request.from.text.utf8.count + request.to.text.utf8.count
            + request.operation.text.utf8.count
        begin(.request, bodyLength: 11 + names + request.payload.count, in: &bytes)
        bytes.appendBigEndian(request.correlation)
        bytes.appendName(request.from.text)
        bytes.appendName(request.to.text)
        bytes.appendName(request.operation.text)
        bytes.append(contentsOf: request.payload)
    }

    private static func append(_ response: ResponseFrame, to bytes: inout [UInt8]) {
        begin(.response, bodyLength: 10 + response.payload.count, in: &bytes)
        bytes.appendBigEndian(response.correlation)
        bytes.appendBigEndian(response.status)
        bytes.append(contentsOf: response.payload)
    }

    private static func append(_ goodbye: GoodbyeFrame, to bytes: inout [UInt8]) {
        begin(.goodbye, bodyLength: 1 + goodbye.text.utf8.count, in: &bytes)
        bytes.append(goodbye.reason.rawValue)
        bytes.append(contentsOf: goodbye.text.utf8)
    }

    /// Length and type.
    private static func begin(_ type: FrameType, bodyLength: Int, in bytes: inout [UInt8]) {
        if bytes.isEmpty { bytes.reserveCapacity(5 + bodyLength) }
        bytes.appendBigEndian(UInt32(1 + bodyLength))
        bytes.append(type.rawValue)
    }
}

extension [UInt8] {
    mutating func appendBigEndian(_ value: some FixedWidthInteger & UnsignedInteger) {
        unsafe Swift.withUnsafeBytes(of: value.bigEndian) { unsafe append(contentsOf: $0) }
    }

    /// A length byte and the text.
    fileprivate mutating func appendName(_ text: String) {
        append(UInt8(text.utf8.count))
        append(contentsOf: text.utf8)
    }
}
