import SelatHub
import SelatISO20022
import SelatMoney
import SelatNode
import SelatScheme
import SelatTestSupport
import SelatTime
import Testing

@Suite struct CopyTests {
    let uetr = Region.uuid(1)

    @Test func aResendOfAnOpenPaymentRepeatsTheOnwardMessageOncePerInterval() {
        var (story, message, onward) = HubStory.forwarded()
        let due = story.harness.payment(uetr)?.due
        story.advance(story.times.enquiry - .nanoseconds(1))
        #expect(story.send(message) == .nothing)
        story.advance(.nanoseconds(1))
        let repeated = story.send(message)
        #expect(repeated.creditTransfers(to: Region.th) == [onward])
        #expect(repeated.recipients == [Region.th])
        #expect(repeated.journals.isEmpty)
        #expect(story.harness.payment(uetr)?.due == due)
        #expect(story.send(message) == .nothing)
        #expect(story.harness.violations.isEmpty)
    }

    @Test func aResendIsNeverMeasuredAgain() {
        var (story, message, onward) = HubStory.forwarded()
        story.advance(.seconds(86_400))
        #expect(story.send(message).creditTransfers(to: Region.th) == [onward])
    }

    @Test func aResendOfAFinalPaymentGetsTheStoredOutcome() {
        for status in [
            TransactionStatus.acceptedCreditSettlementCompleted, .blocked, .rejected,
        ] {
            var (story, message, onward) = HubStory.forwarded()
            let reason = status == .rejected ? "AC04" : nil
            let final = story.report(story.answer(status, reason, to: onward))
            story.advance(.seconds(3600))
            let again = story.send(message)
            #expect(again.messages == final.messages.filter { $0.to == Region.sg })
            #expect(again.journals.isEmpty)
            #expect(again.payments.isEmpty)
        }
    }

    @Test func aResendMayBeCreatedAnew() {
        var (story, message, onward) = HubStory.forwarded()
        story.advance(.seconds(30))
        message.creationDateTime = story.harness.now.wholeMilliseconds
        #expect(story.send(message).creditTransfers(to: Region.th) == [onward])
    }

    @Test func anAlteredResendIsRefusedAndThePaymentUntouched() throws {
        var (story, message, _) = HubStory.forwarded()
        let before = story.harness.payment(uetr)
        message.creditorAccount = Account(identification: .other("6660000"))
        let decision = story.send(message)
        let answer = try #require(decision.reports(to: Region.sg).first)
        #expect(answer.statusText == "RJCT DU01")
        #expect(answer.originalMessageIdentification == message.messageIdentification)
        #expect(decision.recipients == [Region.sg])
        #expect(decision.alerts.map(\.severity) == [.security])
        #expect(story.harness.payment(uetr) == before)
        // The same altered copy again gets the same answer.
        story.advance(.seconds(5))
        #expect(story.send(message).messages == decision.messages)
        #expect(story.harness.violations.isEmpty)
    }

    @Test func theSameUETRUnderANewMsgIdIsRefusedOnThatMsgId() throws {
        var (story, message, onward) = HubStory.forwarded()
        let before = story.harness.payment(uetr)
        message.messageIdentification = "SG0002"
        let decision = story.send(message)
        let answer = try #require(decision.reports(to: Region.sg).first)
        #expect(answer.statusText == "RJCT DU03")
        #expect(answer.originalMessageIdentification == "SG0002")
        #expect(decision.alerts.map(\.severity) == [.notice])
        #expect(story.harness.payment(uetr) == before)
        #expect(story.harness.receipt(from: Region.sg, "SG0002") != nil)
        story.advance(.seconds(5))
        #expect(story.send(message).messages == decision.messages)
        // Also when the payment is over: it is not the stored outcome.
        story.report(story.answer(.acceptedCreditSettlementCompleted, to: onward))
        #expect(story.send(message).messages == decision.messages)
        #expect(story.harness.violations.isEmpty)
    }

