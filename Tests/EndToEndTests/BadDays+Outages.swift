import Foundation
import SelatISO20022
import SelatJSON
import SelatRuntime
import SelatScheme
import SelatTime
import Testing

extension BadDays {
    /// Nodes that are away, and answers that come after the end.
    @Suite(.lawful) struct Outages {
        @Test func withTheHubDownTheSourceRetriesAndSaysSo() throws {
            let region = try Region.shared()
            try region.restart(
                "ips-sg",
                with: Region.Edit(
                    node: "ips-sg",
                    present: "times: {}",
                    wanted: "times: { enquiry: 200ms }"
                )
            )
            let uetr = Order.newIdentity()
            let body = try region.body(.usual, uetr)
            try region.end("hub")
            let client = try region.client("ips-sg")
            _ = try client.call("pay", of: PartyID(checked: "MRLNSGS0"), body)
            try region.until("an enquiry") {
                try region.texts(uetr, kind: 1, "out", with: "hub", at: "ips-sg").count > 1
            }
            let sent = try region.texts(uetr, kind: 1, "out", with: "hub", at: "ips-sg")
            #expect(Set(sent).count == 1)
            #expect(try region.state(uetr, of: "sg", at: "ips-sg") == "2")
            let status = try client.call("status", of: OperatorProtocol.node).body
            guard case .array(let links) = status["links"] ?? .null else {
                throw Region.Failure("no links in \(status)")
            }
            #expect(links.first { $0["node"] == "hub" }?["up"] == .bool(false))
            #expect(status["oldestInDoubtMilliseconds"] != .null)
            let said = try region.selat("status", "--json")
            #expect(said.status == 1)
            #expect(try said.json()["whole"] == .bool(false))
            let asked = try region.selat(
                "quote",
                "--from",
                "sg:MRLNSGS0",
                "--to",
                "th",
                "--amount",
                "5.00 SGD"
            )
            #expect(asked.status == 3)
            try region.start("hub")
            #expect(try region.ending(.usual, uetr).state == "completed")
            try region.settle(uetr)
            try region.restart("ips-sg")
        }

        @Test func aNormalPaymentWaitsForItsDestination() throws {
            let region = try Region.shared()
            try region.end("ips-th")
            let uetr = try region.begin(.usual)
            try region.until("the payment at the hub") {
                try region.state(uetr, of: "hub", at: "hub") == "1"
            }
            try region.start("ips-th")
            #expect(try region.ending(.usual, uetr).state == "completed")
            try region.settle(uetr)
        }

        /// The age after which the destination refuses is shortened, not waited for.
        @Test func aDestinationThatIsBackTooLateRefusesAndAllIsReleased() throws {
            let region = try Region.shared()
            let before = try region.posted("customer:3920017745", of: "MRLNSGS0", at: "ips-sg")
            try region.end("ips-th")
            let uetr = try region.begin(.usual)
            try region.until("the payment at the hub") {
                try region.state(uetr, of: "hub", at: "hub") == "1"
            }
            try region.start(
                "ips-th",
                with: Region.Edit(
                    node: "ips-th",
                    present: "times: {}",
                    wanted: "times: { normalAge: 1ms }"
                )
            )
            let ending = try region.ending(.usual, uetr)
            #expect(ending == Ending(state: "rejected", reason: "TM01"))
            try region.settle(uetr)
            let after = try region.posted("customer:3920017745", of: "MRLNSGS0", at: "ips-sg")
            #expect(after == before)
            try region.restart("ips-th")
        }

        @Test func aSilentProviderHoldsNothingUpAndHearsOfItLater() throws {
            let region = try Region.shared()
            try region.end("fx-merlion")
            let (uetr, ending) = try region.pay(.usual)
            #expect(ending.state == "completed")
            try region.settle(uetr)
            try region.start("fx-merlion")
            try region.until("the notification") {
                try region.state(uetr, of: "fx-merlion", at: "fx-merlion") == "1"
            }
        }

        /// The hub gives a HIGH payment two seconds, and the destination's own timers more.
        @Test func aHighPaymentEndsAtItsDeadlineWhateverComesLater() throws {
            let region = try Region.shared()
            try region.restart(
                "hub",
                with: Region.Edit(
                    node: "hub",
                    present: "kind: hub",
                    wanted: """
                        kind: hub
                        times:
                          destinationExecution: 2s
                          destinationAccessProviderAnswer: 100ms
                          creditorAgentAnswer: 100ms
                        """
                )
            )
            let kranji = try Kranji(region)
            try lateAtTheSystem(region, kranji)
            try lateAtTheHub(region, kranji)
            try downAltogether(region)
            try region.restart("hub")
        }

        private static let high = Order.toKranji.with { $0.priority = "HIGH" }
        private static let tooLate = Ending(state: "rejected", reason: "AB03")

        /// The creditor's bank answers after its system has heard of the end.
        private func lateAtTheSystem(_ region: Region, _ kranji: Kranji) throws {
            let uetr = try region.begin(Self.high)
            let asked = try kranji.instruction(uetr)
            #expect(try region.ending(Self.high, uetr) == Self.tooLate)
            try region.settle(uetr)
            try kranji.report(
                .acceptedCreditSettlementCompleted,
                on: uetr,
                original: asked.messageIdentification
            )
            // Told once at the deadline, and once more on its late answer.
            for _ in 0..<2 {
                let answer = try kranji.answer { $0.uetr == uetr }
                #expect(answer.description == "RJCT AB03")
            }
            #expect(try region.state(uetr, of: "sg", at: "ips-sg") == "17")
        }

        /// The destination's promise is under way to the hub while the deadline passes: the hub's
        /// process stands still meanwhile.
        private func lateAtTheHub(_ region: Region, _ kranji: Kranji) throws {
            let uetr = try region.begin(Self.high)
            let asked = try kranji.instruction(uetr)
            guard case .array(let rows) = try region.trace(uetr, at: "hub")["payments"] ?? .null,
                case .string(let due) = rows.first?["due"] ?? .null
            else { throw Region.Failure("no deadline at the hub") }
            try region.pause("hub")
            try kranji.report(
                .acceptedCreditSettlementCompleted,
                on: uetr,
                original: asked.messageIdentification
            )
            try region.until("the promise") {
                try region.state(uetr, of: "sg", at: "ips-sg") == "13"
            }
            try region.until("the deadline") {
                let status = try region.client("ips-sg").call("status", of: OperatorProtocol.node)
                guard case .string(let now) = status.body["now"] ?? .null else { return false }
                return now > due
            }
            try region.resume("hub")
            #expect(try region.ending(Self.high, uetr) == Self.tooLate)
            let answer = try kranji.answer { $0.uetr == uetr }
            #expect(answer.description == "RJCT AB03")
            try region.settle(uetr)
            #expect(try region.state(uetr, of: "hub", at: "hub") == "7")
            #expect(try region.state(uetr, of: "sg", at: "ips-sg") == "17")
            // What came late is on record.
            #expect(try region.texts(uetr, kind: 2, "in", with: "ips-sg", at: "hub").count == 1)
            #expect(try region.alerts("notice", about: uetr, at: "hub") == 1)
        }

        private func downAltogether(_ region: Region) throws {
            let order = Order.usual.with { $0.priority = "HIGH" }
            try region.end("ips-th")
            let uetr = try region.begin(order)
            #expect(try region.ending(order, uetr) == Self.tooLate)
            try region.start("ips-th")
            try region.settle(uetr)
            #expect(try region.state(uetr, of: "LTUSTHB0", at: "ips-th") == nil)
        }
    }
}
