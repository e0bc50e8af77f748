public import SelatMoney

/// `nominal + ratio x amount`, rounded half-up once. Rulebook: Fees.
public struct FeeFormula: Hashable, Sendable {
    public let nominal: Money
    /// Millionths of the amount: 1000 is 0.1 %. Range 0...999,999.
    public let ratioPerMillion: Int

    public init(nominal: Money, ratioPerMillion: Int) {
        precondition((0..<1_000_000).contains(ratioPerMillion), "a fee is less than the amount")
        precondition(nominal.minorUnits >= 0, "a fee is not negative")
        self.nominal = nominal
        self.ratioPerMillion = ratioPerMillion
    }

    /// The fee on `amount`, which must be of the formula's currency.
    public func fee(on amount: Money) -> Money {
        let share =
            (Int128(amount.minorUnits) * Int128(ratioPerMillion) * 2 + 1_000_000) / 2_000_000
        return nominal + Money(minorUnits: Int64(share), currency: amount.currency)
    }

    /// The amount whose remainder after this fee is `net`: `(net + nominal) / (1 - ratio)`,
    /// rounded half-up; the fee is then the difference. Specs/Decisions/0003.
    public func gross(forNet net: Money) -> Money {
        let denominator = Int128(1_000_000 - ratioPerMillion)
        let numerator = Int128((net + nominal).minorUnits) * 1_000_000
        return Money(
            minorUnits: Int64((numerator * 2 + denominator) / (denominator * 2)),
            currency: net.currency
        )
    }
}
