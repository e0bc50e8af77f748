import SelatAudit
import SelatJSON
import SelatMoney
import SelatNode
import SelatRuntime
import SelatScheme
import SelatTime
import Testing

/// Payments through the whole region of Nodes/: seven nodes, real links and databases.
@Suite(.serialized) struct StraitTests {
    /// One corridor and who stands in it.
    struct Case: CustomTestStringConvertible, Sendable {
        let testDescription: String
        let node: String
        let debtor: (agent: String, account: String)
        let creditor: (agent: String, account: String)
        let amount: Money
        let to: Currency
        let provider: String
        let outcome: String
    }

    private static let cases = [
        Case(
            testDescription: "5-step to 5-step",
            node: "ips-sg",
            debtor: ("MRLNSGS0", "3920017745"),
            creditor: ("LTUSTHB0", "0887124455"),
            amount: Money(minorUnits: 500_00, currency: .sgd),
            to: .thb,
            provider: "fx-merlion",
            outcome: "completed"
        ),
        Case(
            testDescription: "4-step to 5-step, debtor agent is access provider",
            node: "ips-my",
            debtor: ("MUTIMYK0", "3305518801"),
            creditor: ("MRLNSGS0", "3920088112"),
            amount: Money(minorUnits: 820_50, currency: .myr),
            to: .sgd,
            provider: "fx-merlion",
            outcome: "completed"
        ),
        Case(
            testDescription: "5-step to 4-step, other provider",
            node: "ips-th",
            debtor: ("LTUSTHB0", "0887124466"),
            creditor: ("RIMBMYK0", "114400982271"),
            amount: Money(minorUnits: 9_000_00, currency: .thb),
            to: .myr,
            provider: "fx-andaman",
            outcome: "completed"
        ),
        Case(
            testDescription: "creditor agent is access provider",
            node: "ips-sg",
            debtor: ("KLNGSGS0", "8500119001"),
            creditor: ("ANDATHB0", "5220071001"),
            amount: Money(minorUnits: 75_25, currency: .sgd),
            to: .thb,
            provider: "fx-andaman",
            outcome: "completed"
        ),
        Case(
            testDescription: "to the participant behind its own link",
            node: "ips-my",
            debtor: ("RIMBMYK0", "114400982272"),
            creditor: ("PASRSGS0", "2210450001"),
            amount: Money(minorUnits: 300_00, currency: .myr),
            to: .sgd,
            provider: "fx-andaman",
            outcome: "completed"
        ),
        Case(
            testDescription: "from the participant behind its own link",
            node: "psp-pasir",
            debtor: ("PASRSGS0", "2210450001"),
            creditor: ("RIMBMYK0", "114400982271"),
            amount: Money(minorUnits: 64_00, currency: .sgd),
            to: .myr,
            provider: "fx-merlion",
            outcome: "completed"
        ),
        Case(
            testDescription: "a closed account",
            node: "ips-sg",
            debtor: ("KRMTSGS0", "6610234001"),
            creditor: ("LTUSTHB0", "0887124477"),
            amount: Money(minorUnits: 40_00, currency: .sgd),
            to: .thb,
            provider: "fx-merlion",
            outcome: "rejected"
        ),
    ]

    @Test func paymentsOfEveryShapeEndAsTheyShouldAndTheBooksAgree() throws {
        let region = try StraitRegion()
        #expect(try region.until { try region.isLinked() })
        #expect(try Self.hasRates(region))
        for (index, example) in Self.cases.enumerated() {
            let payment = try quoted(example, in: region, seed: UInt64(index + 1))
            let answer = try payment.order()
            #expect(answer?.status == 200, "\(example.testDescription)")
            let outcome = try payment.outcome()
            #expect(outcome == example.outcome, "\(example.testDescription)")
        }
        try Self.expectLawful(region)
    }

