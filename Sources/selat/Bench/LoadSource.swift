import DequeModule
import NIOCore
import SelatJSON
import SelatMoney
import SelatNode
import SelatParticipant
import SelatRuntime
import SelatScheme
import SelatTime

/// The customers of one debtor agent, who pay through it whatever happens. Lives on the agent's
/// own loop.
///
/// Open loop: every payment has an instant at which it is due, and its latency counts from there,
/// however late the agent gets round to it. Quotes are asked for a little ahead, one for each
/// payment, over the same link.
final class LoadSource {
    /// How payments are made due.
    enum Drive: Hashable, Sendable {
        case idle
        /// So many per second, evenly.
        case rate(Int)
        /// As many as keep this number under way: what the region can take.
        case underWay(Int)
        /// Nobody pays; so many look at quotes, to pay later.
        case looking(Int)
        /// So many per second, whether the region can take them or not. Who has not looked before
        /// asks for a quote when the payment is due; who is turned away goes home.
        case crowd(Int)
    }

    /// Who pays whom.
    struct Corridor: Sendable {
        let debtorAgent: PartyID
        let creditorAgent: PartyID
        let sourceCountry: String
        let sourceCurrency: Currency
        let destinationCountry: String
        let destinationCurrency: Currency
        /// Accounts on each side: `BenchCustomers`.
        let customers: Int
        /// The debtor agent's own.
        let sourceFee: FeeFormula
    }

    /// Questions one link may have open at a time, less some for others. Source:
    /// Specs/Protocol/Session.md.
    private static let openQuotes = 60
    /// How long somebody of a crowd waits until the question can be asked.
    private static let patience = Duration.seconds(1)

    private struct Quoted {
        let quote: JSONValue
        /// What the Sender pays, fee included.
        let debtorAccountAmount: Money
    }

    private let node: LocalNode
    private let corridor: Corridor
    private var random: SeededGenerator

    private var drive = Drive.idle
    private var driveStart = Instant.distantPast
    private var issued = 0
    private var due: Deque<Instant> = []
    private var quotes: Deque<Quoted> = []
    private var openQuotes = 0
    private var underWay: [UUIDv4: Instant] = [:]
    private(set) var tally = LoadTally()
    /// Payments completed since the beginning, counted or not.
    private(set) var completedEver = 0
    /// The measured window, by due instant.
    private var window: Range<Instant>?

    init(_ node: LocalNode, _ corridor: Corridor, seed: UInt64) {
        self.node = node
        self.corridor = corridor
        random = SeededGenerator(seed: seed, stream: "bench")
        node.observe { [unowned self] rows in note(rows) }
        goOn()
    }

    // MARK: Conducting

    /// Changes how payments become due, from now on.
    func go(_ drive: Drive) {
        if case .crowd = self.drive {
            for intended in due { shed("the crowd went home", intended) }
        }
        self.drive = drive
        driveStart = node.now
        issued = 0
        due.removeAll()
        tick()
    }

    /// Begins to count: what becomes due or final from now on.
    func beginWindow() {
        tally = LoadTally()
        window = node.now..<Instant.distantFuture
    }

    /// Ends counting completions; latencies of what was due before go on being added.
    func endWindow() {
        guard let window else { return }
        self.window = window.lowerBound..<max(node.now, window.lowerBound)
        tally.isClosed = true
    }

    /// Payments whose outcome is open.
    var open: Int { underWay.count + due.count }

    /// Of the payments due within the window, those whose outcome is open.
    var openInWindow: Int {
        underWay.values.count { isCounted($0) } + due.count { isCounted($0) }
    }

    /// Quotes that nobody has used.
    var quotesInHand: Int { quotes.count }

    /// Whether quotes come.
    var hasQuotes: Bool { !quotes.isEmpty }

    // MARK: Pace

    /// A thousand times a second: payments that become due meanwhile are due at their own instants.
    private func goOn() {
        node.loop.assumeIsolated().scheduleTask(in: .milliseconds(1)) {
            self.tick()
            self.goOn()
        }
    }

    private func tick() {
        switch drive {
        case .idle, .underWay, .looking: break
        case .rate(let rate), .crowd(let rate):
            let elapsed = (node.now - driveStart).nanoseconds
            let target = Int(elapsed / 1000 * Int64(rate) / 1_000_000)
            while issued < target {
                issued += 1
                let offset = Int64(issued) * 1_000_000_000 / Int64(rate)
                due.append(driveStart + .nanoseconds(offset))
            }
        }
        if case .crowd = drive {
            let now = node.now
            while let first = due.first, now - first > LoadSource.patience {
                due.removeFirst()
                shed("no question free on the link for a second", first)
            }
        }
        fill()
        askForQuotes()
    }

    private func shed(_ why: String, _ intended: Instant) {
        if isCounted(intended) { tally.shed[why, default: 0] += 1 }
    }

    /// Sends what is due, as far as there are quotes.
    private func fill() {
        if case .underWay(let number) = drive {
            let now = node.now
            while underWay.count + due.count < number { due.append(now) }
        }
        while let intended = due.first, let quoted = quotes.popFirst() {
            due.removeFirst()
            pay(quoted, intended)
        }
    }

    private var wantedQuotes: Int {
        switch drive {
        case .idle: 1
        // Half a second ahead.
        case .rate(let rate): max(rate / 2, 64)
        case .underWay(let number): number
        case .crowd: due.count
        case .looking(let number): number
        }
    }

