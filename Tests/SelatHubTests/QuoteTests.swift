import SelatHub
import SelatISO20022
import SelatJSON
import SelatMoney
import SelatNode
import SelatScheme
import SelatTestSupport
import SelatTime
import Testing

@Suite struct QuoteTests {
    // MARK: The door

    @Test func withTooMuchUnderWayThereIsNoQuoteForNow() throws {
        var story = HubStory()
        story.push("25.4137")
        story.harness.crowded = [Region.th]
        let body = HubStory.quoteBody(
            "498.00",
            .sgd,
            institution: "MRLNSGS0",
            source: ("SG", "SGD"),
            destination: ("TH", "THB")
        )
        let reply = try story.ask("quotes", body)
        #expect(reply.status == 503)
        #expect(reply.body["reason"] == "ED06")
        #expect(reply.body["retryAfterMilliseconds"] == 1000)
        #expect(story.harness.violations.isEmpty)
        story.harness.crowded = []
        story.harness.isOverloaded = true
        #expect(try story.ask("quotes", body).status == 503)
        story.harness.isOverloaded = false
        #expect(try story.bestQuote("498.00").rate == Region.rate("25.4137"))
    }

    @Test func onlyTheWayThatIsFullIsClosed() throws {
        var story = HubStory()
        story.push("25.4137")
        story.harness.crowded = [Region.my]
        #expect(story.quotes("498.00").count == 1)
    }

    // MARK: Amounts

    @Test func aFixedSourceAmountIsConvertedOnce() throws {
        var story = HubStory()
        story.push("25.4137")
        let quote = try story.bestQuote("498.00")
        #expect(quote.amounts.sourceSettlement == Region.money("498.00", .sgd))
        #expect(quote.amounts.destinationSettlement == Region.money("12656.02", .thb))
        #expect(quote.amounts.destinationFee == Region.money("45.00", .thb))
        #expect(quote.amounts.creditorAccount == Region.money("12611.02", .thb))
        #expect(quote.schemeFee == Region.money("1.00", .sgd))
        #expect(!quote.isCappedToMaximumAmount)
        #expect(quote.requester == Region.bicfi("MRLNSGS0"))
    }

    @Test func aFixedCreditorAmountIsGrossedUpAndDivided() throws {
        var story = HubStory()
        story.push("25.4137")
        let quote = try story.bestQuote("1000.00", .thb)
        #expect(quote.amounts.creditorAccount == Region.money("1000.00", .thb))
        #expect(quote.amounts.destinationSettlement == Region.money("1045.00", .thb))
        #expect(quote.amounts.sourceSettlement == Region.money("41.12", .sgd))
    }

    @Test func aPercentageFeeIsInvertedForAFixedCreditorAmount() throws {
        let fee = FeeFormula(nominal: Region.money("10", .thb), ratioPerMillion: 2000)
        var story = HubStory(Region.reference(thaiFee: fee))
        story.push("25")
        let quote = try story.bestQuote("1000.00", .thb)
        // (1000 + 10) / 0.998 = 1012.024..., the fee is the difference.
        #expect(quote.amounts.destinationSettlement == Region.money("1012.02", .thb))
        #expect(quote.amounts.destinationFee == Region.money("12.02", .thb))
        #expect(quote.amounts.creditorAccount == Region.money("1000.00", .thb))
    }

    @Test func noQuoteWhenNothingWouldReachTheCreditor() {
        var story = HubStory()
        story.push("25.4137")
        #expect(story.quotes("1.77").isEmpty)
        #expect(story.quotes("1.78").count == 1)
        #expect(story.harness.violations.isEmpty)
    }

    // MARK: Improvements

    @Test func improvementsAddAndNeverCompound() throws {
        var story = HubStory()
        story.push("1.5000", from: Region.andamanFX)
        // Below the lowest tier: the relationship's 25 basis points only.
        let small = try story.bestQuote("24999.99")
        #expect(small.rate == Region.rate("1.50375"))
        // Threshold included: 50 + 25; compounding would give 1.51126875.
        let tiered = try story.bestQuote("25000.00")
        #expect(tiered.rate == Region.rate("1.51125"))
        #expect(tiered.tierBasisPoints == 50)
        #expect(tiered.relationshipBasisPoints == 25)
        #expect(story.quotes("75000.00").first?.rate == Region.rate("1.52625"))
    }

