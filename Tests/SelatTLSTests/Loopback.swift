import NIOCore
import NIOPosix
import SelatTLS
import Testing

/// What one end of a socket saw until it closed.
struct Ending: Sendable {
    var established: PeerIdentity?
    var bytes: [UInt8] = []
    var largestRead = 0
    var errors: [TLSError] = []
}

/// What an end does with bytes.
enum Habit: Sendable {
    case keep
    case sendBack
    /// As a frame decoder does on a length over its cap.
    case closeOnFirstBytes
}

/// A listener on 127.0.0.1 with the handler under test.
final class Listener: Sendable {
    let channel: any Channel
    let refusals = RefusalLog()
    /// Each connection's ending, in the order they ended.
    let endings: AsyncStream<Ending>

    init(
        _ store: CredentialStore,
        admits: AdmittedPeers = AdmittedPeers(roles: ["ips-sg": "ips"]),
        timeouts: TLSTimeouts = TLSTimeouts(),
        habit: Habit = .keep
    ) async throws {
        let (endings, feed) = AsyncStream.makeStream(of: Ending.self)
        self.endings = endings
        let refusals = self.refusals
        channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let recorder = Recorder(channel.eventLoop, habit)
                    recorder.ended.futureResult.whenSuccess { feed.yield($0) }
                    try channel.pipeline.syncOperations.addHandlers([
                        OpenSSLHandler(
                            context: store.context(for: .server),
                            timeouts: timeouts,
                            judge: admits.verdict,
                            onRefusal: refusals.append
                        ),
                        recorder,
                    ])
                }
            }
            .bind(host: "127.0.0.1", port: 0)
            .get()
    }

    /// The next connection's ending.
    func ending() async throws -> Ending {
        var iterator = endings.makeAsyncIterator()
        return try #require(await iterator.next())
    }

    func close() async throws { try await channel.close() }
}

/// One dialled connection.
struct Dialled: Sendable {
    let channel: any Channel
    let established: EventLoopFuture<PeerIdentity>
    let echoed: EventLoopFuture<[UInt8]>
    let ended: EventLoopFuture<Ending>
    let refusals = RefusalLog()

    /// With the handler under test, dialling `hub`.
    static func hub(
        _ listener: Listener,
        _ store: CredentialStore,
        awaiting echo: Int = 0
    ) async throws -> Dialled {
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        let established = loop.makePromise(of: PeerIdentity.self)
        let echoed = loop.makePromise(of: [UInt8].self)
        let ended = loop.makePromise(of: Ending.self)
        let refusals = RefusalLog()
        let channel = try await connect(loop, listener) { channel in
            let recorder = Recorder(channel.eventLoop, .keep, established, echoed, echo)
            recorder.ended.futureResult.cascade(to: ended)
            try channel.pipeline.syncOperations.addHandlers([
                OpenSSLHandler(
                    context: store.context(for: .client),
                    judge: AdmittedPeers(dialling: "hub", role: "hub").verdict,
                    onRefusal: refusals.append
                ),
                recorder,
            ])
        }
        return Dialled(channel, established, echoed, ended)
    }

    /// Without TLS.
    static func bare(_ listener: Listener) async throws -> any Channel {
        try await connect(MultiThreadedEventLoopGroup.singleton.next(), listener) { _ in }
    }

    /// With OpenSSL and none of our rules; the future is the alert the listener sent.
    static func rogue(
        _ listener: Listener,
        version: Int32,
        credentials: TLSCredentials?
    ) async throws -> EventLoopFuture<UInt8?> {
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        let alert = loop.makePromise(of: UInt8?.self)
        _ = try await connect(loop, listener) { channel in
            let peer = try RoguePeer(version: version, credentials: credentials, eager: [1, 2, 3])
            try channel.pipeline.syncOperations.addHandler(RogueHandler(peer, alert))
        }
        return alert.futureResult
    }

    private init(
        _ channel: any Channel,
        _ established: EventLoopPromise<PeerIdentity>,
        _ echoed: EventLoopPromise<[UInt8]>,
        _ ended: EventLoopPromise<Ending>
    ) {
        self.channel = channel
        self.established = established.futureResult
        self.echoed = echoed.futureResult
        self.ended = ended.futureResult
    }

    private static func connect(
        _ loop: any EventLoop,
        _ listener: Listener,
        _ fill: @escaping @Sendable (any Channel) throws -> Void
    ) async throws -> any Channel {
        let address = try #require(listener.channel.localAddress)
        return try await ClientBootstrap(group: loop)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try fill(channel) }
            }
            .connect(to: address)
            .get()
    }
}

/// Records what comes out of the handler under test.
final class Recorder: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    let ended: EventLoopPromise<Ending>
    private let established: EventLoopPromise<PeerIdentity>
    private let echoed: EventLoopPromise<[UInt8]>
    private let echo: Int
    private let habit: Habit
    private var ending = Ending()

    init(
        _ loop: any EventLoop,
        _ habit: Habit,
        _ established: EventLoopPromise<PeerIdentity>? = nil,
        _ echoed: EventLoopPromise<[UInt8]>? = nil,
        _ echo: Int = 0
    ) {
        ended = loop.makePromise()
        self.established = established ?? loop.makePromise()
        self.echoed = echoed ?? loop.makePromise()
        self.echo = echo
        self.habit = habit
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        guard let event = event as? TLSEstablished else { return }
        ending.established = event.identity
        established.succeed(event.identity)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let bytes = unwrapInboundIn(data)
        ending.bytes += Array(bytes.readableBytesView)
        ending.largestRead = max(ending.largestRead, bytes.readableBytes)
        switch habit {
        case .keep:
            if ending.bytes.count >= echo { echoed.succeed(ending.bytes) }
        case .sendBack:
            context.writeAndFlush(wrapOutboundOut(bytes), promise: nil)
        case .closeOnFirstBytes:
            context.close(promise: nil)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if let error = error as? TLSError { ending.errors.append(error) }
    }

    func channelInactive(context: ChannelHandlerContext) {
        established.fail(ChannelError.eof)
        echoed.fail(ChannelError.eof)
        ended.succeed(ending)
    }
}

/// Carries a rogue peer's bytes.
final class RogueHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let peer: RoguePeer
    private let alert: EventLoopPromise<UInt8?>

    init(_ peer: RoguePeer, _ alert: EventLoopPromise<UInt8?>) {
        self.peer = peer
        self.alert = alert
    }

    func channelActive(context: ChannelHandlerContext) {
        context.writeAndFlush(wrapOutboundOut(peer.exchange()), promise: nil)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let answer = peer.exchange(unwrapInboundIn(data))
        if answer.readableBytes > 0 {
            context.writeAndFlush(wrapOutboundOut(answer), promise: nil)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {}

    func channelInactive(context: ChannelHandlerContext) { alert.succeed(peer.alert) }
}
