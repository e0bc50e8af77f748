import SelatISO20022
import SelatJSON
import SelatMoney
import SelatNode
import SelatScheme
import SelatTime

/// Who may ask for quotes, and what the answers look like. Source: Specs/Protocol/Requests.md.
extension Hub {
    /// The request as the reference data knows it; throws the answer that says why not.
    func quoteRequest(
        _ body: RequestBody,
        from sender: PartyID
    ) throws(RequestRefusal) -> QuoteRequest {
        if reference.isProvider(sender) {
            throw .forbidden("an FX provider never reads quotes; ask as a PSP")
        }
        try body.allow([
            "sourceCountry", "sourceCurrency", "destinationCountry", "destinationCurrency",
            "amountCurrency", "amount", "finInstIdType", "finInstId",
        ])
        let (source, destination) = try corridor(body)
        let requester = try institution(body)
        guard requester.party == sender else {
            throw .forbidden("only \(requester.bicfi) itself may ask for its quotes")
        }
        guard requester.isOnNetwork else {
            throw .forbidden("\(requester.bicfi) is not on the network")
        }
        guard requester.country == source.code else {
            throw .unlawful("\(requester.bicfi) is of \(requester.country), not \(source.code)")
        }
        return QuoteRequest(
            requester: requester,
            source: source,
            destination: destination,
            fixed: try fixedAmount(body, source, destination)
        )
    }

    /// Two countries of the network with two currencies, as the body names them.
    func corridor(
        _ body: RequestBody
    ) throws(RequestRefusal) -> (source: Country, destination: Country) {
        let source = try country(body, "sourceCountry")
        let destination = try country(body, "destinationCountry")
        try check(body, "sourceCurrency", of: source)
        try check(body, "destinationCurrency", of: destination)
        guard source.code != destination.code, source.currency != destination.currency else {
            throw .unlawful(
                "\(source.code) to \(destination.code) is no corridor: "
                    + "the network is for two countries with two currencies"
            )
        }
        return (source, destination)
    }

    private func check(
        _ body: RequestBody,
        _ member: String,
        of country: Country
    ) throws(RequestRefusal) {
        let code = try body.text(member)
        guard code == country.currency.code else {
            throw .unlawful("\(country.code) settles in \(country.currency), not \(code)")
        }
    }

    /// The amount that the Sender fixed, in whichever of the two currencies.
    func fixedAmount(
        _ body: RequestBody,
        _ source: Country,
        _ destination: Country
    ) throws(RequestRefusal) -> FixedAmount {
        let code = try body.text("amountCurrency")
        switch code {
        case source.currency.code: return .source(try body.money("amount", source.currency))
        case destination.currency.code:
            return .destination(try body.money("amount", destination.currency))
        default:
            throw .unlawful(
                "amountCurrency is \(source.currency) or \(destination.currency), not \(code)"
            )
        }
    }

    /// The institution that `finInstIdType` and `finInstId` name.
    func institution(_ body: RequestBody) throws(RequestRefusal) -> RegisteredInstitution {
        let type = try body.text("finInstIdType")
        guard type == "BICFI" else {
            throw .malformed("finInstIdType is BICFI here, not \(type)")
        }
        let code = try body.text("finInstId")
        guard let bicfi = BICFI(code) else { throw .malformed("finInstId is no BICFI") }
        guard let institution = reference.institution(bicfi) else {
            throw .unknown("no institution \(code) on this network")
        }
        return institution
    }

    /// The country that a member of the body names.
    func country(_ body: RequestBody, _ member: String) throws(RequestRefusal) -> Country {
        let code = try body.text(member)
        guard let country = reference.country(code) else {
            throw .unknown("no country \(code) on this network")
        }
        return country
    }

    // MARK: Shapes

