import SelatISO20022
import SelatJSON
import SelatLedger
import SelatMoney
import SelatNode
import SelatParticipant
import SelatScheme
import SelatTestSupport
import SelatTime
import Testing

/// Resolution, and the operator's other requests.
@Suite struct ServiceTests {
    // MARK: Asked about an account

    private func question(
        _ number: String,
        agent: String = "LTUSTHB0"
    ) -> IdentificationVerificationRequest {
        IdentificationVerificationRequest(
            messageIdentification: "MRLN1",
            creationDateTime: Instruction.accepted,
            creator: Party(name: "Tan Hui Shan Amelia"),
            firstAgent: Agent(bicfi: BICFI("MRLNSGS0")),
            assigner: Agent(bicfi: BICFI("MRLNSGS0")),
            assignee: Agent(bicfi: BICFI(agent), country: "TH"),
            verificationIdentification: "ACC-1",
            account: Account(identification: .other(number)),
            agent: Agent(bicfi: BICFI(agent))
        )
    }

    private func report(_ decision: Decision) throws -> IdentificationVerificationReport {
        guard case .iso(.verificationReport(let report)) = decision.messages.first?.message else {
            throw NoReport()
        }
        return report
    }

    private struct NoReport: Error {}

    @Test func anOpenAccountIsResolvedWithBothNamesAndTheAddress() throws {
        var bank = try Bank("LTUSTHB0")
        let question = question(Bank.recipient)
        let decision = bank.harness.receive(.iso(.verificationRequest(question)), from: Bank.th)
        let report = try report(decision)
        #expect(decision.recipients == [Bank.th])
        #expect(report.verification)
        #expect(report.updatedParty?.name == "Kanokwan Srisuwan")
        #expect(report.updatedParty?.postalAddress?.townName == "Chiang Mai")
        #expect(report.updatedParty?.postalAddress?.country == "TH")
        #expect(report.updatedAccount?.number == Bank.recipient)
        #expect(report.updatedAccount?.name == "Kano**** Sri****")
        #expect(report.updatedAgent?.bicfi?.code == "LTUSTHB0")
        #expect(report.originalAssignment?.messageIdentification == "MRLN1")
        #expect(report.originalIdentification == "ACC-1")
        #expect(report.originalAccount == question.account)
        #expect(report.originalAgent == question.agent)
        #expect(report.creator == question.creator)
        #expect(report.assigner.bicfi?.code == "LTUSTHB0")
        #expect(report.violations() == [])
    }

    @Test(
        arguments: [
            (Participant.AccountStatus.closed, Bank.recipient, "AC04"),
            (.blocked, Bank.recipient, "AC06"), (.open, "0000000000", "AC01"),
        ]
    )
    func anAccountThatCanNotBeCreditedIsNot(
        _ status: Participant.AccountStatus,
        _ number: String,
        _ reason: String
    ) throws {
        var bank = try Bank("LTUSTHB0") { $0.customers[0].status = status }
        let report = try report(
            bank.harness.receive(.iso(.verificationRequest(question(number))), from: Bank.th)
        )
        #expect(!report.verification)
        #expect(report.reason == reason)
        #expect(report.updatedParty == nil)
        #expect(report.violations() == [])
    }

    @Test func anInstitutionThatDoesNotResolveSaysSo() throws {
        var bank = try Bank("LTUSTHB0") { $0.resolvesAccounts = false }
        let question = question(Bank.recipient)
        let report = try report(
            bank.harness.receive(.iso(.verificationRequest(question)), from: Bank.th)
        )
        #expect(report.reason == "AB08")
    }

    // MARK: Asking

    private static let proxy: JSONValue = [
        "country": "TH", "proxyCode": "MBNO", "proxyValue": "+66 81 200 4417",
        "debtorAccount": .string(Bank.sender),
    ]

