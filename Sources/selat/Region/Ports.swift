import ArgumentParser
import Glibc
import SelatRuntime

/// Ports for nodes that listen: free when they are chosen, and below the range from which the
/// system gives ports to outgoing connections, so that nothing takes them between two starts.
enum Ports {
    private static let range = 20_000..<30_000

    /// Adds an endpoint for every listening node that has none.
    ///
    /// - Parameters:
    ///   - nodes: The region's.
    ///   - endpoints: Those chosen earlier.
    /// - Returns: All, and whether there are new ones.
    /// - Throws: `CommandFailure` when nothing is free.
    static func choose(
        for nodes: [NodeConfiguration],
        keeping endpoints: Endpoints
    ) throws(CommandFailure) -> (endpoints: Endpoints, hasNew: Bool) {
        var endpoints = endpoints
        var hasNew = false
        var taken = Set(nodes.compactMap { endpoints[$0.node]?.port })
        for node in nodes {
            guard let listen = node.listen, endpoints[node.node] == nil else { continue }
            let port = try free(on: listen.host, besides: taken)
            taken.insert(port)
            endpoints[node.node] = Endpoint(host: listen.host, port: port)
            hasNew = true
        }
        return (endpoints, hasNew)
    }

    private static func free(on host: String, besides taken: Set<Int>) throws(CommandFailure) -> Int
    {
        for _ in 0..<200 {
            let port = Int.random(in: range)
            if !taken.contains(port), isFree(port) { return port }
        }
        throw CommandFailure(
            Exit.unreachable,
            "expected a free port of \(range) on \(host), got none in 200 tries; "
                + "end what holds them"
        )
    }

    /// True when a listener could have the port on the loopback address.
    static func isFree(_ port: Int) -> Bool {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        var reuse: Int32 = 1
        let size = socklen_t(MemoryLayout<Int32>.size)
        unsafe setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &reuse, size)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        return unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                unsafe bind(descriptor, address, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
    }
}
