import SelatAudit
import SelatNode
import SelatRuntime
import SelatScheme

extension AuditTopology {
    /// Who is where, as the region's files say.
    init(_ topology: Topology) {
        var kinds: [PartyID: Kind] = [:]
        var nodes: [PartyID: String] = [:]
        var speakers: [String: Set<PartyID>] = [:]
        for node in topology.nodes {
            for party in node.hosted { nodes[party] = node.node }
            speakers[node.node] = topology.nodes.flatMap(\.links)
                .filter { $0.peer.node == node.node }
                .reduce(into: []) { $0.formUnion($1.speakers) }
            switch node.kind {
            case .hub: kinds[.hub] = .hub
            case .country(let country):
                let system = country.system
                kinds[system.id] = .system(country: system.country, model: system.model)
                kinds[country.directory.id] = .directory
                for participant in country.participants where participant.isOnNetwork {
                    kinds[participant.party] = .participant(system: system.id)
                }
            case .provider(let provider): kinds[provider.id] = .provider
            case .participant(let process):
                for participant in process.participants {
                    kinds[participant.party] = .participant(system: process.system.id)
                }
            }
        }
        for seat in topology.seats { speakers[seat.node, default: []].insert(seat.party) }
        self.init(kinds: kinds, nodes: nodes, speakers: speakers)
    }
}
