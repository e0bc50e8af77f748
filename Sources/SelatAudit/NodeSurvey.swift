import SelatNode
import SelatScheme
import SelatStorage
import SelatTime

/// The laws over one node as a whole, which no share can tell: what its accounts come to, and the
/// order and the speakers of what came over its links. Keeps accounts and positions, but nothing
/// of what passes.
struct NodeSurvey: Sendable {
    private struct Channel: WordHashable {
        let link: LinkID
        let epoch: UInt64

        func feed(_ hasher: inout WordHasher) {
            link.feed(&hasher)
            hasher.combine(epoch)
        }
    }

    let node: String
    private let topology: AuditTopology
    private var balances: BalanceReplay
    private var lastJournal: Int64 = 0
    private var last: [Channel: UInt64] = [:]
    /// When something was reported to whoever guards the node.
    private var alarms: Set<Instant> = []
    /// Taken from who may not say it; lawful if an alert of the same instant tells of it.
    private var suspicious: [(at: Instant, violation: Violation)] = []
    private var found: [Violation] = []
    private(set) var journals = 0
    private(set) var messages = 0
    /// Accounts and links at the end.
    private(set) var standing = NodeDump()

    init(node: String, topology: AuditTopology) {
        self.node = node
        self.topology = topology
        balances = BalanceReplay(node: node)
    }

    /// Everything a node holds, from the beginning to the end.
    init<History: StoredHistory>(
        node: String,
        topology: AuditTopology,
        _ history: History,
        _ shares: Shares
    ) throws(History.Failure) {
        self.init(node: node, topology: topology)
        var place: Int64 = 0
        while let (dump, last) = try history.stretch(after: place, shares) {
            take(dump)
            place = last
        }
        standing = try history.standing()
        balances.settle(standing.accounts)
    }

    var violations: [Violation] { found + balances.violations + suspicious.map(\.violation) }

    /// What was written next.
    private mutating func take(_ dump: NodeDump) {
        for account in dump.accounts { balances.open(account) }
        for stored in dump.journals {
            if stored.sequence <= lastJournal {
                found.append(
                    Violation(
                        .ledgerBalance,
                        at: node,
                        stored.journal,
                        "does not follow in sequence"
                    )
                )
            }
            lastJournal = stored.sequence
            balances.replay(stored.journal)
        }
        for message in dump.messages where message.direction == .received { take(message) }
        for row in dump.alerts where row.alert.severity == .security { alarms.insert(row.at) }
        suspicious.removeAll { alarms.contains($0.at) }
        journals += dump.journals.count
        messages += dump.messages.count
    }

    private mutating func take(_ message: StoredMessage) {
        guard let hop = message.hop else { return }
        let channel = Channel(link: hop.link, epoch: hop.epoch)
        if hop.sequence <= last[channel] ?? 0 {
            found.append(
                Violation(
                    .idempotency,
                    at: node,
                    uetr: message.uetr,
                    "message \(hop.sequence) of \(hop.link) was taken twice"
                )
            )
        }
        last[channel] = hop.sequence
        guard !(topology.speakers[hop.link.node]?.contains(hop.from) ?? false) else { return }
        let violation = Violation(
            .authority,
            at: node,
            uetr: message.uetr,
            "took a message of \(hop.from) from \(hop.link) without an alert"
        )
        suspicious.append((message.at, violation))
    }
}
