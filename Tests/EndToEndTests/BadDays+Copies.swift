import SelatJSON
import SelatRuntime
import SelatScheme
import SelatTime
import Testing

extension BadDays {
    /// Messages that come again, alike or altered, early or late.
    @Suite(.lawful) struct Copies {
        @Test func theIdenticalMessageGetsTheIdenticalAnswer() throws {
            let region = try Region.shared()
            let kranji = try Kranji(region)
            let payment = RawPayment(try kranji.quote())
            let first = try kranji.send(payment)
            #expect(first.description == "ACCC ")
            try region.settle(payment.uetr)
            let before = try region.posted("participant:KRNJSGS0", of: "sg", at: "ips-sg")
            #expect(try kranji.send(payment) == first)
            #expect(try region.posted("participant:KRNJSGS0", of: "sg", at: "ips-sg") == before)
        }

        @Test func whatIsRefusedAsACopyDoesNotTouchThePayment() throws {
            let region = try Region.shared()
            let kranji = try Kranji(region)
            let payment = RawPayment(try kranji.quote())
            let first = try kranji.send(payment)
            try region.settle(payment.uetr)
            var renamed = payment
            renamed.messageIdentification = payment.renewed().messageIdentification
            #expect(try kranji.send(renamed).description == "RJCT DU03")
            var moved = payment
            moved.uetr = Order.newIdentity()
            #expect(try kranji.send(moved).description == "RJCT DU01")
            var altered = payment
            altered.changes = [("Kanokwan Srisuwan", "Somebody Else")]
            #expect(try kranji.send(altered).description == "RJCT DU01")
            #expect(try kranji.send(payment) == first)
            #expect(first.description == "ACCC ")
        }

        @Test func eightCopiesAtOnceAreOnePayment() throws {
            let region = try Region.shared()
            let kranji = try Kranji(region)
            let payment = RawPayment(try kranji.quote())
            let before = try region.posted("participant:KRNJSGS0", of: "sg", at: "ips-sg")
            for _ in 0..<8 { try kranji.submit(payment) }
            let first = try kranji.answer(to: payment)
            #expect(first.description == "ACCC ")
            try region.settle(payment.uetr)
            #expect(try kranji.send(payment) == first)
            let after = try region.posted("participant:KRNJSGS0", of: "sg", at: "ips-sg")
            #expect(before - after == 9800)
        }

        /// The creditor's bank takes its time; meanwhile the copy goes on to the hub under the
        /// MsgId of the first time.
        @Test func whileNotFinalTheStoredMessageGoesOnAgain() throws {
            let region = try Region.shared()
            let kranji = try Kranji(region)
            try region.script(
                "creditor",
                of: "LTUSTHB0",
                at: "ips-th",
                ["kind": "delay", "milliseconds": 1500, "times": 1]
            )
            let payment = RawPayment(try kranji.quote())
            try kranji.submit(payment)
            try region.until("the payment at the creditor's bank") {
                try region.state(payment.uetr, of: "LTUSTHB0", at: "ips-th") != nil
            }
            try kranji.submit(payment)
            #expect(try kranji.answer(to: payment).description == "ACCC ")
            try region.settle(payment.uetr)
            let sent = try region.texts(payment.uetr, kind: 1, "out", with: "hub", at: "ips-sg")
            #expect(sent.count == 2)
            #expect(Set(sent).count == 1)
            #expect(
                try region.texts(payment.uetr, kind: 1, "in", with: "ips-sg", at: "hub") == sent
            )
        }

        @Test func neverSeenAndStaleIsRefusedForGood() throws {
            let region = try Region.shared()
            let kranji = try Kranji(region)
            var payment = RawPayment(try kranji.quote())
            payment.acceptance = RawPayment.now() + .seconds(-700)
            let refusal = try kranji.send(payment)
            #expect(refusal.description == "RJCT TM01")
            // The original, late: the same answer, and it goes nowhere.
            #expect(try kranji.send(payment) == refusal)
            #expect(try region.state(payment.uetr, of: "hub", at: "hub") == nil)
            // A fresh attempt under the UETR that was given up.
            var again = payment
            again.acceptance = RawPayment.now()
            again.messageIdentification = payment.renewed().messageIdentification
            #expect(try kranji.send(again).description == "RJCT DU03")
        }
    }
}
