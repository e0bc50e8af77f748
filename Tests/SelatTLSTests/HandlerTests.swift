import NIOCore
import NIOEmbedded
import SelatTLS
import Synchronization
import Testing

/// The handler's timers and staging, without sockets: one embedded channel, its peer an engine.
@Suite
struct HandlerTests {
    private let ca: TestAuthority
    private let hub: TLSCredentials
    private let ips: TLSCredentials

    init() throws {
        ca = try TestAuthority()
        hub = try ca.issue("hub", role: "hub")
        ips = try ca.issue("ips-sg", role: "ips")
    }

    @Test
    func aSilentPeerIsRefusedAtTheTimeoutAndNotBefore() throws {
        let server = try EmbeddedServer(hub, handshakeTimeout: .seconds(10))
        server.loop.advanceTime(by: .milliseconds(9999))
        #expect(server.channel.isActive)
        #expect(server.refusals.isEmpty)
        server.loop.advanceTime(by: .milliseconds(1))
        #expect(!server.channel.isActive)
        #expect(server.refusals.map(\.cause) == [.silence(after: .seconds(10))])
        let refusal = try #require(server.refusals.first)
        #expect(throws: TLSError.refused(refusal)) { try server.channel.throwIfErrorCaught() }
        #expect(
            refusal.description == """
                refused TLS handshake with 192.0.2.7:4430: expected a handshake within \
                10.0 seconds, got silence; check the peer and the path to it
                """
        )
    }

    @Test
    func aPeerThatStopsHalfwayIsRefusedAtTheTimeout() throws {
        let server = try EmbeddedServer(hub, handshakeTimeout: .seconds(10))
        var client = try makeClient()
        let flight = try #require(client.start().ciphertext)
        try server.channel.writeInbound(flight)
        server.loop.advanceTime(by: .seconds(10))
        #expect(server.refusals.map(\.cause) == [.silence(after: .seconds(10))])
    }

    @Test
    func theTimeoutEndsWithTheHandshake() throws {
        let server = try EmbeddedServer(hub, handshakeTimeout: .seconds(10))
        var client = try makeClient()
        try server.handshake(with: &client)
        server.loop.advanceTime(by: .seconds(3600))
        #expect(server.channel.isActive)
        #expect(server.refusals.isEmpty)
        #expect(server.established?.nodeID == "ips-sg")
    }

    @Test
    func bytesWrittenBeforeTheHandshakeWaitForIt() throws {
        let server = try EmbeddedServer(hub)
        let written = server.channel.eventLoop.makePromise(of: Void.self)
        server.channel.writeAndFlush(ByteBuffer(string: "hello"), promise: written)
        #expect(try server.channel.readOutbound(as: ByteBuffer.self) == nil)
        var client = try makeClient()
        let received = try server.handshake(with: &client)
        #expect(received == "hello")
        try written.futureResult.wait()
    }

    @Test
    func writesAreStagedUntilFlushAndShareARecord() throws {
        let server = try EmbeddedServer(hub)
        var client = try makeClient()
        try server.handshake(with: &client)
        let first = server.channel.eventLoop.makePromise(of: Void.self)
        let second = server.channel.eventLoop.makePromise(of: Void.self)
        server.channel.write(ByteBuffer(repeating: 1, count: 300), promise: first)
        server.channel.write(ByteBuffer(repeating: 2, count: 300), promise: second)
        #expect(try server.channel.readOutbound(as: ByteBuffer.self) == nil)
        server.channel.flush()
        let record = try #require(try server.channel.readOutbound(as: ByteBuffer.self))
        #expect(record.readableBytes == 622)
        #expect(client.receive(record).plaintext?.readableBytes == 600)
        try first.futureResult.wait()
        try second.futureResult.wait()
    }

    @Test
    func nothingIsEncryptedForAFullChannel() throws {
        let server = try EmbeddedServer(hub)
        var client = try makeClient()
        try server.handshake(with: &client)
        server.channel.isWritable = false
        server.channel.writeAndFlush(ByteBuffer(string: "later"), promise: nil)
        #expect(try server.channel.readOutbound(as: ByteBuffer.self) == nil)
        server.channel.isWritable = true
        server.channel.pipeline.fireChannelWritabilityChanged()
        let record = try #require(try server.channel.readOutbound(as: ByteBuffer.self))
        #expect(client.receive(record).plaintext == ByteBuffer(string: "later"))
    }

    @Test
    func closeSendsWhatIsStagedThenSaysGoodbye() throws {
        let server = try EmbeddedServer(hub)
        var client = try makeClient()
        try server.handshake(with: &client)
        server.channel.isWritable = false
        server.channel.writeAndFlush(ByteBuffer(string: "last words"), promise: nil)
        server.channel.close(promise: nil)
        #expect(server.channel.isActive)
        server.channel.isWritable = true
        server.channel.pipeline.fireChannelWritabilityChanged()
        var step = TLSStep()
        while let bytes = try server.channel.readOutbound(as: ByteBuffer.self) {
            let next = client.receive(bytes)
            step.plaintext = step.plaintext ?? next.plaintext
            step.end = next.end
        }
        #expect(step.plaintext == ByteBuffer(string: "last words"))
        #expect(step.end == .closed)
        // The channel ends with the peer's goodbye.
        #expect(server.channel.isActive)
        try server.channel.writeInbound(try #require(client.close().ciphertext))
        #expect(!server.channel.isActive)
        try server.channel.throwIfErrorCaught()
    }

    @Test
    func aPeerThatNeverSaysGoodbyeIsLeftAtTheTimeout() throws {
        let server = try EmbeddedServer(hub, closeTimeout: .seconds(5))
        var client = try makeClient()
        try server.handshake(with: &client)
        let closed = server.channel.eventLoop.makePromise(of: Void.self)
        server.channel.close(promise: closed)
        server.loop.advanceTime(by: .milliseconds(4999))
        #expect(server.channel.isActive)
        server.loop.advanceTime(by: .milliseconds(1))
        #expect(!server.channel.isActive)
        server.loop.run()
        try closed.futureResult.wait()
    }

    @Test
    func aChannelThatStaysFullIsLeftAtTheTimeout() throws {
        let server = try EmbeddedServer(hub, closeTimeout: .seconds(5))
        var client = try makeClient()
        try server.handshake(with: &client)
        server.channel.isWritable = false
        let written = server.channel.eventLoop.makePromise(of: Void.self)
        server.channel.writeAndFlush(ByteBuffer(string: "never"), promise: written)
        server.channel.close(promise: nil)
        server.loop.advanceTime(by: .seconds(5))
        #expect(!server.channel.isActive)
        #expect(throws: TLSError.closed) { try written.futureResult.wait() }
    }

    @Test
    func anEndWithoutGoodbyeIsAnError() throws {
        let server = try EmbeddedServer(hub)
        var client = try makeClient()
        try server.handshake(with: &client)
        server.channel.pipeline.fireChannelInactive()
        #expect(throws: TLSError.truncated(peer: "192.0.2.7:4430")) {
            try server.channel.throwIfErrorCaught()
        }
    }

    @Test
    func aGoodbyeIsAnsweredAndEndsTheChannelWithoutError() throws {
        let server = try EmbeddedServer(hub)
        var client = try makeClient()
        try server.handshake(with: &client)
        try server.channel.writeInbound(try #require(client.close().ciphertext))
        let answer = try #require(try server.channel.readOutbound(as: ByteBuffer.self))
        #expect(client.receive(answer).end == .closed)
        #expect(!server.channel.isActive)
        try server.channel.throwIfErrorCaught()
    }

    @Test
    func writesAfterTheGoodbyeFail() throws {
        let server = try EmbeddedServer(hub)
        var client = try makeClient()
        try server.handshake(with: &client)
        server.channel.close(promise: nil)
        let written = server.channel.eventLoop.makePromise(of: Void.self)
        server.channel.writeAndFlush(ByteBuffer(string: "too late"), promise: written)
        #expect(throws: TLSError.closed) { try written.futureResult.wait() }
        let sent = server.channel.eventLoop.makePromise(of: Void.self)
        server.handler.send(Array("too late".utf8), promise: sent)
        #expect(throws: TLSError.closed) { try sent.futureResult.wait() }
    }

    @Test
    func whatIsSentDirectlyArrivesInOrderWithWhatIsWritten() throws {
        let server = try EmbeddedServer(hub)
        // Nobody has proved anything yet: both wait.
        server.channel.writeAndFlush(ByteBuffer(string: "one "), promise: nil)
        server.handler.send(Array("two ".utf8))
        var client = try makeClient()
        #expect(try server.handshake(with: &client) == "one two ")
        // Without a flush the first still waits, and the second is behind it.
        server.channel.write(ByteBuffer(string: "three "), promise: nil)
        server.handler.send(Array("four ".utf8))
        server.handler.send(Array("five".utf8))
        #expect(try server.text(to: &client) == "three four five")
    }

    @Test
    func whatIsSentDirectlyWaitsForAFullChannel() throws {
        let server = try EmbeddedServer(hub)
        var client = try makeClient()
        try server.handshake(with: &client)
        server.channel.isWritable = false
        let sent = server.channel.eventLoop.makePromise(of: Void.self)
        server.handler.send(Array("later".utf8), promise: sent)
        #expect(try server.channel.readOutbound(as: ByteBuffer.self) == nil)
        server.channel.isWritable = true
        server.channel.pipeline.fireChannelWritabilityChanged()
        #expect(try server.text(to: &client) == "later")
        try sent.futureResult.wait()
    }

    @Test
    func aHalfCloseSaysGoodbyeAndStillReads() throws {
        let server = try EmbeddedServer(hub, closesOutputOnly: true)
        var client = try makeClient()
        try server.handshake(with: &client)
        server.channel.close(mode: .output, promise: nil)
        let goodbye = try #require(try server.channel.readOutbound(as: ByteBuffer.self))
        #expect(client.receive(goodbye).end == .closed)
        let late = try #require(client.send(Array("late".utf8).span).ciphertext)
        try server.channel.writeInbound(late)
        #expect(try server.channel.readInbound(as: ByteBuffer.self) == ByteBuffer(string: "late"))
        server.channel.close(promise: nil)
        #expect(!server.channel.isActive)
    }

    private func makeClient() throws -> TLSEngine {
        try TLSEngine(
            context: TLSContext(credentials: ips, role: .client),
            judge: AdmittedPeers(dialling: "hub", role: "hub").verdict
        )
    }
}

