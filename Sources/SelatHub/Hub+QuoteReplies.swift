import SelatISO20022
import SelatJSON
import SelatMoney
import SelatNode
import SelatScheme
import SelatTime

/// Who may ask for quotes, and what the answers look like. Source: Specs/Protocol/Requests.md.
extension Hub {
    /// The request as the reference data knows it, or the answer that says why not.
    func quoteRequest(
        _ body: JSONValue,
        from sender: PartyID
    ) -> Result<QuoteRequest, RequestRefusal> {
        do throws(RequestRefusal) {
            return .success(try checkedQuoteRequest(RequestBody(body), from: sender))
        } catch {
            return .failure(error)
        }
    }

    private func checkedQuoteRequest(
        _ body: RequestBody,
        from sender: PartyID
    ) throws(RequestRefusal) -> QuoteRequest {
        if reference.provider(sender) != nil {
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
        for (country, member) in [
            (source, "sourceCurrency"), (destination, "destinationCurrency"),
        ] {
            let code = try body.text(member)
            guard code == country.currency.code else {
                throw .unlawful("\(country.code) settles in \(country.currency), not \(code)")
            }
        }
        guard source.code != destination.code, source.currency != destination.currency else {
            throw .unlawful(
                "\(source.code) to \(destination.code) is no corridor: "
                    + "the network is for two countries with two currencies"
            )
        }
        return (source, destination)
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

    /// One element of a `quotes` answer, its members in the order they are sent in.
    func json(_ quote: Quote) -> JSONValue {
        let expiry: Instant = quote.issued + Quote.lifetime
        return [
            "creditorAgent": [
                "interbankSettlementAmount": settlement(
                    quote.amounts.destinationSettlement,
                    isCapped: quote.isCappedToMaximumAmount
                ),
                "chargesInformation": ["amount": quote.amounts.destinationFee.json],
                "creditorAccountAmount": quote.amounts.creditorAccount.json,
            ],
            "debtorAgent": [
                "interbankSettlementAmount": settlement(
                    quote.amounts.sourceSettlement,
                    isCapped: quote.isCappedToMaximumAmount
                ),
                "nexusSchemeFee": quote.schemeFee.json,
            ],
            "exchangeRate": .string(quote.rate.description),
            "expiryDateTime": .string(expiry.description),
            "fxpFinInstId": .string(quote.provider.name),
            "fxpFinInstIdType": "otherId",
            "intermediaryAgent1": agent(quote.intermediaryAgent1),
            "intermediaryAgent1Account": ["id": .string(quote.intermediaryAgent1.account)],
            "intermediaryAgent2": agent(quote.intermediaryAgent2),
            "intermediaryAgent2Account": ["id": .string(quote.intermediaryAgent2.account)],
            "issuedDateTime": .string(quote.issued.description),
            "quoteId": .string(quote.id.description),
        ]
    }

    private func settlement(_ money: Money, isCapped: Bool) -> JSONValue {
        [
            "amount": .string(money.amountText), "currency": .string(money.currency.code),
            "cappedToMaxAmount": .bool(isCapped),
        ]
    }

    private func agent(_ account: ProviderAccount) -> JSONValue {
        let name = reference.institution(account.accessProvider)?.name ?? ""
        return [
            "finInstId": [
                "BICFI": .string(account.accessProvider.code), "name": .string(name),
            ]
        ]
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
