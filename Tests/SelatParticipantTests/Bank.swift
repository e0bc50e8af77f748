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

/// One institution in a harness, with its books open. Amounts and names are those of the
/// bookings' example; everybody is invented.
struct Bank {
    static let sg = PartyID(checked: "sg")
    static let th = PartyID(checked: "th")
    static let merlion = PartyID(checked: "fx-merlion")
    static let uetr = UUIDv4(Seed(high: 7, low: 7))
    static let quoteID = UUIDv4(Seed(high: 8, low: 8))
    static let sender = "3920017745"
    static let recipient = "0887124455"
    /// The provider's numbers at the Singapore and at the Thai access provider.
    static let providerNumbers = ["SG": "7001182244", "TH": "4110093377"]

    var harness: RoleHarness<Participant>
    let system: PartyID
    private let opening: [AccountKey: LedgerAccount]

    /// `code` is `MRLNSGS0`, `STRTSGS0`, `SMUTTHB0` or `LTUSTHB0`, or any other BIC; `change` is
    /// what the test wants otherwise.
    init(
        _ code: String,
        _ model: SettlementModel = .fiveStep,
        change: (inout Participant.Configuration) -> Void = { _ in }
    ) throws {
        let configuration = try Bank.configuration(code, model, change: change)
        system = configuration.system
        harness = RoleHarness(Participant(configuration), as: configuration.party)
        harness.open()
        opening = Dictionary(uniqueKeysWithValues: harness.accounts.map { ($0.key, $0) })
    }

    static func configuration(
        _ code: String,
        _ model: SettlementModel = .fiveStep,
        change: (inout Participant.Configuration) -> Void = { _ in }
    ) throws -> Participant.Configuration {
        let bicfi = try #require(BICFI(code))
        let isSG = bicfi.countryCode == "SG"
        let currency: Currency = isSG ? .sgd : .thb
        func money(_ minorUnits: Int64) -> Money {
            Money(minorUnits: minorUnits, currency: currency)
        }
        var configuration = Participant.Configuration(
            bicfi: bicfi,
            lei: LEI("9999SELATDEMO00MRL31"),
            name: "Bank of the test",
            country: bicfi.countryCode,
            currency: currency,
            system: isSG ? Bank.sg : Bank.th,
            systemBICFI: try #require(BICFI(isSG ? "FSTOSGS0" : "PPAYTHB0")),
            clearingSystem: isSG ? "SGDFAST" : "THBPPAY",
            model: model,
            sourceFee: FeeFormula(nominal: money(200), ratioPerMillion: 0),
            settlementOpening: money(100_000_000),
            providers: [
                Participant.ProviderAccount(
                    provider: Bank.merlion,
                    account: Bank.providerNumbers[bicfi.countryCode] ?? "",
                    creditLine: money(0),
                    opening: money(5_000_000)
                )
            ],
            customers: [
                Participant.Customer(
                    account: isSG ? Bank.sender : Bank.recipient,
                    name: isSG ? "Tan Hui Shan Amelia" : "Kanokwan Srisuwan",
                    displayName: isSG ? "TAN H** S*** A*****" : "Kano**** Sri****",
                    street: "Nimman Road",
                    buildingNumber: "7",
                    postCode: "50200",
                    town: isSG ? "Singapore" : "Chiang Mai",
                    opening: money(100_000),
                    overdraft: money(0)
                )
            ]
        )
        change(&configuration)
        return configuration
    }

    /// What moved since the books were opened, and what is reserved: one line per fact, sorted.
    /// `posted` is signed on the account's normal side.
    var book: [String] {
        harness.accounts.flatMap { account -> [String] in
            let before = opening[account.key]?.posted ?? 0
            func text(_ minorUnits: Int64) -> String {
                Money(minorUnits: minorUnits, currency: account.key.currency).amountText
            }
            var lines: [String] = []
            let moved = account.posted - before
            if moved != 0 { lines.append("\(account.key.name) posted \(text(moved))") }
            let reserved = account.posted - account.available
            if reserved != 0 { lines.append("\(account.key.name) reserved \(text(reserved))") }
            let isDebit = account.kind.isDebitNormal
            let inflow = isDebit ? account.balance.pendingDebits : account.balance.pendingCredits
            if inflow != 0 { lines.append("\(account.key.name) expects \(text(inflow))") }
            return lines
        }
    }

    var state: Participant.State? {
        harness.payment(Bank.uetr).flatMap { Participant.State(rawValue: $0.state) }
    }

    /// The lawful and the unlawful both end in an empty list.
    var violations: [String] { harness.violations }

