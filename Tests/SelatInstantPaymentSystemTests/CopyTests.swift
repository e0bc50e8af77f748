import SelatISO20022
import SelatInstantPaymentSystem
import SelatMoney
import SelatNode
import SelatScheme
import SelatTestSupport
import SelatTime
import Testing

/// Copies, impostors and messages that cannot be read. Source: states.md §1, rules 2 to 9.
@Suite struct CopyTests {
    private let merlion = Samples.party(Samples.merlion)
    private let straits = Samples.party(Samples.straits)

    private func harness() -> RoleHarness<InstantPaymentSystem> {
        CheckTests.harness(Samples.singapore(.fiveStep))
    }

    /// Law I7: the same bytes, however often and however late.
    @Test func aResentAnswerIsTheSameBytes() throws {
        var story = Story(.init(leg: .source, model: .fiveStep))
        story.does(.first, .m3("ACCC"), .m12("RJCT AC04"))
        let answer = try #require(story.sent["M16"]).encoded().bytes
        #expect(!answer.isEmpty)
        for _ in 0..<3 {
            story.harness.now = story.harness.now + .seconds(3600)
            story.does(.again)
            #expect(story.sent["M16"]?.encoded().bytes == answer)
        }
    }

    /// Rule 4: the onward message too, with the MsgId of the first time.
    @Test func aResentInstructionGoesOnAsTheSameBytes() throws {
        for (way, name) in [([Step.first], "M2"), ([.first, .m3("ACCC")], "M4")] {
            var story = Story(.init(leg: .source, model: .fiveStep))
            for step in way { story.does(step) }
            let onward = try #require(story.sent[name]).encoded().bytes
            story.harness.now = story.harness.now + .seconds(1)
            #expect(story.does(.again) == "same | - | \(name) as stored | -")
            #expect(story.sent[name]?.encoded().bytes == onward)
        }
        for (way, name) in [([Step.first], "M6"), ([.first, .m7("ACTC")], "M8")] {
            var story = Story(.init(leg: .destination, model: .fiveStep))
            for step in way { story.does(step) }
            let onward = try #require(story.sent[name]).encoded().bytes
            story.harness.now = story.harness.now + .seconds(1)
            #expect(story.does(.again) == "same | - | \(name) as stored | -")
            #expect(story.sent[name]?.encoded().bytes == onward)
        }
    }

    /// Rule 4: at most one onward resend per interval, and no timer is moved.
    @Test func resendsAreNotAmplified() {
        var story = Story(.init(leg: .source, model: .fiveStep))
        story.does(.first, .m3("ACCC"))
        let due = story.harness.payment(Samples.uetr)?.due
        #expect(story.does(.again) == "same | - | M4 as stored | -")
        #expect(story.does(.again) == "same | - | - | -")
        #expect(story.harness.payment(Samples.uetr)?.due == due)
        story.harness.now = story.harness.now + .seconds(20)
        #expect(story.does(.again) == "same | - | M4 as stored | -")
        #expect(story.harness.payment(Samples.uetr)?.due == due)
        #expect(story.harness.violations.isEmpty)
    }

    /// Rules 5 and 6: the refusal names the copy, is the same each time, and changes nothing.
    @Test func aRefusedCopyGetsTheSameRefusalAndTouchesNothing() throws {
        for step in [Step.altered, .underAnotherMessageID] {
            var story = Story(.init(leg: .source, model: .fiveStep))
            story.does(.first)
            let row = story.harness.payment(Samples.uetr)
            story.does(step)
            let refusal = try #require(story.sent["refusal"])
            story.harness.now = story.harness.now + .seconds(1)
            story.does(step)
            #expect(story.sent["refusal"]?.encoded().bytes == refusal.encoded().bytes)
            guard case .iso(.statusReport(let report)) = refusal else { return }
            let refused =
                step == .altered
                ? story.instruction.messageIdentification
                : story.instruction.messageIdentification + "-2"
            #expect(report.originalMessageIdentification == refused)
            #expect(story.harness.payment(Samples.uetr) == row)
            #expect(story.balance(Samples.merlion) == "10000.00/9502.00")
            #expect(story.does(.m3("ACCC")) == "SentToHub | - | M4 | -")
            #expect(story.harness.violations.isEmpty)
        }
    }

