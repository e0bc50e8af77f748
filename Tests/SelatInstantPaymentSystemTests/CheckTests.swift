import SelatISO20022
import SelatInstantPaymentSystem
import SelatMoney
import SelatNode
import SelatScheme
import SelatTestSupport
import SelatTime
import Testing

/// What a first copy is refused for, and in which order. Source: states.md §4 and §5.
@Suite struct CheckTests {
    /// One way to break a rule, and the reason that answers it.
    struct Case: Sendable, CustomTestStringConvertible {
        let name: String
        let reason: String
        let breaks: @Sendable (inout FIToFICustomerCreditTransfer) -> Void
        var testDescription: String { "\(name): \(reason)" }
    }

    private static func set(
        _ text: String,
        _ currency: Currency
    ) -> @Sendable (inout FIToFICustomerCreditTransfer) -> Void {
        { $0.interbankSettlementAmount = Samples.amount(text, currency) }
    }

    /// In the order of precedence: with any two broken, the earlier one answers.
    static let source: [Case] = [
        Case(name: "surplus decimals", reason: "CH20", breaks: set("498.001", .sgd)),
        Case(name: "nothing", reason: "AM06", breaks: set("0.00", .sgd)),
        Case(name: "another clearing system", reason: "FF01") {
            $0.clearingSystem = .proprietary("THBPPAY")
        },
        Case(name: "another currency", reason: "CURR", breaks: set("498.00", .thb)),
        Case(name: "too old", reason: "TM01") {
            $0.acceptanceDateTime = Samples.start - .seconds(601)
        },
        Case(name: "in the future", reason: "TM01") {
            $0.acceptanceDateTime = Samples.start + .milliseconds(5001)
        },
        Case(name: "no access provider", reason: "RC11") {
            $0.instructedAgent = Agent(bicfi: Samples.plain)
            $0.intermediaryAgent1 = Agent(bicfi: Samples.plain)
        },
        Case(name: "access provider not on the network", reason: "RC11") {
            $0.instructedAgent = Agent(bicfi: Samples.dimSum)
            $0.intermediaryAgent1 = Agent(bicfi: Samples.dimSum)
        },
        Case(name: "access provider of another system", reason: "RC11") {
            $0.instructedAgent = Agent(bicfi: Samples.samut)
            $0.intermediaryAgent1 = Agent(bicfi: Samples.samut)
        },
        Case(name: "two access providers", reason: "RC11") {
            $0.intermediaryAgent1 = Agent(bicfi: Samples.foothold)
        },
        Case(name: "no intermediary", reason: "RC11") { $0.intermediaryAgent1 = nil },
        Case(name: "above the limit", reason: "AM13", breaks: set("200000.01", .sgd)),
        Case(name: "above the balance", reason: "AM04", breaks: set("10000.01", .sgd)),
    ]

    @Test(arguments: source)
    func theSourceRefusesForGood(breach: Case) {
        var message = Samples.m1()
        breach.breaks(&message)
        var harness = Self.harness(Samples.singapore(.fiveStep))
        let merlion = Samples.party(Samples.merlion)
        let first = harness.receive(.iso(.creditTransfer(message)), from: merlion)
        #expect(first.reports(to: merlion).map(\.statusText) == ["RJCT \(breach.reason)"])
        #expect(first.journals.isEmpty)
        #expect(first.recipients == [merlion])
        harness.now = harness.now + .seconds(1)
        let again = harness.receive(.iso(.creditTransfer(message)), from: merlion)
        #expect(again.messages == first.messages)
        #expect(harness.violations.isEmpty)
    }

