import SelatJSON
import SelatRuntime
import SelatScheme
import SelatTime
import Testing

extension BadDays {
    /// Money that is not there, and amounts beyond a limit.
    @Suite(.lawful) struct Funds {
        /// Good for SGD 15.00.
        private static let poor = Order.usual.with { order in
            order.debtorAccount = "3920077782"
        }

        @Test func theSendersAreRefusedByItsBankWithoutAMessage() throws {
            #expect(try Region.shared().refusal(Self.poor) == "AM04")
        }

        @Test func theBanksAreRefusedByItsSystem() throws {
            let kranji = try Kranji(Region.shared())
            let payment = RawPayment(try kranji.quote("2000.01"))
            let answer = try kranji.send(payment)
            #expect(answer.description == "RJCT AM04")
            #expect(try Region.shared().state(payment.uetr, of: "hub", at: "hub") == nil)
        }

        @Test func theProvidersAreRefusedByItsAccessProvider() throws {
            let region = try Region.shared()
            let (uetr, ending) = try region.pay(.usual.with { $0.provider = "fx-andaman" })
            #expect(ending == Ending(state: "rejected", reason: "AM04"))
            try region.settle(uetr)
            // Asked, and refused it: its row, and none at the creditor's bank.
            #expect(try region.state(uetr, of: "ANDATHB0", at: "ips-th") == "11")
            #expect(try region.state(uetr, of: "LTUSTHB0", at: "ips-th") == nil)
        }

        @Test func theAccessProvidersAreRefusedByItsSystem() throws {
            let region = try Region.shared()
            let order = Order.usual.with { order in
                order.destination = ("MY", "MYR")
                (order.creditorAgent, order.creditorAccount) = CorridorTests.malaysian
            }
            let (uetr, ending) = try region.pay(order)
            #expect(ending == Ending(state: "rejected", reason: "AM04"))
            try region.settle(uetr)
            #expect(try region.state(uetr, of: "RIMBMYK0", at: "ips-my") == nil)
        }

        @Test func sixteenPaymentsRaceForAnAccountGoodForOne() throws {
            let region = try Region.shared()
            let order = Self.poor.with { $0.amount = ("10.00", "SGD") }
            let bodies = try (0..<16).map { _ in
                let uetr = Order.newIdentity()
                return (uetr, try region.body(order, uetr))
            }
            let client = try region.client(order.node)
            var asked: [UInt64: UUIDv4] = [:]
            for (uetr, body) in bodies {
                let call = try client.send("pay", of: PartyID(checked: order.debtorAgent), body)
                asked[call] = uetr
            }
            var accepted: [UUIDv4] = []
            for _ in bodies {
                let answer = try client.next()
                let uetr = try #require(asked[answer.correlation])
                if answer.status == 200 {
                    accepted.append(uetr)
                } else {
                    #expect(answer.body["reason"] == "AM04")
                }
            }
            #expect(accepted.count == 1)
            for uetr in accepted {
                #expect(try region.ending(order, uetr).state == "completed")
                try region.settle(uetr)
            }
            let left = try region.posted("customer:3920077782", of: "MRLNSGS0", at: order.node)
            #expect(left == 500)
        }

        @Test func beyondTheSourcesLimitItsSystemRefuses() throws {
            let kranji = try Kranji(Region.shared())
            let payment = RawPayment(
                try kranji.quote(),
                [(#"Ccy="SGD">98.00"#, #"Ccy="SGD">200000.01"#)]
            )
            #expect(try kranji.send(payment).description == "RJCT AM13")
            #expect(try Region.shared().state(payment.uetr, of: "hub", at: "hub") == nil)
        }

        /// A quote never exceeds the limit, so the limit falls after the quote was given.
        @Test func beyondTheDestinationsLimitTheHubRefuses() throws {
            let region = try Region.shared()
            let uetr = Order.newIdentity()
            let body = try region.body(.usual, uetr)
            try region.restart(
                "hub",
                with: Region.Edit(
                    node: "hub",
                    present: "maximumAmount: THB 2000000.00",
                    wanted: "maximumAmount: THB 2000.00"
                )
            )
            let answer = try region.client("ips-sg").call(
                "pay",
                of: PartyID(checked: Order.usual.debtorAgent),
                body
            )
            #expect(answer.status == 200)
            let ending = try region.ending(.usual, uetr)
            #expect(ending == Ending(state: "rejected", reason: "AM13"))
            try region.settle(uetr)
            #expect(try region.state(uetr, of: "th", at: "ips-th") == nil)
            try region.restart("hub")
        }
    }
}