    /// Rule 6: the same MsgId for another payment.
    @Test func aUsedMessageIDIsRefusedForAnotherPayment() {
        var harness = harness()
        harness.receive(.iso(.creditTransfer(Samples.m1())), from: merlion)
        let other = UUIDv4(Seed(high: 5, low: 5))
        let decision = harness.receive(
            .iso(.creditTransfer(Samples.m1(uetr: other))),
            from: merlion
        )
        #expect(decision.reports(to: merlion).map(\.statusText) == ["RJCT DU01"])
        #expect(decision.reports(to: merlion).map(\.originalUETR) == [other])
        #expect(harness.payment(other) == nil)
        #expect(decision.alerts.map(\.severity) == [.security])
    }

    /// A source payment and a destination payment never share a UETR; the later one ends.
    @Test func theOtherLegsUETRIsRefused() {
        var harness = CheckTests.harness(Samples.thailand(.fiveStep))
        harness.receive(.iso(.creditTransfer(Samples.m5())), from: .hub)
        var message = Samples.m1(accessProvider: Samples.samut, messageIdentification: "LTUS1")
        message.instructingAgent = Agent(bicfi: Samples.lotus)
        message.debtorAgent = Agent(bicfi: Samples.lotus)
        message.interbankSettlementAmount = Samples.amount("10.00", .thb)
        message.clearingSystem = .proprietary("THBPPAY")
        let lotus = Samples.party(Samples.lotus)
        let row = harness.payment(Samples.uetr)
        let decision = harness.receive(.iso(.creditTransfer(message)), from: lotus)
        #expect(decision.reports(to: lotus).map(\.statusText) == ["RJCT AM05"])
        #expect(harness.payment(Samples.uetr) == row)
    }

    // MARK: Authority

    /// Rule 2: authority comes before everything, and an impostor leaves no trace.
    @Test func nobodySendsForAnother() {
        var harness = harness()
        let foothold = Samples.party(Samples.foothold)
        let decision = harness.receive(.iso(.creditTransfer(Samples.m1())), from: foothold)
        #expect(decision.reports(to: foothold).map(\.statusText) == ["RJCT AGNT"])
        #expect(decision.alerts.map(\.severity) == [.security])
        #expect(decision.payments.isEmpty && decision.receipts.isEmpty)
        // The owner of the UETR is served as if nothing had been.
        let own = harness.receive(.iso(.creditTransfer(Samples.m1())), from: merlion)
        #expect(own.recipients == [straits])
        var notDebtorAgent = Samples.m1(uetr: UUIDv4(Seed(high: 8, low: 8)))
        notDebtorAgent.debtorAgent = Agent(bicfi: Samples.foothold)
        let other = harness.receive(.iso(.creditTransfer(notDebtorAgent)), from: merlion)
        #expect(other.reports(to: merlion).map(\.statusText) == ["RJCT AGNT"])
        #expect(other.payments.isEmpty)
    }

    @Test func strangersAreNotAnswered() {
        var harness = harness()
        for party in ["LTUSTHB0", "sg.directory", "fx-merlion", "operator"] {
            let stranger = PartyID(checked: party)
            let decision = harness.receive(.iso(.creditTransfer(Samples.m1())), from: stranger)
            #expect(decision.messages.isEmpty && decision.payments.isEmpty)
            #expect(decision.alerts.map(\.severity) == [.security])
        }
    }

    @Test func theHubMustNameTheUETR() {
        var harness = CheckTests.harness(Samples.thailand(.fiveStep))
        let decision = harness.receive(.iso(.creditTransfer(Samples.m5(uetr: nil))), from: .hub)
        #expect(decision.alerts.map(\.severity) == [.incident])
        #expect(decision.messages.isEmpty && decision.payments.isEmpty)
    }

    @Test func whatNoPaymentSystemReceivesIsReported() {
        var harness = harness()
        let rate = RateAnnouncement(
            id: Samples.uetr,
            sourceCountry: "SG",
            destinationCountry: "TH",
            rate: nil
        )
        let decision = harness.receive(.rate(rate), from: PartyID(checked: "fx-merlion"))
        #expect(decision.alerts.map(\.severity) == [.security])
    }

