import SelatLedger
import SelatMoney
import SelatNode
import SelatStorage
import SelatTime
import Testing

/// Floors, and the life of a reservation.
@Suite struct LedgerTests {
    /// An outflow or inflow of an account that starts at 1000 (credit or debit normal).
    struct Movement: Sendable, CustomTestStringConvertible {
        let claim: String
        let floor: Int64?
        let kind: AccountKind
        let delta: Balance
        var isGuarded = true
        let outcome: CommitOutcome

        var testDescription: String { claim }
    }

    static let movements: [Movement] = {
        var movements: [Movement] = []
        for isDebitNormal in [false, true] {
            let kind: AccountKind = isDebitNormal ? .asset : .liability
            func out(_ posted: Int64, pending: Int64 = 0) -> Balance {
                isDebitNormal
                    ? Balance(postedCredits: posted, pendingCredits: pending)
                    : Balance(postedDebits: posted, pendingDebits: pending)
            }
            func inflow(_ posted: Int64, pending: Int64 = 0) -> Balance {
                isDebitNormal
                    ? Balance(postedDebits: posted, pendingDebits: pending)
                    : Balance(postedCredits: posted, pendingCredits: pending)
            }
            func add(
                _ claim: String,
                _ floor: Int64?,
                _ delta: Balance,
                guarded: Bool = true,
                _ outcome: CommitOutcome
            ) {
                movements.append(
                    Movement(
                        claim: "\(kind): \(claim)",
                        floor: floor,
                        kind: kind,
                        delta: delta,
                        isGuarded: guarded,
                        outcome: outcome
                    )
                )
            }
            add("reserving down to the floor", 0, out(0, pending: 1000), .committed)
            add("reserving one below the floor", 0, out(0, pending: 1001), .conflict)
            add("taking down to the floor", 0, out(1000), .committed)
            add("taking one below the floor", 0, out(1001), .conflict)
            add("using an overdraft to its end", -500, out(0, pending: 1500), .committed)
            add("one beyond the overdraft", -500, out(0, pending: 1501), .conflict)
            add("a minimum balance kept", 400, out(600), .committed)
            add("a minimum balance broken", 400, out(601), .conflict)
            add("no floor", nil, out(1_000_000), .committed)
            add("a reversal below the floor", 0, out(2000), guarded: false, .committed)
            add("an inflow below the floor", 5000, inflow(1), .committed)
            add("a pending inflow below the floor", 5000, inflow(0, pending: 1), .committed)
            add("nothing in, nothing out, below the floor", 5000, Balance(), .committed)
            add("an outflow below the floor", 5000, out(1), .conflict)
            // A pending inflow is never available.
            var both = out(1001)
            both += inflow(0, pending: 5000)
            add("paying out of a pending inflow", 0, both, .conflict)
        }
        return movements
    }()

    @Test(arguments: Driver.allCases, movements)
    func theFloorHolds(driver: Driver, movement: Movement) throws {
        let tested = try StoreUnderTest(driver)
        let opening = batch { batch in
            batch.accounts = [
                LedgerAccount(
                    key: Sample.customer,
                    kind: movement.kind,
                    floor: movement.floor,
                    balance: movement.kind.isDebitNormal
                        ? Balance(postedDebits: 1000) : Balance(postedCredits: 1000)
                )
            ]
        }
        #expect(tested.store.commit(opening) == .committed)
        let write = BalanceWrite(
            account: Sample.customer,
            delta: movement.delta,
            isGuarded: movement.isGuarded
        )
        let before = try tested.dump()
        let outcome = tested.store.commit(batch { $0.balances = [write] })
        #expect(outcome == movement.outcome)
        var expected = before
        if outcome == .committed { expected.accounts[0].balance += movement.delta }
        #expect(try tested.dump() == expected)
        let fact = try tested.store.fetch([.account(Sample.customer)])[0]
        #expect(fact == .account(expected.accounts[0]))
    }

