import DequeModule
import NIOCore
import SelatJSON
import SelatMoney
import SelatNode
import SelatParticipant
import SelatRuntime
import SelatScheme
import SelatTime

/// The customers of one debtor agent who pay in one corridor, whatever happens: one lane of the
/// load. Lives on the agent's own loop.
///
/// Open loop: every payment has an instant at which it is due, and its latency counts from there,
/// however late the agent gets round to it. Quotes are asked for a little ahead, one for each
/// payment, over the same link.
final class LoadSource {
    /// How payments are made due. Numbers are of the whole load; each source does its lane's share.
    enum Drive: Hashable, Sendable {
        case idle
        /// So many per second, evenly.
        case rate(Int)
        /// As many as keep this number under way: what the region can take.
        case underWay(Int)
        /// The same, but quotes are asked for when they are due: nothing is in hand besides.
        case held(Int)
        /// Nobody pays; so many look at quotes, to pay later.
        case looking(Int)
        /// So many per second, whether the region can take them or not. Who has not looked before
        /// asks for a quote when the payment is due; who is turned away goes home.
        case crowd(Int)
    }

    /// Who pays whom.
    struct Parties: Sendable {
        let debtorAgent: PartyID
        let creditorAgents: [PartyID]
        let sourceCurrency: Currency
        let destinationCurrency: Currency
        /// HIGH where the destination takes it, otherwise NORM.
        let isHighPriority: Bool
        /// Accounts at each institution: `BenchCustomers`.
        let customers: Int
        /// The debtor agent's own.
        let sourceFee: FeeFormula
        /// Shared by all sources of the source country.
        let questions: OpenQuestions
    }

    /// From a refusal until it is tried again.
    private static let retry = TimeAmount.milliseconds(10)
    /// Between two looks at what is due. Payments that become due meanwhile are due at their own
    /// instants.
    private static let look = (
        shortest: Duration.milliseconds(1), longest: Duration.milliseconds(100)
    )
    /// How long somebody of a crowd waits until the question can be asked.
    private static let patience = Duration.seconds(1)

    private struct Quoted {
        /// As it was written.
        let quote: [UInt8]
        /// What the Sender pays, fee included.
        let debtorAccountAmount: Money
    }

    private let node: LocalNode
    let lane: LoadPlan.Lane
    private let parties: Parties
    private var random: SeededGenerator

    private var drive = Drive.idle
    private var driveStart = Instant.distantPast
    /// Payments that have become due since the drive began.
    private var issued = 0
    /// Payments that have been sent, ever.
    private var paid = 0
    private var nextLook: Scheduled<Void>?
    private var isRetrying = false
    /// For its turn to ask for a quote.
    private var isWaiting = false
    private var due: Deque<Instant> = []
    private var quotes: Deque<Quoted> = []
    private var openQuotes = 0
    private var underWay: [UUIDv4: Instant] = [:]
    private(set) var tally = LoadTally()
    /// Payments completed since the beginning, counted or not.
    private(set) var completedEver = 0
    /// The measured window, by due instant.
    private var window: Range<Instant>?

