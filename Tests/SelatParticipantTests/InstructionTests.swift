import SelatISO20022
import SelatJSON
import SelatLedger
import SelatMoney
import SelatNode
import SelatParticipant
import SelatScheme
import SelatTestSupport
import SelatTime
import Testing

/// What makes an institution refuse an instruction, and what scripted outcomes do.
@Suite struct InstructionTests {
    struct Refused: CustomTestStringConvertible {
        let testDescription: String
        var bank = "LTUSTHB0"
        let reason: String
        let message: FIToFICustomerCreditTransfer
    }

    static let refusals: [Refused] = [
        Refused(
            testDescription: "named nowhere in it",
            bank: "SMUTTHB0",
            reason: "AGNT",
            message: Instruction.destination(accessProvider: "PRLNTHB0")
        ),
        Refused(
            testDescription: "a source leg for another access provider",
            bank: "STRTSGS0",
            reason: "AGNT",
            message: Instruction.source(accessProvider: "MRLNSGS0")
        ),
        Refused(
            testDescription: "accepted too long ago",
            reason: "TM01",
            message: Instruction.destination {
                $0.acceptanceDateTime = Instruction.accepted - .seconds(600)
            }
        ),
        Refused(
            testDescription: "HIGH, accepted longer ago than all may take",
            reason: "TM01",
            message: Instruction.destination {
                $0.instructionPriority = .high
                $0.acceptanceDateTime = Instruction.accepted - .seconds(17)
            }
        ),
        Refused(
            testDescription: "accepted in the future",
            reason: "TM01",
            message: Instruction.destination {
                $0.acceptanceDateTime = Instruction.accepted + .seconds(7)
            }
        ),
        Refused(
            testDescription: "unknown account",
            reason: "BE06",
            message: Instruction.destination {
                $0.creditorAccount = Instruction.account("0000000000")
            }
        ),
        Refused(
            testDescription: "a fee that eats the payment",
            reason: "AM06",
            message: Instruction.destination {
                $0.chargesInformation[1].amount = Instruction.amount("12656.02", .thb)
            }
        ),
        Refused(
            testDescription: "more than an account holds",
            reason: "AM02",
            message: Instruction.destination {
                $0.interbankSettlementAmount = Instruction.amount("90000000000000.00", .thb)
            }
        ),
        Refused(
            testDescription: "the source leg's currency at the destination",
            reason: "CURR",
            message: Instruction.destination {
                $0.interbankSettlementAmount = Instruction.amount("498.00", .sgd)
            }
        ),
        Refused(
            testDescription: "surplus decimals",
            reason: "CH20",
            message: Instruction.destination {
                $0.interbankSettlementAmount = Instruction.amount("12656.021", .thb)
            }
        ),
        Refused(
            testDescription: "a provider's account that is not here",
            bank: "SMUTTHB0",
            reason: "RC11",
            message: Instruction.destination {
                $0.intermediaryAgent2Account = Instruction.account("1")
            }
        ),
        Refused(
            testDescription: "the same at the creditor agent that is its own access provider",
            reason: "RC11",
            message: Instruction.destination(accessProvider: "LTUSTHB0") {
                $0.intermediaryAgent2Account = nil
            }
        ),
    ]

    @Test(arguments: refusals)
    func refusedOnceAndForAll(_ example: Refused) throws {
        var bank = try Bank(example.bank)
        let first = bank.instruct(example.message)
        #expect(first.reports(to: bank.system).map(\.statusText) == ["RJCT \(example.reason)"])
        #expect(bank.state == .rejected)
        #expect(bank.book == [])
        // A tombstone: the same copy gets the same bytes, whatever has become of the account.
        bank.harness.now = bank.harness.now + .seconds(30)
        let second = bank.instruct(example.message)
        #expect(second.reports(to: bank.system) == first.reports(to: bank.system))
        #expect(second.payments == [])
        #expect(bank.violations == [])
    }

    @Test func theLastInstantOfTheAgeIsYoungEnough() throws {
        var bank = try Bank("LTUSTHB0")
        let message = Instruction.destination {
            $0.acceptanceDateTime = Instruction.accepted - .seconds(599)
        }
        bank.instruct(message)
        #expect(bank.state == .promised)
    }

    @Test func onlyThePaymentSystemInstructs() throws {
        var bank = try Bank("LTUSTHB0")
        let message = Message.iso(.creditTransfer(Instruction.destination()))
        for stranger in [PartyID.hub, Bank.sg, PartyID(checked: "SMUTTHB0")] {
            let decision = bank.harness.receive(message, from: stranger)
            #expect(decision.alerts.map(\.severity) == [.security])
            #expect(decision.messages == [])
        }
        #expect(bank.state == nil)
    }

