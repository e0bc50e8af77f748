import SelatHub
import SelatISO20022
import SelatJSON
import SelatLedger
import SelatMoney
import SelatNode
import SelatScheme
import SelatTestSupport
import SelatTime

/// A small region for the hub's tests: Singapore and Thailand in 5-step, Malaysia in 4-step, two
/// FX providers. All banks are invented.
enum Region {
    static let sg = PartyID(checked: "sg")
    static let th = PartyID(checked: "th")
    static let my = PartyID(checked: "my")
    static let merlionFX = PartyID(checked: "fx-merlion")
    static let andamanFX = PartyID(checked: "fx-andaman")
    static let merlion = PartyID(checked: "MRLNSGS0")

    static func bicfi(_ code: String) -> BICFI {
        guard let bicfi = BICFI(code) else { preconditionFailure("\(code) is no BICFI") }
        return bicfi
    }

    static func money(_ amount: String, _ currency: Currency) -> Money {
        guard let decimal = Decimal(amount),
            let digits = currency.minorUnitDigits
        else { preconditionFailure("\(amount) is no amount") }
        var units = decimal.mantissa
        for _ in decimal.scale..<digits { units *= 10 }
        return Money(minorUnits: units, currency: currency)
    }

    static func rate(_ text: String) -> ExchangeRate {
        guard let rate = ExchangeRate(text) else { preconditionFailure("\(text) is no rate") }
        return rate
    }

    static func uuid(_ number: UInt64) -> UUIDv4 { UUIDv4(Seed(high: number, low: number)) }

    static func country(
        _ code: String,
        _ currency: Currency,
        _ model: SettlementModel,
        maximum: String,
        clearingSystem: String,
        system: String,
        fee: FeeFormula,
        schemeFee: FeeFormula
    ) -> Country {
        Country(
            code: code,
            name: code,
            currency: currency,
            system: PartyID(checked: code.lowercased()),
            clearingSystem: clearingSystem,
            systemBICFI: bicfi(system),
            settlementModel: model,
            maximumAmount: money(maximum, currency),
            schemeFee: schemeFee,
            creditorAgentFee: fee,
            addressTypes: [
                AddressType(
                    code: "MBNO",
                    title: "Mobile number",
                    pattern: "^\\+[0-9]{8,12}$",
                    placeholder: "+6591234567",
                    requiresInstitution: false
                ),
                AddressType(
                    code: "ACCT",
                    title: "Account number",
                    pattern: "^[0-9]{7,12}$",
                    placeholder: "3920017745",
                    requiresInstitution: true
                ),
            ]
        )
    }

    static func institution(
        _ code: String,
        _ country: String,
        onNetwork: Bool = true,
        accessProvider: Bool = false,
        resolves: Bool = true
    ) -> RegisteredInstitution {
        RegisteredInstitution(
            bicfi: bicfi(code),
            name: code,
            country: country,
            isOnNetwork: onNetwork,
            isSettlementAccessProvider: accessProvider,
            resolvesAccounts: resolves
        )
    }

