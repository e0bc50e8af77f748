import SelatISO20022
import SelatJSON
import SelatLedger
import SelatMoney
import SelatNode
import SelatParticipant
import SelatScheme
import SelatStorage
import SelatTestSupport
import SelatTime
import Testing

/// `pay`: what leaves, and what is refused before anything leaves.
@Suite struct PayTests {
    private func paid(
        _ body: JSONValue = Order.body(),
        change: (inout Participant.Configuration) -> Void = { _ in }
    ) throws -> (reply: Reply, message: FIToFICustomerCreditTransfer?, bank: Bank) {
        var bank = try Bank("MRLNSGS0", change: change)
        let reply = try bank.ask("pay", body)
        let messages = bank.harness.decisions.last?.creditTransfers(to: Bank.sg) ?? []
        return (reply, messages.first, bank)
    }

    // MARK: The message

    @Test func theInstructionSaysEverythingTheSourceLegMust() throws {
        let (reply, sent, bank) = try paid(Order.body(priority: "HIGH"))
        let message = try #require(sent)
        let own = try #require(BICFI("MRLNSGS0"))
        #expect(reply.status == 200)
        #expect(reply.body["messageIdentification"] == .string(message.messageIdentification))
        #expect(message.clearingSystem == .proprietary("SGDFAST"))
        #expect(message.uetr == Bank.uetr)
        #expect(message.endToEndIdentification == "SCHOOLFEE-NOV")
        #expect(message.instructionPriority == .high)
        #expect(message.interbankSettlementAmount == Instruction.amount("498.00", .sgd))
        #expect(message.instructedAmount == Instruction.amount("500.00", .sgd))
        #expect(message.interbankSettlementDate == bank.harness.now.date)
        #expect(message.acceptanceDateTime == bank.harness.now)
        #expect(message.agreedRate.preAgreedExchangeRate == Decimal("25.4137"))
        #expect(message.agreedRate.quoteIdentification == Bank.quoteID)
        #expect(message.agreedRate.unitCurrency == .sgd)
        #expect(message.agreedRate.quotedCurrency == .thb)
        #expect(message.chargeBearer == .shared)
        #expect(
            message.chargesInformation.map(\.amount) == [
                Instruction.amount("2.00", .sgd), Instruction.amount("45.00", .thb),
            ]
        )
        #expect(message.chargesInformation[0].agent.bicfi == own)
        #expect(message.instructingAgent.bicfi == own)
        #expect(message.instructingAgent.lei?.code == "9999SELATDEMO00MRL31")
        #expect(message.instructedAgent.bicfi?.code == "STRTSGS0")
        #expect(message.intermediaryAgent1 == message.instructedAgent)
        #expect(message.intermediaryAgent1Account?.number == Bank.providerNumbers["SG"])
        #expect(message.intermediaryAgent2?.bicfi?.code == "SMUTTHB0")
        #expect(message.intermediaryAgent2Account?.number == Bank.providerNumbers["TH"])
        #expect(message.debtor.postalAddress?.townName == "Singapore")
        #expect(message.debtor.postalAddress?.streetName == "Nimman Road")
        #expect(message.debtor.postalAddress?.country == "SG")
        #expect(message.creditor.postalAddress?.country == "TH")
        #expect(message.creditorAgent.bicfi?.code == "LTUSTHB0")
        #expect(message.creditorAccount.proxy?.code == "MBNO")
        #expect(message.purpose == "EDUC")
        #expect(message.violations() == [])
        #expect(bank.state == .reserved)
        #expect(bank.violations == [])
    }

    @Test func aFeeOfZeroIsStillCharged() throws {
        let (reply, sent, bank) = try paid(
            Order.body(debit: ["amount": "498.00", "currency": "SGD"])
        ) { configuration in
            configuration.sourceFee = FeeFormula(nominal: .zero(.sgd), ratioPerMillion: 0)
        }
        let message = try #require(sent)
        #expect(reply.status == 200)
        #expect(message.chargesInformation[0].amount == Instruction.amount("0.00", .sgd))
        #expect(
            bank.book == [
                "customer:\(Bank.sender) reserved 498.00", "settlement reserved 498.00",
            ]
        )
    }

    @Test func aFixedDestinationAmountIsTheInstructedAmount() throws {
        // CAA 1000.00, Fd 45.00, R 25.4137: sIBS 41.12, DAA 43.12.
        let (reply, sent, bank) = try paid(
            Order.body(
                quote: Order.quote(source: "41.12", destination: "1045.00"),
                debit: ["amount": "43.12", "currency": "SGD"],
                instructed: ["amount": "1000.00", "currency": "THB"]
            )
        )
        let message = try #require(sent)
        #expect(reply.status == 200)
        #expect(message.instructedAmount == Instruction.amount("1000.00", .thb))
        #expect(message.interbankSettlementAmount == Instruction.amount("41.12", .sgd))
        #expect(bank.book.first == "customer:\(Bank.sender) reserved 43.12")
    }

    @Test func theTimerSendsTheIdenticalInstruction() throws {
        var (_, sent, bank) = try paid()
        let first = try #require(sent)
        for _ in 0..<12 {
            let fired = bank.harness.fireTimer(Bank.uetr)
            #expect(try #require(fired).creditTransfers(to: Bank.sg) == [first])
        }
        let asked = try bank.ask("resend", ["uetr": .string(Bank.uetr.description)])
        #expect(asked.status == 200)
        #expect(bank.harness.decisions.last?.creditTransfers(to: Bank.sg) == [first])
        #expect(bank.state == .reserved)
        #expect(bank.violations == [])
    }

    @Test func enquiriesWaitTwiceAsLongEachTimeUpToTheLimit() throws {
        var (_, _, bank) = try paid()
        var waits: [Int64] = []
        for _ in 0..<8 {
            let due = try #require(bank.harness.payment(Bank.uetr)?.due)
            waits.append((due - bank.harness.now).nanoseconds / 1_000_000_000)
            bank.harness.fireTimer(Bank.uetr)
        }
        #expect(waits == [20, 40, 80, 160, 320, 600, 600, 600])
    }

    // MARK: Refusals

    struct Refused: CustomTestStringConvertible {
        let testDescription: String
        let body: JSONValue
        let status: UInt16
        var reason: String?
        var account: Participant.AccountStatus = .open
        var funds: Int64 = 100_000
    }

    static let refusals: [Refused] = [
        Refused(
            testDescription: "funds short by one cent, fee included",
            body: Order.body(),
            status: 422,
            reason: "AM04",
            funds: 49_999
        ),
        Refused(
            testDescription: "closed account",
            body: Order.body(),
            status: 422,
            reason: "AC04",
            account: .closed
        ),
        Refused(
            testDescription: "blocked account",
            body: Order.body(),
            status: 422,
            reason: "AC06",
            account: .blocked
        ),
        Refused(
            testDescription: "unknown account",
            body: Order.body(account: "1"),
            status: 422,
            reason: "AC01"
        ),
        Refused(
            testDescription: "debit is not settlement and fee",
            body: Order.body(debit: ["amount": "500.01", "currency": "SGD"]),
            status: 422,
            reason: "AB04"
        ),
        Refused(
            testDescription: "instructed is not what the quote credits",
            body: Order.body(instructed: ["amount": "12611.03", "currency": "THB"]),
            status: 422,
            reason: "AB04"
        ),
        Refused(
            testDescription: "a quote that credits nothing",
            body: Order.body(quote: Order.quote(destination: "45.00")),
            status: 422,
            reason: "AB04"
        ),
        Refused(
            testDescription: "the quote's provider has no account with us",
            body: Order.body(quote: Order.quote(accessProvider: "MRLNSGS0")),
            status: 422,
            reason: "RC11"
        ),
        Refused(
            testDescription: "amounts beyond every account",
            body: Order.body(
                quote: Order.quote(source: "92233720368547758.00"),
                debit: ["amount": "92233720368547758.00", "currency": "SGD"]
            ),
            status: 422,
            reason: "AB04"
        ),
        Refused(
            testDescription: "no amount at all",
            body: Order.body(debit: nil),
            status: 400
        ),
        Refused(
            testDescription: "surplus decimals",
            body: Order.body(debit: ["amount": "500.001", "currency": "SGD"]),
            status: 400
        ),
        Refused(
            testDescription: "a quote without an id",
            body: Order.body(quote: ["exchangeRate": "25.4137"]),
            status: 400
        ),
        Refused(testDescription: "no body", body: .null, status: 400),
    ]

    @Test(arguments: refusals)
    func refusedWithoutAMessage(_ example: Refused) throws {
        let (reply, sent, bank) = try paid(example.body) { configuration in
            configuration.customers[0].status = example.account
            configuration.customers[0].opening.setMinorUnits(example.funds)
            if example.reason == "RC11" { configuration.providers = [] }
        }
        #expect(reply.status == example.status, "\(reply.body)")
        #expect(reply.body["reason"] == example.reason.map { .string($0) })
        #expect(sent == nil)
        #expect(bank.state == nil)
        #expect(bank.book == [])
        #expect(bank.violations == [])
    }

    @Test func anOverdraftCounts() throws {
        let (reply, _, bank) = try paid { configuration in
            configuration.customers[0].opening.setMinorUnits(0)
            configuration.customers[0].overdraft.setMinorUnits(50_000)
        }
        #expect(reply.status == 200)
        #expect(bank.violations == [])
    }

    @Test func aUETRIsPaidOnce() throws {
        var (_, _, bank) = try paid()
        let before = bank.book
        #expect(try bank.ask("pay", Order.body()).status == 409)
        #expect(bank.book == before)
    }

    @Test func aFullWayToTheSystemRefusesForNow() throws {
        var bank = try Bank("MRLNSGS0")
        bank.harness.congested = [Bank.sg]
        #expect(try bank.ask("pay", Order.body()).status == 503)
        #expect(bank.book == [])
    }

    @Test func onlyTheOperatorMayPay() throws {
        var bank = try Bank("MRLNSGS0")
        for operation in ["pay", "accounts", "script", "fund", "resolution"] {
            #expect(bank.harness.request(operation, Order.body(), from: Bank.sg)?.status == 403)
        }
        #expect(bank.book == [])
    }

    /// All sixteen in one batch, decided on one working set and committed once.
    @Test func sixteenPaymentsRaceForMoneyThatIsGoodForOne() throws {
        var node = Node(
            try Bank.configuration("MRLNSGS0") { configuration in
                configuration.customers[0].opening.setMinorUnits(50_000)
            }
        )
        node.feed(.opening)
        let replies = node.race(
            (0..<16).map { Order.body(uetr: UUIDv4(Seed(high: 1, low: UInt64($0)))) }
        )
        #expect(replies.map(\.status).sorted() == [200] + Array(repeating: 422, count: 15))
        #expect(
            replies.filter { $0.status == 422 }.allSatisfy { $0.body["reason"] == "AM04" }
        )
        let account = node.store.dump().accounts.first {
            $0.key.name == "customer:\(Bank.sender)"
        }
        #expect(account?.available == 0)
        #expect(account?.balance.pendingDebits == 50_000)
    }
}

