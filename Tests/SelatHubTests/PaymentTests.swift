import SelatHub
import SelatISO20022
import SelatLedger
import SelatMoney
import SelatNode
import SelatScheme
import SelatTestSupport
import SelatTime
import Testing

@Suite struct PaymentTests {
    let uetr = Region.uuid(1)

    @Test func forwardingSwapsTheAgentsAndTakesTheAmountFromTheQuote() throws {
        let (story, message, onward) = HubStory.forwarded()
        var expected = message
        expected.messageIdentification = onward.messageIdentification
        expected.creationDateTime = story.harness.now.wholeMilliseconds
        expected.clearingSystem = .proprietary("THBPPAY")
        expected.interbankSettlementAmount = CurrencyAndAmount(Region.money("12656.02", .thb))
        expected.previousInstructingAgent1 = Agent(bicfi: Region.bicfi("STRTSGS0"))
        expected.previousInstructingAgent1Account = Account(identification: .other("7001182244"))
        expected.instructingAgent = Agent(bicfi: Region.bicfi("SMUTTHB0"))
        expected.instructedAgent = Agent(bicfi: Region.bicfi("LTUSTHB0"))
        expected.intermediaryAgent1 = nil
        expected.intermediaryAgent1Account = nil
        #expect(onward == expected)
        #expect(onward.messageIdentification != message.messageIdentification)
        #expect(onward.violations().isEmpty)
        #expect(story.state() == .forwarded)
        #expect(story.harness.violations.isEmpty)
    }

    @Test func acceptanceReservesTheMemorandumAndCompletionPostsIt() throws {
        var (story, _, onward) = HubStory.forwarded()
        #expect(story.balance("cleared:sg", "SGD") == "0.00 (498.00)")
        #expect(story.balance("position:fx-merlion", "SGD") == "0.00 (498.00)")
        #expect(story.balance("position:fx-merlion", "THB") == "0.00 (-12656.02)")
        #expect(story.balance("cleared:th", "THB") == "0.00 (-12656.02)")
        #expect(story.balance("receivable:sg", "SGD") == "0.00 (1.00)")
        #expect(story.balance("scheme-fee-income", "SGD") == "0.00 (1.00)")
        story.report(story.answer(.acceptedCreditSettlementCompleted, to: onward))
        #expect(story.balance("cleared:sg", "SGD") == "498.00 (0.00)")
        #expect(story.balance("position:fx-merlion", "SGD") == "498.00 (0.00)")
        #expect(story.balance("position:fx-merlion", "THB") == "-12656.02 (0.00)")
        #expect(story.balance("cleared:th", "THB") == "-12656.02 (0.00)")
        #expect(story.balance("receivable:sg", "SGD") == "1.00 (0.00)")
        #expect(story.balance("scheme-fee-income", "SGD") == "1.00 (0.00)")
        #expect(story.harness.violations.isEmpty)
    }

    @Test func completionConfirmsTellsTheSourceAndNotifiesTheProvider() throws {
        var (story, message, onward) = HubStory.forwarded()
        story.advance(.seconds(2))
        let decision = story.report(story.answer(.acceptedCreditSettlementCompleted, to: onward))
        #expect(decision.recipients == [Region.th, Region.sg, Region.merlionFX])
        let confirmation = try #require(decision.reports(to: Region.th).first)
        #expect(confirmation.statusText == "ACCC")
        #expect(confirmation.originalMessageIdentification == onward.messageIdentification)
        let outcome = try #require(decision.reports(to: Region.sg).first)
        #expect(outcome.statusText == "ACCC")
        #expect(outcome.originalMessageIdentification == message.messageIdentification)
        #expect(outcome.originalUETR == uetr)
        #expect(outcome.instructingAgent.bicfi == Region.bicfi("STRTSGS0"))
        #expect(outcome.instructedAgent.bicfi == Region.bicfi("MRLNSGS0"))
        guard case .notification(let completed) = decision.messages[2].message else {
            Issue.record("no notification")
            return
        }
        #expect(completed.source == Region.money("498", .sgd))
        #expect(completed.destination == Region.money("12656.02", .thb))
        #expect(completed.rateID == Region.uuid(7))
        #expect(completed.destinationAccessProvider == Region.bicfi("SMUTTHB0"))
        #expect(story.state() == .completed)
        #expect(story.harness.payment(uetr)?.due == nil)
    }

    @Test func aBlockedPaymentSettlesLikeACompletedOne() throws {
        var (story, _, onward) = HubStory.forwarded()
        let decision = story.report(story.answer(.blocked, to: onward))
        #expect(decision.reports(to: Region.sg).map(\.statusText) == ["BLCK"])
        #expect(decision.recipients == [Region.th, Region.sg, Region.merlionFX])
        #expect(story.balance("receivable:sg", "SGD") == "1.00 (0.00)")
        #expect(story.state() == .blocked)
    }