    @Test(arguments: Driver.allCases)
    func anAccountOpenedInTheBatchIsGuardedInIt(driver: Driver) throws {
        let tested = try StoreUnderTest(driver)
        let tooMuch = batch { batch in
            batch.accounts = Sample.accounts
            batch.book(
                Sample.journal(
                    1,
                    1,
                    .pending,
                    [Sample.transfer(Sample.customer, Sample.settlement, 1001)]
                )
            )
        }
        #expect(tested.store.commit(tooMuch) == .conflict)
        #expect(try tested.dump().accounts.isEmpty)
    }

    @Test(arguments: Driver.allCases, JournalPurpose.allCases)
    func aReservationIsPostedReversedOrReleasedWithItsOwnTransfers(
        driver: Driver,
        purpose: JournalPurpose
    ) throws {
        let tested = try StoreUnderTest(driver)
        let forward = [
            Sample.transfer(Sample.customer, Sample.settlement, 498),
            Sample.transfer(Sample.customer, Sample.income, 2),
        ]
        let back = forward.map {
            Transfer(debit: $0.credit, credit: $0.debit, amount: $0.amount)
        }
        func journal(
            _ subject: UInt64,
            _ number: Int,
            _ action: Journal.Action,
            _ transfers: [Transfer]
        ) -> Journal {
            Sample.journal(subject, number, action, transfers, purpose: purpose)
        }
        let journals = [
            journal(1, 1, .pending, forward), journal(1, 2, .post(number: 1), forward),
            journal(1, 3, .reverse(number: 2), back), journal(2, 1, .pending, forward),
            journal(2, 2, .void(number: 1), forward), journal(3, 1, .direct, forward),
            journal(3, 2, .reverse(number: 1), back),
        ]
        let opening = batch { batch in
            batch.accounts = Sample.accounts
            if purpose == .payment { batch.payments = (1...3).map { Sample.payment($0) } }
        }
        #expect(tested.store.commit(opening) == .committed)
        for journal in journals {
            #expect(tested.store.commit(batch { $0.book(journal) }) == .committed)
            try tested.reopen()
        }
        let dump = try tested.dump()
        #expect(dump.journals.map(\.journal) == journals)
        #expect(dump.journals.map(\.sequence) == Array(1...7))
        #expect(dump.journals.map(\.closes) == [nil, 1, 2, nil, 4, nil, 6])
        let customer = dump.accounts.first { $0.key == Sample.customer }
        #expect(customer?.available == 1000)
        #expect(customer?.balance == Balance(postedDebits: 1000, postedCredits: 2000))
        let again = journal(1, 4, .reverse(number: 2), back)
        guard case .failed = tested.store.commit(batch { $0.book(again) }) else {
            Issue.record("a journal was reversed twice")
            return
        }
    }

    @Test(arguments: Driver.allCases)
    func aReservationMayEndInItsOwnBatch(driver: Driver) throws {
        let tested = try StoreUnderTest(driver)
        let transfers = [Sample.transfer(Sample.customer, Sample.settlement, 10)]
        let both = batch { batch in
            batch.accounts = Sample.accounts
            batch.book(
                Sample.journal(1, 1, .pending, transfers),
                Sample.journal(1, 2, .post(number: 1), transfers)
            )
        }
        #expect(tested.store.commit(both) == .committed)
        #expect(try tested.dump().journals.map(\.closes) == [nil, 1])
        let twice = batch { batch in
            batch.book(
                Sample.journal(2, 1, .pending, transfers),
                Sample.journal(2, 2, .post(number: 1), transfers),
                Sample.journal(2, 3, .void(number: 1), transfers)
            )
        }
        guard case .failed(let why) = tested.store.commit(twice) else {
            Issue.record("a reservation ended twice in one batch")
            return
        }
        #expect(why.hasSuffix("would void journal 1, which is closed"))
    }
}
