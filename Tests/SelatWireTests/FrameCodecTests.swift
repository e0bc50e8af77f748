import SelatTime
import SelatWire
import Testing

@Suite struct FrameCodecTests {
    @Test(arguments: FrameSamples.all)
    func everyFrameRoundTrips(_ frame: Frame) throws {
        var decoder = FrameDecoder(limit: 131_072)
        #expect(try decoder.all(frame.encoded) == [frame])
        #expect(decoder.bufferedCount == 0)
        #expect(frame.encoded[4] == frame.type.rawValue)
    }

    @Test(arguments: FrameSamples.all)
    func everyFrameIsReadByteByByte(_ frame: Frame) throws {
        var decoder = FrameDecoder(limit: 131_072)
        let bytes = frame.encoded
        for (index, byte) in bytes.dropLast().enumerated() {
            #expect(try decoder.all([byte]) == [])
            #expect(decoder.bufferedCount == index + 1)
        }
        #expect(try decoder.all(Array(bytes.suffix(1))) == [frame])
        #expect(decoder.bufferedCount == 0)
    }

    @Test(arguments: [1, 2, 3, 5, 7, 16, 64, 1000])
    func gluedFramesAreReadInPiecesOfAnySize(_ size: Int) throws {
        let stream = (FrameSamples.all + FrameSamples.all.reversed()).flatMap(\.encoded)
        var decoder = FrameDecoder(limit: 131_072)
        var frames: [Frame] = []
        for start in stride(from: 0, to: stream.count, by: size) {
            frames += try decoder.all(Array(stream[start..<min(start + size, stream.count)]))
        }
        #expect(frames == FrameSamples.all + FrameSamples.all.reversed())
        #expect(decoder.bufferedCount == 0)
    }

    @Test func theLayoutIsTheOneWrittenDown() {
        #expect(
            Frame.message(FrameSamples.message).encoded
                == [0, 0, 0, 34, 2, 0, 0, 0, 0, 0, 0, 0, 1, 1, 8] + Array("SELASGS0".utf8) + [3]
                + Array("hub<Document/>".utf8)
        )
        #expect(
            Frame.hello(FrameSamples.hello).encoded
                == [0, 0, 0, 42, 1, 0, 1, 6] + Array("ips-sg".utf8)
                + [1, 2, 3, 4, 5, 6, 7, 8] + [0, 0, 0, 0, 0, 0, 0, 9] + [0, 0, 0, 0, 0, 0, 0, 10]
                + [0, 0, 4, 0] + [0, 2, 0, 0]
        )
        #expect(
            Frame.request(FrameSamples.request).encoded
                == [0, 0, 0, 31, 4, 0, 0, 0, 0, 0, 0, 0, 7, 8] + Array("SELASGS0".utf8) + [3]
                + Array("hub".utf8) + [6] + Array("quotes{}".utf8)
        )
        #expect(
            Frame.response(ResponseFrame(correlation: 7, status: 422, payload: [0x7B, 0x7D]))
                .encoded == [0, 0, 0, 13, 5, 0, 0, 0, 0, 0, 0, 0, 7, 1, 166, 0x7B, 0x7D]
        )
        #expect(
            Frame.acknowledgement(epoch: 1, sequence: 2).encoded
                == [0, 0, 0, 17, 3, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 2]
        )
        #expect(Frame.ping(nonce: 3).encoded == [0, 0, 0, 9, 6, 0, 0, 0, 0, 0, 0, 0, 3])
        #expect(Frame.pong(nonce: 3).encoded == [0, 0, 0, 9, 7, 0, 0, 0, 0, 0, 0, 0, 3])
        #expect(
            Frame.goodbye(GoodbyeFrame(reason: .gap, text: "no")).encoded
                == [0, 0, 0, 4, 8, 3, 0x6E, 0x6F]
        )
    }

    @Test func aFrameMayBeAsLongAsTheLimitAndNoLonger() throws {
        let limits = WireLimits()
        var message = FrameSamples.message
        message.from = party(String(repeating: "F", count: 35))
        message.to = party(String(repeating: "T", count: 35))
        message.payload = [UInt8](repeating: 0x20, count: limits.messagePayload)
        var decoder = FrameDecoder(limit: limits.frame)
        #expect(try decoder.all(Frame.message(message).encoded) == [.message(message)])

        message.payload.append(0x20)
        let tooLong = Array(Frame.message(message).encoded.prefix(4))
        let error = WireError.frameTooLong(length: limits.frame + 1, limit: limits.frame)
        #expect(throws: error) { try decoder.all(tooLong) }
        #expect(decoder.bufferedCount == 0)
        // The stream has no next boundary: nothing more is taken or given.
        #expect(throws: error) { try decoder.all(Frame.ping(nonce: 1).encoded) }
        #expect(decoder.bufferedCount == 0)
    }

    @Test func theOverheadsAreExact() {
        let limits = WireLimits()
        let long = party(String(repeating: "F", count: 35))
        let operation = OperationName(String(repeating: "o", count: 64))
        let request = operation.map {
            RequestFrame(
                correlation: 1,
                from: long,
                to: long,
                operation: $0,
                payload: [UInt8](repeating: 0, count: limits.requestPayload)
            )
        }
        #expect(request.map { Frame.request($0).encoded.count } == 4 + limits.frame)
        let response = ResponseFrame(
            correlation: 1,
            status: 200,
            payload: [UInt8](repeating: 0, count: limits.responsePayload)
        )
        #expect(Frame.response(response).encoded.count == 4 + limits.frame)
    }

    @Test(arguments: 0..<64)
    func randomBytesNeverCrashTheDecoder(_ seed: UInt64) {
        var generator = SeededGenerator(seed: seed, stream: "frames")
        for _ in 0..<200 {
            var decoder = FrameDecoder(limit: 256)
            let type = UInt8.random(in: 0...9, using: &generator)
            let count = Int.random(in: 0...90, using: &generator)
            let body = (0..<count).map { _ in UInt8(truncatingIfNeeded: generator.next()) }
            let bytes = generator.chance(1, in: 4) ? body : rawFrame(type, body)
            var place = 0
            while let frame = try? decoder.next(bytes.span, from: &place) {
                // What was read is written as it was.
                #expect(frame.encoded.count <= 260)
            }
        }
    }

    @Test(arguments: 0..<32)
    func aDamagedFrameIsRefusedOrReadAndWrittenTheSame(_ seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed, stream: "damage")
        for frame in FrameSamples.all {
            var bytes = frame.encoded
            let index = Int.random(in: 4..<bytes.count, using: &generator)
            bytes[index] = UInt8(truncatingIfNeeded: generator.next())
            var decoder = FrameDecoder(limit: 131_072)
            guard let read = try? decoder.all(bytes) else { continue }
            #expect(read.first?.encoded == bytes, "seed \(seed)")
        }
    }
}
