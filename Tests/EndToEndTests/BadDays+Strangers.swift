import SelatRuntime
import SelatScheme
import SelatTime
import Testing

extension BadDays {
    /// Who speaks for whom, and bytes that are no message.
    @Suite(.lawful) struct Strangers {
        @Test func nobodyIsDebtorAgentForAnother() throws {
            let region = try Region.shared()
            let kranji = try Kranji(region)
            let payment = RawPayment(try kranji.quote(), [("KRNJSGS0", "MRLNSGS0")])
            #expect(try kranji.send(payment).description == "RJCT AGNT")
            #expect(try region.alerts("security", about: payment.uetr, at: "ips-sg") == 1)
            #expect(try region.state(payment.uetr, of: "sg", at: "ips-sg") == nil)
        }

        @Test func aLinkSpeaksForItsOwnOnly() throws {
            let region = try Region.shared()
            let kranji = try Kranji(region)
            let payment = RawPayment(try kranji.quote(), [("KRNJSGS0", "MRLNSGS0")])
            let merlion = PartyID(checked: "MRLNSGS0")
            let number = try kranji.submit(payment, from: merlion)
            try kranji.acknowledgement(of: number)
            #expect(try region.alerts("security", about: payment.uetr, at: "ips-sg") == 1)
            #expect(try region.state(payment.uetr, of: "sg", at: "ips-sg") == nil)
        }

        @Test(arguments: [
            ("<NbOfTxs>1</NbOfTxs>", "<NbOfTxs>1</NbOfTxs><Surprise/>", "FF01"),
            ("<ChrgBr>SHAR</ChrgBr>", "<ChrgBr>HALF</ChrgBr>", "FF01"),
            ("pacs.008.001.13", "pacs.008.001.08", "FF01"),
            ("</CdtTrfTxInf>", "", "FF01"),
            (#"<IntrBkSttlmAmt Ccy="SGD">98.00"#, #"<IntrBkSttlmAmt Ccy="SGD">98.001"#, "CH20"),
        ])
        func aMessageThatCannotBeReadIsRefused(
            present: String,
            wanted: String,
            reason: String
        ) throws {
            let kranji = try Kranji(Region.shared())
            let payment = RawPayment(try kranji.quote(), [(present, wanted)])
            #expect(try kranji.send(payment).description == "RJCT \(reason)")
        }
    }
}
