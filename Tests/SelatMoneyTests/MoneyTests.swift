import SelatMoney
import Testing

@Suite struct MoneyTests {
    @Test(arguments: [
        ("500.00", "500"), ("+.50", "0.5"), ("-0.05", "-0.05"), ("00012.3400", "12.34"), ("0", "0"),
        ("7.", "7"), ("0.10500", "0.105"), ("10.00500", "10.005"),
    ])
    func decimalsReadAsNumbers(text: String, canonical: String) throws {
        #expect(try #require(Decimal(text)).description == canonical)
    }

    @Test(arguments: ["", "+", ".", "1.2.3", "1e5", "NaN", "1 ", "1234567890123456789"])
    func isNoDecimal(text: String) { #expect(Decimal(text) == nil) }

    @Test func surplusDecimalsAreRefusedNotRounded() throws {
        let decimal = try #require(Decimal("1.005"))
        #expect(throws: MoneyError.surplusDecimals(currency: .thb, allowed: 2, got: 3)) {
            try Money(decimal, currency: .thb)
        }
        #expect(try Money(#require(Decimal("12.0")), currency: .idr).minorUnits == 12)
    }

    @Test func amountsPrintWithTheCurrencysDecimals() throws {
        #expect(Money(minorUnits: 5, currency: .sgd).description == "SGD 0.05")
        #expect(Money(minorUnits: -12_345, currency: .thb).description == "THB -123.45")
        #expect(Money(minorUnits: 9000, currency: .idr).description == "IDR 9000")
        let unknown = try #require(Currency("ZZZ"))
        #expect(throws: MoneyError.unknownCurrency(unknown)) {
            try Money(#require(Decimal("1")), currency: unknown)
        }
    }

    @Test(arguments: ["sgd", "SG", "SGDX", "S1D", ""])
    func isNoCurrency(code: String) { #expect(Currency(code) == nil) }
}
