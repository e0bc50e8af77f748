import SelatFXProvider
import SelatISO20022
import SelatJSON
import SelatLedger
import SelatMoney
import SelatNode
import SelatScheme
import SelatTestSupport
import SelatTime
import Testing

/// Rates out, notifications in. Source: Specs/Rulebook/Bookings.md, the FX provider's view.
@Suite struct FXProviderTests {
    static let id = PartyID(checked: "fx-merlion")
    static let uetr = UUIDv4(Seed(high: 7, low: 7))

    private func configuration(rate: String = "25.4137") throws -> FXProvider.Configuration {
        FXProvider.Configuration(
            id: Self.id,
            name: "Merlion Exchange",
            rates: [
                FXProvider.StandingRate(
                    sourceCountry: "SG",
                    destinationCountry: "TH",
                    rate: try #require(ExchangeRate(rate))
                ),
                FXProvider.StandingRate(
                    sourceCountry: "TH",
                    destinationCountry: "SG",
                    rate: try #require(ExchangeRate("0.0391846"))
                ),
            ],
            nostros: [
                FXProvider.Nostro(
                    accessProvider: try #require(BICFI("STRTSGS0")),
                    country: "SG",
                    opening: Money(minorUnits: 5_000_000, currency: .sgd)
                ),
                FXProvider.Nostro(
                    accessProvider: try #require(BICFI("SMUTTHB0")),
                    country: "TH",
                    opening: Money(minorUnits: 90_000_000, currency: .thb)
                ),
            ]
        )
    }

    private func opened() throws -> RoleHarness<FXProvider> {
        var harness = RoleHarness(FXProvider(try configuration()), as: Self.id)
        harness.open()
        return harness
    }

    private func notification(
        accessProvider: String = "STRTSGS0",
        uetr: UUIDv4 = Self.uetr
    ) throws -> Message {
        .notification(
            CompletedPayment(
                uetr: uetr,
                completed: Instant(nanoseconds: 1_795_406_400_000_000_000),
                status: .acceptedCreditSettlementCompleted,
                source: Money(minorUnits: 49_800, currency: .sgd),
                destination: Money(minorUnits: 1_265_602, currency: .thb),
                rate: try #require(ExchangeRate("25.4137")),
                rateID: Self.uetr,
                debtorAgent: try #require(BICFI("MRLNSGS0")),
                creditorAgent: try #require(BICFI("LTUSTHB0")),
                sourceAccessProvider: try #require(BICFI(accessProvider)),
                destinationAccessProvider: try #require(BICFI("SMUTTHB0"))
            )
        )
    }

    private func rates(_ decision: Decision?) -> [String] {
        (decision?.messages ?? []).compactMap { outgoing in
            guard outgoing.to == .hub, case .rate(let rate) = outgoing.message else { return nil }
            let text = rate.rate?.description ?? "withdrawn"
            return "\(rate.sourceCountry)-\(rate.destinationCountry) \(text)"
        }
    }

    // MARK: Rates

    @Test func everyStartPushesEveryRateUnderANewID() throws {
        var harness = RoleHarness(FXProvider(try configuration()), as: Self.id)
        let first = harness.open()
        let second = harness.open()
        #expect(rates(first) == ["SG-TH 25.4137", "TH-SG 0.0391846"])
        #expect(rates(second) == rates(first))
        #expect(first.messages != second.messages)
        #expect(second.accounts == [] && second.journals == [] && second.records == [])
        #expect(harness.violations == [])
    }

    @Test func theOperatorsRateIsPushedAndOutlivesARestart() throws {
        var harness = try opened()
        let reply = harness.request(
            "rate",
            ["sourceCountry": "SG", "destinationCountry": "TH", "rate": "25.5"],
            from: .operatorChannel
        )
        #expect(reply?.status == 200)
        #expect(rates(harness.decisions.last) == ["SG-TH 25.5"])
        #expect(rates(harness.open()) == ["SG-TH 25.5", "TH-SG 0.0391846"])
        #expect(harness.violations == [])
    }

    @Test func aNewlyConfiguredRateReplacesTheOperators() throws {
        var before = try opened()
        before.request(
            "rate",
            ["sourceCountry": "SG", "destinationCountry": "TH", "rate": "25.5"],
            from: .operatorChannel
        )
        var after = RoleHarness(FXProvider(try configuration(rate: "26")), as: Self.id)
        for (key, fact) in before.stored { after.store(fact, at: key) }
        #expect(rates(after.open()) == ["SG-TH 26", "TH-SG 0.0391846"])
        #expect(rates(after.open()) == ["SG-TH 26", "TH-SG 0.0391846"])
        #expect(after.violations == [])
    }

