import NIOCore
import SelatTLS
import Testing

@Suite
struct EngineTests {
    private let ca: TestAuthority
    private let hub: TLSCredentials
    private let ips: TLSCredentials

    init() throws {
        ca = try TestAuthority()
        hub = try ca.issue("hub", role: "hub")
        ips = try ca.issue("ips-sg", role: "ips")
    }

    @Test
    func bothSidesLearnNodeRoleAndFingerprint() throws {
        var pair = try EnginePair(client: ips, server: hub)
        pair.run()
        let server = try #require(pair.clientSaw.established)
        let client = try #require(pair.serverSaw.established)
        #expect(server.nodeID == "hub" && server.role == "hub")
        #expect(client.nodeID == "ips-sg" && client.role == "ips")
        let shown = try CertificateAuthority.show(ips.certificateChainFile)
        #expect(client.fingerprint == shown.fingerprint)
        #expect(client.notAfter == shown.notAfter)
        #expect(pair.clientSaw.end == nil && pair.serverSaw.end == nil)
    }

    @Test(arguments: [1, 7, 300, 16_384, 16_385, 100_000])
    func bytesArriveWholeInBothDirections(length: Int) throws {
        var pair = try EnginePair(client: ips, server: hub)
        pair.run()
        let bytes = (0..<length).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        pair.clientSends(bytes)
        pair.serverSends(bytes.reversed())
        #expect(pair.serverSaw.plaintext == bytes)
        #expect(pair.clientSaw.plaintext == bytes.reversed())
    }

    @Test
    func oneByteAtATimeIsTheSameConnection() throws {
        var pair = try EnginePair(client: ips, server: hub)
        pair.run(cut: 1)
        pair.clientSends(Array("hello".utf8), cut: 1)
        #expect(pair.serverSaw.established?.nodeID == "ips-sg")
        #expect(pair.serverSaw.plaintext == Array("hello".utf8))
    }

    @Test
    func aReceiveHandsOverEverythingItDecrypted() throws {
        var pair = try EnginePair(client: ips, server: hub)
        pair.run()
        let ciphertext = try #require(
            pair.client.send([UInt8](repeating: 7, count: 50_000).span).ciphertext
        )
        let step = pair.server.receive(ciphertext)
        #expect(step.plaintext?.readableBytes == 50_000)
        #expect(pair.server.receive(ByteBuffer()).plaintext == nil)
    }

    @Test
    func whatOneStepGaveStaysAsItIs() throws {
        var pair = try EnginePair(client: ips, server: hub)
        pair.run()
        // Held while the next ones are made.
        let sent = ["first", "second", "third"].map { text in
            pair.client.send(Array(text.utf8).span).ciphertext
        }
        let received = try sent.map { ciphertext in
            pair.server.receive(try #require(ciphertext)).plaintext
        }
        #expect(
            received.map { $0.map { String(buffer: $0) } } == ["first", "second", "third"]
        )
    }

    @Test
    func severalMessagesInOneBufferShareOneRecord() throws {
        var pair = try EnginePair(client: ips, server: hub)
        pair.run()
        let step = pair.client.send([UInt8](repeating: 1, count: 3000).span)
        #expect(step.ciphertext?.readableBytes == 3022)
    }

    @Test
    func goodbyeIsACleanEnd() throws {
        var pair = try EnginePair(client: ips, server: hub)
        pair.run()
        pair.clientCloses()
        #expect(pair.serverSaw.end == .closed)
        let isClosedByPeer = pair.server.isClosedByPeer
        #expect(isClosedByPeer)
        // The server may still finish its sentence.
        pair.serverSends([1, 2, 3])
        #expect(pair.clientSaw.plaintext == [1, 2, 3])
        #expect(pair.server.endOfInput() == nil)
    }

    @Test
    func anEndWithoutGoodbyeIsTruncation() throws {
        var pair = try EnginePair(client: ips, server: hub)
        pair.run()
        #expect(pair.server.endOfInput() == .truncated)
        #expect(pair.client.endOfInput() == .truncated)
    }

    @Test
    func anEndInTheHandshakeIsARefusal() throws {
        var pair = try EnginePair(client: ips, server: hub)
        let flight = pair.client.start()
        _ = pair.server.receive(try #require(flight.ciphertext))
        #expect(pair.server.endOfInput() == .refused(.hungUp))
        #expect(pair.client.endOfInput() == .refused(.hungUp))
    }

    @Test
    func aForgedRecordEndsTheConnectionAndDeliversNothing() throws {
        var pair = try EnginePair(client: ips, server: hub)
        pair.run()
        var ciphertext = try #require(pair.client.send(Array("pay".utf8).span).ciphertext)
        let last = ciphertext.writerIndex - 1
        let byte = try #require(ciphertext.getInteger(at: last, as: UInt8.self))
        ciphertext.setInteger(byte ^ 1, at: last)
        let step = pair.server.receive(ciphertext)
        #expect(step.plaintext == nil)
        guard case .broken = step.end else {
            Issue.record("expected a broken connection, got \(String(describing: step.end))")
            return
        }
    }

    @Test
    func theHandshakeIsTLS13WithAES128First() throws {
        var pair = try EnginePair(client: ips, server: hub)
        let hello = try #require(pair.client.start().ciphertext)
        let bytes = Array(hello.readableBytesView)
        // The first of the offered suites follows the 32-byte session id: TLS_AES_128_GCM_SHA256.
        #expect(Array(bytes[76..<80]) == [0x00, 0x08, 0x13, 0x01])
    }
}
