import HeapModule
import SelatAudit
import SelatJSON
import SelatNode
import SelatScheme
import SelatStorage
import SelatTime

/// The whole region in one value and one thread, under a virtual clock. Everything random comes
/// from the plan's seed; the same plan gives the same history, on any machine.
struct SimulatedWorld {
    private enum Happening {
        case bytes(node: String, connection: UInt64, [UInt8])
        case ended(node: String, connection: UInt64)
        case apply(node: String, life: Int, token: NodeCore.Token, CommitBatch)
        case done(node: String, life: Int, token: NodeCore.Token, CommitOutcome)
        case wake(node: String, life: Int)
        case dial(node: String, life: Int, peer: String)
        case restart(node: String)
        case client(Int)
    }

    private struct Scheduled: Comparable {
        let at: Instant
        let order: UInt64
        let happening: Happening

        static func == (lhs: Scheduled, rhs: Scheduled) -> Bool { lhs.order == rhs.order }
        static func < (lhs: Scheduled, rhs: Scheduled) -> Bool {
            (lhs.at, lhs.order) < (rhs.at, rhs.order)
        }
    }

    private struct OpenKey: Hashable {
        let instance: PartyID
        let uetr: UUIDv4
    }

    let plan: SimulationPlan
    let region: SimulatedRegion
    private(set) var now = SimulatedWorld.start
    private var queue = Heap<Scheduled>()
    private var order: UInt64 = 0
    private var nodes: [String: SimulatedNode] = [:]
    private let names: [String]
    private var network: SimulatedNetwork
    private var clients: SimulatedClients
    private var seeds: SeededGenerator
    private var crashes: SeededGenerator
    private var disks: SeededGenerator
    private var isFaulty: Bool
    private var open: Set<OpenKey> = []
    private var arrived = 0
    private(set) var digest = DigestWriter()
    private(set) var commits = 0
    private(set) var violations: [Violation] = []
    private(set) var counts = FaultCounts()

    static let start = Instant(nanoseconds: 1_795_392_000_000_000_000)
    /// How long after the last fault everything must be final: the longest deadline and the
    /// longest enquiry interval, twice.
    static let livenessBound: Duration = .seconds(2 * (600 + 600))

    init(plan: SimulationPlan) {
        self.plan = plan
        var hosting = SeededGenerator(seed: plan.seed, stream: "hosting")
        region = SimulatedRegion(times: SchemeTimes()) { _ in
            !hosting.chance(plan.remotePercent, in: 100)
        }
        network = SimulatedNetwork(plan: plan)
        clients = SimulatedClients(plan: plan, region: region)
        seeds = SeededGenerator(seed: plan.seed, stream: "seeds")
        crashes = SeededGenerator(seed: plan.seed, stream: "crashes")
        disks = SeededGenerator(seed: plan.seed, stream: "disks")
        isFaulty = plan.isFaulty
        names = region.nodes.map(\.name).sorted()
        for node in region.nodes { nodes[node.name] = SimulatedNode(plan: node) }
    }

    /// Faults while payments are made, then healing, then rest; the laws at the end.
    mutating func run() -> AuditReport {
        for name in names { restart(name) }
        // The books open and the rates arrive before the first customer comes.
        schedule(.client(0), at: now + .seconds(20))
        var end = Instant.distantFuture
        while let next = queue.popMin(), next.at <= end {
            now = next.at
            happen(next.happening)
            if isFaulty || end == .distantFuture, clients.isExhausted {
                isFaulty = false
                network.isFaulty = false
                end = now + SimulatedWorld.livenessBound
            }
            if end != .distantFuture, isAtRest { break }
            if !violations.isEmpty { break }
        }
        settleAcknowledgements()
        counts.lost = network.counts.lost
        counts.duplicated = network.counts.duplicated
        counts.stalled = network.counts.stalled
        counts.cut = network.counts.cut
        let report = Audit(topology: region.topology, dumps: dumps(), moment: .stopped).report()
        violations += report.violations
        return report
    }

