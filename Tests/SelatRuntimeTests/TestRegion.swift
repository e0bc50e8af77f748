import Glibc
import Logging
import NIOCore
import NIOPosix
import SelatJSON
import SelatNode
import SelatRuntime
import SelatSQLite
import SelatScheme
import SelatTLS
import SelatTime

/// A hub and a country in one process: real sockets, TLS, SQLite and event loops, a throw-away
/// authority, and roles that only count. Everything is in one temporary directory.
final class TestRegion {
    let directory: String
    let authority: CertificateAuthority
    private let group = MultiThreadedEventLoopGroup(numberOfThreads: 2)
    private var nodes: [String: RunningNode] = [:]
    private(set) var port = 0

    static let country = PartyID(checked: "sg")
    static let bank = PartyID(checked: "MRLNSGS0")

    init() throws {
        var random = SystemRandomNumberGenerator()
        directory = "/tmp/selat-run-\(String(random.next(), radix: 36))"
        guard unsafe mkdir(directory, 0o700) == 0 else {
            throw RuntimeError.file(
                directory,
                line: 0,
                got: "cannot be made",
                remedy: "look at /tmp"
            )
        }
        let now = Instant(nanoseconds: Int64(time(nil)) * 1_000_000_000)
        authority = try CertificateAuthority.create(
            at: directory + "/pki",
            name: "Test CA",
            now: now
        )
        for (node, role) in [("hub", "hub"), ("ips-sg", "ips"), ("ips-th", "ips")] {
            _ = try authority.issue(CertificateRequest(nodeID: node, role: role), now: now)
        }
    }

    deinit {
        for name in nodes.keys { _ = try? stop(name) }
        try? group.syncShutdownGracefully()
        TestRegion.remove(directory)
    }

    // MARK: Nodes

    /// Starts the hub; on the port of before when it ran already.
    func startHub() throws {
        let links = [
            LinkConfiguration(
                peer: LinkID("ips-sg"),
                certificateRole: "ips",
                dial: nil,
                speakers: [Self.country, Self.bank],
                reaches: [Self.country]
            )
        ]
        let roles: [PartyID: any Role] = [.hub: CountingRole(me: .hub, next: nil)]
        let listen = Endpoint(host: "127.0.0.1", port: port)
        let endpoint = try start("hub", roles, links, listen: listen)
        port = endpoint?.port ?? 0
    }

    /// Starts the country's node, as itself or with another node's certificate.
    func startCountry(as node: String = "ips-sg") throws {
        let links = [
            LinkConfiguration(
                peer: LinkID("hub"),
                certificateRole: "hub",
                dial: Endpoint(host: "127.0.0.1", port: port),
                speakers: [.hub],
                reaches: [.hub]
            )
        ]
        let roles: [PartyID: any Role] = [
            Self.country: CountingRole(me: Self.country, next: .hub),
            Self.bank: CountingRole(me: Self.bank, next: nil),
        ]
        _ = try start(node, roles, links, listen: nil)
    }

    private func start(
        _ node: String,
        _ roles: [PartyID: any Role],
        _ links: [LinkConfiguration],
        listen: Endpoint?
    ) throws -> Endpoint? {
        let files = NodeFiles(directory: directory, node: node)
        let database = files.database
        var logger = Logger(label: node) { _ in SwiftLogNoOpLogHandler() }
        logger.logLevel = .critical
        let plan = NodePlan(
            node: node,
            kind: node == "hub" ? "hub" : "country",
            roles: roles,
            links: links,
            listen: listen,
            credentials: try CredentialStore(credentials: files.credentials),
            store: SharedStore(try SQLiteStore(path: database)),
            trace: { uetr throws(StoreError) in
                try SQLiteReader(path: database).dump(about: uetr)
            },
            socket: files.socket,
            logger: logger
        )
        let running = try RunningNode.start(plan, on: group.next()).wait()
        nodes[node] = running
        return try running.ready.wait()
    }

    /// Ends a node in order and waits for it.
    @discardableResult
    func stop(_ node: String) throws -> NodeEnd? {
        guard let running = nodes.removeValue(forKey: node) else { return nil }
        running.stop("the test asked for it")
        return try running.ended.wait()
    }

    /// A client of the node's own channel.
    func client(_ node: String) throws -> OperatorClient {
        try OperatorClient(socket: NodeFiles(directory: directory, node: node).socket)
    }

    // MARK: Looking

    /// How many messages a party has counted, durably.
    func seen(_ party: PartyID, at node: String) throws -> Int {
        let client = try client(node)
        let answer = try client.call("count", of: party)
        return try answer.body.cursor.integer(Int.self)
    }

    /// Asks again until it is so. Not a wait for a time: each question is a round trip through
    /// the node.
    func until(_ limit: Int = 200_000, _ isSo: () throws -> Bool) throws -> Bool {
        for _ in 0..<limit where try isSo() { return true }
        return false
    }

    /// Whether the country's node has the hub's hello.
    func isUp(_ node: String = "ips-sg") throws -> Bool {
        let client = try client(node)
        let answer = try client.call("status", of: OperatorProtocol.node)
        return try answer.body.cursor.elements("links").contains { try $0.bool("up") }
    }

    static func remove(_ path: String) {
        guard let stream = unsafe opendir(path) else {
            _ = unsafe unlink(path)
            return
        }
        while let entry = unsafe readdir(stream) {
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { name in
                unsafe name.withMemoryRebound(to: CChar.self, capacity: 256) {
                    unsafe String(cString: $0)
                }
            }
            if name != ".", name != ".." { remove("\(path)/\(name)") }
        }
        unsafe closedir(stream)
        _ = unsafe rmdir(path)
    }
}
