import SelatLedger
import SelatMoney
import SelatNode
import SelatScheme
import SelatStorage
import SelatTime
import Testing

/// What is committed is read back, before and after the store was closed.
@Suite struct RoundTripTests {
    private static let links = [
        LinkPosition(
            link: Sample.link,
            sendEpoch: .max,
            nextSequence: 3,
            acknowledged: 1,
            receivedEpoch: 1 << 63,
            receivedSequence: 9
        )
    ]

    /// Every part once.
    private static func full() -> CommitBatch {
        batch(at: 5) { batch in
            batch.links = links
            batch.received = [Sample.retained(9, epoch: 1 << 63, about: Sample.uetr(1))]
            batch.sent = [
                Sample.retained(1, epoch: .max), Sample.retained(2, epoch: .max),
            ]
            batch.payments = [
                Sample.payment(
                    1,
                    due: Sample.at(60),
                    instruction: .received(index: 0, Sample.message(9))
                ),
                Sample.payment(2, instruction: .sent(index: 1, Sample.message(2))),
                Sample.payment(3, instruction: .hosted(Sample.message(33))),
                Sample.payment(4),
            ]
            batch.receipts = [Sample.receiptWrite(1, id: "DBSSSGS0-1")]
            batch.records = [Sample.record("q1", [1, 2, 3]), Sample.record("empty", [])]
            batch.accounts = Sample.accounts
            batch.book(
                Sample.journal(
                    1,
                    1,
                    .pending,
                    [
                        Sample.transfer(Sample.customer, Sample.settlement, 498),
                        Sample.transfer(Sample.customer, Sample.income, 2),
                    ]
                )
            )
            batch.history = [Sample.history(1, nil, 1), Sample.history(2, nil, 1)]
            batch.alerts = [
                AlertRow(
                    at: Sample.at(2),
                    instance: Sample.hub,
                    alert: Alert(.security, uetr: Sample.uetr(1), "an altered copy")
                ),
                AlertRow(
                    at: Sample.at(3),
                    instance: Sample.bank,
                    alert: Alert(.notice, uetr: nil, "")
                ),
            ]
        }
    }

    private static let keys: [FactKey] = [
        .payment(Sample.hub, Sample.uetr(1)), .payment(Sample.hub, Sample.uetr(2)),
        .instruction(Sample.hub, Sample.uetr(1)), .instruction(Sample.hub, Sample.uetr(2)),
        .instruction(Sample.hub, Sample.uetr(3)), .instruction(Sample.hub, Sample.uetr(4)),
        .receipt(Sample.hub, sender: Sample.bank, messageIdentification: "DBSSSGS0-1"),
        .record(Sample.hub, .quote, "q1"), .record(Sample.hub, .quote, "empty"),
        .account(Sample.customer), .account(Sample.income),
    ]

    @Test(arguments: Driver.allCases)
    func everyPartIsReadBack(driver: Driver) throws {
        let tested = try StoreUnderTest(driver)
        #expect(tested.store.commit(Self.full()) == .committed)
        try Self.expectAll(tested)
        let before = try tested.dump()
        try tested.reopen()
        try Self.expectAll(tested)
        #expect(try tested.dump() == before)
    }

    /// Hundreds of copies of what is known already, and one payment behind them: its place among
    /// the messages is a larger number than that of the bytes which follow it.
    @Test(arguments: Driver.allCases)
    func theLastOfManyMessagesIsAnInstruction(driver: Driver) throws {
        let tested = try StoreUnderTest(driver)
        let many = batch { batch in
            batch.links = [LinkPosition(link: Sample.link, sendEpoch: 7)]
            batch.received = (1...1000).map { Sample.retained($0) }
            batch.payments = [
                Sample.payment(1, instruction: .received(index: 999, Sample.message(1000)))
            ]
        }
        #expect(tested.store.commit(many) == .committed)
        try tested.reopen()
        let found = try tested.store.fetch([.instruction(Sample.hub, Sample.uetr(1))])
        #expect(found == [.instruction(Sample.message(1000))])
    }

    private static func expectAll(_ tested: StoreUnderTest) throws {
        let facts = Facts(Array(zip(keys, try tested.store.fetch(keys))))
        let first = facts.payment(Sample.hub, Sample.uetr(1))
        #expect(first == Sample.payment(1, due: Sample.at(60)).row)
        #expect(facts.payment(Sample.hub, Sample.uetr(2)) == Sample.payment(2).row)
        #expect(facts.instruction(Sample.hub, Sample.uetr(1)) == Sample.message(9))
        #expect(facts.instruction(Sample.hub, Sample.uetr(2)) == Sample.message(2))
        #expect(facts.instruction(Sample.hub, Sample.uetr(3)) == Sample.message(33))
        #expect(facts.instruction(Sample.hub, Sample.uetr(4)) == nil)
        #expect(facts.receipt(Sample.hub, from: Sample.bank, "DBSSSGS0-1") == Sample.receipt(1))
        #expect(facts.record(Sample.hub, .quote, "q1")?.content == [1, 2, 3])
        #expect(facts.record(Sample.hub, .quote, "empty")?.content == [])
        let customer = facts.account(Sample.customer)
        #expect(customer?.balance == Balance(postedCredits: 1000, pendingDebits: 500))
        #expect(customer?.floor == 0)
        #expect(facts.account(Sample.income)?.floor == nil)
        #expect(facts.account(Sample.income)?.balance == Balance(pendingCredits: 2))
    }