    // MARK: Unreadable

    private func malformed(
        uetr: UUIDv4? = Samples.uetr,
        messageIdentification: String? = "MRLN-BROKEN-1",
        kind: UInt8 = Message.Kind.creditTransfer,
        reason: ReasonCode = .ff01
    ) -> MalformedMessage {
        MalformedMessage(
            rejections: [
                Rejection(reason: reason, path: "/Document", expected: "a schema", found: "less")
            ],
            kind: kind,
            messageIdentification: messageIdentification,
            uetr: uetr
        )
    }

    @Test(arguments: [ReasonCode.ff01, .ch21])
    func anUnreadablePaymentIsRefusedForGood(reason: ReasonCode) throws {
        var harness = harness()
        let broken = malformed(reason: reason)
        let first = harness.receive(broken, from: merlion)
        #expect(first.reports(to: merlion).map(\.statusText) == ["RJCT \(reason)"])
        #expect(
            first.reports(to: merlion).map(\.originalMessageIdentification) == ["MRLN-BROKEN-1"]
        )
        harness.now = harness.now + .seconds(1)
        let again = harness.receive(broken, from: merlion)
        #expect(again.messages == first.messages)
        // Repaired under the same UETR: another MsgId, or other content.
        let repaired = harness.receive(.iso(.creditTransfer(Samples.m1())), from: merlion)
        #expect(repaired.reports(to: merlion).map(\.statusText) == ["RJCT DU03"])
        let patched = harness.receive(
            .iso(.creditTransfer(Samples.m1(messageIdentification: "MRLN-BROKEN-1"))),
            from: merlion
        )
        #expect(patched.reports(to: merlion).map(\.statusText) == ["RJCT DU01"])
        #expect(harness.violations.isEmpty)
    }

    @Test func anUnreadableCopyDoesNotTouchThePayment() {
        var harness = harness()
        harness.receive(.iso(.creditTransfer(Samples.m1())), from: merlion)
        let row = harness.payment(Samples.uetr)
        for messageIdentification in ["MRLN-BROKEN-1", Samples.m1().messageIdentification] {
            let decision = harness.receive(
                malformed(messageIdentification: messageIdentification),
                from: merlion
            )
            #expect(decision.reports(to: merlion).map(\.statusText) == ["RJCT FF01"])
            #expect(decision.alerts.map(\.severity) == [.security])
        }
        #expect(harness.payment(Samples.uetr) == row)
        #expect(harness.violations.isEmpty)
    }

    @Test func theHubIsToldOfItsUnreadablePayment() {
        var harness = CheckTests.harness(Samples.thailand(.fiveStep))
        let decision = harness.receive(malformed(reason: .ch21), from: .hub)
        #expect(decision.reports(to: .hub).map(\.statusText) == ["RJCT CH21"])
        #expect(decision.payments.map(\.state) == [17])
    }

    @Test func whatNamesNoPaymentIsOnlyReported() {
        var harness = harness()
        for broken in [
            malformed(uetr: nil), malformed(kind: Message.Kind.statusReport),
            malformed(kind: Message.Kind.verificationRequest), malformed(kind: 99),
        ] {
            let decision = harness.receive(broken, from: merlion)
            #expect(decision.messages.isEmpty && decision.payments.isEmpty)
            #expect(decision.alerts.count == 1)
        }
        let stranger = harness.receive(malformed(), from: PartyID(checked: "LTUSTHB0"))
        #expect(stranger.messages.isEmpty && stranger.payments.isEmpty)
        #expect(stranger.alerts.count == 1)
    }

    @Test func anUnreadablePaymentWithoutAMsgIDIsRefusedToo() {
        var harness = harness()
        let broken = malformed(messageIdentification: nil)
        let first = harness.receive(broken, from: merlion)
        #expect(first.reports(to: merlion).map(\.statusText) == ["RJCT FF01"])
        #expect(first.reports(to: merlion).first?.originalMessageIdentification == nil)
        let again = harness.receive(broken, from: merlion)
        #expect(again.messages == first.messages)
    }
}