    @Test func traceShowsEveryStepAndMessageOfAPayment() throws {
        let region = try StraitRegion()
        #expect(try region.until { try region.isLinked() })
        #expect(try Self.hasRates(region))
        let payment = try quoted(Self.cases[0], in: region, seed: 1)
        #expect(try payment.order()?.status == 200)
        #expect(try payment.outcome() == "completed")
        let hub = try region.client("hub")
        let uetr: JSONValue = ["uetr": .string(payment.uetr.description)]
        let trace = try hub.call("trace", of: OperatorProtocol.node, uetr)
        let causes = try trace.body.cursor.elements("history").map { try $0.string("cause") }
        #expect(causes.count == 2)
        #expect(causes.first == "M4")
        let kinds = try trace.body.cursor.elements("messages").map {
            try $0.string("direction") + " " + $0.string("link")
        }
        #expect(
            kinds.sorted() == [
                "in ips-sg", "in ips-th", "out fx-merlion", "out ips-sg", "out ips-th",
                "out ips-th",
            ]
        )
        let messages = try hub.call("messages", of: OperatorProtocol.node, uetr)
        let texts = try messages.body.cursor.elements("messages").map { try $0.string("text") }
        #expect(texts.count == 6)
        #expect(texts.first?.contains("FIToFICstmrCdtTrf") == true)
    }

    @Test func watchTellsEachStepAsItBecomesDurable() throws {
        let region = try StraitRegion()
        #expect(try region.until { try region.isLinked() })
        #expect(try Self.hasRates(region))
        let payment = try quoted(Self.cases[0], in: region, seed: 1)
        let watcher = try region.client("hub")
        let uetr: JSONValue = ["uetr": .string(payment.uetr.description)]
        let watch = try watcher.send("watch", of: OperatorProtocol.node, uetr)
        // The answer to what was asked later proves that the node has taken up the watch.
        #expect(try watcher.call("status", of: OperatorProtocol.node).status == 200)
        #expect(try payment.order()?.status == 200)
        let steps = try (0..<2).map { _ in try watcher.next() }
        #expect(steps.map(\.status) == [206, 206])
        #expect(steps.map(\.correlation) == [watch, watch])
        #expect(try steps.map { try $0.body.cursor.string("cause") }.first == "M4")
        #expect(try payment.outcome() == "completed")
    }

    @Test func renewedCertificatesAreTakenUpWhileLinksStay() throws {
        let region = try StraitRegion()
        #expect(try region.until { try region.isLinked() })
        try region.renewCertificate(of: "hub")
        try region.reload("hub")
        // The link that was up stays; a new one is made under the new certificate.
        #expect(try region.isLinked())
        try region.stop("ips-my")
        try region.start("ips-my")
        #expect(try region.until { try region.isLinked() })
    }

    @Test func paymentOutlivesARestartOfTheHub() throws {
        let region = try StraitRegion()
        #expect(try region.until { try region.isLinked() })
        #expect(try Self.hasRates(region))
        // The destination is away, so the hub keeps the payment; then the hub goes, too.
        try region.stop("ips-th")
        let payment = try quoted(Self.cases[0], in: region, seed: 1)
        #expect(try payment.order()?.status == 200)
        let hub = try region.client("hub")
        let uetr: JSONValue = ["uetr": .string(payment.uetr.description)]
        let isForwarded = try region.until {
            let trace = try hub.call("trace", of: OperatorProtocol.node, uetr)
            return try !trace.body.cursor.elements("history").isEmpty
        }
        #expect(isForwarded)
        try region.stop("hub")
        try region.start("hub")
        try region.start("ips-th")
        #expect(try payment.outcome() == "completed")
        try Self.expectLawful(region)
    }

    private func quoted(
        _ example: Case,
        in region: StraitRegion,
        seed: UInt64
    ) throws -> TestPayment {
        try TestPayment.quoted(
            in: region,
            node: example.node,
            debtor: example.debtor,
            creditor: example.creditor,
            amount: example.amount,
            to: example.to,
            provider: example.provider,
            seed: seed
        )
    }

    /// Both providers' rates have reached the hub.
    static func hasRates(_ region: StraitRegion) throws -> Bool {
        try region.until {
            try ["fx-merlion", "fx-andaman"].allSatisfy { name in
                let client = try region.client(name)
                let status = try client.call("status", of: OperatorProtocol.node)
                let counts = try status.body.cursor.member("counts")
                guard try counts.integer("messagesSent", Int.self) >= 6 else { return false }
                return try status.body.cursor.elements("links")
                    .allSatisfy { try $0.integer("undelivered", Int.self) == 0 }
            }
        }
    }

    /// Nothing is under way any more, and every law holds over the seven databases.
    static func expectLawful(_ region: StraitRegion) throws {
        let isQuiet = try region.until {
            try region.topology.nodes.allSatisfy { node in
                let client = try region.client(node.node)
                let status = try client.call("status", of: OperatorProtocol.node)
                guard try status.body.cursor.integer("openPayments", Int.self) == 0 else {
                    return false
                }
                return try status.body.cursor.elements("links")
                    .allSatisfy { try $0.integer("undelivered", Int.self) == 0 }
            }
        }
        #expect(isQuiet)
        for node in region.topology.nodes { try region.stop(node.node) }
        let audit = Audit(topology: AuditTopology(region.topology), moment: .stopped)
        let report = audit.report(of: try region.dumps())
        #expect(report.violations.map(\.description) == [])
        #expect(report.payments > 0)
    }
}
