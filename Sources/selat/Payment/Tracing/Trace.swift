package import SelatAudit
package import SelatJSON
import SelatNode
import SelatScheme
package import SelatTime

/// Everything the region's nodes hold of one payment: states, steps, messages, alerts.
package struct Trace: Hashable, Sendable {
    /// A message as one end of its hop keeps it.
    package struct Hop: Hashable, Sendable {
        package let at: Instant
        package let node: String
        /// `in`, `out`, or `hosted`: between two parties of the node.
        package let direction: String
        package let kind: UInt8
        package let link: String?
        package let sequence: Int64?
        package let from: String?
        package let to: String?
        /// Of the retained messages of its node.
        package let number: Int64

        init(_ cursor: JSONCursor, node: String) throws(JSONError) {
            self.node = node
            at = try cursor.member("at").parsed("a UTC time", Instant.init(_:))
            direction = try cursor.string("direction")
            kind = try cursor.integer("kind", UInt8.self)
            link = try cursor.optionalString("link")
            sequence = try cursor.optional("sequence")?.integer()
            from = try cursor.optionalString("from")
            to = try cursor.optionalString("to")
            number = try cursor.integer("number")
        }

        /// The message's name; its number for a kind without one.
        package var name: String { Hop.name(ofKind: kind) }

        static func name(ofKind kind: UInt8) -> String {
            switch kind {
            case Message.Kind.creditTransfer: "pacs.008"
            case Message.Kind.statusReport: "pacs.002"
            case Message.Kind.verificationRequest: "acmt.023"
            case Message.Kind.verificationReport: "acmt.024"
            case Message.Kind.rate: "rate"
            case Message.Kind.notification: "notification"
            default: "kind \(kind)"
            }
        }

        /// One line for people: time, message, from and to, where it was seen.
        package var line: String {
            let way = from.map { "\($0) > \(to ?? "?")" } ?? "between hosted"
            let place =
                switch direction {
                case "in": "\(node) < \(link ?? "?") #\(sequence ?? 0)"
                case "out": "\(node) > \(link ?? "?") #\(sequence ?? 0)"
                default: "kept by \(node)"
                }
            return "\(at.timeOfDay)    \(name.padded(to: 13))\(way.padded(to: 24))  \(place)"
        }

        var json: JSONValue {
            [
                "at": .string(at.description),
                "node": .string(node),
                "direction": .string(direction),
                "message": .string(name),
                "link": link.map { .string($0) } ?? .null,
                "sequence": sequence.map { .integer($0) } ?? .null,
                "from": from.map { .string($0) } ?? .null,
                "to": to.map { .string($0) } ?? .null,
                "number": .integer(number),
            ]
        }
    }

    /// What a party holds now.
    package struct State: Hashable, Sendable {
        package let node: String
        package let party: String
        package let name: String
        /// When its timer fires.
        package let due: String?
    }

    package let uetr: UUIDv4
    package let states: [State]
    package let steps: [PaymentStep]
    package let hops: [Hop]
    /// For people: time, severity, text.
    package let alerts: [String]
    private let topology: AuditTopology

    /// - Parameters:
    ///   - uetr: The payment.
    ///   - answers: Answers to `trace`, by node, in the order of the topology.
    ///   - topology: Names the states.
    /// - Throws: `JSONError` when one is none.
    package init(
        _ uetr: UUIDv4,
        answers: [(node: String, body: JSONValue)],
        topology: AuditTopology
    ) throws(JSONError) {
        self.uetr = uetr
        self.topology = topology
        var states: [State] = []
        var steps: [PaymentStep] = []
        var hops: [Hop] = []
        var alerts: [String] = []
        for (node, body) in answers {
            let cursor = body.cursor
            for element in try cursor.elements("payments") {
                states.append(try Trace.state(element, node, topology))
            }
            for element in try cursor.elements("history") {
                steps.append(try PaymentStep(element, node: node))
            }
            for element in try cursor.elements("messages") {
                hops.append(try Hop(element, node: node))
            }
            for element in try cursor.elements("alerts") {
                let time = try element.string("at").dropFirst(11).dropLast()
                alerts.append(
                    "\(time)  \(try element.string("severity")) at "
                        + "\(try element.string("instance")): \(try element.string("text"))"
                )
            }
        }
        self.states = states
        self.steps = Trace.inOrder(steps)
        self.hops = hops
        self.alerts = alerts
    }

    /// By time; where that is equal, as the nodes give them.
    private static func inOrder(_ steps: [PaymentStep]) -> [PaymentStep] {
        steps.enumerated().sorted { ($0.element.at, $0.offset) < ($1.element.at, $1.offset) }
            .map(\.element)
    }

    private static func state(
        _ cursor: JSONCursor,
        _ node: String,
        _ topology: AuditTopology
    ) throws(JSONError) -> State {
        let party = try cursor.string("instance")
        let number = try cursor.integer("state", UInt8.self)
        let name = topology.state(number, of: PartyID(checked: party))?.name
        return State(
            node: node,
            party: party,
            name: name ?? (topology.isProvider(party) ? "Notified" : "state \(number)"),
            due: try cursor.optionalString("due")
        )
    }

    /// True when no node knows the payment.
    package var isEmpty: Bool { states.isEmpty && steps.isEmpty && hops.isEmpty }

    /// For people: steps and messages in one order, then where it stands.
    package var text: String {
        var lines: [(at: Instant, order: Int, text: String)] = []
        for step in steps { lines.append((step.at, lines.count, step.line(topology))) }
        for hop in hops { lines.append((hop.at, lines.count, hop.line)) }
        lines.sort { ($0.at, $0.order) < ($1.at, $1.order) }
        var table = TextTable(["node", "party", "state", "timer"])
        for state in states {
            table.add([
                state.node, state.party, state.name,
                state.due.map { String($0.dropFirst(11)) } ?? "-",
            ])
        }
        let parts = [lines.map(\.text), alerts.map { "! \($0)" }, ["", table.text]]
        return parts.flatMap(\.self).joined(separator: "\n")
    }

    /// The document's members.
    package var members: [JSONMember] {
        [
            JSONMember("uetr", .string(uetr.description)),
            JSONMember("steps", .array(steps.map { $0.json(topology) })),
            JSONMember("messages", .array(hops.map(\.json))),
            JSONMember("alerts", .array(alerts.map { .string($0) })),
            JSONMember(
                "states",
                .array(
                    states.map { state in
                        [
                            "node": .string(state.node),
                            "party": .string(state.party),
                            "state": .string(state.name),
                            "due": state.due.map { .string($0) } ?? .null,
                        ]
                    }
                )
            ),
        ]
    }
}

extension AuditTopology {
    /// True for an FX provider.
    func isProvider(_ party: String) -> Bool { kinds[PartyID(checked: party)] == .provider }
}