    private func asked(_ bank: inout Bank) throws -> IdentificationVerificationRequest {
        let reply = try bank.ask("resolve", Self.proxy)
        #expect(reply.status == 200, "\(reply.body)")
        let message = bank.harness.decisions.last?.messages.first
        guard message?.to == Bank.sg,
            case .iso(.verificationRequest(let request)) = message?.message
        else { throw NoReport() }
        #expect(reply.body["messageIdentification"] == .string(request.messageIdentification))
        return request
    }

    @Test func aResolutionNamesTheSenderAndHidesTheAccountInAStableToken() throws {
        var bank = try Bank("MRLNSGS0")
        let first = try asked(&bank)
        let second = try asked(&bank)
        #expect(first.creator?.name == "Tan Hui Shan Amelia")
        #expect(first.creator == second.creator)
        #expect(first.messageIdentification != second.messageIdentification)
        guard case .person(let person) = first.creator?.identification else {
            Issue.record("the creator carries no token")
            return
        }
        let token = try #require(person.other)
        #expect(token.utf8.count == 32)
        #expect(!token.contains(Bank.sender))
        #expect(first.assignee.country == "TH")
        #expect(first.assignee.bicfi?.code == "FSTOSGS0")
        #expect(first.account?.proxy == Proxy(code: "MBNO", identification: "+66812004417"))
        #expect(first.violations() == [])
        // Another bank's key gives another token for the same account.
        var other = try Bank("STRTSGS0")
        #expect(try asked(&other).creator != first.creator)
    }

