import SelatAudit
import SelatNode
import SelatScheme
import SelatStorage
import SelatTime

/// One node of the world: the shipping core, sessions and roles over a store in memory.
final class SimulatedNode {
    let plan: SimulatedRegion.Node
    let roles: [PartyID: any Role]
    let store = MemoryStore()
    /// The nodes this one has links to.
    let peers: [String]
    /// `nil` while it is down.
    var machine: LinkedNode?
    var isUp: Bool { machine != nil }
    /// Raised at each start, so that what was meant for an earlier life is recognised.
    var life = 0
    /// The earliest wake-up that is scheduled, in the world's time.
    var wake: Instant?
    /// When it last asked to be woken, in the world's time.
    var wanted = Instant.distantPast
    var replay: LedgerReplay
    var isDialling: Set<Int> = []
    /// What its clock is ahead of the world's, in nanoseconds.
    private(set) var lead: Int64 = 0
    /// It stands still until then.
    var stuckUntil = Instant.distantPast
    /// Its commits fail until then.
    var diskFullUntil = Instant.distantPast
    /// What its events draw their ids from.
    var seeds: SeededGenerator

    init(plan: SimulatedRegion.Node, seed: UInt64, wrap: (PartyID, any Role) -> any Role) {
        self.plan = plan
        peers = plan.routing.speakers.keys.map(\.node).sorted()
        var roles: [PartyID: any Role] = [:]
        for (party, role) in plan.roles.sorted(by: { $0.key < $1.key }) {
            roles[party] = wrap(party, role)
        }
        self.roles = roles
        replay = LedgerReplay(node: plan.name)
        seeds = SeededGenerator(seed: seed, stream: "events of \(plan.name)")
    }

    var name: String { plan.name }

    /// Countries, providers and participants dial; the hub listens, a country listens to its
    /// participants.
    static func dials(_ peer: String, from name: String) -> Bool {
        peer == "hub" || name.hasPrefix("psp-")
    }

    /// What was meant for this life finds nobody.
    func die() {
        machine = nil
        life += 1
    }

    /// Its own time. Like a daemon's clock it is set once, at the start, never below what is
    /// durable, and runs steadily from there.
    func local(_ now: Instant) -> Instant { now.moved(nanoseconds: lead) }

    /// What its own time is in the world's.
    func world(_ own: Instant) -> Instant { own.moved(nanoseconds: -lead) }

    func start(
        at now: Instant,
        clockError: Duration,
        limits: NodeLimits,
        _ alter: (Recovered) -> Recovered
    ) throws {
        let recovered = alter(try store.recover())
        life += 1
        wake = nil
        isDialling = []
        lead = max(now + clockError, recovered.greatestInstant).nanoseconds - now.nanoseconds
        machine = LinkedNode(
            name: name,
            core: NodeCore(
                roles: roles,
                routing: plan.routing,
                limits: limits,
                recovered: recovered,
                epochSeed: seeds.nextSeed()
            )
        )
        for instance in roles.keys.sorted() {
            let seed = seeds.nextSeed()
            let at = local(now)
            machine?.open(Event(at: at, seed: seed, instance: instance, body: .opening))
        }
    }
}
