import SelatISO20022
import SelatJSON
import SelatMoney
import SelatNode
import SelatScheme
import SelatTime

/// What a PSP asks quotes for, checked against the reference data.
struct QuoteRequest: ~Copyable {
    let requester: RegisteredInstitution
    let source: Country
    let destination: Country
    let fixed: FixedAmount
}

/// Quotes: one from each provider that has approved the PSP and has a rate; binding for 600 s.
/// Rulebook: Quotes.
extension Hub {
    /// A stored quote with its version; `nil` when it was never issued.
    func quote(
        _ id: UUIDv4,
        at instance: PartyID,
        _ facts: Facts
    ) -> (quote: Quote, version: Int64)? {
        guard let row = facts.record(instance, .quote, id.description) else { return nil }
        do throws(RecordError) {
            return (try Quote(record: row.content), row.version)
        } catch {
            preconditionFailure("a quote cannot be read: \(error)")
        }
    }

    /// The providers that would quote, by their places in the reference data, each with the id its
    /// quote gets.
    private func forEachQuoting(
        _ requester: BICFI,
        _ source: String,
        _ destination: String,
        _ event: Event,
        _ body: (Int, UUIDv4) -> Void
    ) {
        for index in reference.providers.indices
        where isQuoting(index, requester, source, destination) {
            body(index, UUIDv4(event.seed.derived(Purpose.quote + UInt64(index))))
        }
    }

    /// Whether a provider quotes an institution it has approved, and keeps accounts in both
    /// countries.
    private func isQuoting(
        _ provider: Int,
        _ requester: BICFI,
        _ source: String,
        _ destination: String
    ) -> Bool {
        reference.providers[provider].approvedInstitutions.index(forKey: requester) != nil
            && reference.providers[provider].accounts.index(forKey: source) != nil
            && reference.providers[provider].accounts.index(forKey: destination) != nil
    }

    func factsForQuotes(
        _ body: JSONCursor,
        _ event: Event,
        known: Facts
    ) -> [FactKey] {
        // Whether all of it may be asked for is checked once, by who answers.
        guard case .string(let source)? = body["sourceCountry"],
            case .string(let destination)? = body["destinationCountry"],
            case .string(let code)? = body["finInstId"], let requester = BICFI(code),
            let system = reference.country(destination)?.system,
            // To be turned away: nothing need be read for it.
            !known.isOverloaded, !known.crowded.contains(system)
        else { return [] }
        var keys: [FactKey] = []
        forEachQuoting(requester, source, destination, event) { provider, id in
            let rate = StandingRate.key(
                reference.providers[provider].id,
                source: source,
                destination: destination
            )
            keys.append(.record(event.instance, .rate, rate))
            keys.append(.record(event.instance, .quote, id.description))
        }
        return keys
    }

    /// Issues and stores; the reply leaves after the commit, so every quote it shows binds.
    func quotes(
        _ id: RequestID,
        _ request: borrowing QuoteRequest,
        _ body: JSONCursor,
        event: Event,
        facts: Facts
    ) -> Decision {
        var decision = Decision()
        var issued: [Quote] = []
        forEachQuoting(
            request.requester.bicfi,
            request.source.code,
            request.destination.code,
            event
        ) { provider, quoteID in
            guard
                let quote = issue(quoteID, by: provider, for: request, event: event, facts: facts)
            else { return }
            decision.records.append(
                RecordChange(
                    kind: .quote,
                    key: quoteID.description,
                    expectedVersion: 0,
                    content: quote.record
                )
            )
            issued.append(quote)
        }
        issued.sort(by: Quote.isBetter)
        let requestID = UUIDv4(event.seed.derived(Purpose.quoteRequest))
        decision.replies.append(
            Reply(request: id, status: 200, text: text(of: issued, to: body, requestID))
        )
        return decision
    }

    /// `nil` when the provider has no rate, or nothing would reach the creditor.
    private func issue(
        _ id: UUIDv4,
        by provider: Int,
        for request: borrowing QuoteRequest,
        event: Event,
        facts: Facts
    ) -> Quote? {
        let providerID = reference.providers[provider].id
        let key = StandingRate.key(
            providerID,
            source: request.source.code,
            destination: request.destination.code
        )
        guard let row = facts.record(event.instance, .rate, key) else { return nil }
        let standing = StandingRate(stored: row.content)
        let relationship =
            reference.providers[provider].approvedInstitutions[request.requester.bicfi] ?? 0
        guard let base = standing.rate,
            let first = reference.providers[provider].accounts[request.source.code],
            let second = reference.providers[provider].accounts[request.destination.code],
            let atBase = cappedAmounts(request, base)?.amounts
        else { return nil }
        // Sized at the base rate: otherwise the tier would depend on the rate it decides.
        let tier =
            reference.providers[provider].tier(for: atBase.sourceSettlement)?.basisPoints ?? 0
        guard
            let rate = base.improved(byBasisPoints: tier + relationship, rounding: .halfUp),
            let (amounts, isCapped) = cappedAmounts(request, rate)
        else { return nil }
        return Quote(
            id: id,
            issued: event.at,
            provider: providerID,
            requester: request.requester.bicfi,
            sourceCountry: request.source.code,
            destinationCountry: request.destination.code,
            fixed: request.fixed,
            amounts: amounts,
            rate: rate,
            schemeFee: request.source.schemeFee.fee(on: amounts.sourceSettlement),
            intermediaryAgent1: first,
            intermediaryAgent2: second,
            isCappedToMaximumAmount: isCapped,
            rateID: standing.id,
            tierBasisPoints: tier,
            relationshipBasisPoints: relationship
        )
    }