    @Test func aRequestWithoutARateWithdrawsTheOffer() throws {
        var harness = try opened()
        harness.request(
            "rate",
            ["sourceCountry": "SG", "destinationCountry": "TH"],
            from: .operatorChannel
        )
        #expect(rates(harness.decisions.last) == ["SG-TH withdrawn"])
        #expect(rates(harness.open()) == ["SG-TH withdrawn", "TH-SG 0.0391846"])
    }

    @Test(
        arguments: [
            (["sourceCountry": "SG", "destinationCountry": "MY", "rate": "1"], 404),
            (["sourceCountry": "SG", "destinationCountry": "TH", "rate": "0"], 400),
            (["sourceCountry": "SG", "destinationCountry": "TH", "rate": "1.23456789012"], 400),
            (["sourceCountry": "SG", "rate": "1"], 400),
        ] as [(JSONValue, UInt16)]
    )
    func aRateThatIsNoneIsRefused(_ body: JSONValue, _ status: UInt16) throws {
        var harness = try opened()
        #expect(harness.request("rate", body, from: .operatorChannel)?.status == status)
        #expect(harness.decisions.last?.messages == [])
    }

    // MARK: Notifications

    @Test func aPaymentIsBookedOnceHoweverOftenItIsNotified() throws {
        var harness = try opened()
        for _ in 0..<3 { harness.receive(try notification(), from: .hub) }
        let balances = harness.accounts.map { "\($0.key.name) \($0.posted)" }
        #expect(
            balances == [
                "fx-position:SGD 5049800", "fx-position:THB 88734398",
                "nostro:SMUTTHB0 88734398", "nostro:STRTSGS0 5049800",
            ]
        )
        #expect(harness.decisions.suffix(2).allSatisfy { $0 == .nothing })
        #expect(harness.payment(Self.uetr)?.version == 1)
        #expect(harness.violations == [])
    }

    @Test func onlyTheHubNotifies() throws {
        var harness = try opened()
        let decision = harness.receive(try notification(), from: PartyID(checked: "sg"))
        #expect(decision.alerts.map(\.severity) == [.security])
        #expect(decision.journals == [])
    }

    @Test func aPaymentOverAnAccountWeDoNotHaveIsAnIncident() throws {
        var harness = try opened()
        let decision = harness.receive(
            try notification(accessProvider: "MRLNSGS0"),
            from: .hub
        )
        #expect(decision.alerts.map(\.severity) == [.incident])
        #expect(decision.journals == [] && decision.payments == [])
    }

    // MARK: Requests

    @Test func accountsPaymentAndFundAreTheOperators() throws {
        var harness = try opened()
        harness.receive(try notification(), from: .hub)
        let funded = harness.request(
            "fund",
            ["account": "nostro:SMUTTHB0", "amount": "100.00", "currency": "THB"],
            from: .operatorChannel
        )
        #expect(funded?.status == 200)
        #expect(harness.decisions.last?.journals.map(\.purpose) == [.funding])
        let accounts = harness.request("accounts", [:], from: .operatorChannel)
        guard case .array(let list) = accounts?.body["accounts"] else {
            Issue.record("no accounts")
            return
        }
        #expect(
            list.map { $0["posted"] } == ["50498.00", "887443.98", "50498.00", "887443.98"]
        )
        let payment = harness.request(
            "payment",
            ["uetr": .string(Self.uetr.description)],
            from: .operatorChannel
        )
        #expect(payment?.body["status"] == "ACCC")
        #expect(payment?.body["source"] == ["amount": "498.00", "currency": "SGD"])
        #expect(harness.request("accounts", [:], from: .hub)?.status == 403)
        #expect(harness.request("quotes", [:], from: .operatorChannel)?.status == 404)
        #expect(harness.violations == [])
    }

    @Test(arguments: ["fx-position:THB", "nostro:STRTSGS0", "nostro:LTUSTHB0"])
    func onlyANostroOfThatCurrencyIsFunded(_ account: String) throws {
        var harness = try opened()
        let body: JSONValue = [
            "account": .string(account), "amount": "100.00", "currency": "THB",
        ]
        #expect(harness.request("fund", body, from: .operatorChannel)?.status == 404)
    }

    @Test func whatIsNoneOfItsBusinessIsReported() throws {
        var harness = try opened()
        let rate = RateAnnouncement(
            id: Self.uetr,
            sourceCountry: "SG",
            destinationCountry: "TH",
            rate: nil
        )
        let decision = harness.receive(.rate(rate), from: .hub)
        #expect(decision.alerts.map(\.severity) == [.notice])
        #expect(harness.timer(Self.uetr) == .nothing)
    }
}
