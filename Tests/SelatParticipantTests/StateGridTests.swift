import SelatISO20022
import SelatJSON
import SelatNode
import SelatParticipant
import SelatScheme
import SelatTestSupport
import SelatTime
import Testing

/// Every state against everything that can come. Source: Specs/States/Institutions.md.
@Suite struct StateGridTests {
    /// Columns ACCC, BLCK, RJCT, ACWP, ACTC; `=` nothing at all, `!` an alert, `!!` an incident.
    static let grid: [(Participant.State, [String])] = [
        (.reserved, ["completed", "blocked", "rejected", "reserved", "!"]),
        (.accepted, ["completed", "blocked", "rejected", "!", "!"]),
        (.credited, ["=", "=", "reversed", "!", "!"]),
        (.fundsReserved, ["completed", "blocked", "rejected", "!", "!"]),
        (.considering, ["!!", "!!", "rejected", "!", "!"]),
        (.promised, ["completed", "!!", "rejected", "!", "!"]),
        (.promisedBlocked, ["!!", "blocked", "rejected", "!", "!"]),
        (.acceptedWithoutPosting, ["!!", "!!", "rejected", "!", "!"]),
        (.completed, ["=", "!!", "!!", "!", "!"]),
        (.blocked, ["!!", "=", "!!", "!", "!"]),
        (.rejected, ["!!", "!!", "=", "!", "!"]),
        (.reversed, ["!!", "!!", "=", "!", "!"]),
    ]

    static let statuses: [PaymentStatus] = [
        .accepted, .blocked, .rejected(.ab03), .acceptedWithoutPosting, .fundsReserved,
    ]

    /// A bank whose payment is in `state`, reached as in life.
    private func bank(in state: Participant.State) throws -> Bank {
        switch state {
        case .reserved:
            var bank = try Bank("MRLNSGS0")
            #expect(try bank.ask("pay", Order.body()).status == 200)
            return bank
        case .accepted: return try instructed("STRTSGS0", Instruction.source())
        case .credited: return try instructed("STRTSGS0", Instruction.source(), .fourStep)
        case .fundsReserved: return try instructed("SMUTTHB0", Instruction.destination())
        case .considering: return try scripted(["kind": "silent"])
        case .promised: return try instructed("LTUSTHB0", Instruction.destination())
        case .promisedBlocked: return try scripted(["kind": "block"])
        case .acceptedWithoutPosting: return try scripted(["kind": "acceptWithoutPosting"])
        case .completed: return try instructed("LTUSTHB0", Instruction.destination(), .fourStep)
        case .blocked:
            var bank = try scripted(["kind": "block"])
            try bank.tell(.blocked, about: Instruction.messageIdentification)
            return bank
        case .rejected: return try scripted(["kind": "reject", "reason": "AC04"])
        case .reversed:
            var bank = try instructed("STRTSGS0", Instruction.source(), .fourStep)
            try bank.tell(.rejected(.ab06), about: Instruction.messageIdentification)
            return bank
        }
    }

    private func instructed(
        _ code: String,
        _ message: FIToFICustomerCreditTransfer,
        _ model: SettlementModel = .fiveStep
    ) throws -> Bank {
        var bank = try Bank(code, model)
        bank.instruct(message)
        return bank
    }

    private func scripted(_ outcome: JSONValue) throws -> Bank {
        var bank = try Bank("LTUSTHB0")
        try bank.script("creditor", outcome)
        bank.instruct(Instruction.destination())
        return bank
    }

    @Test func theGridCoversEveryState() {
        #expect(Self.grid.map(\.0) == Participant.State.allCases)
    }

    @Test(arguments: Participant.State.allCases)
    func everyStatusIsAnsweredAsTheTableSays(_ state: Participant.State) throws {
        let row = try #require(Self.grid.first { $0.0 == state }).1
        for (status, expected) in zip(Self.statuses, row) {
            var bank = try bank(in: state)
            #expect(bank.state == state)
            let before = bank.book
            let decision = try bank.tell(status, about: try bank.instructionIdentification())
            let alerts = decision.alerts.map(\.severity)
            switch expected {
            case "=": #expect(decision == .nothing, "\(status.text)")
            case "!": #expect(alerts == [.notice], "\(status.text)")
            case "!!": #expect(alerts == [.incident], "\(status.text)")
            default: #expect(bank.state.map { "\($0)" } == expected, "\(status.text)")
            }
            if expected.allSatisfy({ "=!".contains($0) }) {
                #expect(bank.state == state)
                #expect(bank.book == before)
                #expect(decision.payments == [])
            }
            #expect(decision.messages == [])
            #expect(bank.violations == [])
        }
    }

    @Test(arguments: Participant.State.allCases)
    func aStatusAboutAnotherMessageChangesNothing(_ state: Participant.State) throws {
        for status in Self.statuses {
            var bank = try bank(in: state)
            let before = bank.book
            let decision = try bank.tell(status, about: "SOMEOTHERMSGID")
            #expect(decision.payments == [])
            #expect(decision.journals == [])
            #expect(decision.alerts.map(\.severity) == [.notice])
            #expect(bank.book == before)
        }
    }

