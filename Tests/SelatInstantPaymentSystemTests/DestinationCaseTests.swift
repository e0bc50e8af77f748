import SelatISO20022
import SelatInstantPaymentSystem
import SelatMoney
import SelatNode
import SelatScheme
import SelatTestSupport
import SelatTime
import Testing

/// The IPS rows of bookings.md as the destination leg sees them.
@Suite struct DestinationCaseTests {
    private static func story(
        _ model: SettlementModel,
        own: Bool = false,
        priority: Priority = .normal
    ) -> Story {
        Story(
            .init(leg: .destination, model: model, priority: priority, isOwnAccessProvider: own)
        )
    }

    /// (a), (b): a9 pending on M7, posted on M11.
    @Test(arguments: [Priority.normal, .high])
    func aFiveStepDestinationSettlesOnTheConfirmation(priority: Priority) {
        var story = Self.story(.fiveStep, priority: priority)
        #expect(story.does(.first) == "AwaitingDestinationSAP | - | M6 | -")
        #expect(story.balance(Samples.samut) == "500000.00/500000.00")
        #expect(story.does(.m7("ACTC")) == "AwaitingDestinationPSP | pending | M8 | -")
        #expect(story.balance(Samples.samut) == "500000.00/487343.98")
        #expect(story.does(.m9("ACCC")) == "AwaitingConfirmation | - | M10 ACCC | -")
        #expect(story.does(.m11("ACCC")) == "Completed | post | M13 ACCC, M14 ACCC | -")
        #expect(story.balance(Samples.samut) == "487343.98/487343.98")
        #expect(story.balance(Samples.lotus) == "13656.02/13656.02")
        #expect(story.harness.violations.isEmpty)
    }

    /// (h): posted on M9, no M14, M11 is optional.
    @Test func aFourStepDestinationSettlesOnTheCreditorAgentsAnswer() {
        var story = Self.story(.fourStep)
        #expect(story.does(.first) == "AwaitingDestinationSAP | - | M6 | -")
        #expect(story.does(.m7("ACTC")) == "AwaitingDestinationPSP | pending | M8 | -")
        #expect(story.does(.m9("ACCC")) == "Completed | post | M10 ACCC, M13 ACCC | -")
        #expect(story.balance(Samples.lotus) == "13656.02/13656.02")
        #expect(story.does(.m11("ACCC")) == "same | - | - | -")
        #expect(story.harness.violations.isEmpty)
    }

