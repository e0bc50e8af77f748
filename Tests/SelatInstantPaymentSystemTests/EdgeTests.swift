import SelatISO20022
import SelatInstantPaymentSystem
import SelatJSON
import SelatLedger
import SelatMoney
import SelatNode
import SelatScheme
import SelatTestSupport
import SelatTime
import Testing

/// Resolutions, requests and the opening of the book.
@Suite struct EdgeTests {
    private let merlion = Samples.party(Samples.merlion)
    private let lotus = Samples.party(Samples.lotus)
    private let directory = PartyID(checked: "th.directory")

    private func request(
        from: BICFI = Samples.merlion,
        assigner: BICFI? = nil,
        country: String? = "TH",
        account: Account? = Account(proxy: Proxy(code: "MBNO", identification: "+66812004417")),
        agent: BICFI? = nil
    ) -> IdentificationVerificationRequest {
        IdentificationVerificationRequest(
            messageIdentification: "MRLN-R-1",
            creationDateTime: Samples.start,
            firstAgent: Agent(bicfi: from),
            assigner: Agent(bicfi: assigner ?? from),
            assignee: Agent(bicfi: Samples.bicfi("THIPTHB0"), country: country),
            verificationIdentification: "V-1",
            account: account,
            agent: agent.map { Agent(bicfi: $0) }
        )
    }

    private func report(from: BICFI) -> IdentificationVerificationReport {
        IdentificationVerificationReport(
            messageIdentification: "LTUS-A-1",
            creationDateTime: Samples.start,
            firstAgent: Agent(bicfi: Samples.merlion),
            assigner: Agent(bicfi: from),
            assignee: Agent(bicfi: Samples.merlion),
            originalIdentification: "V-1",
            verification: true
        )
    }

    private let byNumber = Account(identification: .other("0887124455"))

    // MARK: Resolution

    @Test func aParticipantsQuestionGoesToTheHubUnchanged() {
        var harness = CheckTests.harness(Samples.singapore(.fiveStep))
        let question = Message.iso(.verificationRequest(request()))
        let decision = harness.receive(question, from: merlion)
        #expect(decision.messages == [Outgoing(to: .hub, question)])
        #expect(decision.payments.isEmpty && decision.receipts.isEmpty)
    }

    @Test func nobodyAsksInTheNameOfAnother() {
        var harness = CheckTests.harness(Samples.singapore(.fiveStep))
        for question in [
            request(from: Samples.straits), request(assigner: Samples.straits),
        ] {
            let decision = harness.receive(.iso(.verificationRequest(question)), from: merlion)
            #expect(decision.messages.isEmpty)
            #expect(decision.alerts.map(\.severity) == [.security])
        }
        let stranger = harness.receive(
            .iso(.verificationRequest(request(from: Samples.lotus))),
            from: lotus
        )
        #expect(stranger.messages.isEmpty)
        #expect(stranger.alerts.map(\.severity) == [.security])
    }

    @Test func aProxyIsTheDirectorysAndAnAccountItsInstitutions() {
        var harness = CheckTests.harness(Samples.thailand(.fiveStep))
        let proxy = Message.iso(.verificationRequest(request()))
        #expect(harness.receive(proxy, from: .hub).messages == [Outgoing(to: directory, proxy)])
        let account = Message.iso(
            .verificationRequest(request(account: byNumber, agent: Samples.lotus))
        )
        #expect(harness.receive(account, from: .hub).messages == [Outgoing(to: lotus, account)])
    }

