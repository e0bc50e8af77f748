/// How a product or quotient that falls between two minor units is settled.
///
/// The scheme names no rule; Specs/Decisions/0003 chooses half-up, once per amount.
public enum Rounding: Sendable {
    /// To the nearest, and a half away from zero.
    case halfUp

    /// `numerator / denominator`, rounded. `denominator` must be positive.
    @inlinable
    func quotient(_ numerator: Int128, _ denominator: Int128) -> Int128 {
        precondition(denominator > 0, "a rounding denominator is positive")
        switch self {
        case .halfUp:
            let magnitude = numerator < 0 ? -numerator : numerator
            let rounded = (magnitude * 2 + denominator) / (denominator * 2)
            return numerator < 0 ? -rounded : rounded
        }
    }
}

/// Destination units per one source unit, at wire precision: at most 11 significant digits,
/// 10 of them after the point, greater than zero. ISO: BaseOneRate.
public struct ExchangeRate: Hashable, Sendable, CustomStringConvertible {
    public let decimal: Decimal

    /// `nil` unless positive and within the wire's precision.
    public init?(_ decimal: Decimal) {
        guard decimal.mantissa > 0, decimal.mantissa <= 99_999_999_999, decimal.scale <= 10 else {
            return nil
        }
        self.decimal = decimal
    }

    /// Parses canonical or padded decimal text; `nil` as for `init(_:)`.
    public init?(_ text: String) {
        guard let decimal = Decimal(text) else { return nil }
        self.init(decimal)
    }

    public var description: String { decimal.description }

    /// `amount` of the source currency, in `currency`. `nil` when beyond 64 bits.
    /// Rulebook: Amounts (round once, then copy).
    public func convert(_ amount: Money, to currency: Currency, rounding: Rounding) -> Money? {
        guard let from = amount.currency.minorUnitDigits, let to = currency.minorUnitDigits else {
            return nil
        }
        var numerator = Int128(amount.minorUnits) * Int128(decimal.mantissa)
        var denominator = powerOfTen(decimal.scale)
        if to > from {
            numerator *= powerOfTen(to - from)
        } else {
            denominator *= powerOfTen(from - to)
        }
        return Money(rounding.quotient(numerator, denominator), currency)
    }

    /// The source amount that `amount` of the destination currency costs at this rate.
    /// `nil` when beyond 64 bits.
    public func invert(_ amount: Money, to currency: Currency, rounding: Rounding) -> Money? {
        guard let from = amount.currency.minorUnitDigits, let to = currency.minorUnitDigits else {
            return nil
        }
        var numerator = Int128(amount.minorUnits) * powerOfTen(decimal.scale)
        var denominator = Int128(decimal.mantissa)
        if to > from {
            numerator *= powerOfTen(to - from)
        } else {
            denominator *= powerOfTen(from - to)
        }
        return Money(rounding.quotient(numerator, denominator), currency)
    }

    /// This rate improved by `basisPoints` (tier and PSP improvements added first, never
    /// compounded), at wire precision. `nil` when the result is no rate.
    /// Rulebook: base x (1 + (tier + psp) / 10000).
    public func improved(byBasisPoints basisPoints: Int, rounding: Rounding) -> ExchangeRate? {
        var mantissa = Int128(decimal.mantissa) * Int128(10_000 + basisPoints)
        var scale = decimal.scale + 4
        var divisor: Int128 = 1
        while scale > 10 || mantissa / divisor > 99_999_999_999 {
            guard scale > 0 else { return nil }
            divisor *= 10
            scale -= 1
        }
        mantissa = rounding.quotient(mantissa, divisor)
        guard let exact = Int64(exactly: mantissa) else { return nil }
        return ExchangeRate(Decimal(mantissa: exact, scale: scale))
    }
}

extension Money {
    /// `nil` where the 128-bit product does not fit an amount.
    fileprivate init?(_ minorUnits: Int128, _ currency: Currency) {
        guard let exact = Int64(exactly: minorUnits) else { return nil }
        self.init(minorUnits: exact, currency: currency)
    }
}

private func powerOfTen(_ exponent: Int) -> Int128 {
    var power: Int128 = 1
    for _ in 0..<exponent { power *= 10 }
    return power
}