    /// (c): NORM releases on M11, HIGH at once.
    @Test func aRejectionIsReleasedOnTheConfirmationUnlessHigh() {
        var normal = Self.story(.fiveStep)
        normal.does(.first, .m7("ACTC"))
        #expect(normal.does(.m9("RJCT AC04")) == "AwaitingConfirmation | - | M10 RJCT AC04 | -")
        #expect(normal.balance(Samples.samut) == "500000.00/487343.98")
        #expect(
            normal.does(.m11("RJCT AC04"))
                == "Rejected | void | M13 RJCT AC04, M14 RJCT AC04 | -"
        )
        #expect(normal.balance(Samples.samut) == "500000.00/500000.00")
        var high = Self.story(.fiveStep, priority: .high)
        high.does(.first, .m7("ACTC"))
        #expect(
            high.does(.m9("RJCT AC04"))
                == "Rejected | void | M10 RJCT AC04, M13 RJCT AC04, M14 RJCT AC04 | -"
        )
        #expect(high.does(.m11("RJCT AC04")) == "same | - | - | -")
        #expect(high.balance(Samples.samut) == "500000.00/500000.00")
        #expect(normal.harness.violations.isEmpty && high.harness.violations.isEmpty)
    }

    /// (br): a 4-step D-PSP rejects.
    @Test func aFourStepDestinationReleasesOnTheCreditorAgentsRejection() {
        var story = Self.story(.fourStep)
        story.does(.first, .m7("ACTC"))
        #expect(
            story.does(.m9("RJCT AC04")) == "Rejected | void | M10 RJCT AC04, M13 RJCT AC04 | -"
        )
        #expect(story.balance(Samples.samut) == "500000.00/500000.00")
        #expect(story.does(.m11("RJCT AC04")) == "same | - | - | -")
    }

    /// (d): the promise of a HIGH payment is overruled, that of a NORM payment never.
    @Test func onlyAHighPromiseIsOverruled() {
        var high = Self.story(.fiveStep, priority: .high)
        high.does(.first, .m7("ACTC"), .m9("ACCC"))
        #expect(
            high.does(.m11("RJCT AB03")) == "Rejected | void | M13 RJCT AB03, M14 RJCT AB03 | -"
        )
        #expect(high.balance(Samples.samut) == "500000.00/500000.00")
        #expect(high.does(.again) == "same | - | M10 RJCT AB03 | -")
        var normal = Self.story(.fiveStep)
        normal.does(.first, .m7("ACTC"), .m9("ACCC"))
        #expect(normal.does(.m11("RJCT AB03")) == "same | - | - | incident")
        #expect(normal.balance(Samples.samut) == "500000.00/487343.98")
        #expect(normal.does(.m11("ACCC")) == "Completed | post | M13 ACCC, M14 ACCC | -")
        #expect(normal.harness.violations.isEmpty && high.harness.violations.isEmpty)
    }

    /// (e): the leg settles as for ACCC.
    @Test func aBlockedPaymentSettlesAtTheDestination() {
        var five = Self.story(.fiveStep)
        five.does(.first, .m7("ACTC"))
        #expect(five.does(.m9("BLCK")) == "AwaitingConfirmation | - | M10 BLCK | -")
        #expect(five.does(.m11("BLCK")) == "Blocked | post | M13 BLCK, M14 BLCK | -")
        #expect(five.balance(Samples.lotus) == "13656.02/13656.02")
        var four = Self.story(.fourStep)
        four.does(.first, .m7("ACTC"))
        #expect(four.does(.m9("BLCK")) == "Blocked | post | M10 BLCK, M13 BLCK | -")
        #expect(four.balance(Samples.lotus) == "13656.02/13656.02")
    }

    /// (g), 5-step: no M6, no M13, no posting; M14 is sent, or HIGH could not be overruled.
    @Test func whereThePayeeIsTheAccessProviderNothingIsBooked() {
        var story = Self.story(.fiveStep, own: true)
        #expect(story.does(.first) == "AwaitingDestinationPSP | - | M8 | -")
        #expect(story.does(.m9("ACCC")) == "AwaitingConfirmation | - | M10 ACCC | -")
        #expect(story.does(.m11("ACCC")) == "Completed | - | M14 ACCC | -")
        var high = Self.story(.fiveStep, own: true, priority: .high)
        high.does(.first, .m9("ACCC"))
        #expect(high.does(.m11("RJCT AB03")) == "Rejected | - | M14 RJCT AB03 | -")
        var silent = Self.story(.fiveStep, own: true)
        silent.does(.first)
        #expect(silent.does(.timer) == "Rejected | - | M10 RJCT AB05, M14 RJCT AB05 | -")
        for story in [story, high, silent] {
            #expect(story.harness.journals(of: Samples.uetr).isEmpty)
            #expect(story.harness.violations.isEmpty)
        }
    }

    /// (g), 4-step: M10 and nothing else.
    @Test func whereThePayeeIsTheAccessProviderAFourStepSystemOnlyReports() {
        var story = Self.story(.fourStep, own: true)
        #expect(story.does(.first) == "AwaitingDestinationPSP | - | M8 | -")
        #expect(story.does(.m9("ACCC")) == "Completed | - | M10 ACCC | -")
        var short = Self.story(.fourStep, own: true)
        short.does(.first)
        #expect(short.does(.m9("RJCT AM04")) == "Rejected | - | M10 RJCT AM04 | -")
        #expect(story.harness.journals(of: Samples.uetr).isEmpty)
    }

    /// (i): the D-SAP refuses; nothing was reserved and the D-PSP never hears of it.
    @Test(arguments: SettlementModel.allCases)
    func theAccessProvidersRefusalReachesTheHubOnly(model: SettlementModel) {
        var story = Self.story(model)
        story.does(.first)
        #expect(story.does(.m7("RJCT AM04")) == "Rejected | - | M10 RJCT AM04 | -")
        #expect(story.sent["M8"] == nil)
        #expect(story.balance(Samples.samut) == "500000.00/500000.00")
        #expect(story.does(.m7("ACTC")) == "same | - | M13 RJCT AM04 | -")
        #expect(story.does(.m7("ACTC")) == "same | - | M13 RJCT AM04 as stored | -")
    }

    /// The D-SAP's own settlement balance is short: decision 0008.
    @Test(arguments: SettlementModel.allCases)
    func aShortSettlementBalanceRejectsBeforeTheCreditorAgentHears(model: SettlementModel) {
        var story = Story(
            .init(leg: .destination, model: model),
            configuration: Samples.thailand(model, samutOpening: "12656.01")
        )
        story.does(.first)
        #expect(
            story.does(.m7("ACTC")) == "Rejected | - | M10 RJCT AM04, M13 RJCT AM04 | -"
        )
        #expect(story.sent["M8"] == nil)
        var exact = Story(
            .init(leg: .destination, model: model),
            configuration: Samples.thailand(model, samutOpening: "12656.02")
        )
        exact.does(.first)
        #expect(exact.does(.m7("ACTC")) == "AwaitingDestinationPSP | pending | M8 | -")
        #expect(exact.balance(Samples.samut) == "12656.02/0.00")
        #expect(exact.harness.violations.isEmpty)
    }

    /// §6: everything stays reserved, and no timer runs, until the final comes.
    @Test func acceptedWithoutPostingWaitsForTheFinal() {
        for (status, sends) in [
            ("ACCC", "M10 ACCC"), ("BLCK", "M10 BLCK"), ("RJCT RR04", "M10 RJCT RR04"),
        ] {
            var five = Self.story(.fiveStep)
            five.does(.first, .m7("ACTC"))
            #expect(five.does(.m9("ACWP")) == "AcceptedWithoutPosting | - | M10 ACWP | -")
            #expect(five.harness.payment(Samples.uetr)?.due == nil)
            #expect(five.does(.m9("ACWP")) == "same | - | - | -")
            #expect(five.does(.m9(status)) == "AwaitingConfirmation | - | \(sends) | -")
            var four = Self.story(.fourStep)
            four.does(.first, .m7("ACTC"), .m9("ACWP"))
            let next = ["ACCC": "Completed", "BLCK": "Blocked"][status] ?? "Rejected"
            let booking = next == "Rejected" ? "void" : "post"
            #expect(
                four.does(.m9(status)) == "\(next) | \(booking) | \(sends), M13 \(status) | -"
            )
        }
        var high = Self.story(.fiveStep, priority: .high)
        high.does(.first, .m7("ACTC"))
        #expect(high.does(.m9("ACWP")) == "same | - | - | notice")
        #expect(high.harness.payment(Samples.uetr)?.due != nil)
    }

    /// Rule 8: what the hub ended before it came is not executed when it comes.
    @Test func aTombstoneAnswersTheLateOriginal() throws {
        var story = Self.story(.fiveStep, priority: .high)
        #expect(story.does(.m11("RJCT AB03")) == "Rejected | - | - | -")
        #expect(story.does(.first) == "same | - | M10 RJCT AB03 | -")
        #expect(story.does(.again) == "same | - | M10 RJCT AB03 as stored | -")
        #expect(
            story.does(.underAnotherMessageID) == "same | - | refusal RJCT DU03 | notice"
        )
        #expect(story.harness.receipt(from: .hub, story.instruction.messageIdentification) != nil)
        guard case .iso(.statusReport(let m10)) = try #require(story.sent["M10"]) else { return }
        #expect(m10.originalMessageIdentification == story.instruction.messageIdentification)
        #expect(m10.originalEndToEndIdentification == story.instruction.endToEndIdentification)
        #expect(story.harness.violations.isEmpty)
    }

    /// A refusal of a copy that was never seen leaves no tombstone.
    @Test func aRefusalOfACopyLeavesNoTombstone() {
        var story = Self.story(.fiveStep)
        #expect(story.does(.m11("RJCT DU03")) == "same | - | - | notice")
        #expect(story.does(.first) == "AwaitingDestinationSAP | - | M6 | -")
    }
}
