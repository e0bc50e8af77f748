import SelatNode
import SelatTime

/// Connections between simulated nodes: bytes arrive in order, after a drawn delay, unless a
/// fault is drawn for them.
struct SimulatedNetwork {
    struct Connection {
        let ends: [String]
        var isUp = true
        /// When the last piece in each direction arrives: nothing overtakes it.
        var arrival: [Instant]
        /// A direction that lost something loses all that follows: a stream has no holes, so
        /// what looks like loss to a node is silence, until its session gives up.
        var isSilenced = [false, false]
    }

    /// What becomes of one written piece.
    enum Fate {
        case arrives([Instant])
        case lost
        /// It arrives, and then both ends see the connection end.
        case cut(after: Instant)
    }

    private(set) var connections: [UInt64: Connection] = [:]
    private var last: UInt64 = 0
    private var delays: SeededGenerator
    private var losses: SeededGenerator
    private var copies: SeededGenerator
    private var stalls: SeededGenerator
    private var cuts: SeededGenerator
    private let plan: SimulationPlan
    var isFaulty: Bool
    var counts = FaultCounts()

    init(plan: SimulationPlan) {
        self.plan = plan
        isFaulty = plan.isFaulty
        delays = SeededGenerator(seed: plan.seed, stream: "network delay")
        losses = SeededGenerator(seed: plan.seed, stream: "network loss")
        copies = SeededGenerator(seed: plan.seed, stream: "network duplication")
        stalls = SeededGenerator(seed: plan.seed, stream: "network stall")
        cuts = SeededGenerator(seed: plan.seed, stream: "network cut")
    }

    mutating func connect(_ one: String, _ other: String, at now: Instant) -> UInt64 {
        last += 1
        connections[last] = Connection(ends: [one, other], arrival: [now, now])
        return last
    }

    func peer(of node: String, on connection: UInt64) -> String? {
        guard let ends = connections[connection]?.ends else { return nil }
        return ends[0] == node ? ends[1] : ends[0]
    }

    func isUp(_ connection: UInt64) -> Bool { connections[connection]?.isUp ?? false }

    mutating func end(_ connection: UInt64) { connections[connection]?.isUp = false }

    /// When everything that is under way has arrived.
    func lastArrival(on connection: UInt64, at now: Instant) -> Instant {
        connections[connection]?.arrival.reduce(now, max) ?? now
    }

    /// Connections a node has an end of.
    func connections(of node: String) -> [UInt64] {
        connections.filter { $0.value.ends.contains(node) && $0.value.isUp }.keys.sorted()
    }

    /// The latency of a connect or a close.
    mutating func latency() -> Duration { .microseconds(100 + Int64(delays.next() % 4000)) }

    mutating func fate(from node: String, on connection: UInt64, at now: Instant) -> Fate {
        guard var state = connections[connection], state.isUp else { return .lost }
        let direction = state.ends[0] == node ? 0 : 1
        var arrival = max(now + latency(), state.arrival[direction])
        let isLost = losses.chance(plan.lossPerThousand, in: 1000)
        let isCopied = copies.chance(plan.duplicationPerThousand, in: 1000)
        let isStalled = stalls.chance(plan.stallPerThousand, in: 1000)
        let isCut = cuts.chance(plan.cutPerThousand, in: 1000)
        let stall = Duration.milliseconds(Int64(stalls.next() % 12_000))
        if state.isSilenced[direction] { return .lost }
        guard isFaulty else {
            state.arrival[direction] = arrival
            connections[connection] = state
            return .arrives([arrival])
        }
        if isLost {
            counts.lost += 1
            state.isSilenced[direction] = true
            connections[connection] = state
            return .lost
        }
        if isStalled {
            counts.stalled += 1
            arrival = arrival + stall
        }
        state.arrival[direction] = arrival
        connections[connection] = state
        if isCut {
            counts.cut += 1
            return .cut(after: arrival)
        }
        if isCopied {
            counts.duplicated += 1
            return .arrives([arrival, arrival])
        }
        return .arrives([arrival])
    }
}
