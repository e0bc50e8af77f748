public import SelatMoney

/// An amount as the message spells it: a number and a currency, not yet money. Whether the
/// currency is known and the decimals are legal for it are profile rules.
/// ISO: ActiveCurrencyAndAmount, ActiveOrHistoricCurrencyAndAmount
public struct CurrencyAndAmount: Hashable, Sendable {
    /// In major units; not negative, at most 18 digits, 5 of them behind the point.
    public var amount: Decimal
    /// ISO: @Ccy
    public var currency: Currency

    public init(amount: Decimal, currency: Currency) {
        self.amount = amount
        self.currency = currency
    }

    /// Money as the message spells it.
    public init(_ money: Money) {
        self.init(amount: money.decimal, currency: money.currency)
    }
}
