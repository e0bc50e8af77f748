import SelatISO20022
import SelatJSON
import SelatMoney
import SelatNode
import SelatParticipant
import SelatScheme
import SelatTestSupport
import Testing

/// The PSP and SAP books of every case of Specs/Rulebook/Bookings.md §5, step by step: after
/// each step the book stands as the table says, and not a line more.
@Suite struct BookingTests {
    enum Step {
        /// The Sender approves: M1 leaves.
        case pay
        /// M2, M6 or M8 comes.
        case instruction(FIToFICustomerCreditTransfer)
        /// M13 to M16 comes.
        case outcome(PaymentStatus)
        /// The creditor's account is closed by its bank.
        case accountClosed
        /// The payment's timer fires.
        case timer
    }

    struct Case: CustomTestStringConvertible {
        let testDescription: String
        var bank: String
        var model = SettlementModel.fiveStep
        /// `creditor` to its scripted outcome, if any.
        var script: (String, JSONValue)?
        var accessProvider = "STRTSGS0"
        /// What the provider has at the bank, in minor units, where it matters.
        var deposit: Int64 = 5_000_000
        let steps: [(Step, answers: [String], book: [String])]
    }

    static let sender = "customer:3920017745"
    static let recipient = "customer:0887124455"
    static let deposit = "fxp:fx-merlion"

    static let reservedDebit = [
        "\(sender) reserved 500.00", "fee-income:source expects 2.00",
        "settlement reserved 498.00",
    ].sorted()
    static let postedDebit = [
        "\(sender) posted -500.00", "fee-income:source posted 2.00", "settlement posted -498.00",
    ].sorted()
    static let reservedCredit = [
        "\(recipient) expects 12611.02", "fee-income:destination expects 45.00",
        "settlement expects 12656.02",
    ].sorted()
    static let postedCredit = [
        "\(recipient) posted 12611.02", "fee-income:destination posted 45.00",
        "settlement posted 12656.02",
    ].sorted()
    static let held = ["blocked posted 12656.02", "settlement posted 12656.02"]
    static let unapplied = ["settlement expects 12656.02", "unapplied expects 12656.02"]

    static let debtorAgent: [Case] = [
        Case(
            testDescription: "a: the debtor agent reserves, M16 ACCC posts",
            bank: "MRLNSGS0",
            steps: [(.pay, [], reservedDebit), (.outcome(.accepted), [], postedDebit)]
        ),
        Case(
            testDescription: "br, c, d, i, j, k: M16 RJCT releases",
            bank: "MRLNSGS0",
            steps: [(.pay, [], reservedDebit), (.outcome(.rejected(.ab03)), [], [])]
        ),
        Case(
            testDescription: "e: M16 BLCK posts, fee included",
            bank: "MRLNSGS0",
            steps: [(.pay, [], reservedDebit), (.outcome(.blocked), [], postedDebit)]
        ),
        Case(
            testDescription: "M16 ACWP is an interim: everything stays reserved",
            bank: "MRLNSGS0",
            steps: [
                (.pay, [], reservedDebit), (.outcome(.acceptedWithoutPosting), [], reservedDebit),
                (.outcome(.acceptedWithoutPosting), [], reservedDebit),
                (.outcome(.accepted), [], postedDebit),
            ]
        ),
        Case(
            testDescription: "no M16: the timer asks again and releases nothing",
            bank: "MRLNSGS0",
            steps: [
                (.pay, [], reservedDebit), (.timer, ["M1"], reservedDebit),
                (.timer, ["M1"], reservedDebit), (.outcome(.accepted), [], postedDebit),
            ]
        ),
        Case(
            testDescription: "f: its own access provider reserves towards the deposit",
            bank: "MRLNSGS0",
            accessProvider: "MRLNSGS0",
            steps: [
                (
                    .pay, [],
                    [
                        "\(sender) reserved 500.00", "fee-income:source expects 2.00",
                        "\(deposit) expects 498.00",
                    ].sorted()
                ),
                (
                    .outcome(.accepted), [],
                    [
                        "\(sender) posted -500.00", "fee-income:source posted 2.00",
                        "\(deposit) posted 498.00",
                    ].sorted()
                ),
            ]
        ),
        Case(
            testDescription: "f: rejected, both are released",
            bank: "MRLNSGS0",
            accessProvider: "MRLNSGS0",
            steps: [
                (
                    .pay, [],
                    [
                        "\(sender) reserved 500.00", "fee-income:source expects 2.00",
                        "\(deposit) expects 498.00",
                    ].sorted()
                ),
                (.outcome(.rejected(.ac04)), [], []),
            ]
        ),
    ]

