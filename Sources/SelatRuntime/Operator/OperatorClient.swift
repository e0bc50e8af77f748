import Glibc
package import SelatJSON
package import SelatScheme
import SelatTime
import SelatWire

/// The other end of a node's own socket: what the command line speaks. Blocking; for one thread.
///
///     let client = try OperatorClient(socket: files.socket)
///     let answer = try client.call("status", of: OperatorProtocol.node)
///
/// `send` and `next` may be used apart, to have many requests under way.
package final class OperatorClient {
    /// What came back.
    package struct Answer: Hashable, Sendable {
        /// The request's, as `send` returned it.
        package let correlation: UInt64
        /// As in HTTP; 206 when others follow.
        package let status: UInt16
        package let body: JSONValue

        /// True for 200 and 206.
        package var isPositive: Bool { status / 100 == 2 }
    }

    private let path: String
    private let socket: UnixSocket
    private var decoder = FrameDecoder(limit: WireLimits().frame)
    /// What was read last, and how far it is decoded.
    private var received: [UInt8] = []
    private var place = 0
    private var lastCorrelation: UInt64 = 0
    /// Answers that came while another one was waited for.
    private var early: [Answer] = []

    /// Connects and greets.
    ///
    /// - Parameters:
    ///   - path: The node's socket.
    ///   - patience: The longest wait for any one answer.
    /// - Throws: `RuntimeError.operatorChannel` when nobody answers.
    package init(socket path: String, patience: Duration = .seconds(30)) throws(RuntimeError) {
        self.path = path
        socket = try UnixSocket(connectedTo: path, patience: patience)
        guard let name = NodeName("operator") else { preconditionFailure("a node's name") }
        try write(.hello(.operatorChannel(from: name)))
        guard case .hello = try frame() else {
            throw .operatorChannel(
                path: path,
                got: "something other than a node answers",
                remedy: "check the path"
            )
        }
    }

    /// Asks, without waiting.
    ///
    /// - Parameters:
    ///   - operation: Specs/Protocol/Requests.md and Operator.md.
    ///   - party: Who is asked; `OperatorProtocol.node` for the node itself.
    ///   - from: The operator, or a party that the node hosts.
    ///   - body: An object.
    /// - Returns: The correlation of the answer.
    /// - Throws: `RuntimeError.operatorChannel`.
    package func send(
        _ operation: String,
        of party: PartyID,
        as from: PartyID = .operatorChannel,
        _ body: JSONValue = [:]
    ) throws(RuntimeError) -> UInt64 {
        guard let name = OperationName(operation) else {
            throw .operatorChannel(
                path: path,
                got: "'\(operation.prefix(64))' can be no operation",
                remedy: "use a-z, 0-9, '-', '.' and '/'"
            )
        }
        lastCorrelation += 1
        try write(
            .request(
                RequestFrame(
                    correlation: lastCorrelation,
                    from: PartyName(checked: from.name),
                    to: PartyName(checked: party.name),
                    operation: name,
                    payload: body.canonicalBytes(sortedKeys: true)
                )
            )
        )
        return lastCorrelation
    }

    /// The next answer, to whichever request.
    ///
    /// - Returns: The answer.
    /// - Throws: `RuntimeError.operatorChannel` when none comes in time or the node ends.
    package func next() throws(RuntimeError) -> Answer {
        if !early.isEmpty { return early.removeFirst() }
        return try receive()
    }

    /// Asks and waits for the answer.
    ///
    /// - Parameters:
    ///   - operation: Specs/Protocol/Requests.md and Operator.md.
    ///   - party: Who is asked.
    ///   - from: The operator, or a party that the node hosts.
    ///   - body: An object.
    /// - Returns: The answer, whatever its status.
    /// - Throws: `RuntimeError.operatorChannel`.
    package func call(
        _ operation: String,
        of party: PartyID,
        as from: PartyID = .operatorChannel,
        _ body: JSONValue = [:]
    ) throws(RuntimeError) -> Answer {
        let correlation = try send(operation, of: party, as: from, body)
        while true {
            let answer = try receive()
            if answer.correlation == correlation { return answer }
            early.append(answer)
        }
    }

    private func receive() throws(RuntimeError) -> Answer {
        while true {
            switch try frame() {
            case .response(let response):
                do throws(JSONError) {
                    return Answer(
                        correlation: response.correlation,
                        status: response.status,
                        body: try JSONValue(parsing: response.payload)
                    )
                } catch {
                    throw broken("an answer that is no JSON: \(error)")
                }
            case .goodbye(let goodbye): throw broken("the node said goodbye: \(goodbye.text)")
            case .ping(let nonce): try write(.pong(nonce: nonce))
            case .hello, .message, .acknowledgement, .request, .pong:
                throw broken("a frame that has no place here")
            }
        }
    }

    private func frame() throws(RuntimeError) -> Frame {
        while true {
            do throws(WireError) {
                if let frame = try decoder.next(received.span, from: &place) { return frame }
            } catch {
                throw broken(error.description)
            }
            received = try socket.read()
            place = 0
        }
    }

    private func write(_ frame: Frame) throws(RuntimeError) {
        var bytes: [UInt8] = []
        FrameEncoder.append(frame, to: &bytes)
        try socket.write(bytes)
    }

    private func broken(_ what: String) -> RuntimeError {
        .operatorChannel(path: path, got: what, remedy: "see the node's log")
    }
}

