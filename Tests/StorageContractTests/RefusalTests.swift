import SelatLedger
import SelatMoney
import SelatNode
import SelatScheme
import SelatStorage
import SelatTime
import Testing

/// A batch that must not be written leaves nothing, and the store goes on.
@Suite struct RefusalTests {
    /// One batch that is refused after `Refused.opening`.
    struct Refused: Sendable, CustomTestStringConvertible {
        let claim: String
        let outcome: CommitOutcome
        let batch: CommitBatch

        var testDescription: String { claim }

        init(_ claim: String, _ outcome: CommitOutcome, _ fill: (inout CommitBatch) -> Void) {
            self.claim = claim
            self.outcome = outcome
            batch = StorageContractTests.batch(at: 9) { batch in
                // Good work that must go with the bad.
                batch.payments = [Sample.payment(99)]
                batch.records = [Sample.record("good", [1])]
                batch.history = [Sample.history(99, nil, 1)]
                batch.alerts = [
                    AlertRow(
                        at: Sample.at(9),
                        instance: Sample.hub,
                        alert: Alert(.notice, uetr: nil, "x")
                    )
                ]
                batch.links = [LinkPosition(link: Sample.link, sendEpoch: 7, nextSequence: 50)]
                batch.sent = [Sample.retained(49)]
                fill(&batch)
            }
        }

        static let reserved = [Sample.transfer(Sample.customer, Sample.settlement, 100)]

        /// The state all cases start from.
        static let opening: [CommitBatch] = [
            StorageContractTests.batch { batch in
                batch.accounts = Sample.accounts
                batch.links = [LinkPosition(link: Sample.link, sendEpoch: 7, nextSequence: 2)]
                batch.sent = [Sample.retained(1)]
                batch.payments = [Sample.payment(1)]
                batch.receipts = [Sample.receiptWrite(1, id: "A")]
                batch.records = [Sample.record("q", [1])]
                batch.book(
                    Sample.journal(1, 1, .pending, reserved),
                    Sample.journal(2, 1, .pending, reserved),
                    Sample.journal(2, 2, .post(number: 1), reserved)
                )
            }
        ]

        static let unknown = Sample.key("customer:1234567890")

        static let cases: [Refused] = versions + journals + others

        private static let versions = [
            Refused("a payment that is there already", .conflict) {
                $0.payments.append(Sample.payment(1))
            },
            Refused("a payment of another version", .conflict) {
                $0.payments.append(Sample.payment(1, from: 2))
            },
            Refused("a payment that is not there", .conflict) {
                $0.payments.append(Sample.payment(7, from: 1))
            },
            Refused("a receipt that is there already", .conflict) {
                $0.receipts = [Sample.receiptWrite(7, id: "A")]
            },
            Refused("a record that is there already", .conflict) {
                $0.records.append(Sample.record("q", [2]))
            },
            Refused("a record of another version", .conflict) {
                $0.records.append(Sample.record("q", from: 3, [2]))
            },
            Refused("a record that is not there", .conflict) {
                $0.records.append(Sample.record("r", from: 1, [2]))
            },
            Refused("deleting a record of another version", .conflict) {
                $0.records.append(Sample.record("q", from: 3, nil))
            },
            Refused("deleting a record that is not there", .conflict) {
                $0.records.append(Sample.record("r", from: 1, nil))
            },
            Refused("deleting a record that was to be absent", .conflict) {
                $0.records.append(Sample.record("q", nil))
            },
            Refused("an account that is open already", .conflict) {
                $0.accounts = [LedgerAccount(key: Sample.income, kind: .income, floor: nil)]
            },
        ]

        private static func journal(
            _ claim: String,
            _ journal: Journal,
            _ why: String
        ) -> Refused {
            Refused(claim, .failed(why)) { $0.book(journal) }
        }

        private static let journals = [
            journal(
                "a journal number that is taken",
                Sample.journal(1, 1, .pending, reserved),
                "journal hub \(Sample.uetr(1))/1 exists already; nothing is booked twice"
            ),
            journal(
                "posting what is posted",
                Sample.journal(2, 3, .post(number: 1), reserved),
                "journal hub \(Sample.uetr(2))/3 would post journal 1, which is closed"
            ),
            journal(
                "releasing what is posted",
                Sample.journal(2, 3, .void(number: 1), reserved),
                "journal hub \(Sample.uetr(2))/3 would void journal 1, which is closed"
            ),
            journal(
                "posting what was never reserved",
                Sample.journal(3, 2, .post(number: 1), reserved),
                "journal hub \(Sample.uetr(3))/2 would post journal 1, which does not exist"
            ),
            journal(
                "posting more than was reserved",
                Sample.journal(
                    1,
                    2,
                    .post(number: 1),
                    [Sample.transfer(Sample.customer, Sample.settlement, 101)]
                ),
                "journal hub \(Sample.uetr(1))/2 would post other transfers than journal 1 has"
            ),
            journal(
                "reversing what is only reserved",
                Sample.journal(
                    1,
                    2,
                    .reverse(number: 1),
                    [Sample.transfer(Sample.settlement, Sample.customer, 100)]
                ),
                "journal hub \(Sample.uetr(1))/2 would reverse journal 1, "
                    + "which is pending, not posted"
            ),
            journal(
                "reversing without exchanging the sides",
                Sample.journal(2, 3, .reverse(number: 2), reserved),
                "journal hub \(Sample.uetr(2))/3 would reverse other transfers "
                    + "than journal 2 has"
            ),
            journal(
                "booking a payment that is not there",
                Sample.journal(5, 1, .direct, reserved, purpose: .payment),
                "journal hub \(Sample.uetr(5))/1 books a payment that its instance does not have"
            ),
            journal(
                "booking on an account that is not open",
                Sample.journal(4, 1, .direct, [Sample.transfer(unknown, Sample.settlement, 1)]),
                "account hub/customer:..7890/SGD does not exist; "
                    + "open it before booking on it"
            ),
        ]

