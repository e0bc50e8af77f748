import SelatTime
import SelatWire

/// Names that are known to be lawful.
func party(_ text: String) -> PartyName { PartyName(checked: text) }

/// One frame of every type, and the awkward ones.
enum FrameSamples {
    static let node = NodeName("ips-sg") ?? NodeName.fallback
    static let operation = OperationName("quotes") ?? OperationName.fallback

    static let hello = HelloFrame(
        node: node,
        sendEpoch: 0x0102_0304_0506_0708,
        lastReceivedEpoch: 9,
        lastReceivedSequence: 10,
        window: 1024,
        maximumFrame: 131_072
    )

    static let message = MessageFrame(
        sequence: 1,
        kind: .customerCreditTransfer,
        from: party("SELASGS0"),
        to: party("hub"),
        payload: Array("<Document/>".utf8)
    )

    static let request = RequestFrame(
        correlation: 7,
        from: party("SELASGS0"),
        to: party("hub"),
        operation: operation,
        payload: Array("{}".utf8)
    )

    static let all: [Frame] = [
        .hello(hello),
        .message(message),
        .message(
            MessageFrame(
                sequence: .max - 1,
                kind: MessageKind(rawValue: 255),
                from: party(String(repeating: "~", count: 35)),
                to: party("!"),
                payload: []
            )
        ),
        .acknowledgement(epoch: .max, sequence: 0),
        .request(request),
        .response(ResponseFrame(correlation: 7, status: 200, payload: Array("{}".utf8))),
        .response(ResponseFrame(correlation: 8, status: 503, payload: [])),
        .ping(nonce: 1),
        .pong(nonce: .max),
        .goodbye(GoodbyeFrame(reason: .shutdown, text: "")),
        .goodbye(GoodbyeFrame(reason: GoodbyeReason(rawValue: 99), text: "hasta luego, \u{00F1}")),
    ]
}

extension NodeName {
    static var fallback: NodeName { preconditionFailure("a sample node name is not lawful") }
}

extension OperationName {
    static var fallback: OperationName { preconditionFailure("a sample operation is not lawful") }
}

extension Frame {
    var encoded: [UInt8] {
        var bytes: [UInt8] = []
        FrameEncoder.append(self, to: &bytes)
        return bytes
    }
}

/// A frame with any type and body, its length right.
func rawFrame(_ type: UInt8, _ body: [UInt8]) -> [UInt8] {
    let length = UInt32(1 + body.count)
    return [UInt8(length >> 24), UInt8(length >> 16 & 255), UInt8(length >> 8 & 255)]
        + [UInt8(length & 255), type] + body
}