/// A listener's handler on an embedded channel, and what came out of it.
final class EmbeddedServer {
    let loop = EmbeddedEventLoop()
    let channel: EmbeddedChannel
    let handler: OpenSSLHandler
    private let refused = RefusalLog()
    private let events = EventLog()

    init(
        _ credentials: TLSCredentials,
        handshakeTimeout: Duration = .seconds(10),
        closeTimeout: Duration = .seconds(5),
        closesOutputOnly: Bool = false
    ) throws {
        channel = EmbeddedChannel(loop: loop)
        handler = try OpenSSLHandler(
            context: TLSContext(credentials: credentials, role: .server),
            timeouts: TLSTimeouts(handshake: handshakeTimeout, close: closeTimeout),
            judge: AdmittedPeers(roles: ["ips-sg": "ips"]).verdict,
            onRefusal: refused.append
        )
        if closesOutputOnly { try channel.pipeline.syncOperations.addHandler(HalfCloseGuard()) }
        try channel.pipeline.syncOperations.addHandlers([handler, events])
        let peer = try SocketAddress(ipAddress: "192.0.2.7", port: 4430)
        channel.remoteAddress = peer
        try channel.connect(to: peer).wait()
    }

    var refusals: [TLSRefusal] { refused.all }
    var established: PeerIdentity? { events.established }

