import ArgumentParser
import SelatISO20022
import SelatJSON
import SelatRuntime
import SelatScheme

/// A region that runs, as the command line speaks to it: who is where, and one connection to each
/// node's own socket.
final class Region {
    let directory: String
    let topology: Topology
    let ready: ReadyFile
    private var clients: [String: OperatorClient] = [:]

    /// - Parameter directory: `DIR`.
    /// - Throws: `CommandFailure` of `Exit.unreachable` when no region runs there.
    init(_ directory: String) throws {
        guard let ready = try ReadyFile.read(in: directory) else {
            throw CommandFailure(
                Exit.unreachable,
                "expected a running region in \(directory), found no ready.json; start one with "
                    + "'selat up', or name its directory with --data"
            )
        }
        self.directory = directory
        self.ready = ready
        topology = try Topology.read(file: ready.topology)
    }

    /// A connection of its own to a node's socket.
    ///
    /// - Parameters:
    ///   - node: The node's id.
    ///   - patience: The longest wait for one answer.
    /// - Returns: A connection of its own.
    /// - Throws: `RuntimeError.operatorChannel`.
    func connect(
        _ node: String,
        patience: Duration = .seconds(30)
    ) throws -> OperatorClient {
        try OperatorClient(
            socket: NodeFiles(directory: directory, node: node).socket,
            patience: patience
        )
    }

    /// The connection to a node, made once.
    func client(_ node: String) throws -> OperatorClient {
        if let client = clients[node] { return client }
        let client = try connect(node)
        clients[node] = client
        return client
    }

    /// Asks a party over the node that hosts it, or that speaks for `sender`.
    ///
    /// - Parameters:
    ///   - party: Who is asked.
    ///   - sender: The operator, or a party of the region; then its node is the one asked.
    ///   - operation: Specs/Protocol/Requests.md.
    ///   - body: An object.
    /// - Returns: The answer, whatever its status.
    /// - Throws: `CommandFailure` for a party of nobody, `RuntimeError` when its node is away.
    func ask(
        _ party: PartyID,
        as sender: PartyID = .operatorChannel,
        _ operation: String,
        _ body: JSONValue = [:]
    ) throws -> OperatorClient.Answer {
        let host = sender == .operatorChannel ? party : sender
        guard let node = topology.host(of: host) else {
            throw CommandFailure(
                Exit.usage,
                "expected a party of this region, got '\(host)'; 'selat status --json' lists them"
            )
        }
        return try client(node.node).call(operation, of: party, as: sender, body)
    }
}

extension Topology {
    /// The node that runs a party's role.
    func host(of party: PartyID) -> NodeConfiguration? {
        nodes.first { $0.hosted.contains(party) }
    }
}

extension OperatorClient.Answer {
    /// The sentence of a negative answer.
    var errorText: String {
        if case .string(let text) = body["error"] { return text }
        return "status \(status)"
    }

    /// The body of a positive answer. Where nobody could answer (503), that is the exit code.
    ///
    /// - Parameter code: The command's exit code for a negative one.
    /// - Returns: The body.
    /// - Throws: `CommandFailure` with the answer's own sentence.
    func checked(_ code: ExitCode = Exit.rejected) throws(CommandFailure) -> JSONValue {
        guard isPositive else {
            throw CommandFailure(status == 503 ? Exit.unreachable : code, errorText)
        }
        return body
    }
}