    /// `thaiModel` and `thaiMaximum` are what tests change.
    static func reference(
        thaiModel: SettlementModel = .fiveStep,
        thaiMaximum: String = "2000000",
        sourceMaximum: String = "200000",
        thaiFee: FeeFormula = FeeFormula(nominal: money("45", .thb), ratioPerMillion: 0)
    ) -> ReferenceData {
        ReferenceData(
            countries: [
                country(
                    "SG",
                    .sgd,
                    .fiveStep,
                    maximum: sourceMaximum,
                    clearingSystem: "SGDFAST",
                    system: "FSTOSGS0",
                    fee: FeeFormula(nominal: money("2", .sgd), ratioPerMillion: 0),
                    schemeFee: FeeFormula(nominal: money("0.50", .sgd), ratioPerMillion: 1000)
                ),
                country(
                    "TH",
                    .thb,
                    thaiModel,
                    maximum: thaiMaximum,
                    clearingSystem: "THBPPAY",
                    system: "BPAYTHB0",
                    fee: thaiFee,
                    schemeFee: FeeFormula(nominal: money("12.50", .thb), ratioPerMillion: 1000)
                ),
                country(
                    "MY",
                    .myr,
                    .fourStep,
                    maximum: "10000000",
                    clearingSystem: "MYRRPP",
                    system: "RPPOMYK0",
                    fee: FeeFormula(nominal: money("1", .myr), ratioPerMillion: 500),
                    schemeFee: FeeFormula(nominal: money("0", .myr), ratioPerMillion: 0)
                ),
            ],
            institutions: [
                institution("MRLNSGS0", "SG"),
                institution("KRMTSGS0", "SG"),
                institution("PASRSGS0", "SG", onNetwork: false),
                institution("STRTSGS0", "SG", accessProvider: true, resolves: false),
                institution("KLNGSGS0", "SG", accessProvider: true),
                institution("LTUSTHB0", "TH"),
                institution("NAGATHB0", "TH", resolves: false),
                institution("SMUTTHB0", "TH", accessProvider: true, resolves: false),
                institution("ANDATHB0", "TH", accessProvider: true),
                institution("KHAOTHB0", "TH", onNetwork: false),
                institution("RIMBMYK0", "MY"),
                institution("MUTIMYK0", "MY", accessProvider: true),
            ],
            providers: [
                RegisteredProvider(
                    id: merlionFX,
                    name: "Merlion FX",
                    accounts: [
                        "SG": account("STRTSGS0", "7001182244"),
                        "TH": account("SMUTTHB0", "4110093377"),
                        "MY": account("MUTIMYK0", "550012"),
                    ],
                    approvedInstitutions: [bicfi("MRLNSGS0"): 0, bicfi("RIMBMYK0"): 0],
                    tiers: [],
                    wantsNotifications: true
                ),
                RegisteredProvider(
                    id: andamanFX,
                    name: "Andaman FX",
                    accounts: [
                        "SG": account("KLNGSGS0", "8800551"),
                        "TH": account("ANDATHB0", "9900662"),
                    ],
                    approvedInstitutions: [bicfi("MRLNSGS0"): 25, bicfi("KRMTSGS0"): 50],
                    tiers: [
                        RateTier(threshold: money("25000", .sgd), basisPoints: 50),
                        RateTier(threshold: money("50000", .sgd), basisPoints: 100),
                        RateTier(threshold: money("75000", .sgd), basisPoints: 150),
                    ],
                    wantsNotifications: false
                ),
            ]
        )
    }

    static func account(_ code: String, _ number: String) -> ProviderAccount {
        ProviderAccount(accessProvider: bicfi(code), account: number)
    }
}

/// The hub with open books, and the few things every test does with it.
struct HubStory {
    var harness: RoleHarness<Hub>
    let times: SchemeTimes

    init(_ reference: ReferenceData = Region.reference(), times: SchemeTimes = SchemeTimes()) {
        self.times = times
        harness = RoleHarness(Hub(reference: reference, times: times), as: .hub)
        harness.open()
    }

    mutating func push(
        _ rate: String?,
        from provider: PartyID = Region.merlionFX,
        _ source: String = "SG",
        _ destination: String = "TH",
        id: UInt64 = 7
    ) {
        harness.receive(
            .rate(
                RateAnnouncement(
                    id: Region.uuid(id),
                    sourceCountry: source,
                    destinationCountry: destination,
                    rate: rate.map(Region.rate)
                )
            ),
            from: provider
        )
    }

    static func quoteBody(
        _ amount: String,
        _ currency: Currency = .sgd,
        institution: String = "MRLNSGS0",
        source: (String, String) = ("SG", "SGD"),
        destination: (String, String) = ("TH", "THB")
    ) -> JSONValue {
        [
            "sourceCountry": .string(source.0), "sourceCurrency": .string(source.1),
            "destinationCountry": .string(destination.0),
            "destinationCurrency": .string(destination.1),
            "amountCurrency": .string(currency.code), "amount": .string(amount),
            "finInstIdType": "BICFI", "finInstId": .string(institution),
        ]
    }

