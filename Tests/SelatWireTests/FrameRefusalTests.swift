import SelatWire
import Testing

@Suite struct FrameRefusalTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let name: String
        let bytes: [UInt8]
        let error: WireError
        var testDescription: String { name }

        init(_ name: String, _ bytes: [UInt8], _ error: WireError) {
            self.name = name
            self.bytes = bytes
            self.error = error
        }
    }

    private static let zero8 = [UInt8](repeating: 0, count: 8)
    private static let one8 = [UInt8](repeating: 0, count: 7) + [1]
    private static let max8 = [UInt8](repeating: 255, count: 8)

    private static func hello(_ change: (inout HelloFrame) -> Void) -> [UInt8] {
        var hello = FrameSamples.hello
        change(&hello)
        return Frame.hello(hello).encoded
    }

    private static func name(_ text: String) -> [UInt8] {
        [UInt8(text.utf8.count)] + Array(text.utf8)
    }

    private static func party(_ text: String) -> [UInt8] { rawFrame(2, one8 + [1] + name(text)) }

    private static func operation(_ text: String) -> [UInt8] {
        rawFrame(4, one8 + name("a") + name("b") + name(text))
    }

    static let cases: [Case] = [
        Case("no type", [0, 0, 0, 0], .frameEmpty),
        Case("HTTP", Array("GET / HTTP/1.1".utf8), .frameTooLong(length: 0x4745_5420, limit: 4096)),
        Case("type 0", rawFrame(0, []), .frameTypeUnknown(0)),
        Case("type 9", rawFrame(9, []), .frameTypeUnknown(9)),
        Case("ping, surplus", rawFrame(6, one8 + [0]), .bodyTooLong(.ping, surplus: 1)),
        Case(
            "acknowledgement, surplus",
            rawFrame(3, one8 + one8 + [0, 0]),
            .bodyTooLong(.acknowledgement, surplus: 2)
        ),
        Case(
            "hello, surplus",
            rawFrame(1, Array(hello { _ in }.dropFirst(5)) + [0]),
            .bodyTooLong(.hello, surplus: 1)
        ),
        Case(
            "hello, version 2",
            hello { $0.version = 2 },
            .versionUnsupported(expected: 1, got: 2)
        ),
        Case(
            "hello, version 2 of another shape",
            rawFrame(1, [0, 2]),
            .versionUnsupported(expected: 1, got: 2)
        ),
        Case("hello, epoch 0", hello { $0.sendEpoch = 0 }, .fieldInvalid(.hello, .sendEpoch)),
        Case(
            "hello, received without epoch",
            hello { $0.lastReceivedEpoch = 0 },
            .fieldInvalid(.hello, .lastReceived)
        ),
        Case("hello, window 0", hello { $0.window = 0 }, .fieldInvalid(.hello, .window)),
        Case(
            "hello, node in capitals",
            rawFrame(1, [0, 1] + name("HUB")),
            .fieldInvalid(.hello, .node)
        ),
        Case("hello, no node", rawFrame(1, [0, 1, 0]), .fieldInvalid(.hello, .node)),
        Case(
            "hello, node of 64",
            rawFrame(1, [0, 1] + name(String(repeating: "n", count: 64))),
            .fieldInvalid(.hello, .node)
        ),
        Case("message 0", rawFrame(2, zero8 + [1]), .fieldInvalid(.message, .sequence)),
        Case("message 2^64-1", rawFrame(2, max8 + [1]), .fieldInvalid(.message, .sequence)),
        Case("party empty", party(""), .fieldInvalid(.message, .from)),
        Case("party with space", party("A B"), .fieldInvalid(.message, .from)),
        Case("party with DEL", party("A\u{7F}"), .fieldInvalid(.message, .from)),
        Case("party not ASCII", party("A\u{E9}"), .fieldInvalid(.message, .from)),
        Case(
            "party of 36",
            party(String(repeating: "P", count: 36)),
            .fieldInvalid(.message, .from)
        ),
        Case(
            "party of 35, then nothing",
            party(String(repeating: "P", count: 35)),
            .bodyTooShort(.message)
        ),
        Case("request 0", rawFrame(4, zero8), .fieldInvalid(.request, .correlation)),
        Case("request 2^64-1", rawFrame(4, max8), .fieldInvalid(.request, .correlation)),
        Case("operation empty", operation(""), .fieldInvalid(.request, .operation)),
        Case("operation in capitals", operation("Quotes"), .fieldInvalid(.request, .operation)),
        Case("operation with query", operation("quotes?a=b"), .fieldInvalid(.request, .operation)),
        Case(
            "operation of 65",
            operation(String(repeating: "o", count: 65)),
            .fieldInvalid(.request, .operation)
        ),
        Case("response 0", rawFrame(5, zero8 + [0, 200]), .fieldInvalid(.response, .correlation)),
        Case("status 199", rawFrame(5, one8 + [0, 199]), .fieldInvalid(.response, .status)),
        Case("status 600", rawFrame(5, one8 + [2, 88]), .fieldInvalid(.response, .status)),
        Case("goodbye without reason", rawFrame(8, []), .bodyTooShort(.goodbye)),
        Case("goodbye not UTF-8", rawFrame(8, [1, 0xFF]), .fieldInvalid(.goodbye, .text)),
        Case(
            "goodbye of 201",
            rawFrame(8, [1] + [UInt8](repeating: 0x61, count: 201)),
            .fieldInvalid(.goodbye, .text)
        ),
    ]

    @Test(arguments: cases)
    func isRefusedWithItsReason(_ sample: Case) {
        var decoder = FrameDecoder(limit: 4096)
        #expect(throws: sample.error) { try decoder.all(sample.bytes) }
        #expect(throws: sample.error) { try decoder.all([]) }
    }

    @Test(arguments: FrameSamples.all)
    func aBodyCutShortIsRefused(_ frame: Frame) throws {
        // Message, request, response and goodbye end in a field that may have any length.
        let body = Array(frame.encoded.dropFirst(5))
        let least =
            switch frame {
            case .hello, .acknowledgement, .ping, .pong: body.count
            case .message(let message): body.count - message.payload.count
            case .request(let request): body.count - request.payload.count
            case .response: 10
            case .goodbye: 1
            }
        for length in 0..<least {
            var decoder = FrameDecoder(limit: 131_072)
            let bytes = rawFrame(frame.type.rawValue, Array(body.prefix(length)))
            #expect(throws: WireError.self, "\(frame.type), \(length) bytes") {
                try decoder.all(bytes)
            }
        }
    }

    @Test func namesAreCheckedWhenTheyAreMade() {
        #expect(PartyName(String(repeating: "P", count: 35)) != nil)
        #expect(PartyName(String(repeating: "P", count: 36)) == nil)
        #expect(PartyName("") == nil && PartyName("a b") == nil && PartyName("\u{E9}") == nil)
        #expect(NodeName("ips-sg") != nil && NodeName(String(repeating: "n", count: 63)) != nil)
        #expect(NodeName(String(repeating: "n", count: 64)) == nil)
        #expect(NodeName("-a") == nil && NodeName("A") == nil && NodeName("") == nil)
        #expect(OperationName("fin-insts/psp") != nil && OperationName("v1.quotes") != nil)
        #expect(OperationName(String(repeating: "o", count: 64)) != nil)
        #expect(OperationName(String(repeating: "o", count: 65)) == nil)
        #expect(OperationName("") == nil && OperationName("Quotes") == nil)
    }

    @Test func goodbyeTextIsCutToWholeCharactersWithin200Bytes() {
        let text = String(repeating: "a", count: 199) + "\u{E9}"
        #expect(GoodbyeFrame(reason: .gap, text: text).text.utf8.count == 199)
        #expect(
            GoodbyeFrame(reason: .gap, text: String(repeating: "a", count: 200)).text.utf8.count
                == 200
        )
    }

    @Test func everyErrorHasASentenceAndAReason() {
        for sample in Self.cases {
            #expect(!sample.error.description.isEmpty)
            #expect(
                [.protocolViolation, .incompatible].contains(sample.error.goodbyeReason),
                "\(sample.error)"
            )
        }
    }
}