    @Test func theAnswerRunsAgainstTheInstruction() throws {
        var bank = try Bank("LTUSTHB0")
        let report = try #require(
            bank.instruct(Instruction.destination()).reports(to: bank.system).first
        )
        #expect(report.originalMessageIdentification == Instruction.messageIdentification)
        #expect(report.originalEndToEndIdentification == "SCHOOLFEE-NOV")
        #expect(report.instructingAgent.bicfi?.code == "LTUSTHB0")
        #expect(report.instructedAgent.bicfi?.code == "SMUTTHB0")
        #expect(report.violations() == [])
    }

    @Test func anUnreadableInstructionLeavesATombstone() throws {
        var bank = try Bank("LTUSTHB0")
        let malformed = MalformedMessage(
            rejections: [
                Rejection(reason: .ff01, path: "/Document", expected: "a schema", found: "none")
            ],
            kind: Message.Kind.creditTransfer,
            messageIdentification: Instruction.messageIdentification,
            uetr: Bank.uetr
        )
        let decision = bank.harness.receive(malformed, from: bank.system)
        #expect(decision.reports(to: bank.system).map(\.statusText) == ["RJCT FF01"])
        #expect(bank.state == .rejected)
        // A readable copy of it is refused as well.
        let late = bank.instruct(Instruction.destination()).reports(to: bank.system)
        #expect(late.map(\.transactionStatus) == [.rejected])
        #expect(bank.book == [])
        #expect(bank.violations == [])
    }

    @Test func anUnreadableCopySaysNothingAboutThePayment() throws {
        var bank = try Bank("LTUSTHB0")
        bank.instruct(Instruction.destination())
        let malformed = MalformedMessage(
            rejections: [],
            kind: Message.Kind.creditTransfer,
            messageIdentification: Instruction.messageIdentification,
            uetr: Bank.uetr
        )
        let decision = bank.harness.receive(malformed, from: bank.system)
        #expect(decision.messages == [])
        #expect(decision.alerts.map(\.severity) == [.notice])
        #expect(bank.state == .promised)
    }

    @Test func oneMessageIdentificationForTwoPaymentsIsRefused() throws {
        var bank = try Bank("LTUSTHB0")
        bank.instruct(Instruction.destination())
        let other = UUIDv4(Seed(high: 99, low: 99))
        let decision = bank.instruct(Instruction.destination { $0.uetr = other })
        #expect(decision.reports(to: bank.system).map(\.statusText) == ["RJCT DU01"])
        #expect(decision.reports(to: bank.system).map(\.originalUETR) == [other])
        #expect(bank.harness.payment(other) == nil)
    }

    // MARK: Scripted outcomes

    @Test func aDelayIsATimerAndJudgesWhenItFires() throws {
        var bank = try Bank("LTUSTHB0")
        try bank.script("creditor", ["kind": "delay", "milliseconds": 1500, "times": 1])
        let start = bank.harness.now
        #expect(bank.instruct(Instruction.destination()).messages == [])
        #expect(bank.state == .considering)
        #expect(bank.harness.payment(Bank.uetr)?.due == start + .milliseconds(1500))
        // The instruction again meanwhile: nothing is said, the timer stays.
        #expect(bank.instruct(Instruction.destination()) == .nothing)
        #expect(try bank.ask("account-status", Self.closing).status == 200)
        let fired = bank.harness.fireTimer(Bank.uetr)
        #expect(fired?.reports(to: bank.system).map(\.statusText) == ["RJCT AC04"])
        #expect(bank.violations == [])
    }

    @Test func aDelayedAnswerThatWasOverruledNeverLeaves() throws {
        var bank = try Bank("SMUTTHB0")
        try bank.script("destination-access-provider", ["kind": "delay", "milliseconds": 5000])
        bank.instruct(Instruction.destination())
        let version = bank.harness.payment(Bank.uetr)?.version
        try bank.tell(.rejected(.ab06), about: Instruction.messageIdentification)
        #expect(bank.state == .rejected)
        #expect(bank.harness.timer(Bank.uetr, version: version) == .nothing)
        #expect(bank.book == [])
    }

    @Test func silenceEndsWhenItIsAskedAgainOftenEnough() throws {
        var bank = try Bank("LTUSTHB0", .fourStep)
        try bank.script("creditor", ["kind": "silent", "times": 2])
        let message = Instruction.destination()
        #expect(bank.instruct(message).messages == [])
        #expect(bank.instruct(message).messages == [])
        #expect(bank.harness.payment(Bank.uetr)?.due == nil)
        let third = bank.instruct(message).reports(to: bank.system)
        #expect(third.map(\.statusText) == ["ACCC"])
        #expect(bank.state == .completed)
        #expect(bank.violations == [])
    }

    @Test func anOutcomeAppliesAsOftenAsItSays() throws {
        var bank = try Bank("LTUSTHB0")
        try bank.script("creditor", ["kind": "reject", "reason": "MS03", "times": 2])
        var said: [String] = []
        for number in 0..<3 {
            let message = Instruction.destination {
                $0.uetr = UUIDv4(Seed(high: 50, low: UInt64(number)))
                $0.messageIdentification = "MSG\(number)"
            }
            said += bank.instruct(message).reports(to: bank.system).map(\.statusText)
        }
        #expect(said == ["RJCT MS03", "RJCT MS03", "ACCC"])
        #expect(bank.violations == [])
    }

    @Test func theAccountsOwnScriptComesBeforeTheBanks() throws {
        var bank = try Bank("LTUSTHB0")
        try bank.script("creditor", ["kind": "reject", "reason": "MS03"])
        try bank.script("creditor:\(Bank.recipient)", ["kind": "block"])
        let said = bank.instruct(Instruction.destination()).reports(to: bank.system)
        #expect(said.map(\.statusText) == ["BLCK"])
    }

    @Test func acceptTakesAScriptBack() throws {
        var bank = try Bank("STRTSGS0")
        try bank.script("source-access-provider", ["kind": "reject"])
        try bank.script("source-access-provider", ["kind": "accept"])
        let said = bank.instruct(Instruction.source()).reports(to: bank.system)
        #expect(said.map(\.statusText) == ["ACCC"])
    }

    @Test func acceptWithoutPostingIsForNormalPriorityOnly() throws {
        var bank = try Bank("LTUSTHB0")
        try bank.script("creditor", ["kind": "acceptWithoutPosting"])
        let message = Instruction.destination { $0.instructionPriority = .high }
        let said = bank.instruct(message).reports(to: bank.system)
        #expect(said.map(\.statusText) == ["ACCC"])
    }

    static let closing: JSONValue = ["account": .string(Bank.recipient), "status": "closed"]

    static let badScripts: [JSONValue] = [
        ["key": "nobody", "outcome": ["kind": "silent"]],
        ["key": "source-access-provider", "outcome": ["kind": "block"]],
        ["key": "creditor", "outcome": ["kind": "perhaps"]],
        ["key": "creditor", "outcome": ["kind": "reject", "reason": "NARR"]],
        ["key": "creditor", "outcome": ["kind": "reject", "reason": "ZZZZ"]],
        ["key": "creditor", "outcome": ["kind": "delay", "milliseconds": 0]],
        ["key": "creditor", "outcome": ["kind": "silent", "times": -1]],
        ["key": "creditor", "outcome": ["kind": "silent", "tmies": 1]],
        ["outcome": ["kind": "silent"]],
    ]

    @Test(arguments: badScripts)
    func aScriptThatSaysNothingSensibleIsRefused(_ body: JSONValue) throws {
        var bank = try Bank("LTUSTHB0")
        #expect(try bank.ask("script", body).status == 400)
    }

    // MARK: Reversal and rescue

    @Test func aReversalBelowTheFloorHappensAndIsReported() throws {
        var bank = try Bank("STRTSGS0", .fourStep) { configuration in
            configuration.providers[0].opening.setMinorUnits(0)
        }
        bank.instruct(Instruction.source())
        // The provider's credit leaves again with another payment, as a D-SAP's debit.
        let outward = Instruction.destination(accessProvider: "STRTSGS0") {
            $0.uetr = UUIDv4(Seed(high: 3, low: 3))
            $0.messageIdentification = "OUTWARD"
            $0.interbankSettlementAmount = Instruction.amount("498.00", .sgd)
            $0.chargesInformation[0].amount = Instruction.amount("2.00", .thb)
            $0.chargesInformation[1].amount = Instruction.amount("1.00", .sgd)
            $0.agreedRate.unitCurrency = .thb
            $0.agreedRate.quotedCurrency = .sgd
            $0.intermediaryAgent2Account = Instruction.account(Bank.providerNumbers["SG"])
        }
        let answer = bank.instruct(outward).reports(to: bank.system)
        #expect(answer.map(\.statusText) == ["ACTC"])
        let decision = try bank.tell(.rejected(.ac04), about: Instruction.messageIdentification)
        #expect(decision.alerts.map(\.severity) == [.notice])
        #expect(bank.state == .reversed)
        let deposit = try #require(bank.harness.account("fxp:fx-merlion", "SGD"))
        #expect(deposit.available == -49_800)
        #expect(bank.violations == [])
    }

    /// Case g after ACWP, the deposit meanwhile taken below its floor by a reversal: the promise
    /// is kept out of what is reserved, because taking anew could be refused.
    @Test func aPromiseIsKeptOutOfTheReservationWhenTheDepositFellShort() throws {
        var bank = try Bank("LTUSTHB0") { configuration in
            configuration.providers[0].opening.setMinorUnits(1_265_602)
        }
        try bank.script("creditor", ["kind": "acceptWithoutPosting", "milliseconds": 10])
        bank.instruct(Instruction.destination(accessProvider: "LTUSTHB0"))
        bank.harness.fireTimer(Bank.uetr)
        #expect(bank.state == .promised)
        bank.raiseFloor(of: "fxp:fx-merlion", "THB", to: 1)
        try bank.tell(.accepted, about: Instruction.messageIdentification)
        #expect(
            bank.book == [
                "customer:\(Bank.recipient) posted 12611.02",
                "fee-income:destination posted 45.00", "fxp:fx-merlion posted -12656.02",
            ]
        )
        #expect(bank.violations == [])
    }
}