    init(_ node: LocalNode, _ lane: LoadPlan.Lane, _ parties: Parties, seed: UInt64) {
        self.node = node
        self.lane = lane
        self.parties = parties
        random = SeededGenerator(seed: seed, stream: "bench \(lane.first)")
        node.observe { [unowned self] rows in note(rows) }
        tick()
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

    /// Payments that wait for the region or whose outcome is open.
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

    private func tick() {
        nextLook?.cancel()
        nextLook = nil
        switch drive {
        case .idle, .underWay, .held, .looking: break
        case .rate(let rate), .crowd(let rate):
            let now = node.now
            while dueInstant(issued, rate) <= now {
                due.append(dueInstant(issued, rate))
                issued += 1
            }
            let wait = min(
                max(dueInstant(issued, rate) - now, Self.look.shortest),
                Self.look.longest
            )
            nextLook = node.loop.assumeIsolated()
                .scheduleTask(in: .nanoseconds(wait.nanoseconds)) { self.tick() }
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

    /// When one of the lane's payments, from 0, is due: all of them together at equal distances.
    private func dueInstant(_ own: Int, _ rate: Int) -> Instant {
        driveStart + .nanoseconds(Int64(lane.number(of: own) + 1) * 1_000_000_000 / Int64(rate))
    }

    private func shed(_ why: String, _ intended: Instant) {
        if isCounted(intended) { tally.shed[why, default: 0] += 1 }
    }

    /// Sends what is due, as far as there are quotes.
    private func fill() {
        switch drive {
        case .underWay(let number), .held(let number):
            let now = node.now
            while open < lane.share(of: number) { due.append(now) }
        case .idle, .rate, .crowd, .looking: break
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
        case .rate(let rate): max(lane.share(of: max(rate / 2, 64)), 1)
        case .underWay(let number), .looking(let number): lane.share(of: number)
        case .crowd, .held: due.count
        }
    }

    private func askForQuotes() {
        // A node that is leaving refuses at once: no more questions at a time than a link takes.
        for _ in 0..<OpenQuestions.most {
            guard !isWaiting, wantsQuote else { return }
            let bound = NIOLoopBound(self, eventLoop: node.loop)
            let mayAsk = parties.questions.begin {
                bound.eventLoop.execute { bound.value.takeTurn() }
            }
            guard mayAsk else {
                isWaiting = true
                return
            }
            askForQuote()
        }
    }

    private var wantsQuote: Bool { quotes.count + openQuotes < wantedQuotes }

    /// A question is this source's.
    private func takeTurn() {
        isWaiting = false
        guard wantsQuote else { return parties.questions.end() }
        askForQuote()
        askForQuotes()
    }

    private func askForQuote() {
        openQuotes += 1
        tally.quoteRequests += 1
        let amount = amount()
        let settlement = amount - parties.sourceFee.fee(on: amount)
        var writer = JSONWriter()
        writer.object { writer in
            writer.member("amount", settlement.amountText)
            writer.member("amountCurrency", parties.sourceCurrency.code)
            writer.member("destinationCountry", lane.corridor.destination)
            writer.member("destinationCurrency", parties.destinationCurrency.code)
            writer.member("finInstId", parties.debtorAgent.name)
            writer.member("finInstIdType", "BICFI")
            writer.member("sourceCountry", lane.corridor.source)
            writer.member("sourceCurrency", parties.sourceCurrency.code)
        }
        let body = JSONCursor(written: writer.bytes)
        node.ask("quotes", of: .hub, as: parties.debtorAgent, body) { self.quoted(amount, $0) }
    }

    private func quoted(_ amount: Money, _ reply: Reply) {
        openQuotes -= 1
        parties.questions.end()
        guard reply.status == 200, let best = LoadSource.best(reply.cursor) else {
            tally.refusedQuotes += 1
            if case .crowd = drive {
                if let intended = due.popFirst() {
                    shed("quote: \(reply.status) \(LoadSource.reason(reply))", intended)
                }
            } else {
                tryAgain()
            }
            return
        }
        quotes.append(Quoted(quote: best.canonicalText, debtorAccountAmount: amount))
        fill()
        askForQuotes()
    }

    /// The first of an answer's quotes.
    private static func best(_ body: JSONCursor) -> JSONCursor? {
        do { return try body.elements("quotes").first } catch { return nil }
    }

    private func tryAgain() {
        guard !isRetrying else { return }
        isRetrying = true
        node.loop.assumeIsolated().scheduleTask(in: LoadSource.retry) {
            self.isRetrying = false
            self.tick()
        }
    }

    /// SGD 10.00 to 1,009.99, or as much of another currency: 5 to 505 times what the debtor agent
    /// takes for it, SGD 2.00.
    private func amount() -> Money {
        let nominal = parties.sourceFee.nominal.minorUnits
        let fee = UInt64(nominal > 0 ? nominal : 2_00)
        return Money(
            minorUnits: Int64(5 * fee + random.next() % (500 * fee)),
            currency: parties.sourceCurrency
        )
    }

    // MARK: Payments

    private func pay(_ quoted: Quoted, _ intended: Instant) {
        let uetr = UUIDv4(random.nextSeed())
        let debtor = BenchCustomers.account(Int(random.next() % UInt64(parties.customers)))
        let creditor = Int(random.next() % UInt64(parties.customers))
        let creditorAgent = parties.creditorAgents[lane.creditorAgent(of: paid)]
        paid += 1
        underWay[uetr] = intended
        var writer = JSONWriter(capacity: 512 + quoted.quote.count)
        writer.object { writer in
            writer.object("creditor") {
                $0.member("account", BenchCustomers.account(creditor))
                $0.member("agent", creditorAgent.name)
                $0.member("name", BenchCustomers.name(creditor))
            }
            writer.member("debtorAccount", debtor)
            writer.object("debtorAccountAmount") {
                $0.member("amount", quoted.debtorAccountAmount.amountText)
                $0.member("currency", quoted.debtorAccountAmount.currency.code)
            }
            writer.member("priority", parties.isHighPriority ? "HIGH" : "NORM")
            writer.key("quote")
            writer.written(quoted.quote)
            writer.member("uetr", uetr.description)
        }
        node.ask("pay", of: parties.debtorAgent, JSONCursor(written: writer.bytes)) { reply in
            guard reply.status != 200 else { return }
            self.refused(uetr, reply)
        }
    }

    private func refused(_ uetr: UUIDv4, _ reply: Reply) {
        guard let intended = underWay.removeValue(forKey: uetr) else { return }
        tryAgain()
        guard isCounted(intended) else { return }
        if reply.status == 503 {
            shed("payment: 503 \(LoadSource.reason(reply))", intended)
        } else {
            tally.errors["refused \(reply.status) \(LoadSource.reason(reply))", default: 0] += 1
        }
    }

    /// The code of an answer, or its sentence.
    private static func reason(_ reply: Reply) -> String {
        let body = reply.body
        if case .string(let code) = body["reason"] ?? .null { return code }
        if case .string(let text) = body["error"] ?? .null { return text }
        return "no quotes"
    }

    private func note(_ rows: [HistoryRow]) {
        var now: Instant?
        for row in rows where row.instance == parties.debtorAgent {
            guard let state = Participant.State(rawValue: row.to), state.isFinal,
                let intended = underWay.removeValue(forKey: row.uetr)
            else { continue }
            let at = now ?? node.now
            now = at
            if state == .completed { completedEver += 1 }
            if state == .completed, window != nil, !tally.isClosed {
                tally.completed += 1
                tally.completedByCorridor[lane.corridor, default: 0] += 1
            }
            guard isCounted(intended) else { continue }
            if state == .completed {
                tally.latencies.record(Int((at - intended).nanoseconds / 1000))
            } else if row.cause.hasSuffix(" RJCT ED06") {
                shed("payment: RJCT ED06", intended)
            } else {
                tally.errors["\(state): \(row.cause)", default: 0] += 1
            }
        }
        guard now != nil else { return }
        fill()
        askForQuotes()
    }

    private func isCounted(_ intended: Instant) -> Bool { window?.contains(intended) ?? false }
}