    @Test func aRejectionVoidsEverythingAndCarriesTheReasonUntouched() throws {
        var (story, _, onward) = HubStory.forwarded()
        let decision = story.report(
            story.answer(.rejected, "AC04", to: onward, texts: ["closed in May"])
        )
        #expect(decision.recipients == [Region.th, Region.sg])
        let outcome = try #require(decision.reports(to: Region.sg).first)
        #expect(outcome.statusReason?.code == "AC04")
        #expect(outcome.statusReason?.additionalInformation == ["closed in May"])
        #expect(story.balance("cleared:sg", "SGD") == "0.00 (0.00)")
        #expect(story.balance("scheme-fee-income", "SGD") == "0.00 (0.00)")
        #expect(story.state() == .rejectedByDestination)
        #expect(decision.alerts.isEmpty)
        #expect(story.harness.violations.isEmpty)
    }

    @Test(arguments: [nil, "ZZ99", "NARR"])
    func aRejectionWithoutAListedReasonIsToldAsNarrative(_ reason: String?) throws {
        var (story, _, onward) = HubStory.forwarded()
        let decision = story.report(story.answer(.rejected, reason, to: onward))
        let outcome = try #require(decision.reports(to: Region.sg).first)
        #expect(outcome.statusText == "RJCT NARR")
        #expect(outcome.violations().isEmpty)
        #expect(decision.alerts.map(\.severity) == [.incident])
        #expect(story.state() == .rejectedByDestination)
    }

    @Test func aProviderThatOptedOutIsNotNotified() throws {
        var story = HubStory()
        story.push("25.4137", from: Region.andamanFX)
        let quote = try story.bestQuote("498.00")
        let sent = story.send(story.instruction(quote))
        let onward = try #require(sent.creditTransfers(to: Region.th).first)
        let decision = story.report(story.answer(.acceptedCreditSettlementCompleted, to: onward))
        #expect(decision.recipients == [Region.th, Region.sg])
    }

    @Test func acceptanceWithoutPostingIsInterimAndTheFinalFollows() throws {
        var (story, _, onward) = HubStory.forwarded()
        let interim = story.report(story.answer(.acceptedWithoutPosting, to: onward))
        #expect(interim.recipients == [Region.sg])
        #expect(interim.reports(to: Region.sg).map(\.statusText) == ["ACWP"])
        #expect(interim.journals.isEmpty)
        #expect(story.state() == .acceptedWithoutPosting)
        #expect(story.report(story.answer(.acceptedWithoutPosting, to: onward)) == .nothing)
        let final = story.report(story.answer(.acceptedCreditSettlementCompleted, to: onward))
        #expect(final.recipients == [Region.th, Region.sg, Region.merlionFX])
        #expect(story.state() == .completed)
        #expect(
            story.harness.history[uetr] == ["- -> 1 M4", "1 -> 2 M10 ACWP", "2 -> 3 M10 ACCC"]
        )
    }

    @Test func aPaymentWithAFixedCreditorAmountIsForwardedToTheUnit() throws {
        var story = HubStory()
        story.push("25.4137")
        let quote = try story.bestQuote("1000.00", .thb)
        #expect(quote.amounts.sourceSettlement == Region.money("41.12", .sgd))
        #expect(quote.amounts.destinationSettlement == Region.money("1045.00", .thb))
        let sent = story.send(story.instruction(quote))
        let onward = try #require(sent.creditTransfers(to: Region.th).first)
        // 41.12 x 25.4137 is 1045.01; the quote's 1045.00 is what goes on.
        #expect(
            onward.interbankSettlementAmount == CurrencyAndAmount(Region.money("1045.00", .thb))
        )
    }

    @Test func aFreeCorridorBooksNoFee() throws {
        var story = HubStory()
        story.push("8.05", "MY", "TH")
        let quotes = story.quotes(
            "100.00",
            .myr,
            institution: "RIMBMYK0",
            source: ("MY", "MYR")
        )
        let quote = try #require(quotes.first)
        let decision = story.send(story.instruction(quote), from: Region.my)
        #expect(decision.journals.map(\.transfers.count) == [2])
        #expect(story.harness.violations.isEmpty)
    }

    @Test func theEnquiryRepeatsTheSameMessageAndBacksOff() throws {
        var (story, _, onward) = HubStory.forwarded()
        var waits: [Duration] = []
        for _ in 0..<7 {
            let before = story.harness.now
            let decision = try story.fireTimer(uetr)
            waits.append(story.harness.now - before)
            #expect(decision.creditTransfers(to: Region.th) == [onward])
            #expect(decision.journals.isEmpty)
        }
        #expect(waits == [20, 40, 80, 160, 320, 600, 600].map { .seconds($0) })
        // However late: only the destination ends a NORM payment.
        story.report(story.answer(.acceptedCreditSettlementCompleted, to: onward))
        #expect(story.state() == .completed)
        #expect(story.harness.violations.isEmpty)
    }

    @Test func aStaleTimerDoesNothing() {
        var (story, _, onward) = HubStory.forwarded(priority: .high)
        let version = story.harness.payment(uetr)?.version
        story.report(story.answer(.acceptedCreditSettlementCompleted, to: onward))
        story.advance(.seconds(60))
        #expect(story.harness.timer(uetr, version: version) == .nothing)
        #expect(story.harness.timer(uetr) == .nothing)
        #expect(story.harness.timer(Region.uuid(99)) == .nothing)
    }

    @Test func anEarlyTimerDoesNothing() {
        var (story, _, _) = HubStory.forwarded(priority: .high)
        #expect(story.harness.timer(uetr) == .nothing)
        #expect(story.state() == .forwarded)
    }
}
