import SelatISO20022
import SelatInstantPaymentSystem
import SelatMoney
import SelatNode
import SelatScheme
import SelatTime

/// Fictional banks, one payment, and the two systems it crosses.
enum Samples {
    static let start = Instant(nanoseconds: 1_795_406_400_000_000_000)
    static let uetr = UUIDv4(Seed(high: 0x2150_8c8f_9cc3_4e33, low: 0x8722_0ebb_2abd_15cf))

    static let merlion = bicfi("MRLNSGS0")
    static let straits = bicfi("STRTSGS0")
    static let foothold = bicfi("FSTOSGS0")
    static let plain = bicfi("PLANSGS0")
    static let dimSum = bicfi("DARKSGS0")
    static let samut = bicfi("SMUTTHB0")
    static let lotus = bicfi("LTUSTHB0")
    static let dusk = bicfi("DARKTHB0")

    static func bicfi(_ code: String) -> BICFI {
        guard let bicfi = BICFI(code) else { preconditionFailure("\(code) is a BICFI") }
        return bicfi
    }

    static func party(_ bicfi: BICFI) -> PartyID { PartyID(checked: bicfi.code) }

    static func money(_ text: String, _ currency: Currency) -> Money {
        guard let decimal = Decimal(text) else { preconditionFailure("\(text) is an amount") }
        do {
            return try Money(decimal, currency: currency)
        } catch {
            preconditionFailure("\(text) is no amount: \(error)")
        }
    }

    static func member(
        _ bicfi: BICFI,
        _ currency: Currency,
        opening: String,
        cap: String = "0",
        isOnNetwork: Bool = true,
        isProvider: Bool = false,
        resolves: Bool = true
    ) -> InstantPaymentSystem.Configuration.Member {
        .init(
            bicfi: bicfi,
            name: "Bank \(bicfi.code.prefix(4))",
            isOnNetwork: isOnNetwork,
            isSettlementAccessProvider: isProvider,
            resolvesAccounts: resolves,
            opening: money(opening, currency),
            cap: money(cap, currency)
        )
    }

    /// SGDFAST: Merlion pays, Straits and Foothold hold FX providers' accounts.
    static func singapore(
        _ model: SettlementModel,
        opening: String = "10000.00",
        straitsOpening: String = "1000.00"
    ) -> InstantPaymentSystem.Configuration {
        .init(
            id: PartyID(checked: "sg"),
            country: "SG",
            bicfi: bicfi("SGIPSGS0"),
            clearingSystem: "SGDFAST",
            currency: .sgd,
            model: model,
            maximumAmount: money("200000.00", .sgd),
            times: SchemeTimes(),
            directory: PartyID(checked: "sg.directory"),
            participants: [
                member(merlion, .sgd, opening: opening, isProvider: true),
                member(plain, .sgd, opening: "50.00"),
                member(straits, .sgd, opening: straitsOpening, isProvider: true),
                member(foothold, .sgd, opening: "0.00", cap: "500.00", isProvider: true),
                member(dimSum, .sgd, opening: "50.00", isOnNetwork: false, isProvider: true),
            ]
        )
    }

    /// THBPPAY: Samut holds FX providers' accounts, Lotus is paid.
    static func thailand(
        _ model: SettlementModel,
        samutOpening: String = "500000.00"
    ) -> InstantPaymentSystem.Configuration {
        .init(
            id: PartyID(checked: "th"),
            country: "TH",
            bicfi: bicfi("THIPTHB0"),
            clearingSystem: "THBPPAY",
            currency: .thb,
            model: model,
            maximumAmount: money("2000000.00", .thb),
            times: SchemeTimes(),
            directory: PartyID(checked: "th.directory"),
            participants: [
                member(samut, .thb, opening: samutOpening, isProvider: true),
                member(lotus, .thb, opening: "1000.00", isProvider: true),
                member(dusk, .thb, opening: "0.00", isOnNetwork: false, resolves: false),
            ]
        )
    }

    private static func account(_ number: String) -> Account {
        Account(identification: .other(number))
    }

    static func amount(_ text: String, _ currency: Currency) -> CurrencyAndAmount {
        guard let decimal = Decimal(text) else { preconditionFailure("\(text) is an amount") }
        return CurrencyAndAmount(amount: decimal, currency: currency)
    }

    private static func rate(_ text: String) -> Decimal {
        guard let decimal = Decimal(text) else { preconditionFailure("\(text) is a rate") }
        return decimal
    }

