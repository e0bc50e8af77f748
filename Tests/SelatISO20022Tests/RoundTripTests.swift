import SelatISO20022
import SelatMoney
import SelatTime
import Testing

@Suite struct RoundTripTests {
    @Test(arguments: UInt64(1)...400)
    func whatIsWrittenReadsAsWritten(seed: UInt64) throws {
        var generator = MessageGenerator(seed: seed)
        for _ in 0..<5 {
            let message = generator.message()
            let bytes = message.encode()
            guard bytes.count <= 65_536 else { continue }
            let again = try ISOMessage.decode(bytes)
            #expect(again == message, "seed \(seed)")
            #expect(again.encode() == bytes, "seed \(seed)")
        }
        let message = generator.message()
        if message.encode().count <= 65_536 { try Corpus.emit(message, as: "generated-\(seed)") }
    }

    @Test(arguments: [
        (0, "2026-11-23T04:12:05.000Z"), (500_000_000, "2026-11-23T04:12:05.500Z"),
        (1_500_000, "2026-11-23T04:12:05.001500Z"), (1, "2026-11-23T04:12:05.000000001Z"),
        (999_999_999, "2026-11-23T04:12:05.999999999Z"),
    ])
    func instantsCarryAsManyDigitsAsTheyNeed(nanoseconds: Int64, text: String) throws {
        var generator = MessageGenerator(seed: 3)
        var message = generator.message()
        while message.kind != .statusReport { message = generator.message() }
        guard case .statusReport(var report) = message else { return }
        report.creationDateTime = Instant(
            nanoseconds: 1_795_407_125 * 1_000_000_000 + nanoseconds
        )
        let xml = String(decoding: ISOMessage.statusReport(report).encode(), as: UTF8.self)
        #expect(xml.contains("<CreDtTm>\(text)</CreDtTm>"))
    }

    @Test(arguments: [
        ("498", Currency.sgd, "498.00"), ("0", .thb, "0.00"), ("15000000", .idr, "15000000"),
        ("0.5", .idr, "0.5"), ("12656.025", .thb, "12656.025"), ("1.2", .php, "1.20"),
    ])
    func amountsCarryTheCurrencysDecimals(text: String, currency: Currency, wire: String) throws {
        var generator = MessageGenerator(seed: 5)
        var message = generator.message()
        while message.kind != .creditTransfer { message = generator.message() }
        guard case .creditTransfer(var transfer) = message else { return }
        transfer.instructedAmount = CurrencyAndAmount(
            amount: try #require(Decimal(text)),
            currency: currency
        )
        let xml = String(decoding: ISOMessage.creditTransfer(transfer).encode(), as: UTF8.self)
        #expect(xml.contains("<InstdAmt Ccy=\"\(currency)\">\(wire)</InstdAmt>"))
    }
}
