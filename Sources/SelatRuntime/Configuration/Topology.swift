/// The nodes of one region, as `Nodes/topologies/<name>.yaml` lists them, each read from its file.
package struct Topology: Hashable, Sendable {
    /// The path it was read from.
    package let file: String
    package let name: String
    /// In the order in which they are started.
    package let nodes: [NodeConfiguration]

    /// - Parameters:
    ///   - file: The path it was read from.
    ///   - name: The region's name.
    ///   - nodes: In the order in which they are started.
    package init(file: String, name: String, nodes: [NodeConfiguration]) {
        self.file = file
        self.name = name
        self.nodes = nodes
    }

    /// Reads the list and every node's file, and checks that they agree.
    ///
    /// - Parameter file: The path; the nodes' paths in it are relative to it.
    /// - Returns: The region.
    /// - Throws: `RuntimeError.configuration` for the first mistake in a file,
    ///   `RuntimeError.topology` with every contradiction between files.
    package static func read(file: String) throws(RuntimeError) -> Topology {
        let top = try ConfigurationNode(file: file, text: try TextFile.read(file))
        let fields = try top.fields(required: ["name", "nodes"])
        let folder = file.lastIndex(of: "/").map { String(file[...$0]) } ?? ""
        var nodes: [NodeConfiguration] = []
        for element in try fields["nodes"].elements() {
            let path = try element.text(expected: "the path of a node's file")
            let full = path.hasPrefix("/") ? path : folder + path
            nodes.append(try NodeConfiguration.read(file: Topology.plain(full)))
        }
        let topology = Topology(
            file: file,
            name: try fields["name"].nodeID(),
            nodes: nodes
        )
        let contradictions = topology.contradictions
        guard contradictions.isEmpty else { throw .topology(contradictions) }
        return topology
    }

    /// `Nodes/topologies/../hub.yaml` is `Nodes/hub.yaml`.
    private static func plain(_ path: String) -> String {
        var parts: [Substring] = []
        for part in path.split(separator: "/", omittingEmptySubsequences: false) {
            if part == "..", let last = parts.last, last != "..", !last.isEmpty {
                parts.removeLast()
            } else {
                parts.append(part)
            }
        }
        return parts.joined(separator: "/")
    }

    /// Nodes that external participants name and no file of the region describes: others run them
    /// and attach them with their own certificates. The region issues those, and waits for nobody.
    package var attached: [String] {
        let described = Set(nodes.map(\.node))
        return Set(seats.map(\.node)).subtracting(described).sorted()
    }

    /// Every participant that is reached over a link of its own.
    package var seats: [Seat] {
        nodes.flatMap { country -> [Seat] in
            guard case .country(let entry) = country.kind else { return [] }
            return entry.participants.compactMap { participant in
                guard case .external(let node, _) = participant.placement else { return nil }
                return Seat(
                    node: node,
                    party: participant.party,
                    system: entry.system.id,
                    country: DialledNode(node: country.node, endpoint: entry.listen)
                )
            }
        }
    }

    /// The node of that id.
    package func node(_ id: String) -> NodeConfiguration? { nodes.first { $0.node == id } }
}