    static let accessProvider: [Case] = [
        Case(
            testDescription: "a: the 5-step S-SAP credits on M15 ACCC",
            bank: "STRTSGS0",
            steps: [
                (
                    .instruction(Instruction.source()), ["ACCC"],
                    ["\(deposit) expects 498.00", "settlement expects 498.00"]
                ),
                (
                    .outcome(.accepted), [],
                    ["\(deposit) posted 498.00", "settlement posted 498.00"]
                ),
            ]
        ),
        Case(
            testDescription: "c, d, i, j, k: the 5-step S-SAP releases on M15 RJCT",
            bank: "STRTSGS0",
            steps: [
                (
                    .instruction(Instruction.source()), ["ACCC"],
                    ["\(deposit) expects 498.00", "settlement expects 498.00"]
                ), (.outcome(.rejected(.ab06)), [], []),
            ]
        ),
        Case(
            testDescription: "b, e: the 4-step S-SAP credits at once, and that stands",
            bank: "STRTSGS0",
            model: .fourStep,
            steps: [
                (
                    .instruction(Instruction.source()), ["ACCC"],
                    ["\(deposit) posted 498.00", "settlement posted 498.00"]
                ),
                (
                    .outcome(.accepted), [],
                    ["\(deposit) posted 498.00", "settlement posted 498.00"]
                ),
                (.outcome(.blocked), [], ["\(deposit) posted 498.00", "settlement posted 498.00"]),
            ]
        ),
        Case(
            testDescription: "br: M15 RJCT reverses the 4-step S-SAP's credit, once",
            bank: "STRTSGS0",
            model: .fourStep,
            steps: [
                (
                    .instruction(Instruction.source()), ["ACCC"],
                    ["\(deposit) posted 498.00", "settlement posted 498.00"]
                ),
                (.outcome(.rejected(.ac04)), [], []), (.outcome(.rejected(.ac04)), [], []),
            ]
        ),
        Case(
            testDescription: "k: an unknown provider's account is refused with RC11",
            bank: "STRTSGS0",
            steps: [
                (
                    .instruction(
                        Instruction.source {
                            $0.intermediaryAgent1Account = Instruction.account("9999999999")
                        }
                    ), ["RJCT RC11"], []
                ), (.outcome(.rejected(.rc11)), [], []),
            ]
        ),
        Case(
            testDescription: "a, h: the D-SAP reserves the provider's funds until M13 ACCC",
            bank: "SMUTTHB0",
            steps: [
                (
                    .instruction(Instruction.destination()), ["ACTC"],
                    ["\(deposit) reserved 12656.02", "settlement reserved 12656.02"]
                ),
                (
                    .outcome(.accepted), [],
                    ["\(deposit) posted -12656.02", "settlement posted -12656.02"]
                ),
            ]
        ),
        Case(
            testDescription: "e: the D-SAP pays on M13 BLCK as on ACCC",
            bank: "SMUTTHB0",
            model: .fourStep,
            steps: [
                (
                    .instruction(Instruction.destination()), ["ACTC"],
                    ["\(deposit) reserved 12656.02", "settlement reserved 12656.02"]
                ),
                (
                    .outcome(.blocked), [],
                    ["\(deposit) posted -12656.02", "settlement posted -12656.02"]
                ),
            ]
        ),
        Case(
            testDescription: "c, d: the D-SAP releases on M13 RJCT",
            bank: "SMUTTHB0",
            steps: [
                (
                    .instruction(Instruction.destination()), ["ACTC"],
                    ["\(deposit) reserved 12656.02", "settlement reserved 12656.02"]
                ), (.outcome(.rejected(.ac04)), [], []),
            ]
        ),
        Case(
            testDescription: "i: the D-SAP refuses one unit short with AM04, and books nothing",
            bank: "SMUTTHB0",
            deposit: 1_265_601,
            steps: [(.instruction(Instruction.destination()), ["RJCT AM04"], [])]
        ),
        Case(
            testDescription: "the D-SAP accepts to the last unit",
            bank: "SMUTTHB0",
            deposit: 1_265_602,
            steps: [
                (
                    .instruction(Instruction.destination()), ["ACTC"],
                    ["\(deposit) reserved 12656.02", "settlement reserved 12656.02"]
                )
            ]
        ),
    ]

