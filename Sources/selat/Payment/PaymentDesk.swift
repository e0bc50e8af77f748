import ArgumentParser
import Glibc
import SelatISO20022
import SelatJSON
import SelatMoney
import SelatNode
import SelatRuntime
import SelatScheme

/// What a payments officer does before a payment: asks for quotes and for the recipient, as the
/// Sender's own institution. Source: the scheme's setup steps 1 to 13.
struct PaymentDesk {
    let region: Region
    let sender: Sender

    // MARK: Quotes

    /// The offers for an amount, best first.
    ///
    /// - Parameters:
    ///   - amount: In the sender's currency: what leaves the account; in the recipient's: what
    ///     arrives there.
    ///   - country: The recipient's.
    /// - Returns: At least one.
    /// - Throws: `CommandFailure` when there is none.
    func offers(for amount: Money, to country: CountryFacts) throws -> [Offer] {
        let isSourceFixed = amount.currency == sender.currency
        guard isSourceFixed || amount.currency == country.currency else {
            throw CommandFailure(
                Exit.usage,
                "--amount: expected \(sender.currency) or \(country.currency), got "
                    + "\(amount.currency)"
            )
        }
        var quoted = amount
        var fee: Money?
        if isSourceFixed {
            let deducted = try sourceFee(on: amount)
            guard deducted.minorUnits < amount.minorUnits else {
                throw CommandFailure(
                    Exit.rejected,
                    "expected more than your bank's fee of \(deducted), got \(amount)"
                )
            }
            quoted = amount - deducted
            fee = deducted
        }
        let answer = try region.ask(
            .hub,
            as: sender.party,
            "quotes",
            [
                "sourceCountry": .string(sender.country),
                "sourceCurrency": .string(sender.currency.code),
                "destinationCountry": .string(country.code),
                "destinationCurrency": .string(country.currency.code),
                "amountCurrency": .string(quoted.currency.code),
                "amount": .string(quoted.amountText),
                "finInstIdType": "BICFI",
                "finInstId": .string(sender.agent.code),
            ]
        ).checked()
        var offers: [Offer] = []
        for element in try answer.cursor.elements("quotes") {
            // Where the recipient's amount is fixed, the fee is on what is settled.
            var own = fee ?? .zero(sender.currency)
            if fee == nil {
                let settled = try Offer(element, sourceFee: own).sourceSettlement
                own = try sourceFee(on: settled)
            }
            offers.append(try Offer(element, sourceFee: own))
        }
        guard !offers.isEmpty else {
            throw CommandFailure(
                Exit.rejected,
                "no FX provider offers \(sender.currency) to \(country.currency) to "
                    + "\(sender.agent) now"
            )
        }
        return offers
    }

    private func sourceFee(on amount: Money) throws -> Money {
        try region.ask(
            sender.party,
            "fee",
            ["amount": .string(amount.amountText), "currency": .string(amount.currency.code)]
        ).checked().cursor.member("sourceFee").money("amount", "currency")
    }

    // MARK: Country

    /// What the hub says of a country.
    func country(_ code: String) throws -> CountryFacts {
        let answer = try region.ask(
            .hub,
            as: sender.party,
            "country",
            ["countryCode": .string(code)]
        )
        guard answer.status != 404 else {
            throw CommandFailure(Exit.usage, "expected a country of the network, got \(code)")
        }
        return try CountryFacts(try answer.checked().cursor)
    }

    // MARK: Recipient

    /// Asks who stands behind an address.
    ///
    /// - Parameters:
    ///   - address: As it was typed.
    ///   - patience: The longest wait for the answer.
    /// - Returns: Whom it leads to, or why to nobody.
    /// - Throws: `CommandFailure` when no answer comes.
    func resolve(_ address: RecipientAddress, patience: Duration) throws -> Payee.Verdict {
        var question = [JSONMember("country", .string(address.country))]
        switch address.target {
        case .proxy(let code, let value):
            question.append(JSONMember("proxyCode", .string(code)))
            question.append(JSONMember("proxyValue", .string(value)))
        case .account(let agent, let number):
            question.append(JSONMember("account", .string(number)))
            question.append(JSONMember("agent", .string(agent.code)))
        case .iban(let number): question.append(JSONMember("account", .string(number)))
        }
        if let account = sender.account {
            question.append(JSONMember("debtorAccount", .string(account)))
        }
        let asked = try region.ask(sender.party, "resolve", .object(question)).checked().cursor
            .string("messageIdentification")
        // The answer is a message, not a reply: the institution is asked whether it has come.
        let deadline = ContinuousClock.now + patience
        var pause: UInt32 = 2_000
        while true {
            let answer = try region.ask(
                sender.party,
                "resolution",
                ["messageIdentification": .string(asked)]
            )
            if answer.isPositive { return try Payee.read(answer.body, for: address) }
            guard answer.status == 404 else {
                throw CommandFailure(Exit.rejected, answer.errorText)
            }
            guard ContinuousClock.now < deadline else {
                throw CommandFailure(
                    Exit.unreachable,
                    "expected an answer about the recipient within \(patience.wholeSeconds) s, got "
                        + "none; nothing was sent, try again"
                )
            }
            usleep(pause)
            pause = min(pause * 2, 100_000)
        }
    }
}

/// What the hub tells of a country, as far as a Sender needs it.
struct CountryFacts: Hashable, Sendable {
    let code: String
    let name: String
    let currency: Currency
    let supportsHighPriority: Bool

    init(_ cursor: JSONCursor) throws(JSONError) {
        code = try cursor.string("countryCode")
        name = try cursor.string("name")
        supportsHighPriority = try cursor.bool("highPriority")
        guard let first = try cursor.elements("currencies").first else {
            throw cursor.mismatch(expected: "at least one currency")
        }
        currency = try first.member("currencyCode").parsed("a currency code", Currency.init)
    }
}
