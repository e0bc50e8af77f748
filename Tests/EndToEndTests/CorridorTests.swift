import SelatJSON
import SelatRuntime
import SelatScheme
import Testing

/// Real payments through real daemons, over every corridor and in each constellation of agents.
@Suite(.serialized, .region()) struct CorridorTests {
    static let sg = Order()
    static let th = Order(
        node: "ips-th",
        debtorAgent: "LTUSTHB0",
        debtorAccount: "0887124455",
        source: ("TH", "THB"),
        destination: ("SG", "SGD"),
        amount: ("2500.00", "THB"),
        creditorAgent: "MRLNSGS0",
        creditorAccount: "3920017745"
    )

    @Test func paymentsCompleteOnAllCorridorsAndTheLawsHold() throws {
        let region = try Region.shared()
        var toMalaysia = Self.sg
        toMalaysia.destination = ("MY", "MYR")
        (toMalaysia.creditorAgent, toMalaysia.creditorAccount) = Self.malaysian
        var fromMalaysia = Self.th
        fromMalaysia.node = "ips-my"
        fromMalaysia.source = ("MY", "MYR")
        (fromMalaysia.debtorAgent, fromMalaysia.debtorAccount) = Self.malaysian
        fromMalaysia.amount = ("80.00", "SGD")
        var thaiToMalaysia = Self.th
        thaiToMalaysia.destination = toMalaysia.destination
        thaiToMalaysia.creditorAgent = toMalaysia.creditorAgent
        thaiToMalaysia.creditorAccount = toMalaysia.creditorAccount
        var malaysiaToThai = fromMalaysia
        malaysiaToThai.destination = ("TH", "THB")
        malaysiaToThai.amount = ("500.00", "THB")
        malaysiaToThai.creditorAgent = "LTUSTHB0"
        malaysiaToThai.creditorAccount = "0887124455"
        var fixedAtDestination = Self.sg
        fixedAtDestination.amount = ("1000.00", "THB")
        var high = Self.sg
        high.priority = "HIGH"
        for var order in [
            Self.sg, Self.th, toMalaysia, fromMalaysia, thaiToMalaysia, malaysiaToThai,
            fixedAtDestination, high,
        ] {
            for provider in ["fx-merlion", "fx-andaman"] {
                order.provider = provider
                let (uetr, ending) = try region.pay(order)
                #expect(ending.state == "completed", "\(order) \(ending)")
                try region.settle(uetr)
            }
        }
        high.destination = toMalaysia.destination
        high.creditorAgent = toMalaysia.creditorAgent
        high.creditorAccount = toMalaysia.creditorAccount
        let refused = try region.pay(high)
        #expect(refused.ending == Ending(state: "rejected", reason: "AG03"))
        try region.settle(refused.uetr)
    }

    /// An open account at a Malaysian bank.
    static let malaysian = ("RIMBMYK0", "114400982271")
}