/// A blocking stream socket on a path.
private final class UnixSocket {
    private let descriptor: Int32
    private let path: String

    init(connectedTo path: String, patience: Duration) throws(RuntimeError) {
        self.path = path
        descriptor = Glibc.socket(
            AF_UNIX,
            Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue),
            0
        )
        guard descriptor >= 0 else { throw UnixSocket.failed(path, "make a socket") }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let capacity = MemoryLayout.size(ofValue: address.sun_path)
        guard path.utf8.count < capacity else {
            throw .operatorChannel(
                path: path,
                got: "the path is longer than \(capacity - 1) bytes",
                remedy: "use a data directory with a shorter path"
            )
        }
        unsafe withUnsafeMutableBytes(of: &address.sun_path) { name in
            unsafe name.copyBytes(from: path.utf8)
        }
        var wait = timeval()
        wait.tv_sec = Int(patience.components.seconds)
        wait.tv_usec = Int(patience.components.attoseconds / 1_000_000_000_000)
        let length = socklen_t(MemoryLayout<timeval>.size)
        _ = unsafe setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &wait, length)
        let descriptor = self.descriptor
        let result = unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                unsafe connect(descriptor, address, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard result == 0 else {
            throw .operatorChannel(
                path: path,
                got: "nobody answers (\(unsafe String(cString: strerror(errno))))",
                remedy: "start the node, or check the data directory"
            )
        }
    }

    deinit { close(descriptor) }

    func read() throws(RuntimeError) -> [UInt8] {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = unsafe buffer.withUnsafeMutableBytes { bytes in
                unsafe recv(descriptor, bytes.baseAddress, bytes.count, 0)
            }
            if count < 0, errno == EINTR { continue }
            if count < 0, errno == EAGAIN {
                throw .operatorChannel(
                    path: path,
                    got: "no answer in time",
                    remedy: "look at the node's status; what was asked may still happen"
                )
            }
            guard count > 0 else {
                throw .operatorChannel(
                    path: path,
                    got: "the node ended",
                    remedy: "see its log; what was asked may have happened"
                )
            }
            return Array(buffer[..<count])
        }
    }

    func write(_ bytes: [UInt8]) throws(RuntimeError) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = unsafe rest.withUnsafeBytes { bytes in
                unsafe Glibc.send(
                    descriptor,
                    bytes.baseAddress,
                    bytes.count,
                    Int32(MSG_NOSIGNAL)
                )
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw UnixSocket.failed(path, "write") }
            rest = rest.dropFirst(count)
        }
    }

    private static func failed(_ path: String, _ what: String) -> RuntimeError {
        .operatorChannel(
            path: path,
            got: "cannot \(what): \(unsafe String(cString: strerror(errno)))",
            remedy: "see the node's log"
        )
    }
}
