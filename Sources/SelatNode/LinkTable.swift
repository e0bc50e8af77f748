/// The states of a node's links, each changed where it stands: a dictionary's optional value would
/// be taken out and put back at every touch.
///
/// The links are those of the topology; they are given once and never change.
struct LinkTable: Sendable {
    /// In the order of their links.
    var states: [LinkState]
    private let indices: [LinkID: Int]

    init(_ states: [LinkState]) {
        self.states = states.sorted { $0.position.link < $1.position.link }
        indices = Dictionary(
            uniqueKeysWithValues: self.states.enumerated().map { ($1.position.link, $0) }
        )
    }

    /// Where a link stands; `nil` for a node that is not in the topology.
    func index(of link: LinkID) -> Int? { indices[link] }

    /// The positions that the batch at hand must write, and their links.
    mutating func takeDirtyPositions(_ positions: inout [LinkPosition], _ links: inout [Int]) {
        for link in states.indices where states[link].isDirty {
            // Most batches move a few links: room for all of them, once.
            if positions.isEmpty {
                positions.reserveCapacity(states.count)
                links.reserveCapacity(states.count)
            }
            states[link].isDirty = false
            positions.append(states[link].position)
            links.append(link)
        }
    }
}
