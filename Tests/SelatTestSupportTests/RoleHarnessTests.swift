import SelatISO20022
import SelatLedger
import SelatMoney
import SelatNode
import SelatScheme
import SelatTestSupport
import SelatTime
import Testing

/// The harness must notice what no decision may do; otherwise its silence says nothing.
@Suite struct RoleHarnessTests {
    /// Asks for what it is told to and decides what it is told to.
    struct Scripted: Role {
        var keys: [FactKey] = []
        let decision: @Sendable (Event, Facts) -> Decision

        func facts(for event: Event, known: Facts, _ keys: inout [FactKey]) { keys += self.keys }

        func decide(_ event: Event, given facts: Facts, _ decision: inout Decision) {
            decision = self.decision(event, facts)
        }
    }

    static let me = PartyID(checked: "me")
    static let uetr = UUIDv4(Seed(high: 1, low: 1))

    static func account(_ name: String) -> LedgerAccount {
        LedgerAccount(
            key: AccountKey(book: BookID("me"), name: name, currency: .sgd),
            kind: .liability,
            floor: 0
        )
    }

    static func journal(_ number: Int, _ action: Journal.Action, units: Int64 = 1) -> Journal {
        Journal(
            book: BookID("me"),
            subject: uetr,
            number: number,
            action: action,
            transfers: [
                Transfer(
                    debit: "a",
                    credit: "b",
                    amount: Money(minorUnits: units, currency: .sgd)
                )
            ]
        )
    }

    static func change(_ version: Int64, cause: String = "M1") -> PaymentChange {
        PaymentChange(
            uetr: uetr,
            expectedVersion: version,
            state: 1,
            due: nil,
            content: [],
            cause: cause
        )
    }

    func violations(
        keys: [FactKey] = [],
        times: Int = 1,
        _ decision: @escaping @Sendable (Event, Facts) -> Decision
    ) -> [String] {
        var harness = RoleHarness(Scripted(keys: keys, decision: decision), as: Self.me)
        for _ in 0..<times { harness.open() }
        return harness.violations
    }

    @Test func aLawfulDecisionIsSilent() {
        let found = violations(keys: [.payment(Self.me, Self.uetr)]) { _, _ in
            var decision = Decision()
            decision.payments = [Self.change(0)]
            return decision
        }
        #expect(found.isEmpty)
    }

    @Test func aPaymentNotAskedForIsNoticed() {
        let found = violations { _, _ in
            var decision = Decision()
            decision.payments = [Self.change(0)]
            return decision
        }
        #expect(found.contains { $0.contains("had not asked for") })
    }

    @Test func aStaleVersionIsNoticed() {
        let found = violations(keys: [.payment(Self.me, Self.uetr)], times: 2) { _, _ in
            var decision = Decision()
            decision.payments = [Self.change(0)]
            return decision
        }
        #expect(found == ["changed version 0 of a payment"])
    }

    @Test func aCauseTooLongIsNoticed() {
        let found = violations(keys: [.payment(Self.me, Self.uetr)]) { _, _ in
            var decision = Decision()
            decision.payments = [Self.change(0, cause: String(repeating: "x", count: 36))]
            return decision
        }
        #expect(found.count == 1)
    }

    @Test func aSecondReceiptIsNoticed() {
        let found = violations(times: 2) { _, _ in
            var decision = Decision()
            let receipt = Receipt(uetr: Self.uetr, digest: ContentDigest(high: 0, low: 0))
            decision.receipts = [
                ReceiptInsertion(sender: Self.me, messageIdentification: "M", receipt: receipt)
            ]
            return decision
        }
        #expect(found == ["two receipts for M"])
    }

    @Test func bookingOnAClosedOrUncoveredAccountIsNoticed() {
        let closed = violations { _, _ in
            var decision = Decision()
            decision.journals = [Self.journal(1, .pending)]
            return decision
        }
        #expect(closed.count == 2)
        let uncovered = violations { _, _ in
            var decision = Decision()
            decision.accounts = [Self.account("a"), Self.account("b")]
            decision.journals = [Self.journal(1, .pending)]
            return decision
        }
        #expect(uncovered.contains { $0.contains("fell below its floor") })
        #expect(uncovered.contains { $0.contains("without having asked") })
    }

    @Test(arguments: [
        [Self.journal(2, .post(number: 1))],
        [Self.journal(1, .pending), Self.journal(2, .post(number: 1), units: 2)],
        [
            Self.journal(1, .pending), Self.journal(2, .post(number: 1)),
            Self.journal(3, .void(number: 1)),
        ],
        [Self.journal(1, .pending), Self.journal(1, .pending)],
        [Self.journal(1, .direct), Self.journal(2, .reverse(number: 1))],
    ])
    func aClosingThatDoesNotFitIsNoticed(_ journals: [Journal]) {
        let found = violations { _, _ in
            var decision = Decision()
            let open = ["a", "b"].map {
                LedgerAccount(key: Self.account($0).key, kind: .liability, floor: nil)
            }
            decision.accounts = open
            decision.journals = journals
            return decision
        }
        #expect(!found.isEmpty)
    }

    @Test func askingWithoutEndIsNoticed() {
        struct Greedy: Role {
            func facts(for event: Event, known: Facts, _ keys: inout [FactKey]) {
                var number = 0
                while known.isKnown(.record(RoleHarnessTests.me, .counter, "\(number)")) {
                    number += 1
                }
                keys.append(.record(RoleHarnessTests.me, .counter, "\(number)"))
            }

            func decide(_ event: Event, given facts: Facts, _ decision: inout Decision) {}
        }
        var harness = RoleHarness(Greedy(), as: Self.me)
        harness.open()
        #expect(harness.violations.count == 1)
    }

    @Test func anEventTakesItsSeedFromTheHarness() {
        let role = Scripted { event, _ in
            var decision = Decision()
            decision.alerts = [Alert(.notice, uetr: UUIDv4(event.seed), "seen")]
            return decision
        }
        var first = RoleHarness(role, as: Self.me, seed: 5)
        var second = RoleHarness(role, as: Self.me, seed: 5)
        #expect(first.open() == second.open())
        #expect(first.open() != first.open())
    }
}
