import SelatTime

/// Deals the faults of a plan. One stream per class and place, each opportunity one number: the
/// same opportunity meets the same fate whatever else is taken away.
struct FaultDeck {
    /// A node, a direction between two, or a customer.
    enum Place {
        case node(Int)
        case direction(from: Int, to: Int)
        case client(Int)
    }

    private struct Stream {
        var generator = SeededGenerator(seed: Seed(high: 0, low: 0))
        /// Opportunities so far; the generator is made at the first.
        var count: UInt64 = 0
    }

    private let plan: SimulationPlan
    private let nodes: [String]
    private let rates: [UInt64]
    /// By class: spelled once, for names are made by reflection.
    private let kinds = FaultClass.allCases.map(\.name)
    /// By class and place; those that are about alone have places.
    private var streams: [Stream]
    /// By class: where its places begin.
    private let firsts: [Int]
    /// In the order they struck.
    private(set) var struck: [Fault] = []
    /// False once the world heals.
    var isOpen: Bool

    /// `nodes` are the names of the places, in the world's order.
    init(_ plan: SimulationPlan, nodes: [String]) {
        self.plan = plan
        self.nodes = nodes
        isOpen = plan.isFaulty
        rates = FaultClass.allCases.map { plan.rates[$0] ?? 0 }
        let places = nodes.count * (nodes.count + 1) + plan.payments
        var count = 0
        firsts = rates.map { rate in
            defer { count += rate > 0 ? places : 0 }
            return count
        }
        streams = Array(repeating: Stream(), count: count)
    }

    /// An opportunity: `nil` when nothing happens, else a number that says how bad it is.
    mutating func strikes(_ kind: FaultClass, at place: Place) -> UInt64? {
        let index = kind.rawValue
        let rate = rates[index]
        guard isOpen, rate > 0 else { return nil }
        let slot = firsts[index] + self.slot(place)
        let ordinal = streams[slot].count
        if ordinal == 0 {
            streams[slot].generator = SeededGenerator(
                seed: plan.seed,
                stream: "\(kinds[index])@\(name(place))"
            )
        }
        streams[slot].count = ordinal + 1
        let number = streams[slot].generator.next()
        guard number % 1_000_000 < rate else { return nil }
        let fault = Fault(kind: kind, place: name(place), ordinal: ordinal)
        guard plan.onlyFaults?.contains(fault) ?? true else { return nil }
        struck.append(fault)
        return number / 1_000_000
    }

    private func slot(_ place: Place) -> Int {
        switch place {
        case .node(let node): node
        case .direction(let from, let to): nodes.count * (from + 1) + to
        case .client(let client): nodes.count * (nodes.count + 1) + client
        }
    }

    private func name(_ place: Place) -> String {
        switch place {
        case .node(let node): nodes[node]
        case .direction(let from, let to): "\(nodes[from])>\(nodes[to])"
        case .client(let client): "client \(client)"
        }
    }

    /// A duration between the two bounds, out of a fault's number.
    static func span(_ number: UInt64, _ least: Duration, _ most: Duration) -> Duration {
        let width = UInt64(max((most - least).nanoseconds, 1))
        return least + .nanoseconds(Int64(number % width))
    }
}