    static let creditorAgent: [Case] = [
        Case(
            testDescription: "a: the 5-step D-PSP promises, M14 ACCC credits",
            bank: "LTUSTHB0",
            steps: [
                (.instruction(Instruction.destination()), ["ACCC"], reservedCredit),
                (.outcome(.accepted), [], postedCredit),
            ]
        ),
        Case(
            testDescription: "d: an overruled promise is released",
            bank: "LTUSTHB0",
            steps: [
                (.instruction(Instruction.destination()), ["ACCC"], reservedCredit),
                (.outcome(.rejected(.ab03)), [], []), (.outcome(.rejected(.ab03)), [], []),
            ]
        ),
        Case(
            testDescription: "h: the 4-step D-PSP credits before it answers",
            bank: "LTUSTHB0",
            model: .fourStep,
            steps: [(.instruction(Instruction.destination()), ["ACCC"], postedCredit)]
        ),
        Case(
            testDescription: "e: BLCK holds the whole amount and takes no fee",
            bank: "LTUSTHB0",
            script: ("creditor", ["kind": "block"]),
            steps: [
                (
                    .instruction(Instruction.destination()), ["BLCK"],
                    ["blocked expects 12656.02", "settlement expects 12656.02"]
                ), (.outcome(.blocked), [], held),
            ]
        ),
        Case(
            testDescription: "e: in a 4-step system BLCK holds at once",
            bank: "LTUSTHB0",
            model: .fourStep,
            script: ("creditor:\(Bank.recipient)", ["kind": "block"]),
            steps: [(.instruction(Instruction.destination()), ["BLCK"], held)]
        ),
        Case(
            testDescription: "c: a closed account is refused with AC04, and nothing is booked",
            bank: "LTUSTHB0",
            steps: [
                (.accountClosed, [], []),
                (.instruction(Instruction.destination()), ["RJCT AC04"], []),
                (.outcome(.rejected(.ac04)), [], []),
            ]
        ),
        Case(
            testDescription: "an account closed after the promise is credited on unapplied",
            bank: "LTUSTHB0",
            steps: [
                (.instruction(Instruction.destination()), ["ACCC"], reservedCredit),
                (.accountClosed, [], reservedCredit),
                (
                    .outcome(.accepted), [],
                    [
                        "fee-income:destination posted 45.00", "settlement posted 12656.02",
                        "unapplied posted 12611.02",
                    ]
                ),
            ]
        ),
        Case(
            testDescription: "ACWP keeps it unapplied; later ACCC and M14 credit, 5-step",
            bank: "LTUSTHB0",
            script: ("creditor", ["kind": "acceptWithoutPosting", "milliseconds": 5000]),
            steps: [
                (.instruction(Instruction.destination()), ["ACWP"], unapplied),
                (.timer, ["ACCC"], unapplied), (.outcome(.accepted), [], postedCredit),
            ]
        ),
        Case(
            testDescription: "ACWP, then ACCC, 4-step: credited with the answer",
            bank: "LTUSTHB0",
            model: .fourStep,
            script: ("creditor", ["kind": "acceptWithoutPosting", "milliseconds": 5000]),
            steps: [
                (.instruction(Instruction.destination()), ["ACWP"], unapplied),
                (.timer, ["ACCC"], postedCredit),
            ]
        ),
        Case(
            testDescription: "ACWP, then RJCT, 5-step: released on M14 only",
            bank: "LTUSTHB0",
            script: (
                "creditor", ["kind": "acceptWithoutPosting", "milliseconds": 5, "reason": "MS02"]
            ),
            steps: [
                (.instruction(Instruction.destination()), ["ACWP"], unapplied),
                (.timer, ["RJCT MS02"], unapplied), (.outcome(.rejected(.ms02)), [], []),
            ]
        ),
        Case(
            testDescription: "ACWP, then RJCT, 4-step: released with the answer",
            bank: "LTUSTHB0",
            model: .fourStep,
            script: (
                "creditor", ["kind": "acceptWithoutPosting", "milliseconds": 5, "reason": "MS02"]
            ),
            steps: [
                (.instruction(Instruction.destination()), ["ACWP"], unapplied),
                (.timer, ["RJCT MS02"], []),
            ]
        ),
        Case(
            testDescription: "ACWP, promised, then closed: M14 ACCC ends on unapplied",
            bank: "LTUSTHB0",
            script: ("creditor", ["kind": "acceptWithoutPosting", "milliseconds": 5000]),
            steps: [
                (.instruction(Instruction.destination()), ["ACWP"], unapplied),
                (.timer, ["ACCC"], unapplied), (.accountClosed, [], unapplied),
                (
                    .outcome(.accepted), [],
                    [
                        "fee-income:destination posted 45.00", "settlement posted 12656.02",
                        "unapplied posted 12611.02",
                    ]
                ),
            ]
        ),
        Case(
            testDescription: "a fee of zero is no transfer",
            bank: "LTUSTHB0",
            model: .fourStep,
            steps: [
                (
                    .instruction(
                        Instruction.destination {
                            $0.chargesInformation[1].amount = Instruction.amount("0.00", .thb)
                        }
                    ), ["ACCC"],
                    ["\(recipient) posted 12656.02", "settlement posted 12656.02"]
                )
            ]
        ),
    ]