    /// What `client` reads of all that was written.
    func text(to client: inout TLSEngine) throws -> String {
        var received = ""
        while let bytes = try channel.readOutbound(as: ByteBuffer.self) {
            if let plaintext = client.receive(bytes).plaintext {
                received += String(buffer: plaintext)
            }
        }
        return received
    }

    /// Runs `client`'s handshake; returns the text it received, if any.
    @discardableResult
    func handshake(with client: inout TLSEngine) throws -> String {
        var received = ""
        var towardsServer = client.start().ciphertext
        while let bytes = towardsServer {
            towardsServer = nil
            try channel.writeInbound(bytes)
            while let answer = try channel.readOutbound(as: ByteBuffer.self) {
                let step = client.receive(answer)
                if let ciphertext = step.ciphertext { towardsServer = ciphertext }
                if let plaintext = step.plaintext { received += String(buffer: plaintext) }
            }
        }
        return received
    }
}

/// Collects refusals from any thread.
final class RefusalLog: Sendable {
    private let refusals = Mutex<[TLSRefusal]>([])

    func append(_ refusal: TLSRefusal) { refusals.withLock { $0.append(refusal) } }

    var all: [TLSRefusal] { refusals.withLock { $0 } }
}

/// Remembers the established peer, and passes bytes on to the channel's end.
final class EventLog: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private(set) var established: PeerIdentity?

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if let event = event as? TLSEstablished { established = event.identity }
        context.fireUserInboundEventTriggered(event)
    }
}

/// An embedded channel knows only whole closes; this stands for a socket that shuts its output.
final class HalfCloseGuard: ChannelOutboundHandler {
    typealias OutboundIn = ByteBuffer

    func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
        switch mode {
        case .output: promise?.succeed()
        case .all, .input: context.close(mode: mode, promise: promise)
        }
    }
}
