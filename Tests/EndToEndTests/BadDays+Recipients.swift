import SelatJSON
import SelatRuntime
import SelatScheme
import Testing

extension BadDays {
    /// Who is paid: proxies, accounts and agents that are not what they should be.
    @Suite(.lawful) struct Recipients {
        /// Resolves as Merlion Retail Bank's customer would, and waits for the answer.
        private func resolve(_ body: JSONValue) throws -> JSONValue {
            let region = try Region.shared()
            let client = try region.client("ips-sg")
            let agent = PartyID(checked: "MRLNSGS0")
            let asked = try client.call("resolve", of: agent, body).body
            var answer: JSONValue = .null
            try region.until("the answer to \(body)") {
                let reply = try client.call(
                    "resolution",
                    of: agent,
                    ["messageIdentification": asked["messageIdentification"] ?? .null]
                )
                answer = reply.body
                return reply.status == 200
            }
            return answer
        }

        @Test func anUnknownProxyIsAnsweredBE23() throws {
            let answer = try resolve([
                "country": "TH", "proxyCode": "MBNO", "proxyValue": "+66812009999",
            ])
            #expect(answer["verification"] == .bool(false))
            #expect(answer["reason"] == "BE23")
        }

        @Test(arguments: [
            ("LTUSTHB0", "0887199999", "AC01"), ("LTUSTHB0", "0887124477", "AC04"),
            ("LTUSTHB0", "0887124488", "AC06"), ("KHAOTHB0", "0887124455", "AGNT"),
            ("ZZZZTHB0", "0887124455", "RC07"),
        ])
        func anAccountThatCannotBePaidIsAnswered(
            agent: String,
            account: String,
            reason: String
        ) throws {
            let answer = try resolve([
                "country": "TH", "account": .string(account), "agent": .string(agent),
            ])
            #expect(answer["verification"] == .bool(false))
            #expect(answer["reason"] == .string(reason))
        }

        @Test(arguments: [
            ("LTUSTHB0", "0887199999", "BE06"), ("LTUSTHB0", "0887124477", "AC04"),
            ("LTUSTHB0", "0887124488", "AC06"), ("KHAOTHB0", "0887124455", "AGNT"),
            ("ZZZZTHB0", "0887124455", "RC07"),
        ])
        func aPaymentThatCannotArriveIsRejected(
            agent: String,
            account: String,
            reason: String
        ) throws {
            let region = try Region.shared()
            let order = Order.usual.with {
                $0.creditorAgent = agent
                $0.creditorAccount = account
            }
            let (uetr, ending) = try region.pay(order)
            #expect(ending == Ending(state: "rejected", reason: reason))
            try region.settle(uetr)
        }

        @Test(arguments: [("3920055560", "AC04"), ("3920066671", "AC06")])
        func anAccountThatMayNotPayIsRefusedWithoutAMessage(
            account: String,
            reason: String
        ) throws {
            let order = Order.usual.with { $0.debtorAccount = account }
            #expect(try Region.shared().refusal(order) == reason)
        }
    }
}