    @Test func theSameMsgIdForAnotherPaymentIsRefused() throws {
        var (story, message, _) = HubStory.forwarded()
        message.uetr = Region.uuid(2)
        let decision = story.send(message)
        let answer = try #require(decision.reports(to: Region.sg).first)
        #expect(answer.statusText == "RJCT DU01")
        #expect(answer.originalUETR == Region.uuid(2))
        #expect(story.state(Region.uuid(2)) == nil)
        #expect(decision.payments.isEmpty)
        #expect(story.harness.violations.isEmpty)
    }

    @Test func anotherSystemsCopyIsRefusedLoudly() throws {
        var (story, message, _) = HubStory.forwarded()
        let before = story.harness.payment(uetr)
        let decision = story.send(message, from: Region.my)
        #expect(decision.reports(to: Region.my).map(\.statusText) == ["RJCT AM05"])
        #expect(decision.alerts.map(\.severity) == [.security])
        #expect(story.harness.payment(uetr) == before)
        #expect(story.harness.violations.isEmpty)
    }

    @Test func aTombstoneAnswersTheOriginalThatComesLater() throws {
        var (story, message) = HubStory.ready()
        story.advance(.seconds(601))
        let refused = story.send(message)
        #expect(refused.reports(to: Region.sg).map(\.statusText) == ["RJCT TM01"])
        #expect(story.send(message).messages == refused.messages)
    }

    // MARK: Unreadable messages

    func malformed(
        _ messageIdentification: String? = "SG0001",
        uetr: UUIDv4? = Region.uuid(1),
        kind: UInt8 = Message.Kind.creditTransfer,
        reason: ReasonCode = .ff01
    ) -> MalformedMessage {
        MalformedMessage(
            rejections: [
                Rejection(
                    reason: reason,
                    path: "/Document",
                    expected: "a message",
                    found: "another"
                )
            ],
            kind: kind,
            messageIdentification: messageIdentification,
            uetr: uetr
        )
    }

    @Test func anUnreadableInstructionIsAnsweredOnItsIds() throws {
        var story = HubStory()
        let decision = story.harness.receive(malformed(reason: .ch21), from: Region.sg)
        let answer = try #require(decision.reports(to: Region.sg).first)
        #expect(answer.statusText == "RJCT CH21")
        #expect(answer.originalMessageIdentification == "SG0001")
        #expect(answer.violations().isEmpty)
        #expect(story.state() == .rejectedByHub)
        let again = story.harness.receive(malformed(reason: .ch21), from: Region.sg)
        #expect(again.messages == decision.messages)
        #expect(story.harness.violations.isEmpty)
    }

    @Test func anUnreadableInstructionWithoutMsgIdEndsThatPayment() throws {
        var story = HubStory()
        let decision = story.harness.receive(malformed(nil), from: Region.sg)
        let answer = try #require(decision.reports(to: Region.sg).first)
        #expect(answer.originalMessageIdentification == nil)
        #expect(story.state() == .rejectedByHub)
        #expect(story.harness.violations.isEmpty)
    }

    @Test func anUnreadableCopyNeverTouchesThePayment() {
        let cases = [("SG0001", "RJCT DU01"), ("SG0009", "RJCT DU03"), (nil, nil)]
        for (messageIdentification, answer) in cases {
            var (story, _, _) = HubStory.forwarded()
            let before = story.harness.payment(uetr)
            let decision = story.harness.receive(malformed(messageIdentification), from: Region.sg)
            #expect(
                decision.reports(to: Region.sg).map(\.statusText) == (answer.map { [$0] } ?? [])
            )
            #expect(!decision.alerts.isEmpty)
            #expect(story.harness.payment(uetr) == before)
            #expect(story.harness.violations.isEmpty)
        }
    }

    @Test func whatNamesNoPaymentIsForAPerson() {
        var story = HubStory()
        #expect(
            story.harness.receive(malformed(uetr: nil), from: Region.sg).alerts.map(\.severity)
                == [.incident]
        )
        let report = malformed(kind: Message.Kind.statusReport)
        #expect(story.harness.receive(report, from: Region.sg).alerts.map(\.severity) == [.notice])
        #expect(
            story.harness.receive(malformed(), from: Region.merlion).alerts.map(\.severity)
                == [.security]
        )
        #expect(story.state() == nil)
    }
}

