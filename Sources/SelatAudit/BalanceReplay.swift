package import SelatLedger
import SelatMoney
import SelatStorage
import SelatTime

/// Replays a node's journals from nothing, in the order of their sequence: balances, floors and
/// closings must come out as stored. Laws I1, I2, I12.
package struct LedgerReplay: Sendable {
    private struct Place: WordHashable {
        let book: BookID
        let subject: UUIDv4
        let number: Int

        func feed(_ hasher: inout WordHasher) {
            book.feed(&hasher)
            subject.feed(&hasher)
            hasher.combine(UInt64(bitPattern: Int64(number)))
        }
    }

    private enum Life: Equatable {
        case pending([Transfer])
        case posted([Transfer])
        /// Ended, or itself an ending.
        case closed
    }

    private let node: String
    /// In the order they were opened, found by key once per side of a transfer.
    private var accounts: [LedgerAccount] = []
    private var index: [AccountKey: Int] = [:]
    private var lives: [Place: Life] = [:]
    /// Scratch for one journal.
    private var touched: [Int?] = []
    package private(set) var violations: [Violation] = []

    package init(node: String) { self.node = node }

    /// An account as it was opened: its balance comes from journals alone.
    package mutating func open(_ account: LedgerAccount) {
        guard index[account.key] == nil else { return }
        index[account.key] = accounts.count
        accounts.append(
            LedgerAccount(key: account.key, kind: account.kind, floor: account.floor)
        )
    }

    /// The next journal.
    package mutating func replay(_ journal: Journal) {
        let place = Place(book: journal.book, subject: journal.subject, number: journal.number)
        let life: Life
        switch journal.action {
        case .pending: life = .pending(journal.transfers)
        case .direct, .post: life = .posted(journal.transfers)
        case .void, .reverse: life = .closed
        }
        guard lives.updateValue(life, forKey: place) == nil else {
            return report(.noDoubleCredit, journal, "is booked twice")
        }
        switch journal.action {
        case .pending, .direct: break
        // A reversal names the journal that posted, not the one that reserved.
        case .post(let number):
            guard close(journal, number, expecting: .pending(journal.transfers)) else {
                return refuse(
                    place,
                    .ledgerBalance,
                    journal,
                    "posts what is not reserved like this"
                )
            }
        case .void(let number):
            guard close(journal, number, expecting: .pending(journal.transfers)) else {
                return refuse(
                    place,
                    .ledgerBalance,
                    journal,
                    "releases what is not reserved like this"
                )
            }
        case .reverse(let number):
            let mirrored = journal.transfers.map {
                Transfer(debit: $0.credit, credit: $0.debit, amount: $0.amount)
            }
            guard close(journal, number, expecting: .posted(mirrored)) else {
                return refuse(
                    place,
                    .noDoubleCredit,
                    journal,
                    "reverses what was not posted like this"
                )
            }
        }
        move(journal)
    }

    /// Compares with the stored balances, and every book's two sides.
    package mutating func settle(_ stored: [LedgerAccount]) {
        struct Group: Hashable {
            let book: BookID
            let currency: Currency
            let isMemorandum: Bool
        }
        var sides: [Group: Int64] = [:]
        for account in stored {
            let replayed = index[account.key].map { accounts[$0].balance }
            if replayed != account.balance {
                violations.append(
                    Violation(
                        .ledgerBalance,
                        at: node,
                        "\(account.key.redacted) is stored as \(account.balance), its journals "
                            + "give \(replayed.map { "\($0)" } ?? "no account")"
                    )
                )
            }
            let group = Group(
                book: account.key.book,
                currency: account.key.currency,
                isMemorandum: account.kind == .memorandumCredit || account.kind == .memorandumDebit
            )
            sides[group, default: 0] += account.balance.postedDebits - account.balance.postedCredits
        }
        let uneven = sides.filter { $0.value != 0 }.map { group, difference in
            (
                name: "\(group.book) \(group.currency)\(group.isMemorandum ? " memorandum" : "")",
                difference: difference
            )
        }
        for (group, difference) in uneven.sorted(by: { $0.name < $1.name }) {
            violations.append(
                Violation(.conservation, at: node, "\(group): the sides differ by \(difference)")
            )
        }
    }

    /// The three laws over one node's dump.
    static func violations(node: String, dump: NodeDump) -> [Violation] {
        var replay = LedgerReplay(node: node)
        for account in dump.accounts { replay.open(account) }
        var last: Int64 = 0
        for stored in dump.journals {
            if stored.sequence <= last {
                replay.report(.ledgerBalance, stored.journal, "does not follow in sequence")
            }
            last = stored.sequence
            if let closes = stored.closes, closes >= stored.sequence {
                replay.report(.ledgerBalance, stored.journal, "closes a later journal")
            }
            replay.replay(stored.journal)
        }
        replay.settle(dump.accounts)
        return replay.violations
    }

    /// Ends the journal that another one names; false when it is not what that one may end.
    private mutating func close(
        _ journal: Journal,
        _ number: Int,
        expecting expected: Life
    ) -> Bool {
        let place = Place(book: journal.book, subject: journal.subject, number: number)
        guard let found = lives.index(forKey: place), lives.values[found] == expected else {
            return false
        }
        lives.values[found] = .closed
        return true
    }

    /// A journal that may not stand has no life of its own.
    private mutating func refuse(_ place: Place, _ law: Law, _ journal: Journal, _ text: String) {
        lives[place] = nil
        report(law, journal, text)
    }

    private mutating func move(_ journal: Journal) {
        // Debit and credit of each transfer in turn; `nil` where there is no such account.
        touched.removeAll(keepingCapacity: true)
        var guards = false
        journal.forEachDelta { key, delta, isGuarded in
            guards = isGuarded
            let place = index[key]
            touched.append(place)
            guard let place else {
                return report(.ledgerBalance, journal, "names no account \(key.redacted)")
            }
            accounts[place].balance += delta
        }
        for (side, place) in touched.enumerated() {
            guard let place else { continue }
            if guards { checkFloor(journal, place, isDebit: side % 2 == 0) }
            // Nothing may be released or posted that was not pending.
            let balance = accounts[place].balance
            if balance.pendingDebits < 0 || balance.pendingCredits < 0 {
                let key = accounts[place].key.redacted
                report(.ledgerBalance, journal, "takes \(key) below nothing pending")
            }
        }
    }

    private mutating func checkFloor(_ journal: Journal, _ place: Int, isDebit: Bool) {
        guard let floor = accounts[place].floor, accounts[place].kind.isDebitNormal != isDebit,
            accounts[place].available < floor
        else { return }
        report(
            .limits,
            journal,
            "takes \(accounts[place].key.redacted) to \(accounts[place].available), floor \(floor)"
        )
    }

    private mutating func report(_ law: Law, _ journal: Journal, _ text: String) {
        violations.append(
            Violation(
                law,
                at: node,
                uetr: journal.subject,
                "journal \(journal.number) of \(journal.book) \(text)"
            )
        )
    }
}
