import COpenSSL
package import NIOCore

/// How a connection ended, as one end sees it.
package enum TLSEnd: Hashable, Sendable {
    /// The peer said goodbye (close_notify): it has sent all it wanted to.
    case closed
    /// The handshake was refused, by us or by the peer. No application byte was delivered.
    case refused(TLSRefusal.Cause)
    /// The transport ended without close_notify: bytes may be missing.
    case truncated
    /// An established peer broke the protocol or a record was forged; OpenSSL's reason.
    case broken(String)
}

/// What one input to a `TLSEngine` led to. To be acted on in the order of the fields.
package struct TLSStep: Hashable, Sendable {
    /// Bytes for the transport, to be written and flushed.
    package var ciphertext: ByteBuffer?
    /// The handshake completed with this peer, just now. At most once in an engine's life.
    package var established: PeerIdentity?
    /// Application bytes the peer sent, authenticated; never before `established`.
    package var plaintext: ByteBuffer?
    /// Nothing more will be received. After any case but `closed`, nothing more can be sent.
    package var end: TLSEnd?

    /// Nothing to do.
    package init() {}
}

// SAFETY: the engine owns its `SSL`, which owns the BIO; `deinit` frees it once, while
// `verification` (lent to ex-data slot 0), `transport` (lent to the BIO) and the context are still
// alive. An engine belongs to one event loop. Buffers lent to OpenSSL are used only within the
// call they are lent to.

