import ArgumentParser
package import SelatMoney

/// An amount as a person types it: `100.00 SGD` or `SGD 100.00`, in one word or two.
package enum AmountText {
    /// - Parameter words: What followed `--amount`.
    /// - Returns: More than nothing.
    /// - Throws: `CommandFailure` of `Exit.usage`.
    package static func read(_ words: [String]) throws(CommandFailure) -> Money {
        let parts = words.flatMap { $0.split(separator: " ").map(String.init) }
        guard parts.count == 2 else { throw wrong(words) }
        let isCurrencyFirst = Currency(parts[0].uppercased()) != nil
        let text = parts[isCurrencyFirst ? 1 : 0]
        guard let currency = Currency(parts[isCurrencyFirst ? 0 : 1].uppercased()),
            let decimal = Decimal(text)
        else { throw wrong(words) }
        let amount: Money
        do throws(MoneyError) {
            amount = try Money(decimal, currency: currency)
        } catch {
            throw CommandFailure(Exit.usage, "--amount: \(error)")
        }
        guard amount.isPositive else {
            throw CommandFailure(Exit.usage, "--amount: expected more than zero, got \(amount)")
        }
        return amount
    }

    private static func wrong(_ words: [String]) -> CommandFailure {
        CommandFailure(
            Exit.usage,
            "--amount: expected an amount and its currency such as 100.00 SGD, got "
                + "'\(words.joined(separator: " "))'"
        )
    }
}

extension Money {
    /// What one unit of `other` is in units of this: the rate a Sender is shown, to seven
    /// significant digits, half up. `nil` where there is none to show.
    package func effectiveRate(for other: Money) -> String? {
        guard let own = currency.minorUnitDigits, let digits = other.currency.minorUnitDigits,
            minorUnits > 0, other.minorUnits > 0
        else { return nil }
        // credit / 10^own over debit / 10^digits.
        var numerator = Int128(minorUnits)
        var denominator = Int128(other.minorUnits)
        for _ in 0..<digits { numerator *= 10 }
        for _ in 0..<own { denominator *= 10 }
        var scale = 0
        while numerator / denominator < 1_000_000, scale < 12 {
            numerator *= 10
            scale += 1
        }
        let rounded = (numerator * 2 + denominator) / (denominator * 2)
        guard let mantissa = Int64(exactly: rounded), mantissa > 0 else { return nil }
        return Decimal(mantissa: mantissa, scale: scale).description
    }
}
