import SelatISO20022
import SelatInstantPaymentSystem
import SelatLedger
import SelatMoney
import SelatNode
import SelatScheme
import SelatTestSupport
import SelatTime
import Testing

/// The IPS rows of bookings.md as the source leg sees them. A line reads
/// `next state | booking | sends | alert`.
@Suite struct SourceCaseTests {
    private static func story(
        _ model: SettlementModel,
        own: Bool = false,
        priority: Priority = .normal
    ) -> Story {
        Story(
            .init(leg: .source, model: model, priority: priority, isOwnAccessProvider: own)
        )
    }

    /// (a): a3 pending on M1, posted on M12.
    @Test(arguments: [Priority.normal, .high])
    func aFiveStepSourceSettlesOnTheHubsAnswer(priority: Priority) {
        var story = Self.story(.fiveStep, priority: priority)
        #expect(story.does(.first) == "AwaitingSourceSAP | pending | M2 | -")
        #expect(story.balance(Samples.merlion) == "10000.00/9502.00")
        #expect(story.balance(Samples.straits) == "1000.00/1000.00")
        #expect(story.does(.m3("ACCC")) == "SentToHub | - | M4 | -")
        #expect(story.balance(Samples.merlion) == "10000.00/9502.00")
        #expect(story.does(.m12("ACCC")) == "Completed | post | M15 ACCC, M16 ACCC | -")
        #expect(story.balance(Samples.merlion) == "9502.00/9502.00")
        #expect(story.balance(Samples.straits) == "1498.00/1498.00")
        #expect(story.harness.violations.isEmpty)
    }

    /// (b): b3 posted before the hub is called.
    @Test func aFourStepSourceSettlesBeforeTheHubIsCalled() {
        var story = Self.story(.fourStep)
        #expect(story.does(.first) == "AwaitingSourceSAP | pending | M2 | -")
        #expect(story.does(.m3("ACCC")) == "SentToHub | post | M4 | -")
        #expect(story.balance(Samples.merlion) == "9502.00/9502.00")
        #expect(story.balance(Samples.straits) == "1498.00/1498.00")
        #expect(story.does(.m12("ACCC")) == "Completed | - | M16 ACCC | -")
        #expect(story.balance(Samples.straits) == "1498.00/1498.00")
        #expect(story.harness.violations.isEmpty)
    }