/// One TLS 1.3 connection as a pure machine: bytes in, actions out. It has no socket, clock or
/// thread; OpenSSL reads from one buffer and writes to another.
///
/// Both sides prove themselves. The peer's chain, then its identity against the topology, are
/// judged inside the handshake, and the first application byte is decrypted after that. In TLS 1.3
/// a *client* completes before the server has judged the client's certificate: `established` at a
/// client means that the client accepts the server. That the server accepts the client shows in
/// the first bytes the server sends (the link's hello), and a server that refuses is reported as
/// `refused(.refusedByPeer)` until then.
///
/// Nothing is kept beyond what one input produced: all plaintext of a `receive` is in its step,
/// and all ciphertext is drained into it.
@safe
package struct TLSEngine: ~Copyable {
    private enum Phase {
        case handshaking
        /// Both directions open. `heard` once the peer has sent an application byte.
        case open(heard: Bool)
        /// Our close_notify is out; the peer may still send.
        case closeSent
        /// The peer's close_notify is in; we may still send.
        case closeReceived
        case ended
    }

    /// The largest plaintext of one TLS record. RFC 8446 section 5.1.
    private static let maximumRecord = 16_384
    /// What a record adds at most: header, content type and tag. RFC 8446 section 5.2.
    private static let recordOverhead = 22

    private let ssl: OpaquePointer
    private let transport: TLSTransport
    private let context: TLSContext
    private let verification: PeerVerification
    private let buffers: TLSBuffers
    private var phase = Phase.handshaking

    /// - Parameters:
    ///   - context: The credentials, and which end this is. Kept for the engine's life.
    ///   - buffers: Where plaintext and ciphertext stand; of the same loop.
    ///   - judge: Asked once, inside the handshake, about a peer whose chain is valid.
    /// - Throws: `TLSError.library` if OpenSSL has no memory.
    package init(
        context: TLSContext,
        buffers: TLSBuffers = TLSBuffers(),
        judge: @escaping (PeerIdentity) -> PeerVerdict
    ) throws(TLSError) {
        OpenSSLErrorQueue.clear()
        guard let ssl = unsafe SSL_new(context.pointer) else {
            throw .library(operation: "create a connection", got: "no memory")
        }
        let transport = TLSTransport(buffers)
        guard let bio = unsafe transport.makeBIO() else {
            unsafe SSL_free(ssl)
            throw .library(operation: "create a buffer", got: "no memory")
        }
        unsafe SSL_set_bio(ssl, bio, bio)
        let verification = PeerVerification(judge: judge)
        unsafe SSL_set_ex_data(ssl, 0, Unmanaged.passUnretained(verification).toOpaque())
        switch context.role {
        case .client: unsafe SSL_set_connect_state(ssl)
        case .server: unsafe SSL_set_accept_state(ssl)
        }
        unsafe self.ssl = unsafe ssl
        self.transport = transport
        self.context = context
        self.verification = verification
        self.buffers = buffers
    }

    deinit { unsafe SSL_free(ssl) }

    /// Begins: a client's step holds its first flight, a server's nothing.
    package mutating func start() -> TLSStep {
        var step = TLSStep()
        advanceHandshake(&step)
        step.ciphertext = transport.takeOutput()
        return step
    }

    /// Takes bytes from the transport.
    ///
    /// - Parameter ciphertext: One read; any length, cut anywhere.
    /// - Returns: All plaintext it completes, and what else it led to.
    package mutating func receive(_ ciphertext: ByteBuffer) -> TLSStep {
        var step = TLSStep()
        switch phase {
        case .ended, .closeReceived:
            // After its close_notify a peer has nothing to say. RFC 8446 section 6.1.
            return step
        case .handshaking, .open, .closeSent:
            break
        }
        transport.feed(ciphertext)
        if case .handshaking = phase { advanceHandshake(&step) }
        switch phase {
        case .open, .closeSent: readPlaintext(upTo: ciphertext.readableBytes, &step)
        case .handshaking, .closeReceived, .ended: break
        }
        step.ciphertext = transport.takeOutput()
        return step
    }

    /// Encrypts application bytes, as few records as they fit in.
    ///
    /// - Parameter plaintext: To be sent whole. Several small messages in one buffer share a
    ///   record and its cost.
    /// - Returns: The ciphertext; `end` if the connection broke instead.
    /// - Precondition: the handshake has completed and no `close()` was sent.
    package mutating func send(_ plaintext: Span<UInt8>) -> TLSStep {
        switch phase {
        case .open, .closeReceived: break
        case .ended:
            var step = TLSStep()
            step.end = .broken("a connection that has ended")
            return step
        case .handshaking: preconditionFailure("bytes may be sent once the peer is established")
        case .closeSent: preconditionFailure("no bytes may be sent after close()")
        }
        var step = TLSStep()
        let records = plaintext.count / TLSEngine.maximumRecord + 1
        transport.expectOutput(plaintext.count + records * TLSEngine.recordOverhead)
        OpenSSLErrorQueue.clear()
        var sent = 0
        while sent < plaintext.count {
            let written = unsafe plaintext.extracting(sent...).withUnsafeBufferPointer { bytes in
                var count = 0
                let done = unsafe SSL_write_ex(ssl, bytes.baseAddress, bytes.count, &count)
                return done == 1 ? count : 0
            }
            guard written > 0 else {
                phase = .ended
                step.end = .broken(OpenSSLErrorQueue.drainDescription())
                break
            }
            sent += written
        }
        step.ciphertext = transport.takeOutput()
        return step
    }

    /// Says goodbye: the step holds the close_notify. Nothing may be sent afterwards; the peer's
    /// bytes are still received until its own close_notify.
    package mutating func close() -> TLSStep {
        var step = TLSStep()
        switch phase {
        case .open: phase = .closeSent
        case .closeReceived: phase = .ended
        case .handshaking:
            // There is nothing to say goodbye to yet.
            phase = .ended
            return step
        case .closeSent, .ended: return step
        }
        OpenSSLErrorQueue.clear()
        unsafe SSL_shutdown(ssl)
        step.ciphertext = transport.takeOutput()
        return step
    }

    /// The transport has ended. What that means depends on whether the peer said goodbye.
    package mutating func endOfInput() -> TLSEnd? {
        defer { phase = .ended }
        switch phase {
        case .handshaking: return .refused(.hungUp)
        case .open, .closeSent: return .truncated
        case .closeReceived, .ended: return nil
        }
    }

    /// True once the peer's close_notify is in.
    package var isClosedByPeer: Bool { unsafe SSL_get_shutdown(ssl) & SSL_RECEIVED_SHUTDOWN != 0 }
}