    @Test(arguments: Driver.allCases)
    func everyDriverMakesTheSameDump(driver: Driver) throws {
        let tested = try StoreUnderTest(driver)
        let model = MemoryStore()
        #expect(tested.store.commit(Self.full()) == .committed)
        #expect(model.commit(Self.full()) == .committed)
        let dump = try tested.dump()
        #expect(dump == model.dump())
        #expect(dump.messages.map(\.number) == [1, 2, 3, 4])
        #expect(dump.messages.map(\.direction) == [.received, .sent, .sent, .hosted])
        #expect(dump.payments.map(\.instruction) == [1, 3, 4, nil])
        #expect(dump.history.map(\.sequence) == [1, 2])
        #expect(dump.greatestInstant == Sample.at(5))
    }

    @Test(arguments: Driver.allCases)
    func whatWasNeverWrittenIsAbsent(driver: Driver) throws {
        let tested = try StoreUnderTest(driver)
        for _ in 0..<2 {
            let facts = try tested.store.fetch(Self.keys)
            #expect(facts.count == Self.keys.count)
            #expect(facts.allSatisfy { $0 == .absent })
        }
        #expect(try tested.store.recover() == Recovered())
    }

    @Test(arguments: Driver.allCases)
    func namespacesOfInstancesAreApart(driver: Driver) throws {
        let tested = try StoreUnderTest(driver)
        #expect(tested.store.commit(Self.full()) == .committed)
        let keys: [FactKey] = [
            .payment(Sample.bank, Sample.uetr(1)),
            .receipt(Sample.bank, sender: Sample.bank, messageIdentification: "DBSSSGS0-1"),
            .record(Sample.bank, .quote, "q1"), .record(Sample.hub, .rate, "q1"),
            .account(AccountKey(book: BookID("fxp"), name: "settlement", currency: .sgd)),
            .account(AccountKey(book: Sample.book, name: "settlement", currency: .thb)),
        ]
        #expect(try tested.store.fetch(keys).allSatisfy { $0 == .absent })
    }

    @Test(arguments: Driver.allCases)
    func aDeletedRecordIsAbsentAndCanBeMadeAgain(driver: Driver) throws {
        let tested = try StoreUnderTest(driver)
        let key = FactKey.record(Sample.hub, .quote, "q")
        for write in [
            Sample.record("q", [1]), Sample.record("q", from: 1, [2]),
            Sample.record("q", from: 2, nil), Sample.record("never", nil),
            Sample.record("q", [3]),
        ] {
            #expect(tested.store.commit(batch { $0.records = [write] }) == .committed)
            let expected = write.key == "q" ? write.row.map { Fact.record($0) } ?? .absent : .absent
            #expect(try tested.store.fetch([key])[0] == expected)
        }
        try tested.reopen()
        let row = RecordRow(version: 1, content: [3])
        #expect(try tested.store.fetch([key])[0] == .record(row))
    }

    @Test(arguments: Driver.allCases)
    func aStartingNodeGetsClockLinksUndeliveredAndTimers(driver: Driver) throws {
        let tested = try StoreUnderTest(driver)
        let second = LinkPosition(link: Sample.secondLink, sendEpoch: 3, nextSequence: 12)
        #expect(tested.store.commit(Self.full()) == .committed)
        let later = batch(at: 4) { batch in
            batch.links = [second]
            // Numbers do not sort as texts, and an older epoch's messages are done with.
            batch.sent = (1...11).map { Sample.retained($0, on: Sample.secondLink, epoch: 3) }
            batch.sent.append(Sample.retained(1, on: Sample.secondLink, epoch: 2))
            batch.payments = [
                Sample.payment(5, due: Sample.at(30)), Sample.payment(1, from: 1, due: nil),
                Sample.payment(2, from: 1, due: Sample.at(30)),
            ]
        }
        #expect(tested.store.commit(later) == .committed)
        for _ in 0..<2 {
            let recovered = try tested.store.recover()
            #expect(recovered.greatestInstant == Sample.at(5))
            #expect(recovered.links == Self.links + [second])
            let undelivered = recovered.undelivered
            #expect(undelivered.map(\.sequence) == [2] + Array(1...11))
            #expect(undelivered.first == Sample.retained(2, epoch: .max))
            let due = [5, 2].map { number in
                ArmedTimer(
                    due: Sample.at(30),
                    instance: Sample.hub,
                    uetr: Sample.uetr(number),
                    version: number == 5 ? 1 : 2
                )
            }
            #expect(recovered.timers == due.sorted { $0.uetr < $1.uetr })
            try tested.reopen()
        }
    }

    @Test(arguments: Driver.allCases)
    func anAcknowledgedMessageIsDelivered(driver: Driver) throws {
        let tested = try StoreUnderTest(driver)
        #expect(tested.store.commit(Self.full()) == .committed)
        var position = Self.links[0]
        position.acknowledged = 2
        let acknowledgement = batch { $0.links = [position] }
        #expect(tested.store.commit(acknowledgement) == .committed)
        try tested.reopen()
        #expect(try tested.store.recover().undelivered.isEmpty)
        #expect(try tested.store.recover().links == [position])
    }
}