    /// What every node's store holds.
    func dumps() -> [String: NodeDump] {
        var dumps: [String: NodeDump] = [:]
        for name in names { dumps[name] = nodes[name]?.store.dump() }
        return dumps
    }

    var paid: Int { clients.accepted }
    var refused: Int { clients.refused }

    /// Final states at the hub, by name, in the order of the states.
    func outcomes() -> [(name: String, count: Int)] {
        guard let dump = nodes["hub"]?.store.dump() else { return [] }
        return PublishedState.hub.map { state in
            (state.name, dump.payments.filter { $0.row.state == state.number }.count)
        }
    }

    // MARK: Time

    private mutating func schedule(_ happening: Happening, at instant: Instant) {
        order += 1
        queue.insert(Scheduled(at: max(instant, now), order: order, happening: happening))
    }

    private var isAtRest: Bool {
        open.isEmpty
            && names.allSatisfy { name in
                guard let core = nodes[name]?.machine?.core else { return false }
                return core.isIdle && core.isDelivered
            }
    }

    private mutating func happen(_ happening: Happening) {
        switch happening {
        case .bytes(let node, let connection, let bytes):
            guard network.isUp(connection) else { return }
            let seed = seeds.nextSeed()
            nodes[node]?.machine?.received(bytes.span, on: connection, at: now, seed: seed)
            turn(node)
        case .ended(let node, let connection):
            network.end(connection)
            nodes[node]?.machine?.disconnected(connection, at: now)
            turn(node)
            if let peer = network.peer(of: node, on: connection) { scheduleRedial(node, peer) }
        case .apply(let node, let life, let token, let batch):
            apply(node, life, token, batch)
        case .done(let node, let life, let token, let outcome):
            guard nodes[node]?.life == life else { return }
            nodes[node]?.machine?.committed(token, outcome, at: now)
            turn(node)
        case .wake(let node, let life):
            guard nodes[node]?.life == life else { return }
            nodes[node]?.wake = nil
            let seed = seeds.nextSeed()
            nodes[node]?.machine?.tick(at: now, seed: seed)
            turn(node)
        case .dial(let node, let life, let peer): dial(node, life, peer)
        case .restart(let node): restart(node)
        case .client(let index): client(index)
        }
    }

    // MARK: Nodes

    private mutating func turn(_ name: String) {
        nodes[name]?.machine?.turnEnded()
        while let actions = nodes[name]?.machine?.takeActions(), !actions.isEmpty {
            var isBusy = false
            for action in actions {
                if isFaulty, crashes.chance(plan.crashPerTenThousand, in: 10_000) {
                    counts.crashes += 1
                    return crash(name)
                }
                perform(action, of: name, isBusy: &isBusy)
                guard nodes[name]?.machine != nil else { return }
            }
            guard isBusy else { return }
            nodes[name]?.machine?.turnEnded()
        }
    }

    private mutating func perform(
        _ action: LinkedNode.Action,
        of name: String,
        isBusy: inout Bool
    ) {
        switch action {
        case .write(let connection, let bytes): write(bytes, from: name, on: connection)
        case .close(let connection, _): hangUp(name, connection)
        case .fetch(let token, let keys):
            do {
                guard let facts = try nodes[name]?.store.fetch(keys) else { return }
                nodes[name]?.machine?.fetched(token, facts)
                isBusy = true
            } catch {
                crash(name)
            }
        case .commit(let token, let batch):
            let delay = Duration.microseconds(200 + Int64(disks.next() % 3000))
            schedule(
                .apply(node: name, life: nodes[name]?.life ?? 0, token: token, batch),
                at: now + delay
            )
        case .reply(let token, let status, let body):
            if let (index, wait) = clients.replied(token, status: status, body, at: now) {
                schedule(.client(index), at: now + wait)
            }
        case .wakeAt(let instant):
            guard nodes[name]?.wake.map({ instant < $0 }) ?? true else { return }
            nodes[name]?.wake = instant
            schedule(.wake(node: name, life: nodes[name]?.life ?? 0), at: instant)
        case .stop: crash(name)
        case .notice, .linkUp, .linkDown, .report: break
        }
    }

