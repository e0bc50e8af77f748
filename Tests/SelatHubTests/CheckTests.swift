import SelatHub
import SelatISO20022
import SelatMoney
import SelatNode
import SelatScheme
import SelatTestSupport
import SelatTime
import Testing

/// Every rule, with the least that breaks it.
@Suite struct CheckTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let rule: Rule
        let reason: String
        let what: String
        var priority = Priority.normal
        var reference = Region.reference()
        var congested: Set<PartyID> = []
        let change: @Sendable (inout FIToFICustomerCreditTransfer, inout HubStory) -> Void

        var testDescription: String { "\(rule.number) \(what)" }
    }

    static func amount(_ text: String, _ currency: Currency) -> CurrencyAndAmount {
        CurrencyAndAmount(Region.money(text, currency))
    }

    static func agent(_ code: String) -> Agent { Agent(bicfi: Region.bicfi(code)) }

    static let authority = [
        Case(rule: .senderSpeaksForInstructingAgent, reason: "AGNT", what: "Thai instructing agent")
        {
            message,
            _ in
            message.instructingAgent = agent("LTUSTHB0")
        },
        Case(rule: .senderSpeaksForInstructingAgent, reason: "AGNT", what: "unregistered agent") {
            message,
            _ in
            message.instructingAgent = agent("ZZZZSGS0")
        },
        Case(rule: .messageIsReadable, reason: "CH21", what: "one charge only") { message, _ in
            message.chargesInformation.removeLast()
        },
        Case(rule: .messageIsReadable, reason: "CH20", what: "three decimals") { message, _ in
            message.interbankSettlementAmount.amount = Decimal(mantissa: 498_001, scale: 3)
        },
        Case(rule: .messageIsReadable, reason: "AM06", what: "nothing to settle") { message, _ in
            message.interbankSettlementAmount.amount = Decimal(mantissa: 0, scale: 0)
        },
        Case(rule: .isYoungEnough, reason: "TM01", what: "NORM, a nanosecond too old") {
            _,
            story in
            story.advance(story.times.normalAge + .nanoseconds(1))
        },
        Case(
            rule: .isYoungEnough,
            reason: "TM01",
            what: "HIGH, a nanosecond too old",
            priority: .high
        ) { _, story in
            story.advance(story.times.highAge + .nanoseconds(1))
        },
        Case(rule: .isNotFromTheFuture, reason: "TM01", what: "accepted in six seconds") {
            message,
            story in
            message.acceptanceDateTime = story.harness.now + .seconds(6)
        },
    ]

    static let corridor = [
        Case(rule: .debtorAgentIsOnTheNetwork, reason: "AGNT", what: "two debtor agents") {
            message,
            _ in
            message.debtorAgent = agent("KRMTSGS0")
        },
        Case(rule: .debtorAgentIsOnTheNetwork, reason: "AGNT", what: "debtor agent off network") {
            message,
            _ in
            message.debtorAgent = agent("PASRSGS0")
            message.instructingAgent = agent("PASRSGS0")
        },
        Case(rule: .settlesInSourceCurrency, reason: "CURR", what: "settles in THB") { message, _ in
            message.interbankSettlementAmount = amount("498.00", .thb)
        },
        Case(rule: .creditorAgentIsKnown, reason: "RC07", what: "unknown creditor agent") {
            message,
            _ in
            message.creditorAgent = agent("ZZZZTHB0")
        },
        Case(
            rule: .creditorAgentIsOnTheNetwork,
            reason: "AGNT",
            what: "creditor agent off network"
        ) { message, _ in
            message.creditorAgent = agent("KHAOTHB0")
        },
        Case(rule: .corridorExists, reason: "AM03", what: "to the same country") { message, _ in
            message.creditorAgent = agent("KRMTSGS0")
        },
        Case(
            rule: .destinationSupportsPriority,
            reason: "AG03",
            what: "HIGH to 4-step",
            priority: .high,
            reference: Region.reference(thaiModel: .fourStep)
        ) { _, _ in },
        Case(
            rule: .deadlineCanBeMet,
            reason: "AB03",
            what: "HIGH, only the hub's own time left",
            priority: .high
        ) { _, story in
            story.advance(story.times.highAge - story.times.hubExecution)
        },
        Case(
            rule: .deadlineCanBeMet,
            reason: "AB03",
            what: "HIGH, deadline at this instant",
            priority: .high
        ) { _, story in
            story.advance(story.times.highAge)
        },
        Case(
            rule: .isWithinDestinationMaximum,
            reason: "AM13",
            what: "the quote is above today's maximum"
        ) { message, story in
            // The reference data was replaced between quote and payment.
            story = story.withReference(Region.reference(thaiMaximum: "12656.01"))
        },
        Case(
            rule: .destinationHasRoom,
            reason: "ED06",
            what: "the destination's outbox is over quota",
            congested: [Region.th]
        ) { _, _ in },
    ]

    static let quote = [
        Case(rule: .quoteIsNamed, reason: "RC11", what: "no quote") { message, _ in
            message.agreedRate.quoteIdentification = nil
        },
        Case(rule: .quoteIsTheDebtorAgents, reason: "AB04", what: "unknown quote") { message, _ in
            message.agreedRate.quoteIdentification = Region.uuid(404)
        },
        Case(rule: .quoteIsTheDebtorAgents, reason: "AB04", what: "another PSP's quote") {
            message,
            _ in
            message.instructingAgent = agent("KRMTSGS0")
            message.debtorAgent = agent("KRMTSGS0")
        },
        Case(rule: .quoteIsUnused, reason: "AB04", what: "quote used before") { message, story in
            var first = message
            first.uetr = Region.uuid(2)
            first.messageIdentification = "SG0000"
            story.send(first)
        },
        Case(rule: .quoteIsUnexpired, reason: "AB04", what: "quote 600 s old to the nanosecond") {
            message,
            story in
            story.advance(.seconds(600))
            message.acceptanceDateTime = story.harness.now
        },
        Case(rule: .quoteIsForTheCorridor, reason: "AB04", what: "to Malaysia with a Thai quote") {
            message,
            _ in
            message.creditorAgent = agent("RIMBMYK0")
        },
        Case(rule: .rateIsTheQuotes, reason: "AB04", what: "another rate") { message, _ in
            message.agreedRate.preAgreedExchangeRate = Decimal(mantissa: 254_138, scale: 4)
        },
        Case(rule: .settlementAmountIsTheQuotes, reason: "AB04", what: "a cent more") {
            message,
            _ in
            message.interbankSettlementAmount = amount("498.01", .sgd)
        },
        Case(rule: .instructedAmountFollowsFromTheQuote, reason: "AB04", what: "other InstdAmt") {
            message,
            _ in
            message.instructedAmount = amount("500.01", .sgd)
        },
        Case(rule: .instructedAmountFollowsFromTheQuote, reason: "AB04", what: "InstdAmt in THB") {
            message,
            _ in
            message.instructedAmount = amount("12611.02", .thb)
        },
        Case(rule: .chargesAreTheQuotes, reason: "AB04", what: "a lower destination fee") {
            message,
            _ in
            message.chargesInformation[1].amount = amount("44.99", .thb)
        },
        Case(rule: .chargesAreTheQuotes, reason: "AB04", what: "the fee of another agent") {
            message,
            _ in
            message.chargesInformation[1].agent = agent("NAGATHB0")
        },
        Case(rule: .intermediariesAreTheQuotes, reason: "RC11", what: "other S-SAP") {
            message,
            _ in
            message.intermediaryAgent1 = agent("KLNGSGS0")
        },
        Case(rule: .intermediariesAreTheQuotes, reason: "RC11", what: "other instructed agent") {
            message,
            _ in
            message.instructedAgent = agent("KLNGSGS0")
        },
        Case(rule: .intermediariesAreTheQuotes, reason: "RC11", what: "other account at S-SAP") {
            message,
            _ in
            message.intermediaryAgent1Account = Account(identification: .other("1"))
        },
        Case(rule: .intermediariesAreTheQuotes, reason: "RC11", what: "no D-SAP") { message, _ in
            message.intermediaryAgent2 = nil
        },
        Case(rule: .intermediariesAreTheQuotes, reason: "RC11", what: "no account at D-SAP") {
            message,
            _ in
            message.intermediaryAgent2Account = nil
        },
    ]

    @Test(arguments: authority + corridor + quote)
    func isRefusedForGood(_ broken: Case) throws {
        var (story, message) = HubStory.ready(broken.reference, priority: broken.priority)
        broken.change(&message, &story)
        story.harness.congested = broken.congested
        let usedBefore = message.agreedRate.quoteIdentification.flatMap { story.quote($0) }?.usedBy
        let decision = story.send(message)
        #expect(decision.recipients == [Region.sg])
        let answer = try #require(decision.reports(to: Region.sg).first)
        #expect(answer.statusText == "RJCT \(broken.reason)")
        #expect(answer.statusReason?.additionalInformation == ["Rule \(broken.rule.number)"])
        #expect(answer.originalMessageIdentification == message.messageIdentification)
        #expect(answer.violations().isEmpty)
        #expect(story.state() == .rejectedByHub)
        #expect(decision.journals.isEmpty)
        #expect(decision.receipts.count == 1)
        let isSecurity = broken.rule == .senderSpeaksForInstructingAgent
        #expect(decision.alerts.map(\.severity) == (isSecurity ? [.security] : []))
        if let id = message.agreedRate.quoteIdentification {
            #expect(story.quote(id)?.usedBy == usedBefore)
        }
        // A resend gets the same answer, byte for byte.
        story.advance(.seconds(1))
        story.harness.congested = []
        #expect(story.send(message).messages == decision.messages)
        #expect(story.harness.violations.isEmpty)
    }

    @Test func everyRuleThatAMessageCanBreakHasACase() {
        let covered = Set((Self.authority + Self.corridor + Self.quote).map(\.rule))
        // The amounts are refused by the profile's own rule before; the hub's is a second net.
        #expect(Set(Rule.allCases).subtracting(covered) == [.amountsArePositive])
    }

    @Test func theLastInstantOfAQuoteAndOfAnAgeIsStillGood() {
        var (story, message) = HubStory.ready()
        story.advance(.seconds(600) - .nanoseconds(1))
        #expect(story.send(message).recipients == [Region.th])
        // Exactly as old as allowed is not older; the quote is what expires at that instant.
        (story, message) = HubStory.ready()
        story.advance(story.times.normalAge)
        story.send(message)
        #expect(story.harness.history[Region.uuid(1)] == ["- -> 5 M4 H16 RJCT AB04"])
    }

    @Test func aPaymentJustInsideTheClocksToleranceIsGood() {
        var (story, message) = HubStory.ready()
        message.acceptanceDateTime = story.harness.now + story.times.clockTolerance
        #expect(story.send(message).recipients == [Region.th])
    }

    @Test func aLateButPossiblePriorityPaymentKeepsItsOwnDeadline() {
        var (story, message) = HubStory.ready(priority: .high)
        story.advance(story.times.highAge - story.times.hubExecution - .nanoseconds(1))
        story.send(message)
        #expect(
            story.harness.payment(Region.uuid(1))?.due
                == message.acceptanceDateTime + story.times.highAge
        )
        (story, message) = HubStory.ready(priority: .high)
        story.send(message)
        #expect(
            story.harness.payment(Region.uuid(1))?.due
                == story.harness.now + story.times.destinationExecution
        )
    }

    @Test func onlyAPaymentSystemMaySendAnInstruction() {
        for sender in ["MRLNSGS0", "fx-merlion", "operator", "sg.directory"] {
            let (ready, message) = HubStory.ready()
            var story = ready
            let decision = story.send(message, from: PartyID(checked: sender))
            #expect(decision.messages.isEmpty)
            #expect(decision.alerts.map(\.severity) == [.security])
            #expect(story.state() == nil)
        }
    }

    @Test func anInstructionWithoutUETRCannotBeAnswered() {
        var (story, message) = HubStory.ready()
        message.uetr = nil
        let decision = story.send(message)
        #expect(decision.messages.isEmpty)
        #expect(decision.alerts.map(\.severity) == [.incident])
    }

    /// Trailing zeros are spelling, not another rate.
    @Test func ratesAreComparedAsNumbers() {
        var (story, message) = HubStory.ready()
        message.agreedRate.preAgreedExchangeRate = Decimal(mantissa: 25_413_700, scale: 6)
        #expect(story.send(message).recipients == [Region.th])
    }
}

extension HubStory {
    /// The same facts under other reference data.
    fileprivate func withReference(_ reference: ReferenceData) -> HubStory {
        var story = HubStory(reference, times: times)
        story.harness.now = harness.now
        for (key, fact) in harness.stored { story.harness.store(fact, at: key) }
        return story
    }
}
