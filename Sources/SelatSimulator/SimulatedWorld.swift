import HeapModule
import SelatAudit
import SelatNode
import SelatScheme
import SelatStorage
import SelatTime

/// The whole region in one value and one thread, under a virtual clock. Everything random comes
/// from the plan's seed; the same plan gives the same history, on any machine.
///
/// A safety phase under faults, as long as customers come and a while after; then healing; then a
/// liveness phase, in which everything must come to rest.
struct SimulatedWorld {
    enum Happening {
        case bytes(node: Int, connection: UInt64, [UInt8])
        case ended(node: Int, connection: UInt64)
        case apply(node: Int, life: Int, token: NodeCore.Token, SealedBatch)
        case done(node: Int, life: Int, token: NodeCore.Token, CommitOutcome)
        case wake(node: Int, life: Int)
        case dial(node: Int, life: Int, peer: Int)
        case restart(node: Int)
        case client(Int)
        case resend(Int)
        case intrude
        case heal
        /// Nothing of the payment may be open any more.
        case mustBeFinal(UUIDv4)
    }

    /// Small, because the queue moves it about; what happens stands in `happenings`.
    private struct Scheduled: Comparable {
        let at: Instant
        let order: UInt64
        let place: Int

        static func == (lhs: Scheduled, rhs: Scheduled) -> Bool { lhs.order == rhs.order }
        static func < (lhs: Scheduled, rhs: Scheduled) -> Bool {
            (lhs.at, lhs.order) < (rhs.at, rhs.order)
        }
    }

    let plan: SimulationPlan
    let saboteur: Saboteur
    let region: SimulatedRegion
    /// In the order of their names; a node's number is its place here.
    let names: [String]
    let numbers: [String: Int]
    private(set) var now = SimulatedWorld.start
    private var queue = Heap<Scheduled>()
    private var happenings: [Happening?] = []
    private var freePlaces: [Int] = []
    private var order: UInt64 = 0
    var nodes: [SimulatedNode] = []
    /// Room for a turn's actions, kept from one turn to the next.
    var spareActions: [LinkedNode.Action] = []
    var network: SimulatedNetwork
    var clients: SimulatedClients
    let sloppiness: [PartyID: SloppyRole.Payments]
    var intruder: Intruder
    var deck: FaultDeck
    /// How long things take that are no faults.
    var delays: SeededGenerator
    var open: Set<PaymentKey> = []
    var deadlines: Deadlines
    var digest = DigestWriter()
    var coverage = Coverage()
    var commits = 0
    var connects = 0
    var violations: [Violation] = []
    /// When everything must be at rest; `distantFuture` until the world heals.
    private var end = Instant.distantFuture
    private var isHealing = false
    /// `nil` while there are faults.
    private(set) var healedAt: Instant?

    static let start = Instant(nanoseconds: 1_795_392_000_000_000_000)
    /// The books open and the rates arrive before the first customer comes.
    static let opening: Duration = .seconds(20)
    /// Commits between two full audits.
    static let auditInterval = 1000

    init(plan: SimulationPlan, saboteur: Saboteur = .none) {
        self.plan = plan
        self.saboteur = saboteur
        var hosting = SeededGenerator(seed: plan.seed, stream: "hosting")
        region = SimulatedRegion(plan: plan) { _ in
            !hosting.chance(plan.remotePercent, in: 100)
        }
        let sorted = region.nodes.sorted { $0.name < $1.name }
        names = sorted.map(\.name)
        numbers = Dictionary(uniqueKeysWithValues: sorted.enumerated().map { ($1.name, $0) })
        var deck = FaultDeck(plan, nodes: names)
        clients = SimulatedClients(plan: plan, region: region, &deck)
        self.deck = deck
        network = SimulatedNetwork(seed: plan.seed, nodes: sorted.count)
        intruder = Intruder(
            seed: plan.seed,
            bicfi: region.intruder.bicfi,
            target: region.systems[0].id
        )
        delays = SeededGenerator(seed: plan.seed, stream: "delays")
        sloppiness = clients.sloppiness
        deadlines = Deadlines(plan.times, highPayments: clients.highPayments)
        nodes = sorted.map { [sloppiness] node in
            SimulatedNode(plan: node, seed: plan.seed) { party, role in
                let sabotaged = saboteur.role(party, role)
                guard let payments = sloppiness[party] else { return sabotaged }
                return SloppyRole(base: sabotaged, payments: payments)
            }
        }
    }

