import SelatAudit
import SelatNode
import SelatScheme
import SelatStorage
import SelatTime

/// One node of the world: the shipping core, sessions and roles over a store in memory.
struct SimulatedNode {
    let plan: SimulatedRegion.Node
    let store = MemoryStore()
    /// `nil` while it is down.
    var machine: LinkedNode?
    /// Raised at each start, so that what was meant for an earlier life is recognised.
    var life = 0
    /// The earliest wake-up that is scheduled.
    var wake: Instant?
    var replay: LedgerReplay
    var isDialling: Set<String> = []

    init(plan: SimulatedRegion.Node) {
        self.plan = plan
        replay = LedgerReplay(node: plan.name)
    }

    var name: String { plan.name }

    /// The nodes this one has links to.
    var peers: [String] { plan.routing.speakers.keys.map(\.node).sorted() }

    /// Countries, providers and participants dial; the hub listens, a country listens to its
    /// participants.
    func dials(_ peer: String) -> Bool {
        peer == "hub" || name.hasPrefix("psp-")
    }

    mutating func start(epochSeed: Seed) throws {
        life += 1
        wake = nil
        isDialling = []
        machine = LinkedNode(
            name: name,
            core: NodeCore(
                roles: plan.roles,
                routing: plan.routing,
                recovered: try store.recover(),
                epochSeed: epochSeed
            )
        )
    }
}
