import SelatHub
import SelatISO20022
import SelatMoney
import SelatNode
import SelatScheme
import SelatTestSupport
import SelatTime
import Testing

/// Whatever the amounts: what an honest PSP builds from a quote is accepted to the unit.
@Suite struct HonestPaymentTests {
    @Test(arguments: [1, 20_261_124, 0xC0FFEE] as [UInt64])
    func everyQuoteCanBePaid(_ seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed, stream: "honest payments")
        var paid = 0
        for number in 0..<400 {
            let fee = FeeFormula(
                nominal: Money(minorUnits: Int64(generator.next() % 5000), currency: .thb),
                ratioPerMillion: Int(generator.next() % 30_000)
            )
            var story = HubStory(Region.reference(thaiFee: fee))
            let digits = Int(generator.next() % 11)
            let mantissa = Int64(generator.next() % 99_999_999_999) + 1
            guard let rate = ExchangeRate(Decimal(mantissa: mantissa, scale: min(digits, 10)))
            else { continue }
            story.push(rate.description, from: Region.andamanFX)
            let currency: Currency = generator.chance(1, in: 2) ? .sgd : .thb
            let units = Int64(generator.next() % 10_000_000_000) + 1
            let amount = Money(minorUnits: units, currency: currency)
            guard let quote = story.quotes(amount.amountText, currency).first else { continue }
            let context: Comment = "seed \(seed), payment \(number): \(amount) at \(rate)"
            #expect(try Quote(record: quote.record) == quote, context)
            #expect(
                quote.amounts.creditorAccount + quote.amounts.destinationFee
                    == quote.amounts.destinationSettlement,
                context
            )
            let decision = story.send(story.instruction(quote))
            #expect(decision.recipients == [Region.th], context)
            #expect(
                decision.creditTransfers(to: Region.th).map(\.interbankSettlementAmount)
                    == [CurrencyAndAmount(quote.amounts.destinationSettlement)],
                context
            )
            #expect(story.harness.violations.isEmpty, context)
            paid += 1
        }
        #expect(paid > 200, "seed \(seed) quoted too seldom to say anything")
    }
}
