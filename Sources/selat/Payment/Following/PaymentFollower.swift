import ArgumentParser
import SelatAudit
import SelatJSON
import SelatNode
import SelatRuntime
import SelatScheme
import SelatTime

/// Tells a payment's steps as they happen, until its own institution knows how it ended and the
/// others have had time to follow.
struct PaymentFollower {
    /// How a payment ended, as its debtor agent knows.
    enum Ending: Hashable {
        case completed
        case blocked
        case rejected
        /// Not known in time, or the debtor agent's node is away.
        case unknown(why: String)

        var code: ExitCode {
            switch self {
            case .completed: Exit.accepted
            case .blocked: Exit.blocked
            case .rejected: Exit.rejected
            case .unknown: Exit.unknown
            }
        }

        /// The scheme's final status; `nil` while there is none.
        var status: String? {
            switch self {
            case .completed: "ACCC"
            case .blocked: "BLCK"
            case .rejected: "RJCT"
            case .unknown: nil
            }
        }
    }

    let region: Region
    let topology: AuditTopology
    let watch: RegionWatch
    let debtorAgent: PartyID
    let output: Output

    /// Every step that was told, in the order of their instants.
    private(set) var steps: [PaymentStep] = []

    init(region: Region, watch: RegionWatch, debtorAgent: PartyID, output: Output) {
        self.region = region
        self.watch = watch
        self.debtorAgent = debtorAgent
        self.output = output
        topology = AuditTopology(region.topology)
    }

    /// How long the other parties may take after the debtor agent knows.
    private static let afterwards = Duration.seconds(3)

    /// Follows the payment to its end.
    ///
    /// - Parameter patience: The longest wait for the end.
    /// - Returns: How it ended.
    mutating func follow(patience: Duration) -> Ending {
        let deadline = ContinuousClock.now + patience
        let home = region.topology.host(of: debtorAgent)?.node
        var ending: Ending?
        while ending == nil {
            guard let news = watch.news.take(until: deadline) else {
                return .unknown(why: "no final status within \(patience.wholeSeconds) s")
            }
            switch news {
            case .watching: continue
            case .lost(let node, let why):
                if node == home { return .unknown(why: why) }
                output.note("selat: \(node) reports no more: \(why)")
            case .step(let step):
                tell(step)
                guard step.party == debtorAgent else { continue }
                ending = PaymentFollower.ending(step.outcome(topology))
            }
        }
        let last = ContinuousClock.now + PaymentFollower.afterwards
        while !isQuiet, let news = watch.news.take(until: last) {
            if case .step(let step) = news { tell(step) }
        }
        steps.sort { $0.at < $1.at }
        return ending ?? .unknown(why: "no final status")
    }

    private mutating func tell(_ step: PaymentStep) {
        steps.append(step)
        output.result(step.line(topology))
    }

    /// Tells steps that happened earlier.
    mutating func replay(_ earlier: [PaymentStep]) {
        for step in earlier.sorted(by: { $0.at < $1.at }) { tell(step) }
    }

    /// True when nothing that was seen is still open anywhere.
    private var isQuiet: Bool {
        var latest: [PartyID: PaymentStep] = [:]
        for step in steps { latest[step.party] = step }
        return latest.values.allSatisfy { $0.outcome(topology).map { $0 != .open } ?? true }
    }

    /// How a debtor agent's state ends the payment; `nil` while it does not.
    static func ending(_ outcome: PublishedState.Outcome?) -> Ending? {
        switch outcome {
        case .completed: .completed
        case .blocked: .blocked
        case .rejected: .rejected
        case .open, .credited, nil: nil
        }
    }

    /// What the payment moved, and the balances now.
    func movements(_ uetr: UUIDv4) -> Movements? {
        do {
            var traces: [JSONCursor] = []
            var balances: [String: [JSONCursor]] = [:]
            for node in region.topology.nodes where steps.contains(where: { $0.node == node.node })
            {
                let trace = try region.client(node.node).call(
                    "trace",
                    of: OperatorProtocol.node,
                    ["uetr": .string(uetr.description)]
                ).checked()
                traces.append(trace.cursor)
                for journal in try trace.cursor.elements("journals") {
                    let book = try journal.string("book")
                    guard balances[book] == nil else { continue }
                    balances[book] = try region.ask(PartyID(checked: book), "accounts").checked()
                        .cursor.elements("accounts")
                }
            }
            return try Movements(traces: traces, balances: balances)
        } catch {
            output.note("selat: the books can not be shown: \(error)")
            return nil
        }
    }
}