    /// (br): br1r reverses b3.
    @Test func aFourStepSourceReversesWhatComesBackRejected() {
        var story = Self.story(.fourStep)
        story.does(.first, .m3("ACCC"))
        #expect(
            story.does(.m12("RJCT AC04"))
                == "Rejected | reverse | M15 RJCT AC04, M16 RJCT AC04 | -"
        )
        #expect(story.balance(Samples.merlion) == "10000.00/10000.00")
        #expect(story.balance(Samples.straits) == "1000.00/1000.00")
        let journals = story.harness.journals(of: Samples.uetr)
        #expect(journals.map(\.number) == [1, 2, 3])
        #expect(
            journals.map(\.action) == [.pending, .post(number: 1), .reverse(number: 2)]
        )
        #expect(story.harness.violations.isEmpty)
    }

    /// (br): the floor does not stop a reversal, but a person hears of it.
    @Test func aReversalBelowTheFloorIsDoneAndReported() {
        var story = Story(
            .init(leg: .source, model: .fourStep),
            configuration: Samples.singapore(.fourStep, straitsOpening: "0.00")
        )
        story.does(.first, .m3("ACCC"))
        // Straits has paid the money on before it comes back.
        var other = Samples.m1(
            uetr: UUIDv4(Seed(high: 1, low: 1)),
            accessProvider: Samples.foothold,
            messageIdentification: "STRT1"
        )
        other.instructingAgent = Agent(bicfi: Samples.straits)
        other.debtorAgent = Agent(bicfi: Samples.straits)
        story.harness.receive(
            .iso(.creditTransfer(other)),
            from: Samples.party(Samples.straits)
        )
        #expect(story.balance(Samples.straits) == "498.00/0.00")
        #expect(
            story.does(.m12("RJCT AC04"))
                == "Rejected | reverse | M15 RJCT AC04, M16 RJCT AC04 | notice"
        )
        #expect(story.balance(Samples.straits) == "0.00/-498.00")
        #expect(story.harness.violations.isEmpty)
    }

    /// (c), (d), (i), (j): whatever the reason, the reservation is voided on M12.
    @Test(arguments: ["AC04", "AB03", "AM04", "AB04"])
    func aFiveStepSourceReleasesOnTheHubsRejection(reason: String) {
        var story = Self.story(.fiveStep)
        story.does(.first, .m3("ACCC"))
        #expect(
            story.does(.m12("RJCT \(reason)"))
                == "Rejected | void | M15 RJCT \(reason), M16 RJCT \(reason) | -"
        )
        #expect(story.balance(Samples.merlion) == "10000.00/10000.00")
        #expect(story.balance(Samples.straits) == "1000.00/1000.00")
        #expect(story.harness.violations.isEmpty)
    }

    /// (e): BLCK moves the money as ACCC does.
    @Test func aBlockedPaymentSettlesAtTheSource() {
        var five = Self.story(.fiveStep)
        five.does(.first, .m3("ACCC"))
        #expect(five.does(.m12("BLCK")) == "Blocked | post | M15 BLCK, M16 BLCK | -")
        #expect(five.balance(Samples.straits) == "1498.00/1498.00")
        var four = Self.story(.fourStep)
        four.does(.first, .m3("ACCC"))
        #expect(four.does(.m12("BLCK")) == "Blocked | - | M16 BLCK | -")
        #expect(four.balance(Samples.straits) == "1498.00/1498.00")
    }

    /// (f): no domestic leg; the record alone, and one M16.
    @Test(arguments: SettlementModel.allCases, ["ACCC", "BLCK", "RJCT AC04"])
    func whereThePayerIsTheAccessProviderNothingIsBooked(model: SettlementModel, status: String) {
        var story = Self.story(model, own: true)
        #expect(story.does(.first) == "SentToHub | - | M4 | -")
        let next = ["ACCC": "Completed", "BLCK": "Blocked"][status] ?? "Rejected"
        #expect(story.does(.m12(status)) == "\(next) | - | M16 \(status) | -")
        #expect(story.harness.journals(of: Samples.uetr).isEmpty)
        #expect(story.harness.violations.isEmpty)
    }

    /// (f) takes no settlement balance.
    @Test func whereThePayerIsTheAccessProviderItsBalanceDoesNotMatter() {
        var story = Story(
            .init(leg: .source, model: .fiveStep, isOwnAccessProvider: true),
            configuration: poorSelfProvider()
        )
        #expect(story.does(.first) == "SentToHub | - | M4 | -")
    }

    private func poorSelfProvider() -> InstantPaymentSystem.Configuration {
        let plain = Samples.singapore(.fiveStep)
        return .init(
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
                Samples.member(Samples.merlion, .sgd, opening: "0.00", isProvider: true)
            ]
        )
    }

    /// (k): refused by the S-SAP.
    @Test(arguments: SettlementModel.allCases)
    func theAccessProvidersRefusalEndsItUnknownToTheHub(model: SettlementModel) {
        var story = Self.story(model)
        story.does(.first)
        #expect(story.does(.m3("RJCT MS03")) == "Rejected | void | M16 RJCT MS03 | -")
        #expect(story.balance(Samples.merlion) == "10000.00/10000.00")
        #expect(story.sent["M4"] == nil)
        // It contradicts itself: it is told what stands.
        #expect(story.does(.m3("ACCC")) == "same | - | M15 RJCT MS03 | -")
        #expect(story.does(.m3("ACCC")) == "same | - | M15 RJCT MS03 as stored | -")
        #expect(story.harness.violations.isEmpty)
    }

    /// (k): not answered by the S-SAP.
    @Test(arguments: SettlementModel.allCases)
    func theAccessProvidersSilenceEndsItUnknownToTheHub(model: SettlementModel) {
        var story = Self.story(model)
        story.does(.first)
        #expect(
            story.does(.timer) == "Rejected | void | M15 RJCT AB06, M16 RJCT AB06 | -"
        )
        #expect(story.harness.now == Samples.start + .seconds(3))
        #expect(story.balance(Samples.merlion) == "10000.00/10000.00")
        #expect(story.sent["M4"] == nil)
        #expect(story.does(.m3("ACCC")) == "same | - | M15 RJCT AB06 as stored | -")
        #expect(story.harness.violations.isEmpty)
    }

    /// What leaves the system differs from M1 in MsgId, CreDtTm and the references it adds.
    @Test func theContentCrossesTheSystemUnchanged() throws {
        var story = Self.story(.fiveStep)
        let m1 = story.instruction
        story.does(.first)
        story.harness.now = story.harness.now + .milliseconds(1500)
        story.does(.m3("ACCC"))
        guard case .iso(.creditTransfer(var m2)) = try #require(story.sent["M2"]),
            case .iso(.creditTransfer(var m4)) = try #require(story.sent["M4"])
        else {
            Issue.record("M2 and M4 are pacs.008")
            return
        }
        #expect(Set([m1, m2, m4].map(\.messageIdentification)).count == 3)
        #expect(m2.creationDateTime == Samples.start)
        #expect(m4.creationDateTime == Samples.start + .milliseconds(1500))
        #expect(m2.clearingSystemReference != nil)
        #expect(m2.clearingSystemReference == m4.clearingSystemReference)
        for message in [m2, m4] {
            #expect(
                try CreditTransfer(parsing: message).digest == CreditTransfer(parsing: m1).digest
            )
        }
        m2.messageIdentification = m1.messageIdentification
        m2.creationDateTime = m1.creationDateTime
        m2.clearingSystemReference = nil
        #expect(m2 == m1)
        m4.messageIdentification = m1.messageIdentification
        m4.creationDateTime = m1.creationDateTime
        m4.clearingSystemReference = nil
        #expect(m4 == m1)
    }

    /// Rulebook: UETR. The system backfills it, keeps the link, and gives a resend the same.
    @Test func aMissingUETRIsBackfilledOnceAndForAll() throws {
        var harness = RoleHarness(
            InstantPaymentSystem(Samples.singapore(.fiveStep)),
            as: PartyID(checked: "sg")
        )
        harness.open()
        harness.now = Samples.start
        let merlion = Samples.party(Samples.merlion)
        let straits = Samples.party(Samples.straits)
        let m1 = Message.iso(.creditTransfer(Samples.m1(uetr: nil)))
        let first = harness.receive(m1, from: merlion)
        let m2 = try #require(first.creditTransfers(to: straits).first)
        let uetr = try #require(m2.uetr)
        let again = harness.receive(m1, from: merlion)
        #expect(again.creditTransfers(to: straits) == [m2])
        harness.receive(
            .iso(
                .statusReport(
                    Samples.report("RJCT MS03", about: uetr, original: m2.messageIdentification)
                )
            ),
            from: straits
        )
        let answer = try #require(harness.decisions.last?.reports(to: merlion).first)
        #expect(answer.originalUETR == uetr)
        let repeated = harness.receive(m1, from: merlion)
        #expect(repeated.reports(to: merlion) == [answer])
        #expect(harness.violations.isEmpty)
    }
}
