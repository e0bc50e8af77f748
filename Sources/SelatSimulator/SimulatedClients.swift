import SelatISO20022
import SelatJSON
import SelatMoney
import SelatNode
import SelatScheme
import SelatTime

/// Customers who pay: each asks for quotes, takes the first or the last, and pays. Where no
/// answer comes it asks again with the same UETR, as an application would. Some are dishonest.
struct SimulatedClients {
    /// Ask `to` at the node that hosts `party`, acting as `from`.
    struct Question {
        let token: UInt64
        let party: PartyID
        let from: PartyID
        let to: PartyID
        let request: Request
    }

    enum Stage {
        case waiting
        /// Telling an institution what to answer.
        case scripting
        case quoting
        case paying(JSONValue)
        case accepted
        case refused
    }

    private let region: SimulatedRegion
    private var clients: [Customer]
    private let active: [Int]
    private var tokens: [UInt64: Int] = [:]
    private var lastToken: UInt64 = 0
    private(set) var accepted = 0
    private(set) var refused = 0

    /// A question that nobody answered for this long is asked again.
    static let patience: Duration = .seconds(12)
    /// Questions after which a customer gives up.
    static let attempts = 50

    init(plan: SimulationPlan, region: SimulatedRegion, _ deck: inout FaultDeck) {
        self.region = region
        active = plan.onlyPayments ?? Array(0..<plan.payments)
        var arrival: Duration = .zero
        clients = []
        for index in 0..<plan.payments {
            let customer = Customer(index, plan, region, arrival: arrival, &deck)
            arrival += customer.pace
            clients.append(customer)
        }
    }

    /// Every customer has an answer or has given up.
    var isExhausted: Bool { accepted + refused == active.count }

    /// Who comes, and how long after the doors open.
    var arrivals: [(index: Int, wait: Duration)] { active.map { ($0, clients[$0].arrival) } }

    /// What is to be paid with HIGH priority, the second payments of the dishonest included.
    var highPayments: Set<UUIDv4> {
        var payments: Set<UUIDv4> = []
        for customer in clients where customer.isHigh {
            payments.insert(customer.uetr)
            if let second = customer.secondUETR { payments.insert(second) }
        }
        return payments
    }

    /// What each institution is sloppy about.
    var sloppiness: [PartyID: SloppyRole.Payments] {
        var payments: [PartyID: SloppyRole.Payments] = [:]
        for customer in active.map({ clients[$0] }) {
            if customer.isContradicted {
                payments[customer.creditor.party, default: SloppyRole.Payments()].contradicted
                    .insert(customer.uetr)
            }
            if customer.isCopied {
                payments[customer.debtor.party, default: SloppyRole.Payments()].copied
                    .insert(customer.uetr)
            }
        }
        return payments
    }

    /// What customer `index` asks now; `nil` while it waits or when it is done.
    mutating func next(_ index: Int, at now: Instant) -> Question? {
        switch clients[index].stage {
        case .waiting:
            clients[index].stage = clients[index].script == nil ? .quoting : .scripting
            return ask(index, at: now)
        case .scripting, .quoting, .paying:
            guard now >= clients[index].askedAt + SimulatedClients.patience else { return nil }
            return ask(index, at: now)
        case .accepted, .refused: return nil
        }
    }

    /// The identical instruction once more, as a bank does that lost the answer.
    mutating func resend(_ index: Int) -> Question {
        lastToken += 1
        let customer = clients[index]
        return Question(
            token: lastToken,
            party: customer.debtor.party,
            from: .operatorChannel,
            to: customer.debtor.party,
            request: Request(
                operation: "resend",
                body: ["uetr": .string(customer.uetr.description)]
            )
        )
    }

    /// What follows from an answer.
    struct Followup {
        let index: Int
        /// Until the customer goes on; `nil` when it is done.
        let wait: Duration?
        /// When the instruction is sent again, from now.
        var resends: [Duration] = []
    }

    /// An answer came.
    mutating func replied(
        _ token: UInt64,
        status: UInt16,
        _ body: JSONValue,
        at now: Instant
    ) -> Followup? {
        guard let index = tokens.removeValue(forKey: token) else { return nil }
        // An answer may come after the question was asked again; the first one counts.
        switch (clients[index].stage, status) {
        case (.scripting, 200), (.scripting, 422), (.scripting, 400):
            clients[index].stage = .quoting
        case (.quoting, 200):
            guard let quote = clients[index].choose(body) else { return retry(index, at: now) }
            clients[index].stage = .paying(quote)
            if clients[index].trick == .staleQuote {
                return goOn(index, after: .seconds(605), at: now)
            }
        case (.paying(let quote), 200), (.paying(let quote), 409):
            return isPaid(index, quote, at: now)
        case (.paying, 422), (.paying, 400), (.paying, 403), (.paying, 404):
            return end(index, .refused)
        case (.accepted, _), (.refused, _), (.waiting, _): return nil
        case (.scripting, _), (.quoting, _), (.paying, _): return retry(index, at: now)
        }
        return goOn(index, after: .milliseconds(5), at: now)
    }

    /// A dishonest customer pays a second time with the same quote.
    private mutating func isPaid(
        _ index: Int,
        _ quote: JSONValue,
        at now: Instant
    ) -> Followup {
        guard clients[index].trick == .usedQuote, let second = clients[index].secondUETR else {
            return end(index, .accepted)
        }
        clients[index].secondUETR = nil
        clients[index].uetr = second
        clients[index].stage = .paying(quote)
        return goOn(index, after: .seconds(3), at: now)
    }

    private mutating func goOn(
        _ index: Int,
        after wait: Duration,
        at now: Instant
    ) -> Followup {
        clients[index].attempts = 0
        return pause(index, wait, at: now)
    }

    /// Whoever wakes the customer before the wait is over finds it patient.
    private mutating func pause(_ index: Int, _ wait: Duration, at now: Instant) -> Followup {
        clients[index].askedAt = now + wait - SimulatedClients.patience
        return Followup(index: index, wait: wait)
    }

    private mutating func end(_ index: Int, _ stage: Stage) -> Followup {
        clients[index].stage = stage
        var followup = Followup(index: index, wait: nil)
        if case .accepted = stage {
            accepted += 1
            followup.resends = clients[index].resends
        } else {
            refused += 1
        }
        return followup
    }

    private mutating func retry(_ index: Int, at now: Instant) -> Followup {
        clients[index].attempts += 1
        guard clients[index].attempts <= SimulatedClients.attempts else {
            return end(index, .refused)
        }
        return pause(index, .seconds(2), at: now)
    }

    private mutating func ask(_ index: Int, at now: Instant) -> Question? {
        clients[index].askedAt = now
        lastToken += 1
        tokens[lastToken] = index
        let customer = clients[index]
        switch customer.stage {
        case .scripting:
            guard let script = customer.script else { return nil }
            return Question(
                token: lastToken,
                party: script.party.party,
                from: .operatorChannel,
                to: script.party.party,
                request: Request(operation: "script", body: script.body)
            )
        case .quoting:
            return Question(
                token: lastToken,
                party: customer.quoted.party,
                from: customer.quoted.party,
                to: .hub,
                request: Request(operation: "quotes", body: customer.quoteRequest)
            )
        case .paying(let quote):
            return Question(
                token: lastToken,
                party: customer.debtor.party,
                from: .operatorChannel,
                to: customer.debtor.party,
                request: Request(operation: "pay", body: customer.order(quote))
            )
        case .waiting, .accepted, .refused: return nil
        }
    }
}
