import NIOCore
import SelatNode
import SelatTLS

/// The upper end of one connection's pipeline: hands plaintext to the driver and writes what the
/// driver says. It decides nothing.
final class LinkHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private enum Phase {
        /// The peer has not proved itself.
        case handshaking
        case open(LinkedNode.ConnectionID)
        case closed
    }

    private let driver: NodeDriver
    private let tls: OpenSSLHandler
    private var phase = Phase.handshaking
    private var context: ChannelHandlerContext?
    /// At the door, where the peer has dialled us.
    private let ticket: HandshakeDoor.Ticket?
    private var output = OutputWatch()
    private var watch: Scheduled<Void>?

    /// `tls` stands below this one in the pipeline.
    init(_ driver: NodeDriver, over tls: OpenSSLHandler, ticket: HandshakeDoor.Ticket? = nil) {
        self.driver = driver
        self.tls = tls
        self.ticket = ticket
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        end()
        self.context = nil
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if let established = event as? TLSEstablished, case .handshaking = phase {
            if let ticket { driver.leftDoor(ticket) }
            if let connection = driver.connected(LinkID(established.identity.nodeID), self) {
                phase = .open(connection)
            } else {
                phase = .closed
                context.close(promise: nil)
            }
        }
        context.fireUserInboundEventTriggered(event)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard case .open(let connection) = phase else { return }
        driver.received(unwrapInboundIn(data), on: connection)
    }

    func channelInactive(context: ChannelHandlerContext) {
        end()
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // A refused handshake has been reported by the TLS handler already.
        if case .open(let connection) = phase { driver.failed(connection, "\(error)") }
        context.close(promise: nil)
    }

    /// Writes all of one turn at once.
    func write(_ bytes: [UInt8], whenWritten: (() -> Void)? = nil) {
        guard let context else { return }
        guard output.writes(bytes.count) else { return cut("it holds back too much") }
        guard let whenWritten else { return tls.send(bytes) }
        let promise = context.eventLoop.makePromise(of: Void.self)
        promise.futureResult.assumeIsolated().whenSuccess { whenWritten() }
        tls.send(bytes, promise: promise)
    }

    func close() { context?.close(promise: nil) }

    // MARK: Peers that do not read, or send too much

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        let begins = output.changes(
            isWritable: context.channel.isWritable,
            buffered: buffered(context)
        )
        if begins { watchOutput(context) }
        context.fireChannelWritabilityChanged()
    }

    private func watchOutput(_ context: ChannelHandlerContext) {
        watch?.cancel()
        watch = context.eventLoop.assumeIsolated()
            .scheduleTask(in: .seconds(Int64(OutputWatch.patience))) { [weak self] in
                guard let self, let context = self.context else { return }
                switch output.isRead(buffered: buffered(context)) {
                case nil: break
                case true?: watchOutput(context)
                case false?: cut("it reads nothing")
                }
            }
    }

    /// Bytes that wait in the channel for the peer to take them.
    private func buffered(_ context: ChannelHandlerContext) -> Int {
        do {
            return try context.channel.syncOptions?.getOption(.bufferedWritableBytes) ?? 0
        } catch {
            // Only a channel that is closed has no options any more.
            return 0
        }
    }

    /// Ends the connection without waiting for what was written: nobody takes it.
    private func cut(_ why: String) {
        guard case .open(let connection) = phase else { return }
        driver.cut(connection, why)
        phase = .closed
        driver.disconnected(connection)
        context?.close(promise: nil)
    }

    /// Goes on reading, or stops: the kernel makes the peer wait.
    func reads(_ isReading: Bool) {
        guard let channel = context?.channel else { return }
        do {
            try channel.syncOptions?.setOption(.autoRead, value: isReading)
        } catch {
            // Only a channel that is closed has no options any more.
            return
        }
    }

    private func end() {
        watch?.cancel()
        watch = nil
        switch phase {
        case .handshaking: if let ticket { driver.leftDoor(ticket) }
        case .open(let connection): driver.disconnected(connection)
        case .closed: break
        }
        phase = .closed
    }
}
