import NIOCore
import SelatNode
import SelatTLS

/// The upper end of one connection's pipeline: hands plaintext to the driver and writes what the
/// driver says. It decides nothing.
final class LinkHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private enum Phase {
        /// The peer has not proved itself.
        case handshaking
        case open(LinkedNode.ConnectionID)
        case closed
    }

    private let driver: NodeDriver
    private var phase = Phase.handshaking
    private var context: ChannelHandlerContext?

    init(_ driver: NodeDriver) { self.driver = driver }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        driver.handshakes += 1
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        end()
        self.context = nil
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if let established = event as? TLSEstablished, case .handshaking = phase {
            driver.handshakes -= 1
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
        let buffer = wrapOutboundOut(context.channel.allocator.buffer(bytes: bytes))
        guard let whenWritten else { return context.writeAndFlush(buffer, promise: nil) }
        let promise = context.eventLoop.makePromise(of: Void.self)
        promise.futureResult.assumeIsolated().whenSuccess { whenWritten() }
        context.writeAndFlush(buffer, promise: promise)
    }

    func close() { context?.close(promise: nil) }

    private func end() {
        switch phase {
        case .handshaking: driver.handshakes -= 1
        case .open(let connection): driver.disconnected(connection)
        case .closed: break
        }
        phase = .closed
    }
}
