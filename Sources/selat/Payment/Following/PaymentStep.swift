package import SelatAudit
package import SelatJSON
import SelatNode
package import SelatScheme
package import SelatTime

/// One change of one party's view of a payment, as it became durable.
package struct PaymentStep: Hashable, Sendable {
    package let at: Instant
    package let node: String
    package let party: PartyID
    /// The number of the state before; `nil` for the first.
    package let from: UInt8?
    package let to: UInt8
    /// What led to it: `M4`, `M12 RJCT AB04`, `timer AB06`.
    package let cause: String

    /// - Parameters:
    ///   - cursor: A step as `watch` and `trace` give it.
    ///   - node: The node that gave it.
    /// - Throws: `JSONError` when it is none.
    package init(_ cursor: JSONCursor, node: String) throws(JSONError) {
        self.node = node
        at = try cursor.member("at").parsed("a UTC time", Instant.init(_:))
        party = try cursor.member("instance").parsed("a party", { PartyID($0) })
        from = try cursor.optional("from")?.integer(UInt8.self)
        to = try cursor.integer("to", UInt8.self)
        cause = try cursor.string("cause")
    }

    /// The code at the end of a cause such as `M16 RJCT AC04`.
    package var reason: String? {
        let words = cause.split(separator: " ")
        guard words.count >= 2, words[words.count - 2] == "RJCT" else { return nil }
        return words.last.map(String.init)
    }

    /// The state's published name.
    package func state(_ topology: AuditTopology) -> String {
        if let state = topology.state(to, of: party) { return state.name }
        return topology.isProvider(party.name) ? "Notified" : "state \(to)"
    }

    /// What the state says about the payment.
    package func outcome(_ topology: AuditTopology) -> PublishedState.Outcome? {
        topology.state(to, of: party)?.outcome
    }

    /// One line for people: time, party, state, cause.
    package func line(_ topology: AuditTopology) -> String {
        let name = party.name.padded(to: 11)
        return "\(at.timeOfDay)  \(name)  \(state(topology).padded(to: 24))  \(cause)"
            .trimmedAtEnd
    }

    /// One element of the document's `steps`.
    package func json(_ topology: AuditTopology) -> JSONValue {
        [
            "at": .string(at.description),
            "node": .string(node),
            "party": .string(party.name),
            "from": from.map { number in
                .string(topology.state(number, of: party)?.name ?? "\(number)")
            } ?? .null,
            "to": .string(state(topology)),
            "cause": .string(cause),
        ]
    }
}

extension String {
    /// With spaces after it, up to a width in characters.
    func padded(to width: Int) -> String {
        self + String(repeating: " ", count: max(0, width - count))
    }

    /// Without spaces after it.
    var trimmedAtEnd: String {
        var text = self
        while text.last == " " { text.removeLast() }
        return text
    }
}