    private mutating func apply(
        _ name: String,
        _ life: Int,
        _ token: NodeCore.Token,
        _ batch: CommitBatch
    ) {
        guard nodes[name]?.life == life, let store = nodes[name]?.store else { return }
        if isFaulty, disks.chance(plan.diskPerTenThousand, in: 10_000) {
            counts.diskFailures += 1
            // Certainly not written, or perhaps: both happen to real disks.
            store.inject(disks.chance(1, in: 2) ? .failed : .unknownDurable)
        }
        let outcome = store.commit(batch)
        let isDurable: Bool
        switch outcome {
        case .committed, .unknown: isDurable = true
        case .conflict, .failed: isDurable = false
        }
        if isDurable { note(batch, at: name) }
        schedule(
            .done(node: name, life: life, token: token, outcome),
            at: now + .microseconds(Int64(disks.next() % 400))
        )
    }

    /// The history's digest, and the laws that each commit must keep.
    private mutating func note(_ batch: CommitBatch, at name: String) {
        commits += 1
        digest.feed(name)
        digest.feed(UInt64(bitPattern: now.nanoseconds))
        for account in batch.accounts { nodes[name]?.replay.open(account) }
        for write in batch.journals { nodes[name]?.replay.replay(write.journal) }
        for row in batch.history {
            digest.feed(row.uetr.high)
            digest.feed(row.uetr.low)
            digest.feed(UInt64(row.to))
            digest.feed(row.cause)
            let key = OpenKey(instance: row.instance, uetr: row.uetr)
            if PublishedState.isFinal(row, in: region.topology) {
                open.remove(key)
            } else {
                open.insert(key)
            }
            if let violation = Audit.stepViolation(row, node: name, topology: region.topology) {
                violations.append(violation)
            }
        }
        for message in batch.sent {
            digest.feed(message.sequence)
            digest.feed(String(decoding: message.bytes, as: UTF8.self))
        }
        violations += nodes[name]?.replay.violations ?? []
    }

    private mutating func crash(_ name: String) {
        for connection in network.connections(of: name) {
            network.end(connection)
            guard let peer = network.peer(of: name, on: connection) else { continue }
            schedule(.ended(node: peer, connection: connection), at: now + network.latency())
        }
        nodes[name]?.store.crash()
        nodes[name]?.machine = nil
        nodes[name]?.life += 1
        schedule(
            .restart(node: name),
            at: now + .milliseconds(50 + Int64(crashes.next() % 8000))
        )
    }

    private mutating func restart(_ name: String) {
        let seed = seeds.nextSeed()
        do {
            try nodes[name]?.start(epochSeed: seed)
        } catch {
            schedule(.restart(node: name), at: now + .seconds(1))
            return
        }
        for instance in nodes[name]?.plan.roles.keys.sorted() ?? [] {
            let seed = seeds.nextSeed()
            nodes[name]?.machine?.open(
                Event(at: now, seed: seed, instance: instance, body: .opening)
            )
        }
        turn(name)
        dialPeers(of: name)
    }

    // MARK: Connections

    private mutating func dialPeers(of name: String) {
        guard let node = nodes[name] else { return }
        for peer in node.peers where node.dials(peer) {
            scheduleDial(name, peer)
        }
        for other in names {
            guard let dialler = nodes[other], dialler.peers.contains(name), dialler.dials(name)
            else { continue }
            scheduleDial(other, name)
        }
    }

    private mutating func scheduleDial(_ name: String, _ peer: String) {
        guard let node = nodes[name], node.machine != nil, !node.isDialling.contains(peer) else {
            return
        }
        nodes[name]?.isDialling.insert(peer)
        schedule(
            .dial(node: name, life: node.life, peer: peer),
            at: now + network.latency() + network.latency()
        )
    }