    /// The amounts at one rate, or, above either system's maximum, those of the lower of the two
    /// at this rate: the most that can be sent. `nil` when nothing would reach the creditor.
    func cappedAmounts(
        _ request: borrowing QuoteRequest,
        _ rate: ExchangeRate
    ) -> (amounts: PaymentAmounts, isCapped: Bool)? {
        let isOverOwnMaximum: Bool
        switch request.fixed {
        case .source(let amount):
            isOverOwnMaximum = amount.minorUnits > request.source.maximumAmount.minorUnits
        case .destination(let amount):
            isOverOwnMaximum = amount.minorUnits > request.destination.maximumAmount.minorUnits
        }
        // Computing with an amount beyond its own side's maximum could leave 64 bits.
        guard !isOverOwnMaximum else { return mostSendable(request, rate).map { ($0, true) } }
        guard let wanted = amounts(request, request.fixed, rate) else { return nil }
        if wanted.sourceSettlement.minorUnits <= request.source.maximumAmount.minorUnits,
            wanted.destinationSettlement.minorUnits <= request.destination.maximumAmount.minorUnits
        {
            return (wanted, false)
        }
        return mostSendable(request, rate).map { ($0, true) }
    }

    /// The payment at the lower of the two maximums. The fixed side is lowered to it and the other
    /// follows as always, so that these amounts obey the same rule as any.
    private func mostSendable(
        _ request: borrowing QuoteRequest,
        _ rate: ExchangeRate
    ) -> PaymentAmounts? {
        let sourceMaximum = request.source.maximumAmount
        let destinationMaximum = request.destination.maximumAmount
        switch request.fixed {
        case .source:
            guard
                let inverted = rate.invert(
                    destinationMaximum,
                    to: sourceMaximum.currency,
                    rounding: .halfUp
                )
            else { return nil }
            var units = min(sourceMaximum.minorUnits, inverted.minorUnits)
            while units > 0 {
                let amount = Money(minorUnits: units, currency: sourceMaximum.currency)
                guard let amounts = amounts(request, .source(amount), rate) else { return nil }
                if amounts.destinationSettlement.minorUnits <= destinationMaximum.minorUnits {
                    return amounts
                }
                // Rounding went up; one unit less is at most one step away.
                units -= 1
            }
            return nil
        case .destination:
            let converted = rate.convert(
                sourceMaximum,
                to: destinationMaximum.currency,
                rounding: .halfUp
            )
            guard let converted else { return nil }
            var units = min(destinationMaximum.minorUnits, converted.minorUnits)
            while units > 0 {
                let gross = Money(minorUnits: units, currency: destinationMaximum.currency)
                let source = rate.invert(gross, to: sourceMaximum.currency, rounding: .halfUp)
                guard let source else { return nil }
                let fee = request.destination.creditorAgentFee.fee(on: gross)
                guard source.isPositive, (gross - fee).isPositive else { return nil }
                if source.minorUnits <= sourceMaximum.minorUnits {
                    return PaymentAmounts(
                        sourceSettlement: source,
                        destinationSettlement: gross,
                        destinationFee: fee,
                        creditorAccount: gross - fee
                    )
                }
                units -= 1
            }
            return nil
        }
    }

    private func amounts(
        _ request: borrowing QuoteRequest,
        _ fixed: FixedAmount,
        _ rate: ExchangeRate
    ) -> PaymentAmounts? {
        PaymentAmounts(
            fixed: fixed,
            rate: rate,
            source: request.source.currency,
            destination: request.destination.currency,
            fee: request.destination.creditorAgentFee
        )
    }
}

extension Quote {
    /// More for the creditor, or the same for less; then by provider, so that the order is fixed.
    fileprivate static func isBetter(_ lhs: Quote, _ rhs: Quote) -> Bool {
        (
            -lhs.amounts.creditorAccount.minorUnits, lhs.amounts.sourceSettlement.minorUnits,
            lhs.provider.name
        ) < (
            -rhs.amounts.creditorAccount.minorUnits, rhs.amounts.sourceSettlement.minorUnits,
            rhs.provider.name
        )
    }
}