    /// Leaves the account below its floor, as a demanded reversal may.
    mutating func raiseFloor(of name: String, _ currency: String, to floor: Int64) {
        guard let account = harness.account(name, currency) else { return }
        harness.store(
            .account(
                LedgerAccount(
                    key: account.key,
                    kind: account.kind,
                    floor: floor,
                    balance: account.balance
                )
            ),
            at: .account(account.key)
        )
    }

    // MARK: Saying

    @discardableResult
    mutating func instruct(_ message: FIToFICustomerCreditTransfer) -> Decision {
        harness.receive(.iso(.creditTransfer(message)), from: system)
    }

    /// A status for the MsgId that the payment knows, from the payment system.
    @discardableResult
    mutating func tell(_ status: PaymentStatus, about original: String?) throws -> Decision {
        tell(try status.report(about: original))
    }

    @discardableResult
    mutating func tell(_ report: FIToFIPaymentStatusReport) -> Decision {
        harness.receive(.iso(.statusReport(report)), from: system)
    }

    /// The MsgId of the pacs.008 that the payment rests on.
    func instructionIdentification() throws -> String {
        let kept = harness.stored[.instruction(harness.instance, Bank.uetr)]
        guard case .instruction(.iso(.creditTransfer(let message))) = kept else {
            return Instruction.messageIdentification
        }
        return message.messageIdentification
    }

    mutating func ask(_ operation: String, _ body: JSONValue) throws -> Reply {
        let reply = harness.request(operation, body, from: .operatorChannel)
        return try #require(reply)
    }

    mutating func script(_ key: String, _ outcome: JSONValue) throws {
        let reply = try ask("script", ["key": .string(key), "outcome": outcome])
        #expect(reply.status == 200, "\(reply.body)")
    }
}

extension Money {
    /// The same currency, another amount.
    mutating func setMinorUnits(_ minorUnits: Int64) {
        self = Money(minorUnits: minorUnits, currency: currency)
    }
}

extension PaymentStatus {
    /// As a payment system sends it.
    func report(about original: String?) throws -> FIToFIPaymentStatusReport {
        let agent = Agent(bicfi: BICFI("FSTOSGS0"))
        return StatusReport(
            messageIdentification: "STATUS\(text.filter { $0 != " " })",
            created: Instant(nanoseconds: 1_795_406_401_000_000_000),
            status: self,
            uetr: Bank.uetr,
            originalMessageIdentification: original,
            originalEndToEndIdentification: nil,
            instructingAgent: agent,
            instructedAgent: agent
        ).message
    }
}

/// The instructions of the bookings' example, as the payment systems send them.
enum Instruction {
    static let accepted = Instant(nanoseconds: 1_795_406_399_000_000_000)
    static let messageIdentification = "FSTO20261123T0412060000001"

    /// M2.
    static func source(
        debtorAgent: String = "MRLNSGS0",
        accessProvider: String = "STRTSGS0",
        change: (inout FIToFICustomerCreditTransfer) -> Void = { _ in }
    ) -> FIToFICustomerCreditTransfer {
        let access = Agent(bicfi: BICFI(accessProvider))
        let debtor = Agent(bicfi: BICFI(debtorAgent))
        var message = base()
        message.instructingAgent = debtor
        message.instructedAgent = access
        message.intermediaryAgent1 = access
        message.intermediaryAgent1Account = account(Bank.providerNumbers["SG"])
        message.debtorAgent = debtor
        change(&message)
        return message
    }

    /// M6 and M8, which differ in the MsgId only.
    static func destination(
        accessProvider: String = "SMUTTHB0",
        creditorAgent: String = "LTUSTHB0",
        change: (inout FIToFICustomerCreditTransfer) -> Void = { _ in }
    ) -> FIToFICustomerCreditTransfer {
        var message = base()
        message.clearingSystem = .proprietary("THBPPAY")
        message.interbankSettlementAmount = amount("12656.02", .thb)
        message.previousInstructingAgent1 = Agent(bicfi: BICFI("STRTSGS0"))
        message.previousInstructingAgent1Account = account(Bank.providerNumbers["SG"])
        message.instructingAgent = Agent(bicfi: BICFI(accessProvider))
        message.instructedAgent = Agent(bicfi: BICFI(creditorAgent))
        message.creditorAgent = Agent(bicfi: BICFI(creditorAgent))
        change(&message)
        return message
    }