    /// Asks as the institution itself; the stored quotes, as shown.
    mutating func quotes(
        _ amount: String,
        _ currency: Currency = .sgd,
        institution: String = "MRLNSGS0",
        source: (String, String) = ("SG", "SGD"),
        destination: (String, String) = ("TH", "THB")
    ) -> [Quote] {
        let reply = harness.request(
            "quotes",
            HubStory.quoteBody(
                amount,
                currency,
                institution: institution,
                source: source,
                destination: destination
            ),
            from: PartyID(checked: institution)
        )
        guard let reply, case .array(let shown) = reply.body["quotes"] else { return [] }
        return shown.compactMap { element in
            guard case .string(let text) = element["quoteId"], let id = UUIDv4(text) else {
                return nil
            }
            return quote(id)
        }
    }

    /// The best quote; throws when there is none.
    mutating func bestQuote(
        _ amount: String,
        _ currency: Currency = .sgd
    ) throws(Missing) -> Quote {
        guard let quote = quotes(amount, currency).first else { throw Missing() }
        return quote
    }

    /// Lets the payment's timer fire; throws when none is armed.
    @discardableResult
    mutating func fireTimer(_ uetr: UUIDv4 = Region.uuid(1)) throws(Missing) -> Decision {
        guard let decision = harness.fireTimer(uetr) else { throw Missing() }
        return decision
    }

    /// The reply to a request; throws when the hub gave none.
    mutating func ask(
        _ operation: String,
        _ body: JSONValue,
        from sender: String = "MRLNSGS0"
    ) throws(Missing) -> Reply {
        let reply = harness.request(operation, body, from: PartyID(checked: sender))
        guard let reply else { throw Missing() }
        return reply
    }

    /// What a test needed was not there.
    struct Missing: Error {}

    func quote(_ id: UUIDv4) -> Quote? {
        guard let row = harness.record(.quote, id.description) else { return nil }
        do { return try Quote(record: row.content) } catch { return nil }
    }

    /// M4 as an honest source system sends it for this quote. The debtor agent's fee is 2.00.
    func instruction(
        _ quote: Quote,
        uetr: UUIDv4 = Region.uuid(1),
        messageIdentification: String = "SG0001",
        priority: Priority = .normal,
        creditorAgent: String = "LTUSTHB0"
    ) -> FIToFICustomerCreditTransfer {
        let amounts = quote.amounts
        let fee = Money(minorUnits: 200, currency: amounts.sourceSettlement.currency)
        let instructed: Money =
            switch quote.fixed {
            case .source: amounts.sourceSettlement + fee
            case .destination: amounts.creditorAccount
            }
        let debtorAgent = Agent(bicfi: quote.requester)
        return FIToFICustomerCreditTransfer(
            messageIdentification: messageIdentification,
            creationDateTime: harness.now.wholeMilliseconds,
            clearingSystem: .proprietary("SGDFAST"),
            endToEndIdentification: "INV-1",
            uetr: uetr,
            clearingSystemReference: "SGREF1",
            instructionPriority: priority,
            interbankSettlementAmount: CurrencyAndAmount(amounts.sourceSettlement),
            interbankSettlementDate: harness.now.date,
            acceptanceDateTime: harness.now.wholeMilliseconds,
            instructedAmount: CurrencyAndAmount(instructed),
            agreedRate: AgreedRate(
                unitCurrency: amounts.sourceSettlement.currency,
                quotedCurrency: amounts.destinationSettlement.currency,
                preAgreedExchangeRate: quote.rate.decimal,
                quoteIdentification: quote.id
            ),
            chargeBearer: .shared,
            chargesInformation: [
                Charges(amount: CurrencyAndAmount(fee), agent: debtorAgent),
                Charges(
                    amount: CurrencyAndAmount(amounts.destinationFee),
                    agent: Agent(bicfi: Region.bicfi(creditorAgent))
                ),
            ],
            instructingAgent: debtorAgent,
            instructedAgent: Agent(bicfi: quote.intermediaryAgent1.accessProvider),
            intermediaryAgent1: Agent(bicfi: quote.intermediaryAgent1.accessProvider),
            intermediaryAgent1Account: Account(
                identification: .other(quote.intermediaryAgent1.account)
            ),
            intermediaryAgent2: Agent(bicfi: quote.intermediaryAgent2.accessProvider),
            intermediaryAgent2Account: Account(
                identification: .other(quote.intermediaryAgent2.account)
            ),
            debtor: SelatISO20022.Party(name: "Aisyah Tan"),
            debtorAccount: Account(identification: .other("3920017745")),
            debtorAgent: debtorAgent,
            creditorAgent: Agent(bicfi: Region.bicfi(creditorAgent)),
            creditor: SelatISO20022.Party(name: "Somchai Wong"),
            creditorAccount: Account(identification: .other("0887124455")),
            remittanceInformation: RemittanceInformation(unstructured: "Invoice 1")
        )
    }

