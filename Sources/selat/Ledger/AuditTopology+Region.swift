package import SelatAudit
package import SelatRuntime
package import SelatScheme

extension AuditTopology {
    /// Who is where in a region, as its nodes' files say.
    ///
    /// - Parameter topology: Read and found without contradictions.
    package init(_ topology: Topology) {
        var kinds: [PartyID: Kind] = [:]
        var nodes: [PartyID: String] = [:]
        var speakers: [String: Set<PartyID>] = [:]
        for node in topology.nodes {
            for party in node.hosted { nodes[party] = node.node }
            speakers[node.node, default: []].formUnion(node.hosted)
            switch node.kind {
            case .hub(let hub):
                kinds[.hub] = .hub
                // What a country's node may say to the hub, its institutions' requests included.
                for country in hub.countries {
                    let institutions = country.institutions.filter(\.isOnNetwork).map(\.party)
                    speakers[country.node, default: []].formUnion(institutions)
                }
            case .country(let country):
                kinds[country.system.id] = .system(
                    country: country.system.country,
                    model: country.system.model
                )
                kinds[country.directory.id] = .directory
                for participant in country.participants where participant.isOnNetwork {
                    kinds[participant.party] = .participant(system: country.system.id)
                }
            case .provider(let provider): kinds[provider.id] = .provider
            case .participant(let own):
                for participant in own.participants {
                    kinds[participant.party] = .participant(system: own.system.id)
                }
            }
        }
        for seat in topology.seats { speakers[seat.node, default: []].insert(seat.party) }
        self.init(kinds: kinds, nodes: nodes, speakers: speakers)
    }

    /// A stored state as it is published; `nil` for parties without states.
    package func state(_ number: UInt8, of party: PartyID) -> PublishedState? {
        let table: [PublishedState] =
            switch kinds[party] {
            case .hub: PublishedState.hub
            case .system: PublishedState.system
            case .participant: PublishedState.participant
            case .provider, .directory, nil: []
            }
        return table.first { $0.number == number }
    }
}
