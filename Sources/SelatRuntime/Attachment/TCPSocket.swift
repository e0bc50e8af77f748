import Glibc

/// A blocking TCP connection whose reads have a deadline. For one thread.
///
/// SAFETY: `descriptor` is opened in `init` and closed in `deinit`, and nowhere else; buffers are
/// lent to the system for the length of one call.
final class TCPSocket {
    private let descriptor: Int32

    /// - Parameter endpoint: Where somebody listens.
    /// - Throws: `SocketFailure`.
    init(connectedTo endpoint: Endpoint) throws(SocketFailure) {
        var hints = unsafe addrinfo()
        unsafe hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        let code = unsafe getaddrinfo(endpoint.host, "\(endpoint.port)", &hints, &list)
        guard code == 0 else {
            throw SocketFailure("no address: \(unsafe String(cString: gai_strerror(code)))")
        }
        defer { unsafe freeaddrinfo(list) }
        var failure = SocketFailure("no address")
        var next = unsafe list
        while let address = unsafe next?.pointee {
            unsafe next = address.ai_next
            let descriptor = unsafe socket(
                address.ai_family,
                address.ai_socktype | Int32(SOCK_CLOEXEC.rawValue),
                address.ai_protocol
            )
            guard descriptor >= 0 else {
                failure = SocketFailure(errno)
                continue
            }
            if unsafe connect(descriptor, address.ai_addr, address.ai_addrlen) == 0 {
                self.descriptor = descriptor
                var isOn: Int32 = 1
                let size = socklen_t(MemoryLayout<Int32>.size)
                _ = unsafe setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &isOn, size)
                return
            }
            failure = SocketFailure(errno)
            close(descriptor)
        }
        throw failure
    }

    deinit { close(descriptor) }

    /// What has come; empty at the end of the stream, `nil` when nothing came in time.
    ///
    /// - Parameter deadline: How long to wait.
    /// - Returns: At most 65,536 bytes.
    /// - Throws: `SocketFailure`.
    func read(until deadline: ContinuousClock.Instant) throws(SocketFailure) -> [UInt8]? {
        while true {
            var wanted = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            let left = max((deadline - .now).milliseconds, 0)
            let ready = unsafe poll(&wanted, 1, Int32(clamping: left))
            if ready < 0, errno == EINTR { continue }
            guard ready >= 0 else { throw SocketFailure(errno) }
            guard ready > 0 else { return nil }
            var buffer = [UInt8](repeating: 0, count: 65_536)
            let count = unsafe buffer.withUnsafeMutableBytes { bytes in
                unsafe recv(descriptor, bytes.baseAddress, bytes.count, 0)
            }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw SocketFailure(errno) }
            return Array(buffer[..<count])
        }
    }

    /// Writes all of it.
    ///
    /// - Parameter bytes: Any number.
    /// - Throws: `SocketFailure`.
    func write(_ bytes: [UInt8]) throws(SocketFailure) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = unsafe rest.withUnsafeBytes { bytes in
                unsafe Glibc.send(descriptor, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL))
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw SocketFailure(errno) }
            rest = rest.dropFirst(count)
        }
    }
}

/// What the system said.
struct SocketFailure: Error {
    let text: String

    init(_ text: String) { self.text = text }

    init(_ code: Int32) { text = unsafe String(cString: strerror(code)) }
}

extension Duration {
    fileprivate var milliseconds: Int64 {
        components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000
    }
}
