package import SelatJSON

/// What a node says of itself: the answer to `status`. Source: Specs/Protocol/Operator.md.
package struct NodeStatus: Hashable, Sendable {
    /// A link to a neighbour.
    package struct Link: Hashable, Sendable {
        package let node: String
        package let isUp: Bool
        /// Messages not yet acknowledged by it.
        package let undelivered: Int
    }

    package let node: String
    package let kind: String
    package let pid: Int
    package let started: String
    package let links: [Link]
    package let openPayments: Int
    /// Of the oldest payment that is not final here.
    package let oldestMilliseconds: Int64?
    package let messagesReceived: Int64
    package let messagesSent: Int64
    package let alerts: Int64
    /// As it came.
    package let body: JSONValue

    /// Links that should be up and are not.
    ///
    /// - Parameter attached: Nodes that may stay away: `Topology.attached`.
    /// - Returns: Those of all others.
    func missingLinks(besides attached: [String]) -> [Link] {
        links.filter { !$0.isUp && !attached.contains($0.node) }
    }

    /// Peers that are not connected, or have not taken what the start sends them: a region can be
    /// paid through once the hub has every provider's rates.
    ///
    /// - Parameter attached: Nodes that may stay away: `Topology.attached`.
    /// - Returns: The peers' node ids.
    func unsettledLinks(besides attached: [String]) -> [String] {
        let owes = kind == "provider" && messagesSent == 0
        return links.filter { !attached.contains($0.node) }
            .filter { !$0.isUp || $0.undelivered > 0 || owes }.map(\.node)
    }

    /// Nothing is under way.
    ///
    /// - Parameter attached: Nodes that may stay away: `Topology.attached`.
    /// - Returns: Whether no payment is open here and every other peer has all that was sent to it.
    func isAtRest(besides attached: [String]) -> Bool {
        openPayments == 0
            && links.allSatisfy { $0.undelivered == 0 || attached.contains($0.node) }
    }

    /// - Parameter body: The answer.
    /// - Throws: `JSONError` when it is another's.
    package init(_ body: JSONValue) throws(JSONError) {
        let cursor = body.cursor
        self.body = body
        node = try cursor.string("node")
        kind = try cursor.string("kind")
        pid = try cursor.integer("pid", Int.self)
        started = try cursor.string("started")
        var links: [Link] = []
        for element in try cursor.elements("links") {
            links.append(
                Link(
                    node: try element.string("node"),
                    isUp: try element.bool("up"),
                    undelivered: try element.integer("undelivered", Int.self)
                )
            )
        }
        self.links = links
        openPayments = try cursor.integer("openPayments", Int.self)
        oldestMilliseconds = try cursor.optional("oldestInDoubtMilliseconds")?.integer()
        let counts = try cursor.member("counts")
        messagesReceived = try counts.integer("messagesReceived")
        messagesSent = try counts.integer("messagesSent")
        alerts = try counts.integer("alerts")
    }
}

/// The region's nodes in a table: those that answer, and those that do not.
package struct StatusTable: Hashable, Sendable {
    /// One node's line.
    package enum Line: Hashable, Sendable {
        case up(NodeStatus)
        case down(node: String, kind: String, why: String)
    }

    package let lines: [Line]
    private let attached: [String]

    /// - Parameters:
    ///   - lines: In the order of the topology.
    ///   - attached: Nodes that may stay away: `Topology.attached`.
    package init(_ lines: [Line], attached: [String]) {
        self.lines = lines
        self.attached = attached
    }

    /// True when every node answers and every link is up but those of attached nodes.
    package var isWhole: Bool {
        lines.allSatisfy { line in
            switch line {
            case .up(let status): status.missingLinks(besides: attached).isEmpty
            case .down: false
            }
        }
    }

    /// For people.
    package var text: String {
        var table = TextTable(
            ["node", "kind", "pid", "links", "open", "oldest", "in", "out", "alerts"],
            [.left, .left, .right, .left, .right, .right, .right, .right, .right]
        )
        for line in lines {
            switch line {
            case .down(let node, let kind, _): table.add([node, kind, "-", "does not answer"])
            case .up(let status):
                table.add([
                    status.node, status.kind, "\(status.pid)", links(status),
                    "\(status.openPayments)",
                    status.oldestMilliseconds.map { "\($0) ms" } ?? "-",
                    "\(status.messagesReceived)", "\(status.messagesSent)", "\(status.alerts)",
                ])
            }
        }
        return table.text
    }

    private func links(_ status: NodeStatus) -> String {
        let down = status.missingLinks(besides: attached).map(\.node)
        let up = status.links.count(where: \.isUp)
        return down.isEmpty
            ? "\(up) up" : "\(up) up, without \(down.joined(separator: " "))"
    }

    /// The document's members.
    package var members: [JSONMember] {
        [
            JSONMember("whole", .bool(isWhole)),
            JSONMember(
                "nodes",
                .array(
                    lines.map { line in
                        switch line {
                        case .up(let status): status.body
                        case .down(let node, let kind, let why):
                            [
                                "node": .string(node), "kind": .string(kind), "pid": .null,
                                "error": .string(why),
                            ]
                        }
                    }
                )
            ),
        ]
    }
}
