import COpenSSL
import NIOCore
import SelatTLS
import SelatTime
import Testing

/// The same over real sockets on loopback. Every wait ends with the connection, and every
/// connection ends by itself; the time limit is for the day it does not.
@Suite(.timeLimit(.minutes(1)))
struct SocketTests {
    private let ca: TestAuthority
    private let hub: CredentialStore
    private let ips: CredentialStore

    init() throws {
        ca = try TestAuthority()
        hub = try CredentialStore(credentials: ca.issue("hub", role: "hub"))
        ips = try CredentialStore(credentials: ca.issue("ips-sg", role: "ips"))
    }

    @Test(arguments: [1, 5000, 3_000_000])
    func bytesComeBackWhole(length: Int) async throws {
        let listener = try await Listener(hub, habit: .sendBack)
        let link = try await Dialled.hub(listener, ips, awaiting: length)
        let bytes = (0..<length).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        #expect(try await link.established.get().nodeID == "hub")
        try await link.channel.writeAndFlush(ByteBuffer(bytes: bytes))
        #expect(try await link.echoed.get() == bytes)
        try await link.channel.close()
        let ending = try await listener.ending()
        #expect(ending.established?.nodeID == "ips-sg")
        #expect(ending.errors.isEmpty)
        #expect(try await link.ended.get().errors.isEmpty)
        #expect(listener.refusals.all.isEmpty)
        try await listener.close()
    }

    @Test(arguments: RefusalCase.all)
    func aBadClientIsRefusedWithItsAlert(refusal: RefusalCase) async throws {
        // The revocation list may change with the case.
        let bad = try refusal.credentials(ca, "ips-sg", "ips")
        try hub.reload()
        let listener = try await Listener(hub)
        let alert = try await Dialled.rogue(listener, version: TLS1_3_VERSION, credentials: bad)
        let ending = try await listener.ending()
        #expect(try await alert.get() == refusal.alert)
        #expect(ending.established == nil)
        #expect(ending.bytes.isEmpty)
        let refused = try #require(listener.refusals.all.first)
        #expect(listener.refusals.all.count == 1)
        #expect(refusal.isExpected(refused.cause), "\(refused)")
        #expect(refused.peer.hasPrefix("127.0.0.1:"))
        #expect(!refused.description.contains("\n"))
        #expect(ending.errors == [.refused(refused)])
        try await listener.close()
    }

    @Test
    func aClientWithoutCertificateIsRefused() async throws {
        let listener = try await Listener(hub)
        let alert = try await Dialled.rogue(listener, version: TLS1_3_VERSION, credentials: nil)
        let ending = try await listener.ending()
        #expect(ending.established == nil && ending.bytes.isEmpty)
        #expect(listener.refusals.all.map(\.cause) == [.noCertificate])
        #expect(try await alert.get() == 116)
        try await listener.close()
    }

    @Test
    func tls12IsRefused() async throws {
        let listener = try await Listener(hub)
        let credentials = ca.authority.credentials(for: "ips-sg")
        let alert = try await Dialled.rogue(
            listener,
            version: TLS1_2_VERSION,
            credentials: credentials
        )
        let ending = try await listener.ending()
        #expect(ending.established == nil && ending.bytes.isEmpty)
        #expect(listener.refusals.all.map(\.cause) == [.protocolVersion])
        #expect(try await alert.get() == 70)
        try await listener.close()
    }

    @Test
    func garbageIsRefused() async throws {
        let listener = try await Listener(hub)
        let stranger = try await Dialled.bare(listener)
        try await stranger.writeAndFlush(ByteBuffer(string: "GET / HTTP/1.1\r\n\r\n"))
        let ending = try await listener.ending()
        #expect(ending.established == nil && ending.bytes.isEmpty)
        #expect(listener.refusals.all.map(\.cause) == [.notTLS])
        try await stranger.closeFuture.get()
        try await listener.close()
    }