    @Test func theTierIsSizedAtTheBaseRate() throws {
        let free = FeeFormula(nominal: Region.money("0", .thb), ratioPerMillion: 0)
        var story = HubStory(Region.reference(thaiFee: free))
        story.push("2", from: Region.andamanFX)
        // 50,000.00 THB cost 25,000.00 SGD at the base rate, less at the improved one.
        let quote = try story.bestQuote("50000.00", .thb)
        #expect(quote.tierBasisPoints == 50)
        #expect(quote.amounts.sourceSettlement == Region.money("24813.90", .sgd))
    }

    @Test func everyApprovedProviderWithARateQuotesBestFirst() {
        var story = HubStory()
        story.push("25.4137", from: Region.merlionFX)
        story.push("25.4137", from: Region.andamanFX)
        let quotes = story.quotes("498.00")
        #expect(quotes.map(\.provider) == [Region.andamanFX, Region.merlionFX])
        #expect(Set(quotes.map(\.id)).count == 2)
        // Only Andaman has approved Keramat.
        let others = story.quotes("498.00", institution: "KRMTSGS0")
        #expect(others.map(\.provider) == [Region.andamanFX])
    }

    // MARK: Rates

    @Test func aNewRateReplacesTheOldAndIssuedQuotesStand() throws {
        var story = HubStory()
        story.push("25.4137", id: 1)
        let first = try story.bestQuote("498.00")
        story.push("26", id: 2)
        let second = try story.bestQuote("498.00")
        #expect(second.rate == Region.rate("26"))
        #expect(second.rateID == Region.uuid(2))
        #expect(story.quote(first.id) == first)
        let decision = story.send(story.instruction(first))
        #expect(decision.recipients == [Region.th])
    }

    @Test func aWithdrawnRateQuotesNoMore() {
        var story = HubStory()
        story.push("25.4137")
        story.push(nil, id: 8)
        #expect(story.quotes("498.00").isEmpty)
        story.push("25.4137", id: 9)
        #expect(story.quotes("498.00").count == 1)
        #expect(story.harness.violations.isEmpty)
    }

