package import SelatJSON
package import SelatMoney
import SelatNode
package import SelatTime

/// One quote, as the hub's answer has it, with what the Sender's own bank deducts.
package struct Offer: Hashable, Sendable {
    /// The element of the answer, as `pay` takes it.
    package let quote: JSONValue
    package let quoteID: String
    package let provider: String
    package let expires: Instant
    /// The provider's rate; not the one a Sender is shown.
    package let exchangeRate: String
    package let sourceSettlement: Money
    package let destinationFee: Money
    package let credit: Money
    /// True when the amounts are the most that can be sent, not what was asked for.
    package let isCapped: Bool
    /// Deducted by the Sender's bank before conversion.
    package let sourceFee: Money

    /// - Parameters:
    ///   - quote: An element of a `quotes` answer.
    ///   - sourceFee: What the Sender's bank deducts.
    /// - Throws: `JSONError` when it is no quote.
    package init(_ quote: JSONCursor, sourceFee: Money) throws(JSONError) {
        self.quote = quote.value
        self.sourceFee = sourceFee
        quoteID = try quote.string("quoteId")
        provider = try quote.string("fxpFinInstId")
        exchangeRate = try quote.string("exchangeRate")
        expires = try quote.member("expiryDateTime").parsed("a UTC time", Instant.init(_:))
        let source = try quote.member("debtorAgent").member("interbankSettlementAmount")
        sourceSettlement = try source.money("amount", "currency")
        let creditor = try quote.member("creditorAgent")
        destinationFee = try creditor.member("chargesInformation").member("amount")
            .money("amount", "currency")
        credit = try creditor.member("creditorAccountAmount").money("amount", "currency")
        isCapped = try source.bool("cappedToMaxAmount")
    }

    /// What leaves the Sender's account.
    package var debit: Money { sourceSettlement + sourceFee }

    /// Credit by debit: all fees included.
    package var effectiveRate: String? { credit.effectiveRate(for: debit) }

    /// The members of a document.
    package var json: JSONValue {
        [
            "quoteId": .string(quoteID),
            "provider": .string(provider),
            "expires": .string(expires.description),
            "exchangeRate": .string(exchangeRate),
            "effectiveRate": effectiveRate.map { .string($0) } ?? .null,
            "debit": debit.json,
            "sourceFee": sourceFee.json,
            "sourceSettlement": sourceSettlement.json,
            "destinationFee": destinationFee.json,
            "credit": credit.json,
            "capped": .bool(isCapped),
        ]
    }

    /// Offers for people, best first.
    package static func table(_ offers: [Offer]) -> String {
        var table = TextTable(
            [
                "provider", "debit", "credit", "effective rate", "your bank's fee", "their fee",
                "quote",
            ],
            [.left, .right, .right, .right, .right, .right, .left]
        )
        for offer in offers {
            table.add([
                offer.provider, "\(offer.debit)", "\(offer.credit)", offer.effectiveRate ?? "-",
                "\(offer.sourceFee)", "\(offer.destinationFee)", offer.quoteID,
            ])
        }
        return table.text
    }
}