    @discardableResult
    mutating func send(
        _ message: FIToFICustomerCreditTransfer,
        from system: PartyID = Region.sg
    ) -> Decision {
        harness.receive(.iso(.creditTransfer(message)), from: system)
    }

    /// M10 as an honest destination answers M5.
    func answer(
        _ status: TransactionStatus,
        _ reason: String? = nil,
        to onward: FIToFICustomerCreditTransfer,
        texts: [String] = []
    ) -> FIToFIPaymentStatusReport {
        FIToFIPaymentStatusReport(
            messageIdentification: "TH0001",
            creationDateTime: harness.now.wholeMilliseconds,
            originalMessageIdentification: onward.messageIdentification,
            originalMessageNameIdentification: "pacs.008.001.13",
            originalEndToEndIdentification: onward.endToEndIdentification,
            originalUETR: onward.uetr ?? Region.uuid(0),
            transactionStatus: status,
            statusReason: reason.map { StatusReason(code: $0, additionalInformation: texts) },
            instructingAgent: onward.instructedAgent,
            instructedAgent: onward.instructingAgent
        )
    }

    @discardableResult
    mutating func report(
        _ report: FIToFIPaymentStatusReport,
        from system: PartyID = Region.th
    ) -> Decision {
        harness.receive(.iso(.statusReport(report)), from: system)
    }

    mutating func advance(_ duration: Duration) { harness.now = harness.now + duration }

    func state(_ uetr: UUIDv4 = Region.uuid(1)) -> Hub.State? {
        harness.payment(uetr).map(Hub.State.init)
    }

    /// Posted and pending of one account, as a line of a ledger table.
    func balance(_ name: String, _ currency: String) -> String {
        guard let account = harness.account(name, currency) else { return "none" }
        let pending =
            account.kind.isDebitNormal
            ? account.balance.pendingDebits - account.balance.pendingCredits
            : account.balance.pendingCredits - account.balance.pendingDebits
        let posted = Money(minorUnits: account.posted, currency: account.key.currency)
        let open = Money(minorUnits: pending, currency: account.key.currency)
        return "\(posted.amountText) (\(open.amountText))"
    }

    /// Rates at 25.4137, a quote for SGD 498.00 and its honest M4, not yet sent.
    static func ready(
        _ reference: ReferenceData = Region.reference(),
        priority: Priority = .normal
    ) -> (story: HubStory, message: FIToFICustomerCreditTransfer) {
        var story = HubStory(reference)
        story.push("25.4137")
        guard let quote = story.quotes("498.00").first else {
            preconditionFailure("the region quotes")
        }
        return (story, story.instruction(quote, priority: priority))
    }

    /// As `ready`, with M4 sent; M5 is what the hub made of it.
    static func forwarded(
        priority: Priority = .normal
    ) -> (
        story: HubStory, message: FIToFICustomerCreditTransfer,
        onward: FIToFICustomerCreditTransfer
    ) {
        var (story, message) = ready(priority: priority)
        guard let onward = story.send(message).creditTransfers(to: Region.th).first else {
            preconditionFailure("an honest payment is forwarded")
        }
        return (story, message, onward)
    }
}