    @Test func theSourceAnswersTheFirstRuleBroken() {
        for (index, early) in Self.source.enumerated() {
            for late in Self.source[index...] where early.reason != late.reason {
                // Amounts overwrite each other; the other rules touch what is their own.
                let amounts = ["CH20", "CURR", "AM06", "AM13", "AM04"]
                if amounts.contains(early.reason), amounts.contains(late.reason) { continue }
                var message = Samples.m1()
                late.breaks(&message)
                early.breaks(&message)
                var harness = Self.harness(Samples.singapore(.fiveStep))
                let merlion = Samples.party(Samples.merlion)
                let decision = harness.receive(.iso(.creditTransfer(message)), from: merlion)
                #expect(
                    decision.reports(to: merlion).map(\.statusText) == ["RJCT \(early.reason)"],
                    "\(early.name) before \(late.name)"
                )
            }
        }
    }

    static let destination: [Case] = [
        Case(name: "surplus decimals", reason: "CH20", breaks: set("12656.021", .thb)),
        Case(name: "another clearing system", reason: "FF01") {
            $0.clearingSystem = .proprietary("SGDFAST")
        },
        Case(name: "another currency", reason: "CURR", breaks: set("498.00", .sgd)),
        Case(name: "nothing", reason: "AM06", breaks: set("0.00", .thb)),
        Case(name: "too old", reason: "TM01") {
            $0.acceptanceDateTime = Samples.start - .seconds(601)
        },
        Case(name: "in the future", reason: "TM01") {
            $0.acceptanceDateTime = Samples.start + .milliseconds(5001)
        },
        Case(name: "the payer is no access provider", reason: "AGNT") {
            $0.instructingAgent = Agent(bicfi: Samples.dusk)
        },
        Case(name: "the payer is of another system", reason: "AGNT") {
            $0.instructingAgent = Agent(bicfi: Samples.straits)
        },
        Case(name: "an unknown creditor agent", reason: "RC04") {
            $0.instructedAgent = Agent(bicfi: Samples.straits)
            $0.creditorAgent = Agent(bicfi: Samples.straits)
        },
        Case(name: "a creditor agent not on the network", reason: "AGNT") {
            $0.instructedAgent = Agent(bicfi: Samples.dusk)
            $0.creditorAgent = Agent(bicfi: Samples.dusk)
        },
        Case(name: "two creditor agents", reason: "AGNT") {
            $0.creditorAgent = Agent(bicfi: Samples.samut)
        },
        Case(name: "above the limit", reason: "AM13", breaks: set("2000000.01", .thb)),
    ]

    @Test(arguments: destination)
    func theDestinationRefusesForGood(breach: Case) {
        var message = Samples.m5()
        breach.breaks(&message)
        var harness = Self.harness(Samples.thailand(.fiveStep))
        let first = harness.receive(.iso(.creditTransfer(message)), from: .hub)
        #expect(first.reports(to: .hub).map(\.statusText) == ["RJCT \(breach.reason)"])
        #expect(first.recipients == [.hub])
        let again = harness.receive(.iso(.creditTransfer(message)), from: .hub)
        #expect(again.messages == first.messages)
        #expect(harness.violations.isEmpty)
    }

    @Test func aFourStepSystemRefusesHigh() {
        var story = Story(.init(leg: .destination, model: .fourStep, priority: .high))
        #expect(story.does(.first) == "Rejected | - | M10 RJCT AG03 | -")
    }

    /// Limits are what they say: at the limit yes, one beyond no.
    @Test(
        arguments: [
            ("10000.00", Duration.zero, "AwaitingSourceSAP"),
            ("10000.01", .zero, "Rejected"),
            ("498.00", .seconds(-600), "AwaitingSourceSAP"),
            ("498.00", .seconds(-601), "Rejected"),
            ("498.00", .seconds(5), "AwaitingSourceSAP"),
            ("498.00", .milliseconds(5001), "Rejected"),
        ]
    )
    func limitsIncludeTheirBound(amount: String, accepted: Duration, state: String) {
        var harness = Self.harness(Samples.singapore(.fiveStep))
        let message = Samples.m1(amount: amount, accepted: Samples.start + accepted)
        harness.receive(
            .iso(.creditTransfer(message)),
            from: Samples.party(Samples.merlion)
        )
        let row = harness.payment(Samples.uetr)
        #expect(row.flatMap { InstantPaymentSystem.State(rawValue: $0.state) }?.name == state)
    }

    /// A HIGH payment is older sooner: the sum of the three execution times.
    @Test func aHighPaymentIsTooOldAfterTheExecutionTimes() {
        for (age, state) in [(17, "AwaitingSourceSAP"), (18, "Rejected")] {
            var harness = Self.harness(Samples.singapore(.fiveStep))
            let message = Samples.m1(
                priority: .high,
                accepted: Samples.start - .seconds(age)
            )
            harness.receive(
                .iso(.creditTransfer(message)),
                from: Samples.party(Samples.merlion)
            )
            let row = harness.payment(Samples.uetr)
            #expect(row.flatMap { InstantPaymentSystem.State(rawValue: $0.state) }?.name == state)
        }
    }

    /// Times from the ends of the range do not leave it.
    @Test(arguments: [Int64.min, -1, 0, Int64.max])
    func noAcceptanceTimeIsTooStrange(nanoseconds: Int64) {
        var harness = Self.harness(Samples.singapore(.fiveStep))
        let message = Samples.m1(accepted: Instant(nanoseconds: nanoseconds))
        let merlion = Samples.party(Samples.merlion)
        let decision = harness.receive(.iso(.creditTransfer(message)), from: merlion)
        #expect(decision.reports(to: merlion).map(\.statusText) == ["RJCT TM01"])
    }

    /// A payment once accepted is never measured again against age.
    @Test func aResendIsNotMeasuredAgain() {
        var story = Story(.init(leg: .source, model: .fiveStep))
        story.does(.first, .m3("ACCC"))
        story.harness.now = story.harness.now + .seconds(7200)
        #expect(story.does(.again) == "same | - | M4 as stored | -")
    }

    /// Nothing is reserved for what cannot leave. Decision 0008.
    @Test func aCongestedWayRefusesBeforeAnythingIsReserved() {
        for party in [PartyID.hub, Samples.party(Samples.straits)] {
            var story = Story(.init(leg: .source, model: .fiveStep))
            story.harness.congested = [party]
            #expect(story.does(.first) == "Rejected | - | M16 RJCT ED06 | -")
            story.harness.congested = []
            #expect(story.does(.again) == "same | - | M16 RJCT ED06 as stored | -")
        }
        for (party, reason) in [(Samples.samut, "AB10"), (Samples.lotus, "AB08")] {
            var story = Story(.init(leg: .destination, model: .fiveStep))
            story.harness.congested = [Samples.party(party)]
            #expect(story.does(.first) == "Rejected | - | M10 RJCT \(reason) | -")
        }
        // What is under way is never held back.
        var story = Story(.init(leg: .source, model: .fiveStep))
        story.does(.first)
        story.harness.congested = [.hub]
        #expect(story.does(.m3("ACCC")) == "SentToHub | - | M4 | -")
    }

    @Test func whoIsNotOnTheNetworkSendsNothingAbroad() {
        var harness = Self.harness(Samples.singapore(.fiveStep))
        var message = Samples.m1()
        message.instructingAgent = Agent(bicfi: Samples.dimSum)
        message.debtorAgent = Agent(bicfi: Samples.dimSum)
        let sender = Samples.party(Samples.dimSum)
        let decision = harness.receive(.iso(.creditTransfer(message)), from: sender)
        #expect(decision.reports(to: sender).map(\.statusText) == ["RJCT AGNT"])
    }

    static func harness(
        _ configuration: InstantPaymentSystem.Configuration
    ) -> RoleHarness<InstantPaymentSystem> {
        var harness = RoleHarness(
            InstantPaymentSystem(configuration),
            as: configuration.id,
            now: Samples.start
        )
        harness.open()
        return harness
    }
}
