import Glibc
import NIOCore
import NIOPosix
import SelatTLS
import SelatTime

/// What TLS costs: sealing and opening alone, and a link over a loopback socket beside the same
/// link without TLS.
struct TransportCost {
    private let client: CredentialStore
    private let server: CredentialStore

    /// Makes a development authority in `directory`, which must not exist.
    init(directory: String) throws {
        let now = Instant(nanoseconds: Int64(time(nil)) * 1_000_000_000)
        let authority = try CertificateAuthority.create(at: directory, name: "Bench CA", now: now)
        for (node, role) in [("hub", "hub"), ("ips-sg", "ips")] {
            let request = CertificateRequest(nodeID: node, role: role, validity: .seconds(86_400))
            _ = try authority.issue(request, now: now)
        }
        client = try CredentialStore(credentials: authority.credentials(for: "ips-sg"))
        server = try CredentialStore(credentials: authority.credentials(for: "hub"))
    }

    // MARK: Records

    /// Seals `bytes` at one end and opens them at the other, without a socket; the cipher is the
    /// one that links negotiate. Beside it, a copy of the same bytes.
    func records(_ bytes: [UInt8]) throws -> (Double, Double) {
        var one = try TLSEngine(
            context: client.context(for: .client),
            judge: clientAdmits.verdict
        )
        var other = try TLSEngine(
            context: server.context(for: .server),
            judge: serverAdmits.verdict
        )
        var step = one.start()
        _ = other.start()
        while let towardsServer = step.ciphertext {
            guard let back = other.receive(towardsServer).ciphertext else { break }
            step = one.receive(back)
        }
        var buffer: [UInt8] = []
        func seal() -> Bool {
            guard let ciphertext = one.send(bytes.span).ciphertext else { return false }
            return other.receive(ciphertext).plaintext?.readableBytes == bytes.count
        }
        func copy() -> Bool {
            buffer.removeAll(keepingCapacity: true)
            buffer.append(contentsOf: bytes)
            return buffer.count == bytes.count
        }
        return Stopwatch.sideBySide(seal, copy)
    }

    // MARK: Sockets

    /// CPU of both ends for `bytes` one way and `answer` bytes back, in microseconds: over TLS, and
    /// over plaintext; the smallest of rounds taken in turn. 32 are under way at a time.
    func sockets(_ bytes: [UInt8], answer: Int, exchanges: Int) throws -> (Double, Double) {
        var best = (Double.infinity, Double.infinity)
        for _ in 0..<5 {
            let secured = try exchange(bytes, answer, exchanges, isSecured: true)
            let plain = try exchange(bytes, answer, exchanges, isSecured: false)
            best = (min(best.0, secured), min(best.1, plain))
        }
        return best
    }

    private func exchange(
        _ bytes: [UInt8],
        _ answer: Int,
        _ exchanges: Int,
        isSecured: Bool
    ) throws -> Double {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 2)
        defer { try? group.syncShutdownGracefully() }
        let (client, server) = (client, server)
        let length = bytes.count
        let listener = try ServerBootstrap(group: group.next())
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    if isSecured { try channel.secure(server.context(for: .server), serverAdmits) }
                    try channel.pipeline.syncOperations.addHandler(
                        Answering(length: length, answer: answer)
                    )
                }
            }
            .bind(host: "127.0.0.1", port: 0).wait()
        guard let address = listener.localAddress else { fatalError("a listener has an address") }
        let loop = group.next()
        let done = loop.makePromise(of: Double.self)
        _ = try ClientBootstrap(group: loop)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    if isSecured { try channel.secure(client.context(for: .client), clientAdmits) }
                    try channel.pipeline.syncOperations.addHandler(
                        Asking(bytes, answer: answer, exchanges: exchanges, isSecured, done)
                    )
                }
            }
            .connect(to: address).wait()
        return try done.futureResult.wait()
    }
}

private let clientAdmits = AdmittedPeers(dialling: "hub", role: "hub")
private let serverAdmits = AdmittedPeers(roles: ["ips-sg": "ips"])

extension Channel {
    /// Puts TLS before what handlers come next.
    fileprivate func secure(_ context: TLSContext, _ admits: AdmittedPeers) throws {
        try pipeline.syncOperations.addHandler(
            OpenSSLHandler(
                context: context,
                judge: admits.verdict,
                onRefusal: { refusal in fatalError("refused: \(refusal)") }
            )
        )
    }
}

/// Sends so many bytes back for each message.
private final class Answering: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let length: Int
    private let answer: Int
    private var received = 0

    init(length: Int, answer: Int) {
        self.length = length
        self.answer = answer
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        received += unwrapInboundIn(data).readableBytes
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        let whole = received / length
        guard whole > 0 else { return }
        received -= whole * length
        let back = ByteBuffer(repeating: 7, count: whole * answer)
        context.writeAndFlush(wrapOutboundOut(back), promise: nil)
    }
}

/// Keeps 32 messages under way until all are answered; then says what each took.
private final class Asking: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private static let window = 32
    private let message: [UInt8]
    private let answer: Int
    private let exchanges: Int
    private let isSecured: Bool
    private let done: EventLoopPromise<Double>
    private var sent = 0
    private var received = 0
    private var start = 0

    init(
        _ message: [UInt8],
        answer: Int,
        exchanges: Int,
        _ isSecured: Bool,
        _ done: EventLoopPromise<Double>
    ) {
        self.message = message
        self.answer = answer
        self.exchanges = exchanges
        self.isSecured = isSecured
        self.done = done
    }

    func channelActive(context: ChannelHandlerContext) {
        if !isSecured { begin(context) }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event is TLSEstablished { begin(context) }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        received += unwrapInboundIn(data).readableBytes
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        let answered = received / answer
        guard answered < exchanges else {
            let took = Stopwatch.now(CLOCK_PROCESS_CPUTIME_ID) - start
            done.succeed(Double(took) / Double(exchanges) / 1000)
            return
        }
        send(context, upTo: min(exchanges, answered + Asking.window))
    }

    private func begin(_ context: ChannelHandlerContext) {
        start = Stopwatch.now(CLOCK_PROCESS_CPUTIME_ID)
        send(context, upTo: min(exchanges, Asking.window))
    }

    private func send(_ context: ChannelHandlerContext, upTo last: Int) {
        guard sent < last else { return }
        var buffer = context.channel.allocator.buffer(capacity: (last - sent) * message.count)
        while sent < last {
            buffer.writeBytes(message)
            sent += 1
        }
        context.writeAndFlush(wrapOutboundOut(buffer), promise: nil)
    }
}