/// One institution in a node's core over a memory store, one batch at a time.
private struct Node {
    var core: NodeCore
    let store = MemoryStore()
    private var replies: [Reply] = []
    private let instance: PartyID
    private var generator = SeededGenerator(seed: 16, stream: "race")

    init(_ configuration: Participant.Configuration) {
        instance = configuration.party
        core = NodeCore(
            roles: [configuration.party: Participant(configuration)],
            routing: Routing(links: [:], speakers: [:]),
            recovered: Recovered(),
            epochSeed: Seed(high: 1, low: 2)
        )
    }

    mutating func feed(_ body: Event.Body) {
        take(core.receive(.event(event(body))))
    }

    /// Requests that arrive while a commit is under way are decided together in the next batch.
    mutating func race(_ bodies: [JSONValue]) -> [Reply] {
        replies = []
        let first = core.receive(
            .event(
                event(.request(RequestID(0), from: .operatorChannel, request("accounts", .null)))
            )
        )
        var waiting: [NodeCore.Action] = []
        for (index, body) in bodies.enumerated() {
            let id = RequestID(UInt64(index + 1))
            waiting += core.receive(
                .event(event(.request(id, from: .operatorChannel, request("pay", body))))
            )
        }
        take(first + waiting)
        return replies.filter { $0.request != RequestID(0) }
    }

    private func request(_ operation: String, _ body: JSONValue) -> Request {
        Request(operation: operation, body: body)
    }

    private mutating func event(_ body: Event.Body) -> Event {
        Event(
            at: Instant(nanoseconds: 1_795_406_400_000_000_000),
            seed: generator.nextSeed(),
            instance: instance,
            body: body
        )
    }

    private mutating func take(_ actions: [NodeCore.Action]) {
        var actions = actions
        while !actions.isEmpty {
            switch actions.removeFirst() {
            case .fetch(let token, let keys):
                do {
                    actions += core.fetched(token, try store.fetch(keys))
                } catch {
                    Issue.record("\(error)")
                }
            case .commit(let token, let sealed):
                actions += core.receive(.committed(token, store.commit(sealed.batch)))
            case .reply(let reply): replies.append(reply)
            case .stop(let why): Issue.record("\(why)")
            case .send, .acknowledge, .forward, .notice, .wakeAt: break
            }
        }
    }
}