    @Test(arguments: Participant.State.allCases)
    func withoutOriginalMessageTheRefusalOfACopyChangesNothing(
        _ state: Participant.State
    ) throws {
        for reason in [ReasonCode.du01, .du03] {
            var bank = try bank(in: state)
            let before = bank.book
            #expect(try bank.tell(.rejected(reason), about: nil).payments == [])
            #expect(bank.book == before)
        }
    }

    @Test func withoutOriginalMessageAnyOtherStatusIsMatchedByUETR() throws {
        var bank = try bank(in: .reserved)
        try bank.tell(.accepted, about: nil)
        #expect(bank.state == .completed)
    }

    @Test(arguments: Participant.State.allCases)
    func aStatusFromAnyoneElseChangesNothing(_ state: Participant.State) throws {
        var bank = try bank(in: state)
        let before = bank.book
        let report = try PaymentStatus.accepted.report(about: bank.instructionIdentification())
        for stranger in [PartyID.hub, PartyID(checked: "my"), PartyID(checked: "SMUTTHB0")] {
            let decision = bank.harness.receive(.iso(.statusReport(report)), from: stranger)
            #expect(decision.alerts.map(\.severity) == [.security])
            #expect(decision.payments == [])
        }
        #expect(bank.book == before)
    }

    @Test(arguments: Participant.State.allCases)
    func aStaleTimerDoesNothing(_ state: Participant.State) throws {
        var bank = try bank(in: state)
        let version = try #require(bank.harness.payment(Bank.uetr)).version
        #expect(bank.harness.timer(Bank.uetr, version: version + 1) == .nothing)
        #expect(bank.harness.timer(Bank.uetr, version: version - 1) == .nothing)
    }

    @Test(arguments: Participant.State.allCases)
    func finalStatesArmNoTimer(_ state: Participant.State) throws {
        let due = try #require(try bank(in: state).harness.payment(Bank.uetr)).due
        if state.isFinal { #expect(due == nil) }
        if state == .reserved { #expect(due != nil) }
    }

    @Test(arguments: Participant.State.allCases)
    func aResentInstructionGetsTheSameAnswerAndMovesNothing(_ state: Participant.State) throws {
        guard state != .reserved else { return }
        var bank = try bank(in: state)
        let before = bank.book
        let row = try #require(bank.harness.payment(Bank.uetr))
        let isSource = [.accepted, .credited, .reversed].contains(state)
        let message = isSource ? Instruction.source() : Instruction.destination()
        let given = bank.harness.decisions.flatMap { $0.reports(to: bank.system) }.last
        bank.harness.now = bank.harness.now + .seconds(3_600)
        let again = bank.instruct(message).reports(to: bank.system)
        if state == .considering {
            #expect(again == [])
        } else {
            #expect(again == [try #require(given)])
        }
        #expect(bank.harness.payment(Bank.uetr) == row)
        #expect(bank.book == before)
        #expect(bank.violations == [])
    }

    @Test(arguments: Participant.State.allCases)
    func anAlteredCopyIsRefusedAndTouchesNothing(_ state: Participant.State) throws {
        guard state != .reserved else { return }
        var bank = try bank(in: state)
        let row = bank.harness.payment(Bank.uetr)
        let before = bank.book
        let isSource = [.accepted, .credited, .reversed].contains(state)
        var message = isSource ? Instruction.source() : Instruction.destination()
        message.creditor.name = "Somebody Else"
        let first = bank.instruct(message)
        let second = bank.instruct(message)
        #expect(first.reports(to: bank.system).map(\.statusText) == ["RJCT DU01"])
        #expect(first.reports(to: bank.system) == second.reports(to: bank.system))
        #expect(first.alerts.map(\.severity) == [.security])
        #expect(bank.harness.payment(Bank.uetr) == row)
        #expect(bank.book == before)
        #expect(bank.violations == [])
    }

    @Test(arguments: Participant.State.allCases)
    func theSameUETRUnderAnotherMessageIsRefused(_ state: Participant.State) throws {
        var bank = try bank(in: state)
        let row = bank.harness.payment(Bank.uetr)
        let before = bank.book
        let isSource = [.reserved, .accepted, .credited, .reversed].contains(state)
        var message =
            isSource
            ? Instruction.source(accessProvider: bank.harness.instance.name)
            : Instruction.destination()
        message.messageIdentification = "ANOTHERMSGID"
        let first = bank.instruct(message).reports(to: bank.system)
        let second = bank.instruct(message).reports(to: bank.system)
        #expect(first.map(\.statusText) == ["RJCT DU03"])
        #expect(first.map(\.originalMessageIdentification) == ["ANOTHERMSGID"])
        #expect(first == second)
        #expect(bank.harness.payment(Bank.uetr) == row)
        #expect(bank.book == before)
        #expect(bank.violations == [])
    }

    @Test func aStatusForAPaymentNeverSeenIsOnlyReported() throws {
        var bank = try Bank("LTUSTHB0")
        for status in Self.statuses {
            let decision = try bank.tell(status, about: "X")
            #expect(decision.alerts.map(\.severity) == [.notice])
            #expect(bank.state == nil)
        }
    }
}
