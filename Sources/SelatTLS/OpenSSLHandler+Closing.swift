import NIOCore
import SelatTime

// Sending what is staged, and the ways to end.
extension OpenSSLHandler {
    /// Encrypts everything staged into one buffer, unless the channel is full.
    func sendStaged(_ context: ChannelHandlerContext) {
        guard !staged.isEmpty else { return context.flush() }
        // The channel will call channelWritabilityChanged once the peer has read.
        guard context.channel.isWritable else { return }
        let (bytes, promise) = staged.take()
        send(bytes.readableBytesUInt8Span, promise, context)
    }

    /// Encrypts these into one buffer and sends it.
    func send(
        _ bytes: Span<UInt8>,
        _ promise: EventLoopPromise<Void>?,
        _ context: ChannelHandlerContext
    ) {
        let step = engine.send(bytes)
        switch step.end {
        case nil:
            context.writeAndFlush(
                wrapOutboundOut(step.ciphertext ?? ByteBuffer()),
                promise: promise
            )
        case .broken(let reason)?:
            promise?.fail(TLSError.closed)
            fail(.brokenRecord(peer: peer(context), got: reason), lingering: true, context)
        case .closed?, .refused?, .truncated?:
            preconditionFailure("sending can break a connection, but not end it otherwise")
        }
    }

    func closeAll(_ context: ChannelHandlerContext, _ promise: EventLoopPromise<Void>?) {
        switch phase {
        case .open:
            context.channel.closeFuture.cascade(to: promise)
            let deadline = schedule(timeouts.close, context) { handler, context in
                handler.hangUp(context)
            }
            phase = .draining(deadline: deadline)
            sayGoodbye(deadline: deadline, context)
        case .draining, .leaving:
            context.channel.closeFuture.cascade(to: promise)
        case .idle, .handshaking, .outputClosed, .closed:
            cancelDeadline()
            phase = .closed
            staged.fail(TLSError.closed)
            context.close(promise: promise)
        }
    }

    /// HTTP's way: our goodbye, then the peer's last bytes.
    func closeOutput(_ context: ChannelHandlerContext, _ promise: EventLoopPromise<Void>?) {
        switch phase {
        case .open:
            sendStaged(context)
            guard staged.isEmpty else {
                // The channel is full; a half-close that must wait becomes a whole one.
                return closeAll(context, promise)
            }
            guard case .open = phase else {
                promise?.fail(TLSError.closed)
                return
            }
            phase = .outputClosed
            write(engine.close(), context)
            context.close(mode: .output, promise: promise)
        case .outputClosed:
            promise?.fail(ChannelError.outputClosed)
        case .idle, .handshaking, .draining, .leaving, .closed:
            closeAll(context, promise)
        }
    }

    /// Sends the rest and our close_notify, once the channel takes them.
    func sayGoodbye(deadline: Scheduled<Void>, _ context: ChannelHandlerContext) {
        sendStaged(context)
        guard case .draining = phase, staged.isEmpty else { return }
        phase = .leaving(deadline: deadline)
        let peerHasLeft = engine.isClosedByPeer
        let step = engine.close()
        let written = context.eventLoop.makePromise(of: Void.self)
        context.writeAndFlush(
            wrapOutboundOut(step.ciphertext ?? ByteBuffer()),
            promise: written
        )
        guard peerHasLeft else { return }
        written.futureResult.assumeIsolated().whenComplete { [self] _ in hangUp(context) }
    }

    /// The peer's close_notify has come. For framed traffic it ends both directions.
    func answerGoodbye(_ context: ChannelHandlerContext) {
        switch phase {
        case .open: closeAll(context, nil)
        case .outputClosed, .leaving: hangUp(context)
        case .draining: break
        case .idle, .handshaking, .closed: break
        }
    }

    /// Tells the pipeline and ends the connection.
    ///
    /// Closing at once would make the kernel answer the peer's next bytes with a reset, which can
    /// overtake the alert just written; so with `lingering` the output is shut first, and the peer
    /// is given time to read and hang up.
    func fail(_ error: TLSError, lingering: Bool, _ context: ChannelHandlerContext) {
        switch phase {
        case .leaving: return hangUp(context)
        case .closed: return
        case .idle, .handshaking, .open, .outputClosed, .draining: break
        }
        cancelDeadline()
        let deadline = schedule(timeouts.close, context) { handler, context in
            handler.hangUp(context)
        }
        phase = .leaving(deadline: deadline)
        staged.fail(TLSError.closed)
        context.fireErrorCaught(error)
        guard case .leaving = phase else { return }
        guard lingering else { return hangUp(context) }
        let half = context.eventLoop.makePromise(of: Void.self)
        half.futureResult.assumeIsolated().whenFailure { [self] _ in hangUp(context) }
        context.close(mode: .output, promise: half)
    }

    /// The end, without further words.
    func hangUp(_ context: ChannelHandlerContext) {
        cancelDeadline()
        phase = .closed
        staged.fail(TLSError.closed)
        context.close(promise: nil)
    }

    func cancelDeadline() {
        switch phase {
        case .handshaking(let deadline), .draining(let deadline), .leaving(let deadline):
            deadline.cancel()
        case .idle, .open, .outputClosed, .closed:
            break
        }
    }

    func schedule(
        _ delay: Duration,
        _ context: ChannelHandlerContext,
        _ action: @escaping (OpenSSLHandler, ChannelHandlerContext) -> Void
    ) -> Scheduled<Void> {
        context.eventLoop.assumeIsolated()
            .scheduleTask(in: .nanoseconds(delay.nanoseconds)) { [weak self] in
                guard let self else { return }
                action(self, context)
            }
    }

    func peer(_ context: ChannelHandlerContext) -> String {
        guard let address = context.channel.remoteAddress else { return "unknown address" }
        guard let host = address.ipAddress, let port = address.port else {
            return address.pathname ?? "local peer"
        }
        return host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
    }

    private func write(_ step: TLSStep, _ context: ChannelHandlerContext) {
        guard let ciphertext = step.ciphertext else { return }
        context.writeAndFlush(wrapOutboundOut(ciphertext), promise: nil)
    }
}
