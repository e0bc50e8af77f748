import SelatISO20022
import SelatJSON
import SelatMoney
import SelatNode
import SelatScheme
import SelatTime

/// What the operator's channel asks a debtor agent to pay: the body of `pay`.
/// Source: Specs/Protocol/Requests.md.
struct PaymentOrder: Equatable {
    let uetr: UUIDv4
    let debtorAccount: String
    let quote: QuotedTerms
    /// What the Sender was told the debit would be, fee included.
    let debtorAccountAmount: Money?
    /// InstdAmt, when it is not the debtor account amount: what the creditor is to get.
    let instructed: Money?
    let creditor: OrderedCreditor
    let priority: Priority
    let purpose: String?
    let categoryPurpose: String?
    let remittance: String?
    let endToEndIdentification: String?

    init(reading body: JSONCursor) throws(JSONError) {
        try body.allow([
            "uetr", "debtorAccount", "quote", "debtorAccountAmount", "instructed", "creditor",
            "priority", "purpose", "categoryPurpose", "remittance", "endToEndId",
        ])
        uetr = try body.parsed("uetr", "a UUID version 4", UUIDv4.init)
        debtorAccount = try body.string("debtorAccount")
        quote = try QuotedTerms(reading: try body.member("quote"))
        debtorAccountAmount = try body.optional("debtorAccountAmount")?.amount()
        instructed = try body.optional("instructed")?.amount()
        guard debtorAccountAmount != nil || instructed != nil else {
            throw .missing(path: "debtorAccountAmount", expected: "an amount, or instructed")
        }
        creditor = try OrderedCreditor(reading: try body.member("creditor"))
        priority =
            try body.optional("priority")?.parsed("HIGH or NORM", Priority.init(rawValue:))
            ?? .normal
        purpose = try body.optionalString("purpose")
        categoryPurpose = try body.optionalString("categoryPurpose")
        remittance = try body.optionalString("remittance")
        endToEndIdentification = try body.optionalString("endToEndId")
    }
}

/// Whom to credit, as the resolution told or the Sender said.
struct OrderedCreditor: Equatable {
    let name: String
    let account: String
    let agent: BICFI
    let proxy: Proxy?
    let town: String?
    /// The creditor agent's country unless said otherwise.
    let country: String

    init(reading body: JSONCursor) throws(JSONError) {
        try body.allow(["name", "account", "agent", "proxy", "town", "country"])
        name = try body.string("name")
        account = try body.string("account")
        let agent = try body.parsed("agent", "a BICFI", { BICFI($0) })
        self.agent = agent
        if let proxy = try body.optional("proxy") {
            self.proxy = Proxy(
                code: try proxy.string("code"),
                identification: try proxy.string("value")
            )
        } else {
            proxy = nil
        }
        town = try body.optionalString("town")
        country = try body.optionalString("country") ?? agent.countryCode
    }
}

/// One element of the hub's `quotes` answer, as far as a payment needs it.
struct QuotedTerms: Equatable {
    let id: UUIDv4
    let rate: ExchangeRate
    /// sIBS.
    let sourceSettlement: Money
    /// dIBS.
    let destinationSettlement: Money
    /// ChrgsInf[2].
    let destinationFee: Money
    let intermediaryAgent1: SelatScheme.ProviderAccount
    let intermediaryAgent2: SelatScheme.ProviderAccount

    init(reading quote: JSONCursor) throws(JSONError) {
        id = try quote.parsed("quoteId", "a UUID version 4", UUIDv4.init)
        rate = try quote.parsed("exchangeRate", "a positive rate", ExchangeRate.init)
        sourceSettlement = try quote.member("debtorAgent")
            .member("interbankSettlementAmount").amount()
        let creditorAgent = try quote.member("creditorAgent")
        destinationSettlement = try creditorAgent.member("interbankSettlementAmount").amount()
        destinationFee = try creditorAgent.member("chargesInformation").member("amount").amount()
        intermediaryAgent1 = try quote.intermediary(
            "intermediaryAgent1",
            account: "intermediaryAgent1Account"
        )
        intermediaryAgent2 = try quote.intermediary(
            "intermediaryAgent2",
            account: "intermediaryAgent2Account"
        )
    }

    /// CAA; `nil` where fee and amount are of two currencies.
    var creditorAccount: Money? {
        guard destinationFee.currency == destinationSettlement.currency else { return nil }
        return destinationSettlement - destinationFee
    }
}

extension JSONCursor {
    /// `{"amount": "498.00", "currency": "SGD"}`; other members are the answer's own.
    func amount() throws(JSONError) -> Money { try money("amount", "currency") }

    /// An intermediary agent and the provider's account there.
    fileprivate func intermediary(
        _ name: String,
        account: String
    ) throws(JSONError) -> SelatScheme.ProviderAccount {
        var code = try member(name).member("finInstId").member("BICFI")
        if code.kind == .array, let first = try code.elements().first { code = first }
        return SelatScheme.ProviderAccount(
            accessProvider: try code.parsed("a BICFI", { BICFI($0) }),
            account: try member(account).string("id")
        )
    }
}