    static let ownDestination: [Case] = [
        Case(
            testDescription: "g: its own access provider credits out of the deposit, 5-step",
            bank: "LTUSTHB0",
            steps: [
                (
                    .instruction(Instruction.destination(accessProvider: "LTUSTHB0")), ["ACCC"],
                    [
                        "\(recipient) expects 12611.02", "fee-income:destination expects 45.00",
                        "\(deposit) reserved 12656.02",
                    ].sorted()
                ),
                (
                    .outcome(.accepted), [],
                    [
                        "\(recipient) posted 12611.02", "fee-income:destination posted 45.00",
                        "\(deposit) posted -12656.02",
                    ].sorted()
                ),
            ]
        ),
        Case(
            testDescription: "g: 4-step, both are posted at once and no M14 comes",
            bank: "LTUSTHB0",
            model: .fourStep,
            steps: [
                (
                    .instruction(Instruction.destination(accessProvider: "LTUSTHB0")), ["ACCC"],
                    [
                        "\(recipient) posted 12611.02", "fee-income:destination posted 45.00",
                        "\(deposit) posted -12656.02",
                    ].sorted()
                )
            ]
        ),
        Case(
            testDescription: "g: lack of provider's funds is M9 RJCT AM04",
            bank: "LTUSTHB0",
            deposit: 1_265_601,
            steps: [
                (
                    .instruction(Instruction.destination(accessProvider: "LTUSTHB0")),
                    ["RJCT AM04"], []
                )
            ]
        ),
    ]

    @Test(arguments: debtorAgent + accessProvider + creditorAgent + ownDestination)
    func theBookStandsAsTheTableSays(_ example: Case) throws {
        var bank = try Bank(example.bank, example.model) { configuration in
            configuration.providers[0].opening.setMinorUnits(example.deposit)
        }
        if let (key, outcome) = example.script {
            try bank.script(key, outcome)
        }
        for (step, answers, book) in example.steps {
            let said = try take(step, &bank, example)
            #expect(said == answers)
            #expect(bank.book == book)
        }
        #expect(bank.violations == [])
    }

    /// Takes one step and returns what left: pacs.002 by status, an M1 as `M1`. The M1 of `pay`
    /// goes without saying.
    private func take(_ step: Step, _ bank: inout Bank, _ example: Case) throws -> [String] {
        switch step {
        case .pay:
            let reply = try bank.ask(
                "pay",
                Order.body(quote: Order.quote(accessProvider: example.accessProvider))
            )
            #expect(reply.status == 200, "\(reply.body)")
            return []
        case .instruction(let message):
            return bank.instruct(message).reports(to: bank.system).map(\.statusText)
        case .outcome(let status):
            let decision = try bank.tell(status, about: try bank.instructionIdentification())
            return decision.reports(to: bank.system).map(\.statusText)
        case .accountClosed:
            let reply = try bank.ask(
                "account-status",
                ["account": .string(Bank.recipient), "status": "closed"]
            )
            #expect(reply.status == 200, "\(reply.body)")
            return []
        case .timer:
            let fired = bank.harness.fireTimer(Bank.uetr)
            let decision = try #require(fired)
            return decision.reports(to: bank.system).map(\.statusText)
                + decision.creditTransfers(to: bank.system).map { _ in "M1" }
        }
    }
}
