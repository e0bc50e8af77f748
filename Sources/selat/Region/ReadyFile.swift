import ArgumentParser
import SelatJSON
import SelatRuntime
import SelatTime

/// `DIR/ready.json`: what runs in the region, for whoever wants to speak to it. It appears, whole,
/// when every node stands and every link is up; it goes when the region is stopped.
struct ReadyFile: Hashable, Sendable {
    /// One node's process.
    struct Node: Hashable, Sendable {
        let node: String
        let kind: String
        let process: NodeProcess
        /// `nil` for nodes that only dial.
        let endpoint: Endpoint?
        /// The parties whose roles run in it.
        let parties: [String]
        let certificate: String

        /// From its parts.
        init(
            node: String,
            kind: String,
            process: NodeProcess,
            endpoint: Endpoint?,
            parties: [String],
            certificate: String
        ) {
            self.node = node
            self.kind = kind
            self.process = process
            self.endpoint = endpoint
            self.parties = parties
            self.certificate = certificate
        }
    }

    /// An absolute path.
    let topology: String
    let since: Instant
    /// In the order of the topology.
    let nodes: [Node]

    /// - Parameters:
    ///   - topology: An absolute path.
    ///   - since: When the region was ready.
    ///   - nodes: In the order of the topology.
    init(topology: String, since: Instant, nodes: [Node]) {
        self.topology = topology
        self.since = since
        self.nodes = nodes
    }

    /// The file in a data directory.
    ///
    /// - Parameter directory: `DIR`.
    /// - Returns: Its path.
    static func file(in directory: String) -> String { "\(directory)/ready.json" }

    /// Writes the file, whole or not at all.
    ///
    /// - Parameter directory: `DIR`.
    /// - Throws: `RuntimeError.file`.
    func write(in directory: String) throws(RuntimeError) {
        let text = Output.text("ready", members(in: directory)) + "\n"
        try TextFile.replace(ReadyFile.file(in: directory), with: text)
    }

    /// The document's members.
    ///
    /// - Parameter directory: `DIR`.
    /// - Returns: All but the schema.
    func members(in directory: String) -> [JSONMember] {
        [
            JSONMember("topology", .string(topology)),
            JSONMember("since", .string(since.description)),
            JSONMember("trust", .string("\(directory)/pki/ca.pem")),
            JSONMember("nodes", .array(nodes.map { $0.json(in: directory) })),
        ]
    }

    /// Reads the file.
    ///
    /// - Parameter directory: `DIR`.
    /// - Returns: What it says; `nil` when there is none.
    /// - Throws: `CommandFailure` when it is no such file.
    static func read(in directory: String) throws -> ReadyFile? {
        let path = file(in: directory)
        guard let text = try TextFile.readIfPresent(path) else { return nil }
        do throws(JSONError) {
            return try ReadyFile(JSONCursor(parsing: Array(text.utf8)))
        } catch {
            throw CommandFailure(
                Exit.usage,
                "\(path): \(error); stop the region with 'selat down' and start it again"
            )
        }
    }

    private init(_ cursor: JSONCursor) throws(JSONError) {
        topology = try cursor.string("topology")
        let text = try cursor.string("since")
        guard let since = Instant(text) else {
            throw try cursor.member("since").mismatch(expected: "a UTC time")
        }
        self.since = since
        var nodes: [Node] = []
        for element in try cursor.elements("nodes") { nodes.append(try Node(element)) }
        self.nodes = nodes
    }
}

extension ReadyFile.Node {
    fileprivate init(_ cursor: JSONCursor) throws(JSONError) {
        node = try cursor.string("node")
        kind = try cursor.string("kind")
        process = NodeProcess(
            pid: try cursor.integer("pid", Int32.self),
            started: try cursor.integer("pidStarted", UInt64.self)
        )
        if let host = try cursor.optionalString("host") {
            endpoint = Endpoint(host: host, port: Int(try cursor.integer("port", UInt16.self)))
        } else {
            endpoint = nil
        }
        var parties: [String] = []
        for party in try cursor.elements("parties") { parties.append(try party.string()) }
        self.parties = parties
        certificate = try cursor.string("certificate")
    }

    fileprivate func json(in directory: String) -> JSONValue {
        let files = NodeFiles(directory: directory, node: node)
        return [
            "node": .string(node),
            "kind": .string(kind),
            "pid": .integer(process.pid),
            "pidStarted": .integer(process.started),
            "host": endpoint.map { .string($0.host) } ?? .null,
            "port": endpoint.map { .integer($0.port) } ?? .null,
            "parties": .array(parties.map { .string($0) }),
            "certificate": .string(certificate),
            "socket": .string(files.socket),
            "database": .string(files.database),
            "log": .string(files.log),
        ]
    }
}