    @Test func anAnswerIsKeptUnderItsQuestionOnce() throws {
        var bank = try Bank("MRLNSGS0")
        let request = try asked(&bank)
        let asked: JSONValue = [
            "messageIdentification": .string(request.messageIdentification)
        ]
        #expect(try bank.ask("resolution", asked).status == 404)
        var report = IdentificationVerificationReport(
            messageIdentification: "PDIR1",
            creationDateTime: Instruction.accepted,
            firstAgent: request.firstAgent,
            assigner: Agent(bicfi: BICFI("PDIRTHB0")),
            assignee: request.firstAgent,
            originalAssignment: OriginalAssignment(
                messageIdentification: request.messageIdentification
            ),
            originalIdentification: request.verificationIdentification,
            verification: true,
            updatedParty: Party(name: "Kanokwan Srisuwan"),
            updatedAccount: Account(
                identification: .other(Bank.recipient),
                name: "Kano**** Sri****"
            ),
            updatedAgent: Agent(bicfi: BICFI("LTUSTHB0"))
        )
        bank.harness.receive(.iso(.verificationReport(report)), from: Bank.sg)
        report.updatedAccount = Account(identification: .other("666"))
        bank.harness.receive(.iso(.verificationReport(report)), from: Bank.sg)
        let reply = try bank.ask("resolution", asked)
        #expect(
            reply.body == [
                "verification": true, "name": "Kanokwan Srisuwan",
                "displayName": "Kano**** Sri****", "account": .string(Bank.recipient),
                "agent": "LTUSTHB0",
            ]
        )
        #expect(bank.violations == [])
    }

    @Test func anAnswerNobodyAskedForIsReported() throws {
        var bank = try Bank("MRLNSGS0")
        let report = IdentificationVerificationReport(
            messageIdentification: "PDIR1",
            creationDateTime: Instruction.accepted,
            firstAgent: Agent(bicfi: BICFI("MRLNSGS0")),
            assigner: Agent(bicfi: BICFI("PDIRTHB0")),
            assignee: Agent(bicfi: BICFI("MRLNSGS0")),
            originalIdentification: "NEVERASKED",
            verification: false,
            reason: "BE23"
        )
        let decision = bank.harness.receive(.iso(.verificationReport(report)), from: Bank.sg)
        #expect(decision.alerts.map(\.severity) == [.notice])
        #expect(decision.records == [])
    }

    @Test func aProxyThatIsNoNumberIsRefusedBeforeItLeaves() throws {
        var bank = try Bank("MRLNSGS0")
        let reply = try bank.ask(
            "resolve",
            ["country": "TH", "proxyCode": "MBNO", "proxyValue": "call me"]
        )
        #expect(reply.status == 422, "\(reply.body)")
        #expect(bank.harness.decisions.last?.messages == [])
    }

    // MARK: Requests

    @Test func theFeeIsTheFormulas() throws {
        var bank = try Bank("MRLNSGS0")
        let reply = try bank.ask("fee", ["amount": "500.00", "currency": "SGD"])
        #expect(reply.body == ["sourceFee": ["amount": "2.00", "currency": "SGD"]])
        #expect(try bank.ask("fee", ["amount": "500.00", "currency": "THB"]).status == 400)
        #expect(try bank.ask("fee", ["amount": "0", "currency": "SGD"]).status == 400)
    }

    @Test func accountsListTheWholeChart() throws {
        var bank = try Bank("MRLNSGS0")
        #expect(try bank.ask("pay", Order.body()).status == 200)
        let reply = try bank.ask("accounts", [:])
        guard case .array(let accounts) = reply.body["accounts"] else {
            Issue.record("no accounts")
            return
        }
        #expect(
            accounts.map { $0["account"] } == [
                "settlement", "fee-income:source", "fee-income:destination", "blocked",
                "unapplied", "equity", "fxp:fx-merlion",
                .string("customer:\(Bank.sender)"),
            ]
        )
        let customer = try #require(accounts.last)
        #expect(customer["posted"] == "1000.00")
        #expect(customer["pending"] == "500.00")
        #expect(customer["available"] == "500.00")
    }

    @Test func aPaymentIsDescribedByStateReasonAndAmounts() throws {
        var bank = try Bank("MRLNSGS0")
        let body: JSONValue = ["uetr": .string(Bank.uetr.description)]
        #expect(try bank.ask("payment", body).status == 404)
        #expect(try bank.ask("pay", Order.body()).status == 200)
        try bank.tell(.rejected(.ac04), about: try bank.instructionIdentification())
        #expect(
            try bank.ask("payment", body).body == [
                "uetr": .string(Bank.uetr.description), "capacity": "debtorAgent",
                "state": "rejected", "isFinal": true, "reason": "AC04",
                "interbankSettlementAmount": ["amount": "498.00", "currency": "SGD"],
                "sourceFee": ["amount": "2.00", "currency": "SGD"],
                "debtorAccountAmount": ["amount": "500.00", "currency": "SGD"],
            ]
        )
    }

    @Test(arguments: ["settlement", "fxp:fx-merlion", "customer:\(Bank.sender)"])
    func fundingIsTaggedAndComesFromEquity(_ account: String) throws {
        var bank = try Bank("MRLNSGS0")
        let reply = try bank.ask(
            "fund",
            ["account": .string(account), "amount": "10.00", "currency": "SGD"]
        )
        #expect(reply.status == 200)
        #expect(bank.harness.decisions.last?.journals.map(\.purpose) == [.funding])
        #expect(bank.book.contains("\(account) posted 10.00"))
        #expect(bank.violations == [])
    }

    @Test(arguments: ["equity", "blocked", "unapplied", "fee-income:source", "customer:1"])
    func nothingElseIsFunded(_ account: String) throws {
        var bank = try Bank("MRLNSGS0")
        let body: JSONValue = [
            "account": .string(account), "amount": "10.00", "currency": "SGD",
        ]
        #expect(try bank.ask("fund", body).status == 404)
        #expect(bank.book == [])
    }

    @Test func unknownRequestsSayWhatIsKnown() throws {
        var bank = try Bank("MRLNSGS0")
        #expect(try bank.ask("withdraw", [:]).status == 404)
    }

    @Test func theBooksAreOpenedOnce() throws {
        var bank = try Bank("MRLNSGS0")
        #expect(bank.harness.open() == .nothing)
        #expect(bank.violations == [])
        let settlement = try #require(bank.harness.account("settlement", "SGD"))
        #expect(settlement.posted == 100_000_000)
        // Opening against equity: the two sides agree from the start.
        let sum = bank.harness.accounts.reduce(0) {
            $0 + $1.balance.postedDebits - $1.balance.postedCredits
        }
        #expect(sum == 0)
    }
}
