package import NIOCore
import SelatTime

/// Fired as a user inbound event once the peer is authenticated and admitted; only after it do
/// bytes flow, in either direction.
///
/// At a client it does not yet mean that the server admits this node (`TLSEngine` says why).
package struct TLSEstablished: Hashable, Sendable {
    /// Whom the certificate proves.
    package let identity: PeerIdentity
}

/// How long a handler waits for its peer.
package struct TLSTimeouts: Hashable, Sendable {
    /// From the connection to the end of the handshake.
    package let handshake: Duration
    /// From `close` to the peer's answer, and from a refusal to the peer's hanging up.
    package let close: Duration

    /// - Parameters:
    ///   - handshake: Longest handshake; 10 s unless told otherwise.
    ///   - close: Longest goodbye; 5 s unless told otherwise.
    package init(handshake: Duration = .seconds(10), close: Duration = .seconds(5)) {
        self.handshake = handshake
        self.close = close
    }
}

/// TLS 1.3 with both sides authenticated, as one channel handler: ciphertext towards the socket,
/// plaintext towards the links. All judgement is `TLSEngine`'s; this class moves bytes and timers.
///
/// - Writes are staged until `flush` and then encrypted together, so that small frames share a
///   record. While the channel is not writable they stay staged, and nothing is encrypted.
/// - Bytes written before `TLSEstablished` wait for it.
/// - Each read is decrypted at once and passed on whole: nothing is buffered here, so whoever
///   frames the bytes can refuse a frame on its first bytes.
/// - `close` sends what is staged, says goodbye and waits for the peer's goodbye, for
///   `TLSTimeouts.close` at most.
/// - An end without close_notify is `TLSError.truncated`, a refused handshake
///   `TLSError.refused`: both through `errorCaught`, the latter also to `onRefusal`, once.
package final class OpenSSLHandler: ChannelDuplexHandler {
    package typealias InboundIn = ByteBuffer
    package typealias InboundOut = ByteBuffer
    package typealias OutboundIn = ByteBuffer
    package typealias OutboundOut = ByteBuffer

    enum Phase {
        /// The channel is not active yet.
        case idle
        case handshaking(deadline: Scheduled<Void>)
        case open
        /// Our goodbye is out by `close(mode: .output)`; plaintext is still passed on.
        case outputClosed
        /// `close` was asked for; staged bytes wait for the channel to be writable.
        case draining(deadline: Scheduled<Void>)
        /// Our goodbye is out, or an alert; nothing is passed on any more. Until the peer hangs up.
        case leaving(deadline: Scheduled<Void>)
        case closed
    }

    let timeouts: TLSTimeouts
    private let onRefusal: @Sendable (TLSRefusal) -> Void
    var engine: TLSEngine
    var phase = Phase.idle
    var staged = StagedWrites()
    private var context: ChannelHandlerContext?
    /// A `read` was asked for from above and has not led to plaintext yet.
    private var readIsOwed = false

    /// - Parameters:
    ///   - context: The credentials, and which end this is: `CredentialStore.context(for:)`.
    ///   - timeouts: How long to wait for the peer.
    ///   - buffers: Where plaintext and ciphertext stand; of the same loop.
    ///   - judge: What the topology says of a peer whose chain is valid. Runs on the event loop.
    ///   - onRefusal: Called once for a refused handshake, with the line to log.
    /// - Throws: `TLSError.library` if OpenSSL has no memory.
    package init(
        context: TLSContext,
        timeouts: TLSTimeouts = TLSTimeouts(),
        buffers: TLSBuffers = TLSBuffers(),
        judge: @escaping @Sendable (PeerIdentity) -> PeerVerdict,
        onRefusal: @escaping @Sendable (TLSRefusal) -> Void
    ) throws(TLSError) {
        engine = try TLSEngine(context: context, buffers: buffers, judge: judge)
        self.timeouts = timeouts
        self.onRefusal = onRefusal
    }

    // MARK: Inbound

    package func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        if context.channel.isActive { begin(context) }
    }

    package func channelActive(context: ChannelHandlerContext) {
        begin(context)
        context.fireChannelActive()
    }

    private func begin(_ context: ChannelHandlerContext) {
        guard case .idle = phase else { return }
        phase = .handshaking(
            deadline: schedule(timeouts.handshake, context) { [timeouts] handler, context in
                handler.refuse(.silence(after: timeouts.handshake), context)
            }
        )
        perform(engine.start(), context)
        context.read()
    }

    package func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch phase {
        case .handshaking, .open, .outputClosed, .leaving, .draining:
            perform(engine.receive(unwrapInboundIn(data)), context)
        case .idle, .closed:
            break
        }
    }

    package func channelReadComplete(context: ChannelHandlerContext) {
        context.fireChannelReadComplete()
        switch phase {
        case .handshaking, .leaving, .draining:
            context.read()
        case .open, .outputClosed:
            // Half a record came: whoever asked is still waiting.
            if readIsOwed { context.read() }
        case .idle, .closed:
            break
        }
    }

    package func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context.channel.isWritable {
            switch phase {
            case .open:
                if staged.isFlushed { sendStaged(context) }
            case .draining(let deadline):
                sayGoodbye(deadline: deadline, context)
            case .idle, .handshaking, .outputClosed, .leaving, .closed:
                break
            }
        }
        context.fireChannelWritabilityChanged()
    }

    package func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        // With half-closure allowed the end of the stream comes as this event.
        if case ChannelEvent.inputClosed? = event as? ChannelEvent {
            endOfInput(context)
            context.close(promise: nil)
        }
        context.fireUserInboundEventTriggered(event)
    }

    package func channelInactive(context: ChannelHandlerContext) {
        endOfInput(context)
        context.fireChannelInactive()
    }

    package func handlerRemoved(context: ChannelHandlerContext) {
        // Only a closed channel, or a test, takes the handler out.
        cancelDeadline()
        phase = .closed
        staged.fail(TLSError.closed)
        self.context = nil
    }

    // MARK: Outbound

    /// Does what `write` and `flush` do, for the handler above this one. Where the channel takes
    /// bytes they are encrypted from where they stand, and only otherwise copied and staged.
    package func send(_ bytes: [UInt8], promise: EventLoopPromise<Void>? = nil) {
        guard let context else {
            promise?.fail(TLSError.closed)
            return
        }
        guard case .open = phase, staged.isEmpty, context.channel.isWritable else {
            write(context: context, data: NIOAny(ByteBuffer(bytes: bytes)), promise: promise)
            return flush(context: context)
        }
        send(bytes.span, promise, context)
    }

    package func read(context: ChannelHandlerContext) {
        readIsOwed = true
        context.read()
    }

    package func write(
        context: ChannelHandlerContext,
        data: NIOAny,
        promise: EventLoopPromise<Void>?
    ) {
        switch phase {
        case .idle, .handshaking, .open:
            staged.append(unwrapOutboundIn(data), promise)
        case .outputClosed, .draining, .leaving, .closed:
            promise?.fail(TLSError.closed)
        }
    }

    package func flush(context: ChannelHandlerContext) {
        staged.isFlushed = true
        switch phase {
        case .open: sendStaged(context)
        case .idle, .handshaking, .outputClosed, .draining, .leaving, .closed: break
        }
    }

    package func close(
        context: ChannelHandlerContext,
        mode: CloseMode,
        promise: EventLoopPromise<Void>?
    ) {
        switch mode {
        case .all: closeAll(context, promise)
        case .output: closeOutput(context, promise)
        case .input: promise?.fail(ChannelError.operationUnsupported)
        }
    }

    // MARK: Acting on a step

    private func perform(_ step: TLSStep, _ context: ChannelHandlerContext) {
        if let ciphertext = step.ciphertext {
            context.writeAndFlush(wrapOutboundOut(ciphertext), promise: nil)
        }
        if let identity = step.established { establish(identity, context) }
        if let plaintext = step.plaintext {
            switch phase {
            case .open, .outputClosed:
                readIsOwed = false
                context.fireChannelRead(wrapInboundOut(plaintext))
            case .idle, .handshaking, .draining, .leaving, .closed:
                // Closing already: what comes now has no receiver, and is not acknowledged.
                break
            }
        }
        if let end = step.end { finish(end, context) }
    }

    private func establish(_ identity: PeerIdentity, _ context: ChannelHandlerContext) {
        guard case .handshaking(let deadline) = phase else { return }
        deadline.cancel()
        phase = .open
        context.fireUserInboundEventTriggered(TLSEstablished(identity: identity))
        if case .open = phase, staged.isFlushed { sendStaged(context) }
    }

    private func finish(_ end: TLSEnd, _ context: ChannelHandlerContext) {
        switch end {
        case .closed:
            answerGoodbye(context)
        case .refused(let cause):
            refuse(cause, context)
        case .truncated:
            fail(.truncated(peer: peer(context)), lingering: false, context)
        case .broken(let reason):
            fail(.brokenRecord(peer: peer(context), got: reason), lingering: true, context)
        }
    }

    private func refuse(_ cause: TLSRefusal.Cause, _ context: ChannelHandlerContext) {
        let refusal = TLSRefusal(peer: peer(context), cause: cause)
        onRefusal(refusal)
        fail(.refused(refusal), lingering: cause.sendsAlert, context)
    }

    private func endOfInput(_ context: ChannelHandlerContext) {
        let end = engine.endOfInput()
        switch phase {
        case .handshaking, .open, .outputClosed:
            if let end { finish(end, context) }
        case .idle, .draining, .leaving, .closed:
            // We were leaving anyway.
            break
        }
        cancelDeadline()
        phase = .closed
        staged.fail(TLSError.closed)
    }
}

/// Plaintext written and not encrypted yet, as one buffer, and the promises of its writers.
struct StagedWrites {
    private(set) var bytes: ByteBuffer?
    private var promises: [EventLoopPromise<Void>] = []
    /// Asked to be sent.
    var isFlushed = false

    var isEmpty: Bool { bytes == nil && promises.isEmpty }

    /// The first buffer is taken as it is; later ones are copied behind it.
    mutating func append(_ buffer: ByteBuffer, _ promise: EventLoopPromise<Void>?) {
        if bytes == nil {
            bytes = buffer
        } else {
            bytes?.writeImmutableBuffer(buffer)
        }
        if let promise { promises.append(promise) }
    }

    /// Everything staged, and one promise that keeps all of its writers' promises.
    mutating func take() -> (bytes: ByteBuffer, promise: EventLoopPromise<Void>?) {
        let taken = bytes ?? ByteBuffer()
        let first = promises.first
        for other in promises.dropFirst() { first?.futureResult.cascade(to: other) }
        bytes = nil
        promises.removeAll(keepingCapacity: true)
        isFlushed = false
        return (taken, first)
    }

    mutating func fail(_ error: TLSError) {
        let (_, promise) = take()
        promise?.fail(error)
    }
}
