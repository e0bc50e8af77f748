import SelatTime

/// Connections between simulated nodes: bytes arrive in order, after a drawn delay, unless a
/// fault is dealt to them.
struct SimulatedNetwork {
    struct Connection {
        /// The nodes at its ends; the dialling one first.
        let ends: [Int]
        var isUp = true
        /// When the last piece in each direction arrives: nothing overtakes it.
        var arrival: [Instant]
        /// A direction that lost something loses all that follows: a stream has no holes, so
        /// what looks like loss to a node is silence, until its session gives up.
        var isSilenced = [false, false]
    }

    /// What becomes of one written piece.
    enum Fate {
        case lost
        case arrives(Instant)
        /// The bytes from the offset on arrive at the second instant.
        case split(Instant, offset: Int, Instant)
        /// It arrives, and then both ends see the connection end.
        case cut(after: Instant)
        /// Garbage arrives in its place, and then the end.
        case corrupted(Instant, seed: UInt64)
    }

    private var connections: [Connection] = []
    /// By node: the connections it has an end of, in the order they were made.
    private var open: [[UInt64]]
    private var delays: SeededGenerator
    /// Until when a direction passes nothing, by `from * nodes + to`.
    private var blocked: [Instant]
    private let nodes: Int

    init(seed: UInt64, nodes: Int) {
        self.nodes = nodes
        open = Array(repeating: [], count: nodes)
        delays = SeededGenerator(seed: seed, stream: "network delay")
        blocked = Array(repeating: .distantPast, count: nodes * nodes)
    }

    mutating func connect(_ one: Int, _ other: Int, at now: Instant) -> UInt64 {
        connections.append(Connection(ends: [one, other], arrival: [now, now]))
        let id = UInt64(connections.count)
        open[one].append(id)
        open[other].append(id)
        return id
    }

    func peer(of node: Int, on connection: UInt64) -> Int {
        let ends = connections[Int(connection) - 1].ends
        return ends[0] == node ? ends[1] : ends[0]
    }

    func isUp(_ connection: UInt64) -> Bool { connections[Int(connection) - 1].isUp }

    mutating func end(_ connection: UInt64) {
        let index = Int(connection) - 1
        guard connections[index].isUp else { return }
        connections[index].isUp = false
        for node in connections[index].ends { open[node].removeAll { $0 == connection } }
    }

    /// When everything that is under way has arrived.
    func lastArrival(on connection: UInt64, at now: Instant) -> Instant {
        connections[Int(connection) - 1].arrival.reduce(now, max)
    }

    /// Connections a node has an end of.
    func connections(of node: Int) -> [UInt64] { open[node] }

    /// The latency of a connect or a close.
    mutating func latency() -> Duration { .microseconds(100 + Int64(delays.next() % 4000)) }

    /// Whether two nodes can reach each other, both ways, as a handshake needs.
    func isReachable(_ one: Int, _ other: Int, at now: Instant) -> Bool {
        blocked[one * nodes + other] <= now && blocked[other * nodes + one] <= now
    }

    /// The partitions heal.
    mutating func heal() {
        for index in blocked.indices { blocked[index] = .distantPast }
    }

    /// Deals with one written piece of `count` bytes.
    mutating func fate(
        from node: Int,
        on connection: UInt64,
        count: Int,
        at now: Instant,
        _ deck: inout FaultDeck
    ) -> Fate {
        let index = Int(connection) - 1
        guard connections[index].isUp else { return .lost }
        let ends = connections[index].ends
        let direction = ends[0] == node ? 0 : 1
        let peer = ends[1 - direction]
        var arrival = max(now + latency(), connections[index].arrival[direction])
        guard deck.isOpen else {
            guard !connections[index].isSilenced[direction] else { return .lost }
            connections[index].arrival[direction] = arrival
            return .arrives(arrival)
        }
        let place = FaultDeck.Place.direction(from: node, to: peer)
        if let number = deck.strikes(.partition, at: place) {
            let end = now + FaultDeck.span(number, .seconds(1), .seconds(90))
            block(node, peer, until: end)
            block(peer, node, until: end)
        }
        if let number = deck.strikes(.oneWayPartition, at: place) {
            block(node, peer, until: now + FaultDeck.span(number, .seconds(1), .seconds(90)))
        }
        let isLost = deck.strikes(.loss, at: place) != nil || blocked[node * nodes + peer] > now
        if isLost { connections[index].isSilenced[direction] = true }
        if let number = deck.strikes(.delay, at: place) {
            arrival = arrival + FaultDeck.span(number, .milliseconds(5), .seconds(12))
        }
        let cut = deck.strikes(.cut, at: place)
        let corruption = deck.strikes(.corruption, at: place)
        let splitting = deck.strikes(.splitting, at: place)
        guard !connections[index].isSilenced[direction] else { return .lost }
        connections[index].arrival[direction] = arrival
        if let corruption { return .corrupted(arrival, seed: corruption) }
        if cut != nil { return .cut(after: arrival) }
        if let splitting, count > 1 {
            let rest = arrival + FaultDeck.span(splitting, .microseconds(1), .seconds(1))
            connections[index].arrival[direction] = rest
            return .split(arrival, offset: 1 + Int(splitting % UInt64(count - 1)), rest)
        }
        return .arrives(arrival)
    }

    private mutating func block(_ from: Int, _ to: Int, until end: Instant) {
        blocked[from * nodes + to] = max(blocked[from * nodes + to], end)
    }
}
