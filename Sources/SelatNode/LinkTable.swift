/// The states of a node's links, each changed where it stands: a dictionary's optional value would
/// be taken out and put back at every touch.
///
/// The links are those of the topology; they are given once and never change.
struct LinkTable: Sendable {
    /// In the order of their links.
    var states: [LinkState]
    /// Their links alone: few, and looked for one by one many times a message.
    private let links: [LinkID]

    init(_ states: [LinkState]) {
        self.states = states.sorted { $0.position.link < $1.position.link }
        links = self.states.map(\.position.link)
    }

    /// Where a link stands; `nil` for a node that is not in the topology.
    func index(of link: LinkID) -> Int? {
        for index in links.indices where links[index] == link { return index }
        return nil
    }

    /// The positions that the batch at hand must write.
    mutating func takeDirtyPositions() -> [LinkPosition] {
        var positions: [LinkPosition] = []
        positions.reserveCapacity(states.count)
        for link in states.indices {
            if let position = states[link].takeDirtyPosition() { positions.append(position) }
        }
        return positions
    }
}