        private static let others = [
            Refused(
                "a balance of an account that is not open",
                .failed(
                    "account hub/customer:..7890/SGD does not exist; "
                        + "open it before booking on it"
                )
            ) {
                $0.balances = [
                    BalanceWrite(account: unknown, delta: Balance(), isGuarded: false)
                ]
            },
            Refused(
                "a sum below zero",
                .failed("a sum of account hub/settlement/SGD would leave its range")
            ) {
                let delta = Balance(pendingCredits: -101)
                $0.balances = [
                    BalanceWrite(account: Sample.settlement, delta: delta, isGuarded: false)
                ]
            },
            Refused(
                "a sum beyond 64 bits",
                .failed("a sum of account hub/settlement/SGD would leave its range")
            ) {
                let delta = Balance(postedDebits: .max)
                $0.balances = [
                    BalanceWrite(account: Sample.settlement, delta: delta, isGuarded: false)
                ]
            },
            Refused(
                "a message number that is taken",
                .failed("message 1 of link ips-sg exists already in its epoch")
            ) { $0.sent.append(Sample.retained(1)) },
            Refused(
                "a message of a link without a position",
                .failed("link ips-th has no position; write it with its first message")
            ) { $0.sent.append(Sample.retained(1, on: Sample.secondLink)) },
            Refused(
                "an instruction that names no message",
                .failed("a payment's instruction names no message of its batch")
            ) {
                $0.payments.append(
                    Sample.payment(8, instruction: .sent(index: 1, Sample.message(1)))
                )
            },
            Refused(
                "history of a payment that is not there",
                .failed(
                    "history names payment \(Sample.uetr(8)) of hub, which does not exist"
                )
            ) { $0.history.append(Sample.history(8, nil, 1)) },
        ]
    }

    @Test(arguments: Driver.allCases, Refused.cases)
    func aRefusedBatchLeavesNothing(driver: Driver, refused: Refused) throws {
        let tested = try StoreUnderTest(driver)
        for batch in Refused.opening { #expect(tested.store.commit(batch) == .committed) }
        let before = try tested.dump()
        let recovered = try tested.store.recover()
        for _ in 0..<2 {
            #expect(tested.store.commit(refused.batch) == refused.outcome)
            #expect(try tested.dump() == before)
            #expect(try tested.store.recover() == recovered)
            let good = FactKey.record(Sample.hub, .quote, "good")
            #expect(try tested.store.fetch([good])[0] == .absent)
        }
        // Its good part alone is written.
        #expect(tested.store.commit(Refused("good", .committed) { _ in }.batch) == .committed)
        try tested.reopen()
        let after = try tested.dump()
        #expect(after.payments.count == before.payments.count + 1)
        #expect(after.greatestInstant == Sample.at(9))
    }

    @Test func anOrderedFaultIsMetOnce() throws {
        for fault in MemoryStore.Fault.allCases {
            let store = MemoryStore()
            store.inject(fault, after: 1)
            #expect(store.commit(batch { $0.records = [Sample.record("a", [1])] }) == .committed)
            let second = batch { $0.records = [Sample.record("b", [1])] }
            let outcome = store.commit(second)
            let key = FactKey.record(Sample.hub, .quote, "b")
            switch fault {
            case .conflict:
                #expect(outcome == .conflict)
                #expect(store.commit(second) == .committed)
            case .failed:
                guard case .failed = outcome else {
                    Issue.record("expected .failed, got \(outcome)")
                    continue
                }
                #expect(try store.fetch([key])[0] == .absent)
            case .unknownLost, .unknownDurable:
                guard case .unknown = outcome else {
                    Issue.record("expected .unknown, got \(outcome)")
                    continue
                }
                #expect(throws: StoreError.self) { try store.fetch([key]) }
                #expect(throws: StoreError.self) { try store.recover() }
                guard case .failed = store.commit(second) else {
                    Issue.record("a stopped store accepted a batch")
                    continue
                }
                store.crash()
                let isThere = try store.fetch([key])[0] != .absent
                #expect(isThere == (fault == .unknownDurable))
            }
        }
    }
}