    private mutating func dial(_ name: String, _ life: Int, _ peer: String) {
        guard nodes[name]?.life == life else { return }
        nodes[name]?.isDialling.remove(peer)
        let isConnected = network.connections(of: name).contains {
            network.peer(of: name, on: $0) == peer
        }
        guard !isConnected, nodes[peer]?.machine != nil else { return }
        counts.reconnects += 1
        let connection = network.connect(name, peer, at: now)
        nodes[name]?.machine?.connected(LinkID(peer), connection, at: now)
        nodes[peer]?.machine?.connected(LinkID(name), connection, at: now)
        turn(name)
        turn(peer)
    }

    private mutating func write(_ bytes: [UInt8], from name: String, on connection: UInt64) {
        guard let peer = network.peer(of: name, on: connection) else { return }
        switch network.fate(from: name, on: connection, at: now) {
        case .lost: break
        case .arrives(let instants):
            for instant in instants {
                schedule(.bytes(node: peer, connection: connection, bytes), at: instant)
            }
        case .cut(let instant):
            schedule(.bytes(node: peer, connection: connection, bytes), at: instant)
            schedule(.ended(node: name, connection: connection), at: instant)
            schedule(.ended(node: peer, connection: connection), at: instant)
        }
    }

    private mutating func hangUp(_ name: String, _ connection: UInt64) {
        guard let peer = network.peer(of: name, on: connection), network.isUp(connection) else {
            return
        }
        // What is under way still arrives, the goodbye included; then both ends see the end.
        let last = network.lastArrival(on: connection, at: now)
        schedule(.ended(node: name, connection: connection), at: last)
        schedule(.ended(node: peer, connection: connection), at: last)
    }

    private mutating func scheduleRedial(_ name: String, _ peer: String) {
        guard let node = nodes[name], let other = nodes[peer] else { return }
        let (dialler, listener) = node.dials(peer) ? (node, peer) : (other, name)
        guard dialler.machine != nil, !dialler.isDialling.contains(listener) else { return }
        nodes[dialler.name]?.isDialling.insert(listener)
        schedule(
            .dial(node: dialler.name, life: dialler.life, peer: listener),
            at: now + .milliseconds(20) + network.latency()
        )
    }

    /// At rest the last acknowledgements are made durable, as a node's idle tick does.
    private mutating func settleAcknowledgements() {
        for name in names {
            guard nodes[name]?.machine != nil else { continue }
            let seed = seeds.nextSeed()
            nodes[name]?.machine?.tick(at: now, seed: seed)
            nodes[name]?.machine?.turnEnded()
            for case .commit(let token, let batch) in nodes[name]?.machine?.takeActions() ?? [] {
                let outcome = nodes[name]?.store.commit(batch) ?? .committed
                nodes[name]?.machine?.committed(token, outcome, at: now)
            }
        }
    }

    // MARK: Clients

    private mutating func client(_ index: Int) {
        let isNew = index == arrived
        if isNew {
            arrived += 1
            schedule(.client(arrived), at: now + clients.nextArrival())
        }
        guard let step = clients.next(index, at: now, seeds: &seeds) else { return }
        switch step {
        case .ask(let token, let party, let from, let to, let request):
            guard let node = region.topology.nodes[party] else { return }
            guard nodes[node]?.machine != nil else {
                if let (index, wait) = clients.replied(token, status: 503, .null, at: now) {
                    schedule(.client(index), at: now + wait)
                }
                return
            }
            let seed = seeds.nextSeed()
            nodes[node]?.machine?.request(token, from: from, to: to, request, at: now, seed: seed)
            // No answer, because the node died: the client asks again.
            schedule(.client(index), at: now + SimulatedClients.patience)
            turn(node)
        }
    }
}