    /// M1 as the source leg of bookings.md's example.
    static func m1(
        uetr: UUIDv4? = Samples.uetr,
        priority: Priority = .normal,
        accessProvider: BICFI = straits,
        amount text: String = "498.00",
        messageIdentification: String = "MRLN20261123T0412055170001",
        accepted: Instant = start
    ) -> FIToFICustomerCreditTransfer {
        FIToFICustomerCreditTransfer(
            messageIdentification: messageIdentification,
            creationDateTime: start,
            clearingSystem: .proprietary("SGDFAST"),
            instructionIdentification: "MRLN-I-7730021",
            endToEndIdentification: "SCHOOLFEE-NOV-2026",
            transactionIdentification: "MRLN-T-20261123-7730021",
            uetr: uetr,
            instructionPriority: priority,
            categoryPurpose: "CASH",
            interbankSettlementAmount: amount(text, .sgd),
            interbankSettlementDate: start.date,
            acceptanceDateTime: accepted,
            instructedAmount: amount("500.00", .sgd),
            agreedRate: AgreedRate(
                unitCurrency: .sgd,
                quotedCurrency: .thb,
                preAgreedExchangeRate: rate("25.4137"),
                quoteIdentification: UUIDv4(Seed(high: 7, low: 7))
            ),
            chargeBearer: .shared,
            chargesInformation: [
                Charges(amount: amount("2.00", .sgd), agent: Agent(bicfi: merlion)),
                Charges(amount: amount("45.00", .thb), agent: Agent(bicfi: lotus)),
            ],
            instructingAgent: Agent(bicfi: merlion),
            instructedAgent: Agent(bicfi: accessProvider),
            intermediaryAgent1: Agent(bicfi: accessProvider),
            intermediaryAgent1Account: account("7001182244"),
            intermediaryAgent2: Agent(bicfi: samut),
            intermediaryAgent2Account: account("4110093377"),
            debtor: Party(
                name: "Tan Hui Shan Amelia",
                postalAddress: PostalAddress(townName: "Singapore", country: "SG")
            ),
            debtorAccount: account("3920017745"),
            debtorAgent: Agent(bicfi: merlion),
            creditorAgent: Agent(bicfi: lotus),
            creditor: Party(
                name: "Kanokwan Srisuwan",
                postalAddress: PostalAddress(townName: "Chiang Mai", country: "TH")
            ),
            creditorAccount: account("0887124455"),
            purpose: "EDUC",
            remittanceInformation: RemittanceInformation(unstructured: "Term 2 tuition, Pimchanok")
        )
    }

    /// M5: what the hub makes of it.
    static func m5(
        uetr: UUIDv4? = Samples.uetr,
        priority: Priority = .normal,
        accessProvider: BICFI = samut,
        amount text: String = "12656.02",
        messageIdentification: String = "HUB20261123T0412060000001",
        accepted: Instant = start
    ) -> FIToFICustomerCreditTransfer {
        var message = m1(uetr: uetr, priority: priority, accepted: accepted)
        message.messageIdentification = messageIdentification
        message.clearingSystem = .proprietary("THBPPAY")
        message.clearingSystemReference = "SG0000001"
        message.interbankSettlementAmount = amount(text, .thb)
        message.previousInstructingAgent1 = message.intermediaryAgent1
        message.previousInstructingAgent1Account = message.intermediaryAgent1Account
        message.intermediaryAgent1 = nil
        message.intermediaryAgent1Account = nil
        message.instructingAgent = Agent(bicfi: accessProvider)
        message.instructedAgent = Agent(bicfi: lotus)
        message.intermediaryAgent2 = Agent(bicfi: accessProvider)
        return message
    }

    /// A pacs.002; `status` reads `ACCC` or `RJCT AC04`, and a bare `RJCT` has no reason.
    static func report(
        _ status: String,
        about uetr: UUIDv4 = Samples.uetr,
        original: String?,
        from: BICFI = lotus,
        to: BICFI = samut
    ) -> FIToFIPaymentStatusReport {
        let words = status.split(separator: " ").map(String.init)
        guard let code = TransactionStatus(rawValue: words[0]) else {
            preconditionFailure("\(status) begins with a status")
        }
        return FIToFIPaymentStatusReport(
            messageIdentification: "RPT-\(words.joined(separator: "-"))",
            creationDateTime: start,
            originalMessageIdentification: original,
            originalUETR: uetr,
            transactionStatus: code,
            statusReason: words.count > 1 ? StatusReason(code: words[1]) : nil,
            instructingAgent: Agent(bicfi: from),
            instructedAgent: Agent(bicfi: to)
        )
    }
}