    @Test(
        arguments: [
            (Samples.straits, "TH", "RC07"), (Samples.dusk, "TH", "AGNT"),
            (Samples.samut, "TH", "AB08"), (Samples.lotus, "MY", "RC07"),
        ]
    )
    func whoCannotBeAskedIsAnsweredFor(agent: BICFI, country: String, reason: String) throws {
        var plain = Samples.thailand(.fiveStep)
        plain = .init(
            id: plain.id,
            country: plain.country,
            bicfi: plain.bicfi,
            clearingSystem: plain.clearingSystem,
            currency: plain.currency,
            model: plain.model,
            maximumAmount: plain.maximumAmount,
            times: plain.times,
            directory: plain.directory,
            participants: [
                Samples.member(Samples.samut, .thb, opening: "0.00", resolves: false),
                Samples.member(Samples.lotus, .thb, opening: "0.00"),
                Samples.member(Samples.dusk, .thb, opening: "0.00", isOnNetwork: false),
            ]
        )
        var harness = CheckTests.harness(plain)
        let question = request(country: country, account: byNumber, agent: agent)
        let decision = harness.receive(.iso(.verificationRequest(question)), from: .hub)
        #expect(decision.recipients == [.hub])
        guard case .iso(.verificationReport(let answer))? = decision.messages.first?.message else {
            Issue.record("an acmt.024 answers")
            return
        }
        #expect(!answer.verification)
        #expect(answer.reason == reason)
        #expect(answer.originalIdentification == question.verificationIdentification)
        #expect(
            answer.originalAssignment?.messageIdentification == question.messageIdentification
        )
        #expect(answer.firstAgent == question.firstAgent)
        #expect(answer.originalAccount == question.account)
        #expect(answer.assigner.bicfi == plain.bicfi)
    }

    @Test func answersTravelBackUnchanged() {
        var home = CheckTests.harness(Samples.thailand(.fiveStep))
        let own = Message.iso(.verificationReport(report(from: Samples.lotus)))
        #expect(home.receive(own, from: lotus).messages == [Outgoing(to: .hub, own)])
        let found = Message.iso(.verificationReport(report(from: Samples.bicfi("PDIRTHB0"))))
        #expect(home.receive(found, from: directory).messages == [Outgoing(to: .hub, found)])
        let forged = Message.iso(.verificationReport(report(from: Samples.samut)))
        let decision = home.receive(forged, from: lotus)
        #expect(decision.messages.isEmpty)
        #expect(decision.alerts.map(\.severity) == [.security])
        var abroad = CheckTests.harness(Samples.singapore(.fiveStep))
        #expect(abroad.receive(own, from: .hub).messages == [Outgoing(to: merlion, own)])
        let lost = home.receive(own, from: .hub)
        #expect(lost.messages.isEmpty)
        #expect(lost.alerts.map(\.severity) == [.notice])
    }

    // MARK: The book

    @Test func theBookIsOpenedOnce() {
        var harness = CheckTests.harness(Samples.singapore(.fiveStep))
        let opening = harness.decisions[0]
        #expect(opening.accounts.count == 6)
        #expect(opening.journals.map(\.purpose) == [.opening])
        #expect(opening.journals[0].transfers.count == 4)
        #expect(harness.account("participant:MRLNSGS0", "SGD")?.posted == 1_000_000)
        #expect(harness.account("participant:FSTOSGS0", "SGD")?.floor == -50_000)
        #expect(harness.account("central-bank", "SGD")?.posted == 1_110_000)
        #expect(harness.record(.marker, "open") != nil)
        #expect(harness.open() == .nothing)
        #expect(harness.violations.isEmpty)
    }

    /// A participant that joins later has its account before its first payment.
    @Test func aParticipantThatJoinsIsOpenedAtTheNextStart() throws {
        var before = CheckTests.harness(Samples.thailand(.fiveStep))
        let account = try #require(before.account("participant:LTUSTHB0", "THB"))
        before.store(.absent, at: .account(account.key))
        let decision = before.open()
        #expect(decision.accounts.map(\.key) == [account.key])
        #expect(decision.journals.flatMap(\.transfers).map(\.credit) == ["participant:LTUSTHB0"])
        #expect(decision.records.isEmpty)
    }

    @Test func aCapIsAvailableAndNoMore() {
        var harness = CheckTests.harness(Samples.singapore(.fiveStep))
        let foothold = Samples.party(Samples.foothold)
        for (number, amount) in ["500.00", "0.01"].enumerated() {
            var message = Samples.m1(
                uetr: UUIDv4(Seed(high: 200, low: UInt64(number))),
                amount: amount,
                messageIdentification: "CAP-\(number)"
            )
            message.instructingAgent = Agent(bicfi: Samples.foothold)
            message.debtorAgent = Agent(bicfi: Samples.foothold)
            let decision = harness.receive(.iso(.creditTransfer(message)), from: foothold)
            let answers = decision.reports(to: foothold).map(\.statusText)
            #expect(answers == (number == 0 ? [] : ["RJCT AM04"]))
        }
        #expect(harness.violations.isEmpty)
    }

    // MARK: Requests

    @Test func onlyTheOperatorAsks() {
        var harness = CheckTests.harness(Samples.singapore(.fiveStep))
        for operation in ["accounts", "payment", "fund", "nonsense"] {
            #expect(harness.request(operation, [:], from: merlion)?.status == 403)
            #expect(harness.request(operation, [:], from: .hub)?.status == 403)
        }
        #expect(harness.request("nonsense", [:], from: .operatorChannel)?.status == 404)
    }

    @Test func balancesAreShownInMajorUnits() {
        var story = Story(.init(leg: .source, model: .fiveStep))
        story.does(.first)
        let reply = story.harness.request("accounts", [:], from: .operatorChannel)
        #expect(reply?.status == 200)
        guard case .array(let accounts)? = reply?.body["accounts"] else {
            Issue.record("accounts is a list")
            return
        }
        #expect(accounts.count == 6)
        #expect(
            accounts.first { $0["account"] == "participant:MRLNSGS0" }
                == [
                    "account": "participant:MRLNSGS0", "currency": "SGD", "kind": "liability",
                    "posted": "10000.00", "pending": "498.00", "pendingInflow": "0.00",
                    "available": "9502.00", "floor": "0.00",
                ]
        )
    }

    @Test func aPaymentIsShownByItsUETR() {
        var story = Story(.init(leg: .source, model: .fiveStep))
        story.does(.first, .m3("ACCC"), .m12("RJCT AC04"))
        let known = story.harness.request(
            "payment",
            ["uetr": .string(Samples.uetr.description)],
            from: .operatorChannel
        )
        #expect(known?.body["state"] == "Rejected")
        #expect(known?.body["status"] == "RJCT")
        #expect(known?.body["reason"] == "AC04")
        #expect(
            known?.body["interbankSettlementAmount"] == ["amount": "498.00", "currency": "SGD"]
        )
        #expect(known?.body["isFinal"] == true)
        let unknown = story.harness.request(
            "payment",
            ["uetr": .string(UUIDv4(Seed(high: 1, low: 2)).description)],
            from: .operatorChannel
        )
        #expect(unknown?.status == 404)
        for body: JSONValue in [[:], ["uetr": "ABC"], ["uetr": 7]] {
            #expect(story.harness.request("payment", body, from: .operatorChannel)?.status == 400)
        }
    }

    @Test func fundingIsATaggedJournal() throws {
        var harness = CheckTests.harness(Samples.singapore(.fiveStep))
        let reply = harness.request(
            "fund",
            ["participant": "MRLNSGS0", "amount": "250.50"],
            from: .operatorChannel
        )
        #expect(reply?.status == 200)
        let journal = try #require(harness.decisions.last?.journals.first)
        #expect(journal.purpose == .funding)
        #expect(harness.account("participant:MRLNSGS0", "SGD")?.posted == 1_025_050)
        #expect(harness.account("central-bank", "SGD")?.posted == 1_135_050)
        #expect(harness.violations.isEmpty)
    }

    @Test(
        arguments: [
            [:], ["participant": "MRLNSGS0"], ["participant": "LTUSTHB0", "amount": "1.00"],
            ["participant": "nobody", "amount": "1.00"],
            ["participant": "MRLNSGS0", "amount": "0.00"],
            ["participant": "MRLNSGS0", "amount": "-1.00"],
            ["participant": "MRLNSGS0", "amount": "1.001"],
            ["participant": "MRLNSGS0", "amount": "10000000000000.01"],
            ["participant": "MRLNSGS0", "amount": "a lot"],
            ["participant": "MRLNSGS0", "amount": 1],
        ] as [JSONValue]
    )
    func aFundingThatIsNoneIsRefused(body: JSONValue) {
        var harness = CheckTests.harness(Samples.singapore(.fiveStep))
        #expect(harness.request("fund", body, from: .operatorChannel)?.status == 400)
        #expect(harness.decisions.last?.journals.isEmpty == true)
    }
}