    @Test
    func aSilentPeerIsRefused() async throws {
        let limit = Duration.milliseconds(50)
        let listener = try await Listener(hub, timeouts: TLSTimeouts(handshake: limit))
        let stranger = try await Dialled.bare(listener)
        let ending = try await listener.ending()
        #expect(ending.established == nil)
        #expect(listener.refusals.all.map(\.cause) == [.silence(after: limit)])
        try await stranger.closeFuture.get()
        try await listener.close()
    }

    @Test
    func aPeerThatHangsUpInTheHandshakeIsRefused() async throws {
        let listener = try await Listener(hub)
        let stranger = try await Dialled.bare(listener)
        try await stranger.writeAndFlush(ByteBuffer(bytes: [0x16, 0x03, 0x01]))
        try await stranger.close()
        _ = try await listener.ending()
        #expect(listener.refusals.all.map(\.cause) == [.hungUp])
        try await listener.close()
    }

    @Test
    func anEndWithoutGoodbyeIsTruncation() async throws {
        let listener = try await Listener(hub)
        let link = try await Dialled.hub(listener, ips)
        _ = try await link.established.get()
        // Below the handler, so that it cannot say goodbye.
        try await link.channel.eventLoop.submit {
            try link.channel.pipeline.syncOperations
                .context(handlerType: OpenSSLHandler.self)
                .close(promise: nil)
        }.get()
        let ending = try await listener.ending()
        #expect(ending.established?.nodeID == "ips-sg")
        guard case .truncated = ending.errors.first, ending.errors.count == 1 else {
            Issue.record("expected truncation, got \(ending.errors)")
            return
        }
        try await listener.close()
    }

    @Test
    func whoRefusesAFrameHasBufferedOneReadOfIt() async throws {
        let listener = try await Listener(hub, habit: .closeOnFirstBytes)
        let link = try await Dialled.hub(listener, ips)
        _ = try await link.established.get()
        link.channel.writeAndFlush(ByteBuffer(repeating: 0xFF, count: 8_000_000), promise: nil)
        let ending = try await listener.ending()
        // One read of a socket, and the rest of a record that began before it.
        #expect((1...(65_536 + 16_384)).contains(ending.largestRead))
        #expect(ending.bytes.count == ending.largestRead)
        _ = try await link.ended.get()
        try await listener.close()
    }

    @Test
    func aRevokedNodeKeepsItsLinkAndGetsNoNewOne() async throws {
        let listener = try await Listener(hub, habit: .sendBack)
        let link = try await Dialled.hub(listener, ips, awaiting: 4)
        _ = try await link.established.get()
        try ca.authority.revoke(.node("ips-sg"), now: .today)
        try hub.reload()

        let second = try await Dialled.hub(listener, ips)
        #expect(try await listener.ending().established == nil)
        guard case .revoked = listener.refusals.all.first?.cause else {
            Issue.record("expected a revoked certificate, got \(listener.refusals.all)")
            return
        }
        // TLS 1.3: the refused client was done before, and learns it from the alert.
        let refused = try await second.ended.get()
        guard case .refused(let refusal) = refused.errors.first else {
            Issue.record("expected a refusal, got \(refused.errors)")
            return
        }
        #expect(refusal.cause == .refusedByPeer(alert: TLSAlert(code: 44)))

        try await link.channel.writeAndFlush(ByteBuffer(string: "ping"))
        #expect(try await link.echoed.get() == Array("ping".utf8))
        try await link.channel.close()
        try await listener.close()
    }

    @Test
    func aRenewedCertificateIsUsedAfterReload() async throws {
        let listener = try await Listener(hub)
        let before = try await Dialled.hub(listener, ips)
        let old = try await before.established.get()
        _ = try ca.issue("hub", role: "hub")
        let renewed = try hub.reload()
        let after = try await Dialled.hub(listener, ips)
        let fresh = try await after.established.get()
        #expect(fresh.fingerprint == renewed.fingerprint)
        #expect(fresh.fingerprint != old.fingerprint)
        #expect(before.channel.isActive)
        try await before.channel.close()
        try await after.channel.close()
        try await listener.close()
    }
}
