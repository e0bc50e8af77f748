import NIOCore
import SelatTLS

/// A blocking TLS connection to one node, both sides proved. For one thread.
final class SecureStream {
    private let node: String
    private let socket: TCPSocket
    private var engine: TLSEngine
    /// Plaintext that came with the end of the handshake.
    private var early: [UInt8] = []

    /// Connects and shakes hands.
    ///
    /// - Parameters:
    ///   - node: The country's node that the certificate must prove.
    ///   - endpoint: Where it listens.
    ///   - context: Who this is.
    ///   - deadline: The end of all patience.
    /// - Throws: `RuntimeError.link`, `.credentials`.
    init(
        to node: String,
        at endpoint: Endpoint,
        _ context: TLSContext,
        until deadline: ContinuousClock.Instant
    ) throws(RuntimeError) {
        self.node = node
        do throws(SocketFailure) {
            socket = try TCPSocket(connectedTo: endpoint)
        } catch {
            throw .link(
                node: node,
                got: "nobody answers at \(endpoint) (\(error.text))",
                remedy: "start it, or check DIR/endpoints.json"
            )
        }
        let role = NodeConfiguration.KindName.country.certificateRole
        let admitted = AdmittedPeers(dialling: node, role: role)
        do throws(TLSError) {
            engine = try TLSEngine(context: context, judge: { admitted.verdict(on: $0) })
        } catch {
            throw .credentials(error)
        }
        var step = engine.start()
        while true {
            if let bytes = try handle(step) { early += bytes }
            if step.established != nil { return }
            step = engine.receive(try cipher(until: deadline, orElse: "no handshake in time"))
        }
    }

    /// Plaintext that has come; `nil` when nothing came in time.
    ///
    /// - Parameter deadline: How long to wait.
    /// - Returns: What one read from the socket, or several, held.
    /// - Throws: `RuntimeError.link` at the end of the connection.
    func read(until deadline: ContinuousClock.Instant) throws(RuntimeError) -> [UInt8]? {
        if !early.isEmpty {
            defer { early = [] }
            return early
        }
        while true {
            guard
                let bytes = try attempt({ () throws(SocketFailure) in
                    try socket.read(until: deadline)
                })
            else { return nil }
            guard !bytes.isEmpty else { throw ended("the connection ended") }
            if let plain = try handle(engine.receive(ByteBuffer(bytes: bytes))) { return plain }
        }
    }

    /// Encrypts and writes.
    ///
    /// - Parameter bytes: Plaintext.
    /// - Throws: `RuntimeError.link`.
    func write(_ bytes: [UInt8]) throws(RuntimeError) {
        _ = try handle(engine.send(bytes.span))
    }

    /// Says goodbye.
    ///
    /// - Throws: `RuntimeError.link`.
    func close() throws(RuntimeError) { _ = try handle(engine.close()) }

    private func cipher(
        until deadline: ContinuousClock.Instant,
        orElse text: String
    ) throws(RuntimeError) -> ByteBuffer {
        let bytes = try attempt { () throws(SocketFailure) in try socket.read(until: deadline) }
        guard let bytes else { throw ended(text) }
        guard !bytes.isEmpty else { throw ended("it hung up") }
        return ByteBuffer(bytes: bytes)
    }

    private func handle(_ step: TLSStep) throws(RuntimeError) -> [UInt8]? {
        if let cipher = step.ciphertext {
            try attempt { () throws(SocketFailure) in
                try socket.write(Array(cipher.readableBytesView))
            }
        }
        if let plain = step.plaintext { return Array(plain.readableBytesView) }
        switch step.end {
        case nil: return nil
        case .closed: throw ended("the connection ended")
        case .truncated: throw ended("the connection ended without a goodbye")
        case .broken(let why): throw ended(why)
        case .refused(let cause):
            throw .link(
                node: node,
                got: TLSRefusal(peer: node, cause: cause).description,
                remedy: "see its log"
            )
        }
    }

    private func attempt<Value>(
        _ body: () throws(SocketFailure) -> Value
    ) throws(RuntimeError) -> Value {
        do throws(SocketFailure) {
            return try body()
        } catch {
            throw ended(error.text)
        }
    }

    private func ended(_ got: String) -> RuntimeError {
        .link(node: node, got: got, remedy: "look at its log, and connect again")
    }
}