    @Test func aRateSaysNothingAboutTheReverseCorridor() {
        var story = HubStory()
        story.push("8.05", "TH", "MY")
        #expect(
            story.quotes("100.00", .myr, institution: "RIMBMYK0", source: ("MY", "MYR")).isEmpty
        )
    }

    @Test func onlyTheProviderItselfSetsItsRate() {
        var story = HubStory()
        let announcement = RateAnnouncement(
            id: Region.uuid(3),
            sourceCountry: "SG",
            destinationCountry: "TH",
            rate: Region.rate("99")
        )
        let decision = story.harness.receive(.rate(announcement), from: Region.merlion)
        #expect(decision.records.isEmpty)
        #expect(decision.alerts.map(\.severity) == [.security])
    }

    @Test(arguments: [("SG", "SG"), ("SG", "PH"), ("XX", "TH"), ("SG", "MY")])
    func aRateOutsideTheProvidersCorridorsIsIgnored(_ source: String, _ destination: String) {
        var story = HubStory()
        story.push("3", from: Region.andamanFX, source, destination)
        #expect(story.harness.decisions.last?.records.isEmpty == true)
        #expect(story.harness.decisions.last?.alerts.count == 1)
    }

    @Test func theSameRateAgainChangesNothing() {
        var story = HubStory()
        story.push("25.4137")
        story.push("25.4137")
        #expect(story.harness.decisions.last == .nothing)
    }

    // MARK: Caps

    @Test func anAmountAboveTheSourceMaximumIsCapped() throws {
        var story = HubStory(Region.reference(thaiMaximum: "20000000"))
        story.push("25.4137")
        let quote = try story.bestQuote("200000.01")
        #expect(quote.isCappedToMaximumAmount)
        #expect(quote.amounts.sourceSettlement == Region.money("200000.00", .sgd))
        #expect(quote.amounts.destinationSettlement == Region.money("5082740.00", .thb))
        #expect(story.quotes("200000.00").first?.isCappedToMaximumAmount == false)
    }

    @Test func anAmountAboveTheDestinationMaximumIsCappedAtTheRate() throws {
        var story = HubStory()
        story.push("25.4137")
        let quote = try story.bestQuote("100000.00")
        #expect(quote.isCappedToMaximumAmount)
        // 2,000,000 / 25.4137 = 78,697.710...; the amounts still follow from the source's.
        #expect(quote.amounts.sourceSettlement == Region.money("78697.71", .sgd))
        #expect(quote.amounts.destinationSettlement == Region.money("1999999.99", .thb))
        #expect(
            quote.rate.convert(quote.amounts.sourceSettlement, to: .thb, rounding: .halfUp)
                == quote.amounts.destinationSettlement
        )
    }

    @Test func aFixedCreditorAmountIsCappedToo() throws {
        var story = HubStory()
        story.push("25.4137")
        let quote = try story.bestQuote("999999999999999.00", .thb)
        #expect(quote.isCappedToMaximumAmount)
        #expect(quote.amounts.destinationSettlement == Region.money("2000000.00", .thb))
        #expect(quote.amounts.creditorAccount == Region.money("1999955.00", .thb))
        #expect(quote.amounts.sourceSettlement == Region.money("78697.71", .sgd))
    }

    @Test func aCappedQuoteCanBePaid() throws {
        for (amount, currency) in [("100000.00", Currency.sgd), ("5000000.00", .thb)] {
            var story = HubStory()
            story.push("25.4137")
            let quote = try story.bestQuote(amount, currency)
            #expect(story.send(story.instruction(quote)).recipients == [Region.th])
        }
    }

    /// Every cap against every rate: within both maximums, and one unit more reaches or passes one.
    @Test(arguments: ["0.0379", "0.5", "1", "1.0001", "25.4137", "3.3333333333", "99.99"])
    func aCappedAmountReachesAMaximumAndPassesNone(_ text: String) throws {
        let free = FeeFormula(nominal: Region.money("0", .thb), ratioPerMillion: 0)
        for (source, destination) in [("200", "1000"), ("0.07", "999"), ("1000", "3.21")] {
            let reference = Region.reference(
                thaiMaximum: destination,
                sourceMaximum: source,
                thaiFee: free
            )
            var story = HubStory(reference)
            story.push(text)
            let rate = Region.rate(text)
            let sourceMaximum = Region.money(source, .sgd)
            let destinationMaximum = Region.money(destination, .thb)
            for currency in [Currency.sgd, .thb] {
                guard let quote = story.quotes("100000000", currency).first else {
                    // Not even the whole source maximum buys one satang.
                    let most = rate.convert(sourceMaximum, to: .thb, rounding: .halfUp)
                    #expect(most?.isPositive == false)
                    continue
                }
                let amounts = quote.amounts
                #expect(amounts.sourceSettlement.minorUnits <= sourceMaximum.minorUnits)
                #expect(amounts.destinationSettlement.minorUnits <= destinationMaximum.minorUnits)
                let one = Money(minorUnits: 1, currency: currency)
                if currency == .sgd {
                    let more = amounts.sourceSettlement + one
                    let converted = try #require(
                        rate.convert(more, to: .thb, rounding: .halfUp)
                    )
                    #expect(
                        more.minorUnits > sourceMaximum.minorUnits
                            || converted.minorUnits >= destinationMaximum.minorUnits
                    )
                } else {
                    let more = amounts.destinationSettlement + one
                    let inverted = try #require(rate.invert(more, to: .sgd, rounding: .halfUp))
                    #expect(
                        more.minorUnits > destinationMaximum.minorUnits
                            || inverted.minorUnits >= sourceMaximum.minorUnits
                    )
                }
            }
            #expect(story.harness.violations.isEmpty)
        }
    }
}

