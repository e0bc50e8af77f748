import SelatISO20022
import SelatInstantPaymentSystem
import SelatLedger
import SelatNode
import SelatScheme
import SelatTestSupport
import SelatTime
import Testing

/// Timers and races. Source: states.md §2 and rule 11.
@Suite struct ClockTests {
    private func instants(_ story: inout Story, _ count: Int) -> [Duration] {
        var waits: [Duration] = []
        for _ in 0..<count {
            let before = story.harness.now
            story.does(.timer)
            waits.append(story.harness.now - before)
        }
        return waits
    }

    /// 20 s, doubling to 10 min; it never releases and never rejects.
    @Test func theSourceAsksTheHubEverMoreSeldom() {
        var story = Story(.init(leg: .source, model: .fiveStep))
        story.does(.first, .m3("ACCC"))
        #expect(
            instants(&story, 7)
                == [20, 40, 80, 160, 320, 600, 600].map { Duration.seconds($0) }
        )
        #expect(story.state == .source(.sentToHub))
        #expect(story.does(.timer) == "same | - | M4 as stored | -")
        #expect(story.balance(Samples.merlion) == "10000.00/9502.00")
        #expect(story.does(.m12("ACCC")) == "Completed | post | M15 ACCC, M16 ACCC | -")
    }

    @Test func aPromiseIsRepeatedUntilItIsConfirmed() {
        var story = Story(.init(leg: .destination, model: .fiveStep))
        story.does(.first, .m7("ACTC"), .m9("ACCC"))
        #expect(
            instants(&story, 9)
                == [5, 10, 20, 40, 80, 160, 320, 600, 600].map { Duration.seconds($0) }
        )
        #expect(story.does(.timer) == "same | - | M10 ACCC as stored | -")
        #expect(story.balance(Samples.samut) == "500000.00/487343.98")
        #expect(story.does(.m11("ACCC")) == "Completed | post | M13 ACCC, M14 ACCC | -")
    }

    @Test func aFourStepCreditorAgentIsAskedAgainAndNeverCancelled() {
        var story = Story(.init(leg: .destination, model: .fourStep))
        story.does(.first, .m7("ACTC"))
        #expect(instants(&story, 3) == [5, 10, 20].map { Duration.seconds($0) })
        #expect(story.does(.timer) == "same | - | M8 as stored | -")
        story.harness.now = story.harness.now + .seconds(86_400)
        #expect(story.does(.m9("ACCC")) == "Completed | post | M10 ACCC, M13 ACCC | -")
    }

    /// The enquiry backoff starts anew in each state that has one.
    @Test func thePromiseHasItsOwnBackoff() {
        var story = Story(.init(leg: .destination, model: .fiveStep))
        story.does(.first, .m7("ACTC"), .again, .m9("RJCT AC04"))
        #expect(instants(&story, 2) == [5, 10].map { Duration.seconds($0) })
    }

    /// One nanosecond before the deadline the answer counts, at the deadline it does not.
    @Test(
        arguments: [
            (Story.Leg.source, [Step.first], Step.m3("ACCC"), "SentToHub", "Rejected"),
            (
                .destination, [.first], .m7("ACTC"), "AwaitingDestinationPSP", "Rejected"
            ),
            (
                .destination, [.first, .m7("ACTC")], .m9("ACCC"), "AwaitingConfirmation",
                "Rejected"
            ),
        ]
    )
    func aDeadlineIsAnInstant(
        leg: Story.Leg,
        way: [Step],
        answer: Step,
        before: String,
        at: String
    ) throws {
        for (offset, state) in [(Duration.nanoseconds(-1), before), (.zero, at)] {
            var story = Story(.init(leg: leg, model: .fiveStep))
            for step in way { story.does(step) }
            let due = try #require(story.harness.payment(Samples.uetr)?.due)
            story.harness.now = due + offset
            let outcome = story.outcome(of: answer)
            #expect(outcome.next == state)
            // In whichever order inbox and timer queue were, the end is one.
            let stale = story.harness.timer(Samples.uetr, version: 1)
            #expect(state != at || stale == .nothing)
            #expect(story.harness.violations.isEmpty)
        }
    }

    /// Both orders of answer and timer at the deadline lead to the same state and books.
    @Test func theOrderAtADeadlineDoesNotMatter() {
        var answerFirst = Story(.init(leg: .source, model: .fourStep))
        answerFirst.does(.first, .onTheDot(.m3("ACCC")), .timer)
        var timerFirst = Story(.init(leg: .source, model: .fourStep))
        timerFirst.does(.first, .timer, .m3("ACCC"))
        #expect(answerFirst.state == timerFirst.state)
        #expect(answerFirst.harness.accounts == timerFirst.harness.accounts)
        #expect(
            answerFirst.harness.journals(of: Samples.uetr)
                == timerFirst.harness.journals(of: Samples.uetr)
        )
    }

    @Test func aStaleOrEarlyTimerDoesNothing() {
        var story = Story(.init(leg: .source, model: .fiveStep))
        story.does(.first)
        #expect(story.harness.timer(Samples.uetr) == .nothing)
        story.does(.m3("ACCC"))
        story.harness.now = story.harness.now + .seconds(100)
        #expect(story.harness.timer(Samples.uetr, version: 1) == .nothing)
        #expect(story.harness.timer(UUIDv4(Seed(high: 3, low: 3)), version: 1) == .nothing)
    }

    /// An incident is followed up once per interval, or two nodes would ask each other for ever.
    @Test func aContradictionIsFollowedUpOncePerInterval() {
        var story = Story(.init(leg: .source, model: .fiveStep))
        story.does(.first, .m3("ACCC"), .m12("ACCC"))
        #expect(story.does(.m12("RJCT AC04")) == "same | - | M4 as stored | incident")
        #expect(story.does(.m12("RJCT AC04")) == "same | - | - | incident")
        story.harness.now = story.harness.now + .seconds(20)
        #expect(story.does(.m12("RJCT AC04")) == "same | - | M4 as stored | incident")
        #expect(story.balance(Samples.straits) == "1498.00/1498.00")
        #expect(story.harness.violations.isEmpty)
    }

    /// The same at the destination, where the hub would answer M10 with M11 again.
    @Test func aContradictedRejectionIsToldOncePerInterval() {
        var story = Story(.init(leg: .destination, model: .fiveStep))
        story.does(.first, .m7("RJCT AM04"))
        #expect(story.does(.m11("ACCC")) == "same | - | M10 RJCT AM04 as stored | incident")
        #expect(story.does(.m11("ACCC")) == "same | - | - | incident")
        story.harness.now = story.harness.now + .seconds(20)
        #expect(story.does(.m11("BLCK")) == "same | - | M10 RJCT AM04 as stored | incident")
        #expect(story.harness.violations.isEmpty)
    }

    /// Law I12: a balance good for one pays one.
    @Test func sixteenPaymentsRaceForABalanceGoodForOne() {
        var harness = CheckTests.harness(
            Samples.singapore(.fiveStep, opening: "995.99")
        )
        let merlion = Samples.party(Samples.merlion)
        var answers: [String] = []
        for number in 0..<16 {
            let message = Samples.m1(
                uetr: UUIDv4(Seed(high: 100, low: UInt64(number))),
                messageIdentification: "RACE-\(number)"
            )
            let decision = harness.receive(.iso(.creditTransfer(message)), from: merlion)
            answers += decision.reports(to: merlion).map(\.statusText)
        }
        #expect(answers == Array(repeating: "RJCT AM04", count: 15))
        #expect(harness.account("participant:MRLNSGS0", "SGD")?.available == 49_799)
        #expect(harness.violations.isEmpty)
    }
}