    /// Faults while payments are made, then healing, then rest; the laws at the end.
    mutating func run() {
        for node in nodes.indices { restart(node) }
        for (index, wait) in clients.arrivals {
            schedule(.client(index), at: now + SimulatedWorld.opening + wait)
        }
        if plan.rates.keys.contains(where: \.isIntrusion) {
            schedule(.intrude, at: now + SimulatedWorld.opening)
        }
        var rests = false
        while let next = queue.popMin(), next.at <= end {
            now = next.at
            guard let happening = happenings[next.place] else { continue }
            happenings[next.place] = nil
            freePlaces.append(next.place)
            happen(happening)
            if clients.isExhausted, !isHealing {
                isHealing = true
                schedule(.heal, at: now + (plan.isFaulty ? plan.aftermath : .zero))
            }
            rests = end != .distantFuture && isAtRest
            if !violations.isEmpty || rests { break }
        }
        if !rests, violations.isEmpty {
            violations.append(
                Violation(.liveness, at: "region", "does not come to rest after healing")
            )
        }
        settleAcknowledgements()
        violations += audit(.stopped)
    }

    /// Every law over what the stores hold. What an institution says of a payment that it is
    /// sloppy about is not held against it: only what others make of it.
    func audit(_ moment: Audit.Moment) -> [Violation] {
        Audit(topology: region.topology, moment: moment).report(of: dumps()).violations
            .filter { violation in
                guard violation.law == .idempotency, let uetr = violation.uetr else { return true }
                return !sloppiness.contains { party, payments in
                    region.topology.nodes[party] == violation.place
                        && (payments.copied.contains(uetr) || payments.contradicted.contains(uetr))
                }
            }
    }

    /// What every lawful node's store holds but for the receipts, which no law reads; the
    /// intruder's is its own affair.
    func dumps() -> [String: NodeDump] {
        var dumps: [String: NodeDump] = [:]
        for node in nodes where node.name != region.intruder.nodeName {
            dumps[node.name] = node.store.dump(withReceipts: false)
        }
        return dumps
    }

    /// Final states at the hub, by name, in the order of the states.
    func outcomes() -> [(name: String, count: Int)] {
        guard let hub = numbers["hub"] else { return [] }
        let states = nodes[hub].store.states(of: .hub)
        return PublishedState.hub.map { state in
            (state.name, states.filter { $0 == state.number }.count)
        }
    }

    // MARK: Time

    mutating func schedule(_ happening: Happening, at instant: Instant) {
        order += 1
        let place = freePlaces.popLast() ?? happenings.count
        if place == happenings.count {
            happenings.append(happening)
        } else {
            happenings[place] = happening
        }
        queue.insert(Scheduled(at: max(instant, now), order: order, place: place))
    }

    private var isAtRest: Bool {
        open.isEmpty
            && nodes.indices.allSatisfy { nodes[$0].machine?.isAtRest ?? false }
    }

    private mutating func happen(_ happening: Happening) {
        if let node = happening.reader, nodes[node].stuckUntil > now {
            return schedule(happening, at: nodes[node].stuckUntil)
        }
        switch happening {
        case .bytes(let node, let connection, let bytes):
            guard network.isUp(connection), nodes[node].isUp else { return }
            let seed = nodes[node].seeds.nextSeed()
            let at = nodes[node].local(now)
            nodes[node].machine?.received(bytes.span, on: connection, at: at, seed: seed)
            turn(node)
        case .ended(let node, let connection):
            network.end(connection)
            let at = nodes[node].local(now)
            nodes[node].machine?.disconnected(connection, at: at)
            turn(node)
            scheduleRedial(node, network.peer(of: node, on: connection))
        case .apply(let node, let life, let token, let batch): apply(node, life, token, batch)
        case .done(let node, let life, let token, let outcome):
            guard nodes[node].life == life else { return }
            let at = nodes[node].local(now)
            nodes[node].machine?.committed(token, saboteur.outcome(outcome), at: at)
            turn(node)
            nodes[node].machine?.forgetBatch()
        case .wake(let node, let life): wake(node, life)
        case .dial(let node, let life, let peer): dial(node, life, peer)
        case .restart(let node): restart(node)
        case .client(let index): client(index)
        case .resend(let index): ask(clients.resend(index), for: nil)
        case .intrude: intrude()
        case .heal: heal()
        case .mustBeFinal(let uetr): demandFinality(of: uetr)
        }
    }

    /// No fault from here on.
    private mutating func heal() {
        deck.isOpen = false
        network.heal()
        for node in nodes.indices {
            nodes[node].stuckUntil = .distantPast
            nodes[node].diskFullUntil = .distantPast
        }
        end = now + deadlines.longest
        healedAt = now
        for uetr in Set(open.map(\.uetr)).sorted() { scheduleDeadline(of: uetr) }
    }
}

extension SimulatedWorld.Happening {
    /// The node that would have to be running to notice; its disk works on while it stands still.
    fileprivate var reader: Int? {
        switch self {
        case .bytes(let node, _, _), .ended(let node, _), .done(let node, _, _, _),
            .wake(let node, _), .dial(let node, _, _):
            node
        case .apply, .restart, .client, .resend, .intrude, .heal, .mustBeFinal:
            nil
        }
    }
}
