import SelatMoney
import Testing

@Suite struct ExchangeRateTests {
    @Test func theSchemesExampleConvertsHalfUp() throws {
        let rate = try #require(ExchangeRate("25.4137"))
        let source = Money(minorUnits: 498_00, currency: .sgd)
        #expect(rate.convert(source, to: .thb, rounding: .halfUp)?.amountText == "12656.02")
        let destination = Money(minorUnits: 1045_00, currency: .thb)
        #expect(rate.invert(destination, to: .sgd, rounding: .halfUp)?.amountText == "41.12")
    }

    @Test func aHalfGoesUp() throws {
        let rate = try #require(ExchangeRate("0.5"))
        #expect(
            rate.convert(Money(minorUnits: 1, currency: .sgd), to: .thb, rounding: .halfUp)?
                .minorUnits == 1
        )
        #expect(
            rate.convert(Money(minorUnits: 3, currency: .sgd), to: .thb, rounding: .halfUp)?
                .minorUnits == 2
        )
    }

    @Test func decimalsOfTheTwoCurrenciesDiffer() throws {
        let rate = try #require(ExchangeRate("11876.5"))
        #expect(
            rate.convert(Money(minorUnits: 100, currency: .sgd), to: .idr, rounding: .halfUp)?
                .amountText == "11877"
        )
        let back = try #require(ExchangeRate("0.0000842"))
        #expect(
            back.convert(Money(minorUnits: 1_000_000, currency: .idr), to: .sgd, rounding: .halfUp)?
                .amountText == "84.20"
        )
    }

    @Test func improvementsAddAndNeverCompound() throws {
        let rate = try #require(ExchangeRate("1.5"))
        #expect(rate.improved(byBasisPoints: 100, rounding: .halfUp)?.description == "1.515")
    }

    @Test func improvedRatesStayAtWirePrecision() throws {
        let rate = try #require(ExchangeRate("25.413712345"))
        let improved = try #require(rate.improved(byBasisPoints: 37, rounding: .halfUp))
        #expect(improved.decimal.mantissa <= 99_999_999_999)
        #expect(ExchangeRate(improved.description) == improved)
    }

    @Test(arguments: ["0", "-1", "0.00000000001", "123456789012", "", ".", "1e5", "1,5"])
    func isNoRate(text: String) {
        #expect(ExchangeRate(text) == nil)
    }
}