// Inside: one call of OpenSSL each.
extension TLSEngine {
    private mutating func advanceHandshake(_ step: inout TLSStep) {
        OpenSSLErrorQueue.clear()
        let result = unsafe SSL_do_handshake(ssl)
        guard result != 1 else {
            // Without resumption a handshake cannot complete unjudged; if it ever did, the peer
            // has shown no certificate.
            guard case .accepted(let identity) = verification.outcome else {
                phase = .ended
                step.end = .refused(.noCertificate)
                return
            }
            guard context.role == .server || hasProvedItself else {
                phase = .ended
                step.end = .refused(.noCertificateRequest)
                return
            }
            step.established = identity
            phase = .open(heard: false)
            return
        }
        let error = unsafe SSL_get_error(ssl, result)
        guard error != SSL_ERROR_WANT_READ, error != SSL_ERROR_WANT_WRITE else { return }
        phase = .ended
        step.end = .refused(refusalCause(error: error))
    }

    /// True once a CertificateVerify of ours is signed: at a client, only if the server asked.
    private var hasProvedItself: Bool {
        var algorithm: Int32 = 0
        return unsafe SSL_ctrl(ssl, SSL_CTRL_GET_SIGNATURE_NID, 0, &algorithm) == 1
    }

    /// Why OpenSSL gave up on the handshake; also empties the error queue.
    private func refusalCause(error: Int32) -> TLSRefusal.Cause {
        let codes = OpenSSLErrorQueue.drain()
        if case .refused(let cause) = verification.outcome { return cause }
        return HandshakeFailure.cause(of: codes, error: error)
    }

    private mutating func readPlaintext(upTo expected: Int, _ step: inout TLSStep) {
        // Plaintext is shorter than its ciphertext; only the rest of a record whose beginning
        // came earlier can make the buffer grow.
        var plaintext = buffers.plaintext.take(expected)
        OpenSSLErrorQueue.clear()
        reading: while true {
            var result: Int32 = 0
            let count = unsafe plaintext.writeWithUnsafeMutableBytes(minimumWritableBytes: 1) {
                bytes in
                var count = 0
                result = unsafe SSL_read_ex(ssl, bytes.baseAddress, bytes.count, &count)
                return result == 1 ? count : 0
            }
            guard count == 0 else {
                // Nothing is left to read: OpenSSL need not be asked to say so.
                if transport.isRead, unsafe SSL_pending(ssl) == 0 { break reading }
                continue
            }
            switch unsafe SSL_get_error(ssl, result) {
            case SSL_ERROR_WANT_READ, SSL_ERROR_WANT_WRITE:
                break reading
            case SSL_ERROR_ZERO_RETURN:
                step.end = .closed
                if case .closeSent = phase { phase = .ended } else { phase = .closeReceived }
                break reading
            default:
                step.end = endAfterEstablishment(deliveredNow: plaintext.readableBytes > 0)
                phase = .ended
                break reading
            }
        }
        buffers.plaintext.keep(plaintext)
        guard plaintext.readableBytes > 0 else { return }
        step.plaintext = plaintext
        if case .open = phase { phase = .open(heard: true) }
    }

    private func endAfterEstablishment(deliveredNow: Bool) -> TLSEnd {
        let codes = OpenSSLErrorQueue.drain()
        let alert = HandshakeFailure.alert(in: codes)
        if case .open(heard: false) = phase, context.role == .client, !deliveredNow, let alert {
            return .refused(.refusedByPeer(alert: alert))
        }
        if let alert { return .broken("the peer's alert \(alert)") }
        return .broken(codes.map(OpenSSLErrorQueue.reason).joined(separator: ", "))
    }
}
