import SelatISO20022
package import SelatNode
package import SelatScheme

/// One neighbour of a node: who dials, and who is reached through it and may speak over it.
package struct LinkConfiguration: Hashable, Sendable {
    /// The peer's node id, as its certificate proves it.
    package let peer: LinkID
    /// The role the peer's certificate must prove.
    package let certificateRole: String
    /// Where to dial it; `nil` when it dials this node.
    package let dial: Endpoint?
    /// The parties whose messages and requests may come over the link.
    package let speakers: Set<PartyID>
    /// The parties that messages and requests go to over the link.
    package let reaches: Set<PartyID>
    /// Messages and requests a second that are listened to; `nil` for as many as come.
    package let rate: Int?

    /// - Parameters:
    ///   - peer: The peer's node id.
    ///   - certificateRole: The role its certificate must prove.
    ///   - dial: Where to dial it; `nil` when it dials this node.
    ///   - speakers: The parties that may speak over the link.
    ///   - reaches: The parties that are reached over it.
    ///   - rate: Messages and requests a second that are listened to; `nil` for as many as come.
    package init(
        peer: LinkID,
        certificateRole: String,
        dial: Endpoint?,
        speakers: Set<PartyID>,
        reaches: Set<PartyID>,
        rate: Int? = nil
    ) {
        self.peer = peer
        self.certificateRole = certificateRole
        self.dial = dial
        self.speakers = speakers
        self.reaches = reaches
        self.rate = rate
    }
}

extension NodeConfiguration {
    /// The node's neighbours, by node id. Countries, providers and external participants dial; the
    /// hub and countries listen.
    package var links: [LinkConfiguration] {
        let links: [LinkConfiguration]
        switch kind {
        case .hub(let hub): links = hub.links
        case .country(let country): links = country.links
        case .provider(let provider): links = [.toHub(provider.hub)]
        case .participant(let participant):
            links = [
                LinkConfiguration(
                    peer: LinkID(participant.link.node),
                    certificateRole: KindName.country.certificateRole,
                    dial: participant.link.endpoint,
                    speakers: [participant.system.id],
                    // The hub's services are relayed by the country's node.
                    reaches: [participant.system.id, .hub]
                )
            ]
        }
        return links.sorted { $0.peer < $1.peer }
    }

    /// The parties whose roles run in this node.
    package var hosted: [PartyID] {
        switch kind {
        case .hub: [.hub]
        case .country(let country):
            [country.system.id, country.directory.id]
                + country.participants.filter(\.isHosted).map(\.party)
        case .provider(let provider): [provider.id]
        case .participant(let node): node.participants.map(\.party)
        }
    }

    /// Ways and authorities, as the node's core applies them.
    package var routing: Routing {
        var ways: [PartyID: LinkID] = [:]
        var speakers: [LinkID: Set<PartyID>] = [:]
        for link in links {
            speakers[link.peer] = link.speakers
            for party in link.reaches { ways[party] = link.peer }
        }
        return Routing(links: ways, speakers: speakers)
    }
}

extension LinkConfiguration {
    fileprivate static func toHub(_ hub: DialledNode) -> LinkConfiguration {
        LinkConfiguration(
            peer: LinkID(hub.node),
            certificateRole: NodeConfiguration.KindName.hub.certificateRole,
            dial: hub.endpoint,
            speakers: [.hub],
            reaches: [.hub]
        )
    }
}

extension HubEntry {
    fileprivate var links: [LinkConfiguration] {
        let countries = self.countries.map { entry in
            let system = entry.country.system
            // The institutions only ask; their messages come as the system's.
            let institutions = entry.institutions.filter(\.isOnNetwork).map(\.party)
            return LinkConfiguration(
                peer: LinkID(entry.node),
                certificateRole: NodeConfiguration.KindName.country.certificateRole,
                dial: nil,
                speakers: Set(institutions).union([system, entry.directory]),
                reaches: [system]
            )
        }
        let providers = self.providers.map { entry in
            LinkConfiguration(
                peer: LinkID(entry.node),
                certificateRole: NodeConfiguration.KindName.provider.certificateRole,
                dial: nil,
                speakers: [entry.provider.id],
                reaches: [entry.provider.id]
            )
        }
        return countries + providers
    }
}

extension CountryEntry {
    fileprivate var links: [LinkConfiguration] {
        var nodes: [String: Set<PartyID>] = [:]
        var rates: [String: Int] = [:]
        for participant in participants {
            guard case .external(let node, let rate) = participant.placement else { continue }
            nodes[node, default: []].insert(participant.party)
            rates[node, default: 0] += rate
        }
        let external = nodes.map { node, parties in
            LinkConfiguration(
                peer: LinkID(node),
                certificateRole: NodeConfiguration.KindName.participant.certificateRole,
                dial: nil,
                speakers: parties,
                reaches: parties,
                rate: rates[node]
            )
        }
        return [.toHub(hub)] + external
    }
}

extension ParticipantEntry {
    /// The institution as a party.
    package var party: PartyID { PartyID(checked: bicfi.code) }

    /// True when its role runs in the node whose file this is.
    package var isHosted: Bool {
        switch placement {
        case .hosted: true
        case .external, .offNetwork: false
        }
    }

    /// False where only the country knows it.
    package var isOnNetwork: Bool { placement != .offNetwork }
}