    private static func base() -> FIToFICustomerCreditTransfer {
        let debtorAgent = Agent(bicfi: BICFI("MRLNSGS0"))
        let creditorAgent = Agent(bicfi: BICFI("LTUSTHB0"))
        return FIToFICustomerCreditTransfer(
            messageIdentification: messageIdentification,
            creationDateTime: accepted,
            clearingSystem: .proprietary("SGDFAST"),
            endToEndIdentification: "SCHOOLFEE-NOV",
            uetr: Bank.uetr,
            instructionPriority: .normal,
            interbankSettlementAmount: amount("498.00", .sgd),
            interbankSettlementDate: accepted.date,
            acceptanceDateTime: accepted,
            instructedAmount: amount("500.00", .sgd),
            agreedRate: AgreedRate(
                unitCurrency: .sgd,
                quotedCurrency: .thb,
                preAgreedExchangeRate: Decimal(mantissa: 254_137, scale: 4),
                quoteIdentification: Bank.quoteID
            ),
            chargeBearer: .shared,
            chargesInformation: [
                Charges(amount: amount("2.00", .sgd), agent: debtorAgent),
                Charges(amount: amount("45.00", .thb), agent: creditorAgent),
            ],
            instructingAgent: debtorAgent,
            instructedAgent: Agent(bicfi: BICFI("STRTSGS0")),
            intermediaryAgent2: Agent(bicfi: BICFI("SMUTTHB0")),
            intermediaryAgent2Account: account(Bank.providerNumbers["TH"]),
            debtor: Party(name: "Tan Hui Shan Amelia"),
            debtorAccount: account(Bank.sender),
            debtorAgent: debtorAgent,
            creditorAgent: creditorAgent,
            creditor: Party(name: "Kanokwan Srisuwan"),
            creditorAccount: account(Bank.recipient)
        )
    }

    static func amount(_ text: String, _ currency: Currency) -> CurrencyAndAmount {
        CurrencyAndAmount(
            amount: Decimal(text) ?? Decimal(mantissa: 0, scale: 0),
            currency: currency
        )
    }

    static func account(_ number: String?) -> Account {
        Account(identification: .other(number ?? ""))
    }
}

/// Bodies of `pay`, with the quote of the example.
enum Order {
    static func quote(
        source: String = "498.00",
        destination: String = "12656.02",
        fee: String = "45.00",
        accessProvider: String = "STRTSGS0"
    ) -> JSONValue {
        [
            "quoteId": .string(Bank.quoteID.description),
            "exchangeRate": "25.4137",
            "debtorAgent": [
                "interbankSettlementAmount": [
                    "amount": .string(source), "currency": "SGD", "cappedToMaxAmount": false,
                ],
                "nexusSchemeFee": ["amount": "1.00", "currency": "SGD"],
            ],
            "intermediaryAgent1": [
                "finInstId": ["name": "Straits", "BICFI": .string(accessProvider)]
            ],
            "intermediaryAgent1Account": ["id": .string(Bank.providerNumbers["SG"] ?? "")],
            "intermediaryAgent2": ["finInstId": ["name": "Siam Mutual", "BICFI": "SMUTTHB0"]],
            "intermediaryAgent2Account": ["id": .string(Bank.providerNumbers["TH"] ?? "")],
            "creditorAgent": [
                "interbankSettlementAmount": [
                    "amount": .string(destination), "currency": "THB", "cappedToMaxAmount": false,
                ],
                "chargesInformation": ["amount": ["amount": .string(fee), "currency": "THB"]],
            ],
        ]
    }

    static func body(
        uetr: UUIDv4 = Bank.uetr,
        account: String = Bank.sender,
        quote: JSONValue = quote(),
        debit: JSONValue? = ["amount": "500.00", "currency": "SGD"],
        instructed: JSONValue? = nil,
        priority: String = "NORM"
    ) -> JSONValue {
        var members: [JSONMember] = [
            JSONMember("uetr", .string(uetr.description)),
            JSONMember("debtorAccount", .string(account)),
            JSONMember("quote", quote),
            JSONMember(
                "creditor",
                [
                    "name": "Kanokwan Srisuwan", "account": .string(Bank.recipient),
                    "agent": "LTUSTHB0", "proxy": ["code": "MBNO", "value": "+66812004417"],
                    "town": "Chiang Mai",
                ]
            ),
            JSONMember("priority", .string(priority)),
            JSONMember("purpose", "EDUC"),
            JSONMember("remittance", "School fee November"),
            JSONMember("endToEndId", "SCHOOLFEE-NOV"),
        ]
        if let debit { members.append(JSONMember("debtorAccountAmount", debit)) }
        if let instructed { members.append(JSONMember("instructed", instructed)) }
        return .object(members)
    }
}
