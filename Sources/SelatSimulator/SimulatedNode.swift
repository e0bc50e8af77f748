import SelatAudit
import SelatNode
import SelatScheme
import SelatStorage
import SelatTime

/// One node of the world: the shipping core, sessions and roles over a store in memory.
struct SimulatedNode {
    let plan: SimulatedRegion.Node
    let roles: [PartyID: any Role]
    let store = MemoryStore()
    /// `nil` while it is down.
    var machine: LinkedNode?
    /// Raised at each start, so that what was meant for an earlier life is recognised.
    var life = 0
    /// The earliest wake-up that is scheduled, in the world's time.
    var wake: Instant?
    /// When it last asked to be woken, in the world's time.
    var wanted = Instant.distantPast
    var replay: LedgerReplay
    var isDialling: Set<Int> = []
    /// What its clock is ahead of the world's.
    var offset: Duration = .zero
    /// It stands still until then.
    var stuckUntil = Instant.distantPast
    /// Its commits fail until then.
    var diskFullUntil = Instant.distantPast
    /// What its events draw their ids from.
    var seeds: SeededGenerator

    init(plan: SimulatedRegion.Node, seed: UInt64, wrap: (PartyID, any Role) -> any Role) {
        self.plan = plan
        var roles: [PartyID: any Role] = [:]
        for (party, role) in plan.roles.sorted(by: { $0.key < $1.key }) {
            roles[party] = wrap(party, role)
        }
        self.roles = roles
        replay = LedgerReplay(node: plan.name)
        seeds = SeededGenerator(seed: seed, stream: "events of \(plan.name)")
    }

    var name: String { plan.name }

    /// The nodes this one has links to.
    var peers: [String] { plan.routing.speakers.keys.map(\.node).sorted() }

    /// Countries, providers and participants dial; the hub listens, a country listens to its
    /// participants.
    func dials(_ peer: String) -> Bool {
        peer == "hub" || name.hasPrefix("psp-")
    }

    /// Its own time. Like a daemon's clock it is set once, at the start, never below what is
    /// durable, and runs steadily from there.
    func local(_ now: Instant) -> Instant { now + offset }

    mutating func start(
        at now: Instant,
        clockError: Duration,
        limits: NodeLimits,
        _ alter: (Recovered) -> Recovered
    ) throws {
        let recovered = alter(try store.recover())
        life += 1
        wake = nil
        isDialling = []
        offset = max(now + clockError, recovered.greatestInstant) - now
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