    private func askForQuotes() {
        // A node that is leaving refuses at once: no more questions at a time than a link takes.
        for _ in 0..<LoadSource.openQuotes {
            guard openQuotes < LoadSource.openQuotes, quotes.count + openQuotes < wantedQuotes
            else { return }
            openQuotes += 1
            tally.quoteRequests += 1
            let amount = amount()
            let settlement = amount - corridor.sourceFee.fee(on: amount)
            let body: JSONValue = [
                "amount": .string(settlement.amountText),
                "amountCurrency": .string(corridor.sourceCurrency.code),
                "destinationCountry": .string(corridor.destinationCountry),
                "destinationCurrency": .string(corridor.destinationCurrency.code),
                "finInstId": .string(corridor.debtorAgent.name),
                "finInstIdType": "BICFI",
                "sourceCountry": .string(corridor.sourceCountry),
                "sourceCurrency": .string(corridor.sourceCurrency.code),
            ]
            node.ask("quotes", of: .hub, as: corridor.debtorAgent, body) { status, body in
                self.quoted(amount, status, body)
            }
        }
    }

    private func quoted(_ amount: Money, _ status: UInt16, _ body: JSONValue) {
        openQuotes -= 1
        guard status == 200, case .array(let offers) = body["quotes"] ?? .null,
            let best = offers.first
        else {
            tally.refusedQuotes += 1
            // Asked again at the next tick, but for a crowd.
            if case .crowd = drive, let intended = due.popFirst() {
                shed("quote: \(status) \(LoadSource.reason(body))", intended)
            }
            return
        }
        quotes.append(Quoted(quote: best, debtorAccountAmount: amount))
        fill()
        askForQuotes()
    }

    /// SGD 10.00 to 1,009.99, or as much of another currency.
    private func amount() -> Money {
        Money(
            minorUnits: 10_00 + Int64(random.next() % 1_000_00),
            currency: corridor.sourceCurrency
        )
    }

    // MARK: Payments

    private func pay(_ quoted: Quoted, _ intended: Instant) {
        let uetr = UUIDv4(random.nextSeed())
        let debtor = BenchCustomers.account(Int(random.next() % UInt64(corridor.customers)))
        let creditor = Int(random.next() % UInt64(corridor.customers))
        underWay[uetr] = intended
        let body: JSONValue = [
            "uetr": .string(uetr.description),
            "debtorAccount": .string(debtor),
            "quote": quoted.quote,
            "debtorAccountAmount": [
                "amount": .string(quoted.debtorAccountAmount.amountText),
                "currency": .string(quoted.debtorAccountAmount.currency.code),
            ],
            "creditor": [
                "name": .string(BenchCustomers.name(creditor)),
                "account": .string(BenchCustomers.account(creditor)),
                "agent": .string(corridor.creditorAgent.name),
            ],
            "priority": "HIGH",
        ]
        node.ask("pay", of: corridor.debtorAgent, body) { status, body in
            guard status != 200 else { return }
            self.refused(uetr, status, body)
        }
    }

    private func refused(_ uetr: UUIDv4, _ status: UInt16, _ body: JSONValue) {
        guard let intended = underWay.removeValue(forKey: uetr), isCounted(intended) else { return }
        if status == 503 {
            shed("payment: 503 \(LoadSource.reason(body))", intended)
        } else {
            tally.errors["refused \(status) \(LoadSource.reason(body))", default: 0] += 1
        }
    }

    /// The code of an answer, or its sentence.
    private static func reason(_ body: JSONValue) -> String {
        if case .string(let code) = body["reason"] ?? .null { return code }
        if case .string(let text) = body["error"] ?? .null { return text }
        return "no quotes"
    }

    private func note(_ rows: [HistoryRow]) {
        var now: Instant?
        for row in rows where row.instance == corridor.debtorAgent {
            guard let state = Participant.State(rawValue: row.to), state.isFinal,
                let intended = underWay.removeValue(forKey: row.uetr)
            else { continue }
            let at = now ?? node.now
            now = at
            if state == .completed { completedEver += 1 }
            if state == .completed, window != nil, !tally.isClosed { tally.completed += 1 }
            guard isCounted(intended) else { continue }
            if state == .completed {
                tally.latencies.record(Int((at - intended).nanoseconds / 1000))
            } else if row.cause.hasSuffix(" RJCT ED06") {
                shed("payment: RJCT ED06", intended)
            } else {
                tally.errors["\(state): \(row.cause)", default: 0] += 1
            }
        }
        if now != nil { fill() }
    }

    private func isCounted(_ intended: Instant) -> Bool { window?.contains(intended) ?? false }
}

/// What one source has counted in its window.
struct LoadTally: Hashable, Sendable {
    /// Payments that became final and completed within the window.
    var completed = 0
    /// From due to durably final at the debtor agent, of the payments due within the window.
    var latencies = LatencyHistogram()
    /// By sentence; of the payments due within the window.
    var errors: [String: Int] = [:]
    var quoteRequests = 0
    /// Quote requests that were turned away, and asked again.
    var refusedQuotes = 0
    /// By answer: payments of customers who were told to come again.
    var shed: [String: Int] = [:]
    /// Completions are counted no longer.
    var isClosed = false
}