@Suite struct QuoteRequestTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let name: String
        let status: UInt16
        var from = "MRLNSGS0"
        let body: JSONValue

        var testDescription: String { name }
    }

    static let cases = [
        Case(
            name: "another institution's quotes",
            status: 403,
            from: "KRMTSGS0",
            body: HubStory.quoteBody("1.00")
        ),
        Case(
            name: "an FX provider",
            status: 403,
            from: "fx-merlion",
            body: HubStory.quoteBody("1.00")
        ),
        Case(name: "a stranger", status: 403, from: "ZZZZSGS0", body: HubStory.quoteBody("1.00")),
        Case(
            name: "an unknown institution",
            status: 404,
            body: HubStory.quoteBody("1.00", institution: "ZZZZSGS0")
        ),
        Case(
            name: "an institution off the network",
            status: 403,
            from: "PASRSGS0",
            body: HubStory.quoteBody("1.00", institution: "PASRSGS0")
        ),
        Case(
            name: "an institution of another country",
            status: 422,
            from: "LTUSTHB0",
            body: HubStory.quoteBody("1.00", institution: "LTUSTHB0")
        ),
        Case(
            name: "an unknown country",
            status: 404,
            body: HubStory.quoteBody("1.00", destination: ("PH", "PHP"))
        ),
        Case(
            name: "a country's wrong currency",
            status: 422,
            body: HubStory.quoteBody("1.00", destination: ("TH", "USD"))
        ),
        Case(
            name: "the same country",
            status: 422,
            body: HubStory.quoteBody("1.00", destination: ("SG", "SGD"))
        ),
        Case(
            name: "an amount in a third currency",
            status: 422,
            body: HubStory.quoteBody("1.00", .myr)
        ),
        Case(name: "nothing", status: 422, body: HubStory.quoteBody("0.00")),
        Case(name: "less than nothing", status: 422, body: HubStory.quoteBody("-1.00")),
        Case(name: "three decimals", status: 422, body: HubStory.quoteBody("1.005")),
        Case(name: "no amount", status: 400, body: HubStory.quoteBody("1,00")),
        Case(name: "no body", status: 400, body: [:]),
        Case(name: "a list", status: 400, body: []),
    ]

    @Test(arguments: cases)
    func isRefused(_ refused: Case) throws {
        var story = HubStory()
        story.push("25.4137")
        let reply = try story.ask("quotes", refused.body, from: refused.from)
        #expect(reply.status == refused.status)
        #expect(reply.body["error"] != nil)
        #expect(story.harness.decisions.last?.records.isEmpty == true)
        #expect(story.harness.violations.isEmpty)
    }

    @Test func theAnswerHasTheSchemesShape() throws {
        var story = HubStory()
        story.push("25.4137")
        let reply = try story.ask("quotes", HubStory.quoteBody("498.00"))
        #expect(reply.status == 200)
        guard case .array(let quotes) = reply.body["quotes"], let quote = quotes.first else {
            Issue.record("no quotes")
            return
        }
        #expect(quote["exchangeRate"] == "25.4137")
        #expect(quote["expiryDateTime"] == "2026-11-23T04:10:00.000Z")
        #expect(quote["fxpFinInstId"] == "fx-merlion")
        let debtorAgent: JSONValue = [
            "interbankSettlementAmount": [
                "amount": "498.00", "cappedToMaxAmount": false, "currency": "SGD",
            ],
            "nexusSchemeFee": ["amount": "1.00", "currency": "SGD"],
        ]
        #expect(quote["debtorAgent"] == debtorAgent)
        let creditorAgent: JSONValue = [
            "chargesInformation": ["amount": ["amount": "45.00", "currency": "THB"]],
            "creditorAccountAmount": ["amount": "12611.02", "currency": "THB"],
            "interbankSettlementAmount": [
                "amount": "12656.02", "cappedToMaxAmount": false, "currency": "THB",
            ],
        ]
        #expect(quote["creditorAgent"] == creditorAgent)
        #expect(quote["intermediaryAgent1"]?["finInstId"]?["BICFI"] == "STRTSGS0")
        #expect(quote["intermediaryAgent2Account"]?["id"] == "4110093377")
        // Written without being built first, and still every answer's one spelling.
        #expect(reply.text == reply.body.canonicalBytes(sortedKeys: true))
    }

    @Test func noProviderMeansAnEmptyList() throws {
        var story = HubStory()
        let reply = try story.ask("quotes", HubStory.quoteBody("498.00"))
        #expect(reply.status == 200)
        #expect(reply.body["quotes"] == [])
    }

    @Test func onlyTheRequesterSeesItsIntermediaries() throws {
        var story = HubStory()
        story.push("25.4137")
        let quote = try story.bestQuote("498.00")
        let body: JSONValue = ["quoteId": .string(quote.id.description)]
        let own = try story.ask("intermediary-agents", body)
        #expect(own.status == 200)
        #expect(own.body["intermediaryAgent1"]?["account"]?["otherId"] == "7001182244")
        #expect(own.body["intermediaryAgent2"]?["currencyCode"] == "THB")
        for other in ["KRMTSGS0", "fx-merlion", "operator"] {
            let reply = try story.ask("intermediary-agents", body, from: other)
            #expect(reply.status == 404)
        }
    }
}
