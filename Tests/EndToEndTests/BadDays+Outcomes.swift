import SelatISO20022
import SelatJSON
import SelatRuntime
import SelatScheme
import SelatTime
import Testing

extension BadDays {
    /// What parties answer: no, nothing, blocked, not yet, too late.
    @Suite(.lawful) struct Outcomes {
        @Test(arguments: [
            ("source-access-provider", "STRTSGS0", "ips-sg", "AB09"),
            ("destination-access-provider", "SMUTTHB0", "ips-th", "AB10"),
            ("creditor", "LTUSTHB0", "ips-th", "MS03"),
        ])
        func aPartysNoIsTheEndEverywhere(
            key: String,
            party: String,
            node: String,
            reason: String
        ) throws {
            let region = try Region.shared()
            try region.script(
                key,
                of: party,
                at: node,
                ["kind": "reject", "reason": .string(reason), "times": 1]
            )
            let (uetr, ending) = try region.pay(.usual)
            #expect(ending == Ending(state: "rejected", reason: reason))
            try region.settle(uetr)
            let atHub = try region.state(uetr, of: "hub", at: "hub")
            #expect((atHub == nil) == (node == "ips-sg"))
        }

        /// All three at once, so that their times run together; and while the creditor's bank is
        /// silent, somebody who was not asked answers in its place.
        @Test func silenceEndsByTheTimersAndNobodyAnswersForAnother() throws {
            let region = try Region.shared()
            let kranji = try Kranji(region)
            let silent: JSONValue = ["kind": "silent", "times": 1]
            let toMerlion = Order.toKranji.with { order in
                order.creditorAgent = "MRLNSGS0"
                order.creditorAccount = "3920017745"
            }
            try region.script("creditor", of: "MRLNSGS0", at: "ips-sg", silent)
            let creditor = try region.begin(toMerlion)
            try region.script("source-access-provider", of: "STRTSGS0", at: "ips-sg", silent)
            let source = try region.begin(.usual)
            try region.until("the silent source access provider") {
                try region.state(source, of: "STRTSGS0", at: "ips-sg") != nil
            }
            let fixed = Order.usual.with {
                $0.debtorAgent = "KRMTSGS0"
                $0.debtorAccount = "6610234001"
            }
            try region.script("destination-access-provider", of: "SMUTTHB0", at: "ips-th", silent)
            let destination = try region.begin(fixed)
            try region.until("the instruction at the silent bank") {
                try region.state(creditor, of: "MRLNSGS0", at: "ips-sg") != nil
            }
            let number = try kranji.report(
                .acceptedCreditSettlementCompleted,
                on: creditor,
                original: nil
            )
            try kranji.acknowledgement(of: number)
            #expect(try region.alerts("security", about: creditor, at: "ips-sg") == 1)
            #expect(try region.state(creditor, of: "sg", at: "ips-sg") == "12")
            for (order, uetr, reason) in [
                (Order.usual, source, "AB06"), (fixed, destination, "AB06"),
                (toMerlion, creditor, "AB05"),
            ] {
                let ending = try region.ending(order, uetr)
                #expect(ending == Ending(state: "rejected", reason: reason))
                try region.settle(uetr)
            }
        }

        @Test func blockedMoneyStaysWholeAtTheCreditorsBank() throws {
            let region = try Region.shared()
            func balances() throws -> [Int] {
                try ["blocked", "customer:0887124455", "fee-income:destination"].map {
                    try region.posted($0, of: "LTUSTHB0", at: "ips-th")
                }
            }
            let before = try balances()
            try region.script(
                "creditor",
                of: "LTUSTHB0",
                at: "ips-th",
                ["kind": "block", "times": 1]
            )
            let uetr = Order.newIdentity()
            let body = try region.body(.usual, uetr)
            _ = try region.client("ips-sg").call("pay", of: PartyID(checked: "MRLNSGS0"), body)
            #expect(try region.ending(.usual, uetr).state == "blocked")
            try region.settle(uetr, on: ["hub", "ips-sg", "ips-th", "fx-merlion"])
            let moved = zip(try balances(), before).map { $0 - $1 }
            let amount = body["quote"]?["creditorAgent"]?["interbankSettlementAmount"]?["amount"]
            guard case .string(let text) = amount ?? .null else {
                throw Region.Failure("no amount in \(body)")
            }
            #expect(moved == [Int(text.filter { $0 != "." }) ?? -1, 0, 0])
            try region.until("the notification of fx-merlion") {
                try region.state(uetr, of: "fx-merlion", at: "fx-merlion") == "1"
            }
        }

        @Test func acceptedWithoutPostingIsNotFinal() throws {
            let region = try Region.shared()
            let kranji = try Kranji(region)
            let uetr = try region.begin(.toKranji)
            let asked = try kranji.instruction(uetr)
            try kranji.report(
                .acceptedWithoutPosting,
                on: uetr,
                original: asked.messageIdentification
            )
            let debtorAgent = PartyID(checked: "LTUSTHB0")
            try region.until("the interim status at the debtor's bank") {
                let payment = try region.client("ips-th").call(
                    "payment",
                    of: debtorAgent,
                    ["uetr": .string(uetr.description)]
                ).body
                #expect(payment["isFinal"] == .bool(false))
                return payment["interim"] == "ACWP"
            }
            #expect(try region.state(uetr, of: "hub", at: "hub") == "2")
            #expect(try region.state(uetr, of: "sg", at: "ips-sg") == "14")
            try region.expectLawful()
            try kranji.report(
                .acceptedCreditSettlementCompleted,
                on: uetr,
                original: asked.messageIdentification
            )
            let confirmed = try kranji.answer { $0.uetr == uetr }
            #expect(confirmed.description == "ACCC ")
            #expect(try region.ending(.toKranji, uetr).state == "completed")
            try region.settle(uetr)
        }
    }
}
