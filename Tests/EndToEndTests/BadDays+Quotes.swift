import SelatJSON
import SelatRuntime
import SelatScheme
import SelatTime
import Testing

extension BadDays {
    /// Payments that are not what was quoted: raw messages of the seat's, refused one by one. What
    /// is refused does not use the quote up.
    @Suite(.lawful) struct Quotes {
        struct Case: Sendable, CustomTestStringConvertible {
            let what: String
            /// Of the hub's rulebook; `nil` where the source refuses and the hub never hears of it.
            let rule: String?
            let reason: String
            let changes: [RawPayment.Change]

            init(_ what: String, _ rule: String?, _ reason: String, _ changes: RawPayment.Change...)
            {
                self.what = what
                self.rule = rule
                self.reason = reason
                self.changes = changes
            }

            var testDescription: String { what }
        }

        static let cases = [
            Case(
                "settlement amount",
                "H19",
                "AB04",
                (#"<IntrBkSttlmAmt Ccy="SGD">98.00"#, #"<IntrBkSttlmAmt Ccy="SGD">97.99"#)
            ),
            Case(
                "instructed amount",
                "H20",
                "AB04",
                (#"<InstdAmt Ccy="SGD">98.00"#, #"<InstdAmt Ccy="SGD">98.01"#)
            ),
            Case(
                "currency of the instructed amount",
                "H20",
                "AB04",
                (#"<InstdAmt Ccy="SGD">"#, #"<InstdAmt Ccy="THB">"#)
            ),
            Case("rate", "H18", "AB04", ("<PreAgrdXchgRate>", "<PreAgrdXchgRate>1")),
            Case(
                "destination currency",
                "H18",
                "AB04",
                ("<QtdCcy>THB", "<QtdCcy>MYR"),
                (#"<Amt Ccy="THB">"#, #"<Amt Ccy="MYR">"#)
            ),
            // What contradicts itself is refused as that, before any quote is looked at.
            Case("destination currency in one place", nil, "CURR", ("<QtdCcy>THB", "<QtdCcy>MYR")),
            Case(
                "settlement currency",
                nil,
                "CURR",
                (#"<IntrBkSttlmAmt Ccy="SGD">"#, #"<IntrBkSttlmAmt Ccy="MYR">"#)
            ),
            Case(
                "source charge",
                "H20",
                "AB04",
                (#"<Amt Ccy="SGD">0.00"#, #"<Amt Ccy="SGD">1.00"#)
            ),
            Case(
                "destination charge",
                "H21",
                "AB04",
                (#"<Amt Ccy="THB">45.00"#, #"<Amt Ccy="THB">44.99"#)
            ),
            Case("corridor", "H17", "AB04", ("LTUSTHB0", "RIMBMYK0")),
            Case("source access provider", nil, "RC11", ("STRTSGS0", "KLNGSGS0")),
            Case(
                "account at the source access provider",
                nil,
                "RC11",
                ("7001182244", "7001182245")
            ),
            Case("destination access provider", "H22", "RC11", ("SMUTTHB0", "ANDATHB0")),
            Case(
                "account at the destination access provider",
                "H22",
                "RC11",
                ("4110093377", "4110093378")
            ),
        ]

        private static func id(of quote: JSONValue) throws -> String {
            if case .string(let id) = quote["quoteId"] ?? .null { return id }
            throw Region.Failure("a quote without id")
        }

        @Test(arguments: cases)
        func whatDiffersFromTheQuoteIsRefused(_ deviation: Case) throws {
            let kranji = try Kranji(Region.shared())
            let payment = RawPayment(try kranji.quote(), deviation.changes)
            let answer = try kranji.send(payment)
            #expect(answer.description == "RJCT \(deviation.reason)")
            try expectRule(deviation.rule, payment)
        }

        /// The hub's own words name the rule, and nothing goes further.
        private func expectRule(_ rule: String?, _ payment: RawPayment) throws {
            let region = try Region.shared()
            let said = try region.texts(payment.uetr, kind: 2, "out", with: "ips-sg", at: "hub")
            if let rule {
                #expect(said.count == 1 && said[0].contains("Rule \(rule)"), "\(said)")
            } else {
                #expect(try region.state(payment.uetr, of: "hub", at: "hub") == nil)
            }
            #expect(try region.state(payment.uetr, of: "th", at: "ips-th") == nil)
        }

        @Test func withoutAQuoteThereIsNoAgreement() throws {
            let kranji = try Kranji(Region.shared())
            let quote = try kranji.quote()
            let id = try Self.id(of: quote)
            let payment = RawPayment(quote, [("<QtId>\(id)</QtId>", "")])
            #expect(try kranji.send(payment).description == "RJCT RC11")
            try expectRule("H13", payment)
        }

        @Test func aQuoteThatWasNeverIssuedIsRefused() throws {
            let kranji = try Kranji(Region.shared())
            let quote = try kranji.quote()
            let id = try Self.id(of: quote)
            let payment = RawPayment(quote, [(id, Order.newIdentity().description)])
            #expect(try kranji.send(payment).description == "RJCT AB04")
            try expectRule("H14", payment)
        }

        @Test func anotherBanksQuoteIsRefused() throws {
            let region = try Region.shared()
            let kranji = try Kranji(region)
            let quote = try #require(
                try region.quotes(.usual).first { $0["fxpFinInstId"] == "fx-merlion" }
            )
            let payment = RawPayment(quote)
            #expect(try kranji.send(payment).description == "RJCT AB04")
            try expectRule("H14", payment)
        }

        @Test func aQuoteServesOnePayment() throws {
            let region = try Region.shared()
            let kranji = try Kranji(region)
            let first = RawPayment(try kranji.quote())
            #expect(try kranji.send(first).description == "ACCC ")
            let second = first.renewed()
            #expect(try kranji.send(second).description == "RJCT AB04")
            try expectRule("H15", second)
            try region.settle(first.uetr)
        }
    }
}
