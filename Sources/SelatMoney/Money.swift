/// An amount of one currency, in its minor unit (cents, satang, sen).
///
/// Range: the whole of `Int64`; arithmetic traps on overflow and on mixed currencies, because
/// both are faults of this program: whoever takes amounts from a peer compares currencies first.
public struct Money: Hashable, Sendable, CustomStringConvertible {
    public let minorUnits: Int64
    public let currency: Currency

    @inlinable
    public init(minorUnits: Int64, currency: Currency) {
        self.minorUnits = minorUnits
        self.currency = currency
    }

    /// The amount a decimal stands for in `currency`.
    ///
    /// Throws `MoneyError` for a currency outside the table, for surplus decimals (never
    /// rounded away: rejection CH20) and for an amount beyond the range.
    public init(_ decimal: Decimal, currency: Currency) throws(MoneyError) {
        guard let digits = currency.minorUnitDigits else { throw .unknownCurrency(currency) }
        guard decimal.scale <= digits else {
            throw .surplusDecimals(currency: currency, allowed: digits, got: decimal.scale)
        }
        var minorUnits = decimal.mantissa
        for _ in decimal.scale..<digits {
            let (product, overflow) = minorUnits.multipliedReportingOverflow(by: 10)
            guard !overflow else { throw .outOfRange }
            minorUnits = product
        }
        self.init(minorUnits: minorUnits, currency: currency)
    }

    /// Nothing, in `currency`.
    @inlinable
    public static func zero(_ currency: Currency) -> Money {
        Money(minorUnits: 0, currency: currency)
    }

    @inlinable public var isPositive: Bool { minorUnits > 0 }

    /// The amount with exactly the currency's decimals: `498.00`. Unknown currencies print units.
    public var amountText: String {
        Decimal.text(mantissa: minorUnits, scale: currency.minorUnitDigits ?? 0)
    }

    /// Appends the characters of `amountText`, at most `longestAmountText`.
    public func appendAmount(to text: inout OutputSpan<UInt8>) {
        Decimal.append(mantissa: minorUnits, scale: currency.minorUnitDigits ?? 0, to: &text)
    }

    /// Most characters that `amountText` has: no currency has more than two decimals.
    public static var longestAmountText: Int { Decimal.maximumLength(scale: 2) }

    /// The amount as an exact decimal of the currency's major unit.
    public var decimal: Decimal {
        Decimal(mantissa: minorUnits, scale: currency.minorUnitDigits ?? 0)
    }

    /// `SGD 498.00`.
    public var description: String { "\(currency.code) \(amountText)" }

    @inlinable
    public static func + (lhs: Money, rhs: Money) -> Money {
        precondition(lhs.currency == rhs.currency, "amounts of two currencies are never added")
        return Money(minorUnits: lhs.minorUnits + rhs.minorUnits, currency: lhs.currency)
    }

    @inlinable
    public static func - (lhs: Money, rhs: Money) -> Money {
        precondition(lhs.currency == rhs.currency, "amounts of two currencies are never subtracted")
        return Money(minorUnits: lhs.minorUnits - rhs.minorUnits, currency: lhs.currency)
    }
}

/// Why a decimal is no amount of money.
public enum MoneyError: Error, Equatable, CustomStringConvertible {
    case unknownCurrency(Currency)
    case surplusDecimals(currency: Currency, allowed: Int, got: Int)
    case outOfRange

    public var description: String {
        switch self {
        case .unknownCurrency(let currency):
            "currency \(currency) is not in the table of currencies"
        case .surplusDecimals(let currency, let allowed, let got):
            "\(currency) has \(allowed) decimals, got \(got)"
        case .outOfRange: "the amount has more digits than 64 bits hold"
        }
    }
}
