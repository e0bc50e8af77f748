import SelatScheme

/// Where what is said to a party goes, as roles, routing and links say together: one look-up, made
/// once, and from then on a place stands for the party.
struct Directory: Sendable {
    enum Way {
        /// To a role of this node.
        case hosted(Int)
        /// Over a link, by its place in the table.
        case link(Int)
    }

    /// A role that is asked where it stands: one taken out of an array would be copied.
    final class Host: Sendable {
        let role: any Role

        init(_ role: any Role) { self.role = role }
    }

    /// In the order of their parties.
    let hosts: [Host]
    private let ways: [PartyID: Way]

    init(_ roles: [PartyID: any Role], _ routing: Routing, _ links: LinkTable) {
        var ways = routing.links.compactMapValues { links.index(of: $0).map(Way.link) }
        hosts = roles.sorted { $0.key < $1.key }.enumerated().map { place, entry in
            ways[entry.key] = .hosted(place)
            return Host(entry.value)
        }
        self.ways = ways
    }

    /// `nil` for a party that nobody knows.
    func way(to party: PartyID) -> Way? { ways[party] }

    /// The role of a party that is one of the node's own.
    func role(of party: PartyID) -> Int? {
        if case .hosted(let place) = ways[party] { place } else { nil }
    }
}