@Suite struct DeadlineTests {
    let uetr = Region.uuid(1)

    @Test func thePassedDeadlineRejectsOnBothSides() throws {
        var (story, _, _) = HubStory.forwarded(priority: .high)
        let decision = try story.fireTimer(uetr)
        #expect(decision.recipients == [Region.th, Region.sg])
        #expect(decision.reports(to: Region.th).map(\.statusText) == ["RJCT AB03"])
        #expect(decision.reports(to: Region.sg).map(\.statusText) == ["RJCT AB03"])
        #expect(story.balance("cleared:sg", "SGD") == "0.00 (0.00)")
        #expect(story.state() == .rejectedByDeadline)
        #expect(story.harness.payment(uetr)?.due == nil)
        #expect(story.harness.violations.isEmpty)
    }

    @Test func anAnswerJustBeforeTheDeadlineWins() throws {
        var (story, _, onward) = HubStory.forwarded(priority: .high)
        let due = try #require(story.harness.payment(uetr)?.due)
        story.harness.now = due - .nanoseconds(1)
        story.report(story.answer(.acceptedCreditSettlementCompleted, to: onward))
        #expect(story.state() == .completed)
    }

    @Test(arguments: TransactionStatus.allCases)
    func anAnswerAtTheVeryDeadlineFindsItPassed(_ status: TransactionStatus) throws {
        var (story, _, onward) = HubStory.forwarded(priority: .high)
        let due = try #require(story.harness.payment(uetr)?.due)
        story.harness.now = due
        let reason = status == .rejected ? "AC04" : nil
        let decision = story.report(story.answer(status, reason, to: onward))
        #expect(story.state() == .rejectedByDeadline)
        // One M11, one M12; the destination's own rejection is no surprise.
        #expect(decision.recipients == [Region.th, Region.sg])
        #expect(decision.reports(to: Region.th).map(\.statusText) == ["RJCT AB03"])
        #expect(decision.alerts.map(\.severity) == (status == .rejected ? [] : [.notice]))
        #expect(story.harness.violations.isEmpty)
    }

    @Test func messageAndTimerAtOneInstantGiveTheSameEndInBothOrders() throws {
        func run(messageFirst: Bool) throws -> HubStory {
            var (story, _, onward) = HubStory.forwarded(priority: .high)
            let due = try #require(story.harness.payment(uetr)?.due)
            let version = story.harness.payment(uetr)?.version
            story.harness.now = due
            let answer = story.answer(.acceptedCreditSettlementCompleted, to: onward)
            if messageFirst {
                story.report(answer)
                story.harness.timer(uetr, version: version)
            } else {
                story.harness.timer(uetr, version: version)
                story.report(answer)
            }
            return story
        }
        let first = try run(messageFirst: true)
        let second = try run(messageFirst: false)
        #expect(first.state() == .rejectedByDeadline)
        #expect(second.state() == .rejectedByDeadline)
        #expect(first.balance("cleared:th", "THB") == second.balance("cleared:th", "THB"))
    }

    @Test func aResendAtTheDeadlineEndsThePayment() throws {
        var (story, message, _) = HubStory.forwarded(priority: .high)
        let due = try #require(story.harness.payment(uetr)?.due)
        story.harness.now = due
        let decision = story.send(message)
        #expect(decision.recipients == [Region.th, Region.sg])
        #expect(story.state() == .rejectedByDeadline)
    }

    @Test func aLateAcceptanceIsOverruledWithTheStoredRejection() throws {
        var (story, _, onward) = HubStory.forwarded(priority: .high)
        let ended = try story.fireTimer(uetr)
        story.advance(.seconds(30))
        let late = story.report(story.answer(.acceptedCreditSettlementCompleted, to: onward))
        #expect(late.messages == ended.messages.filter { $0.to == Region.th })
        #expect(late.alerts.map(\.severity) == [.notice])
        #expect(late.journals.isEmpty)
        #expect(late.payments.isEmpty)
        #expect(story.harness.violations.isEmpty)
    }
}