    /// The answer to `quotes`, which every payment asks for once: written without being built
    /// first, its keys sorted.
    func text(of quotes: [Quote], to request: JSONCursor, _ id: UUIDv4) -> [UInt8] {
        var writer = JSONWriter(capacity: 384 + quotes.count * 1280)
        writer.object { writer in
            for member in ["amount", "amountCurrency", "destinationCountry", "destinationCurrency"]
            { writer.repeated(member, of: request) }
            writer.member("quoteRequestId", atMost: 36) { id.append(to: &$0) }
            writer.array("quotes") { writer in
                for quote in quotes { write(quote, to: &writer) }
            }
            for member in ["sourceCountry", "sourceCurrency"] {
                writer.repeated(member, of: request)
            }
        }
        return writer.bytes
    }

    private func write(_ quote: Quote, to writer: inout JSONWriter) {
        let isCapped = quote.isCappedToMaximumAmount
        writer.object { writer in
            writer.object("creditorAgent") { writer in
                writer.object("chargesInformation") { writer in
                    writer.money("amount", quote.amounts.destinationFee)
                }
                writer.money("creditorAccountAmount", quote.amounts.creditorAccount)
                let settlement = quote.amounts.destinationSettlement
                writer.money("interbankSettlementAmount", settlement, isCapped: isCapped)
            }
            writer.object("debtorAgent") { writer in
                let settlement = quote.amounts.sourceSettlement
                writer.money("interbankSettlementAmount", settlement, isCapped: isCapped)
                writer.money("nexusSchemeFee", quote.schemeFee)
            }
            writer.member("exchangeRate", quote.rate.description)
            let expiry = quote.issued + Quote.lifetime
            writer.member("expiryDateTime", atMost: 24) { expiry.append(to: &$0) }
            writer.member("fxpFinInstId", quote.provider.name)
            writer.member("fxpFinInstIdType", "otherId")
            write(quote.intermediaryAgent1, "intermediaryAgent1", to: &writer)
            writer.account("intermediaryAgent1Account", quote.intermediaryAgent1.account)
            write(quote.intermediaryAgent2, "intermediaryAgent2", to: &writer)
            writer.account("intermediaryAgent2Account", quote.intermediaryAgent2.account)
            writer.member("issuedDateTime", atMost: 24) { quote.issued.append(to: &$0) }
            writer.member("quoteId", atMost: 36) { quote.id.append(to: &$0) }
        }
    }

    /// An intermediary agent; the account there is a member of its own.
    private func write(
        _ account: ProviderAccount,
        _ name: String,
        to writer: inout JSONWriter
    ) {
        writer.object(name) { writer in
            writer.object("finInstId") { writer in
                writer.member("BICFI", atMost: 11) { account.accessProvider.append(to: &$0) }
                let institution = reference.institution(account.accessProvider)
                writer.member("name", institution?.name ?? "")
            }
        }
    }

    /// The answer to `intermediary-agents`.
    func intermediaryAgents(of quote: Quote) -> JSONValue {
        [
            "intermediaryAgent1": intermediary(quote.intermediaryAgent1, quote.sourceCountry),
            "intermediaryAgent2": intermediary(
                quote.intermediaryAgent2,
                quote.destinationCountry
            ),
        ]
    }

    private func intermediary(_ account: ProviderAccount, _ country: String) -> JSONValue {
        let currency = reference.country(country)?.currency.code ?? ""
        return [
            "name": .string(reference.institution(account.accessProvider)?.name ?? ""),
            "countryCode": .string(country),
            "currencyCode": .string(currency),
            "finInstId": ["BICFI": [.string(account.accessProvider.code)]],
            "account": ["otherId": .string(account.account)],
        ]
    }
}

extension JSONWriter {
    /// What the request said, as it said it.
    fileprivate mutating func repeated(_ member: String, of request: JSONCursor) {
        key(member)
        value(request[member] ?? .null)
    }

    fileprivate mutating func account(_ name: String, _ account: String) {
        object(name) { $0.member("id", account) }
    }

    fileprivate mutating func money(_ name: String, _ money: Money, isCapped: Bool? = nil) {
        object(name) { writer in
            writer.member("amount", atMost: Money.longestAmountText) { money.appendAmount(to: &$0) }
            if let isCapped { writer.member("cappedToMaxAmount", isCapped) }
            writer.member("currency", money.currency.code)
        }
    }
}
