import SelatLedger
import SelatMoney
import SelatStorage
import SelatTime

/// Replays a node's journals from nothing, in the order of their sequence: balances and floors
/// must come out as stored. Laws I1, I2 and I12.
struct BalanceReplay: Sendable {
    private let node: String
    /// In the order they were opened, found by key once per side of a transfer.
    private var accounts: [LedgerAccount] = []
    private var index: [AccountKey: Int] = [:]
    /// Scratch for one journal.
    private var touched: [Int?] = []
    private(set) var violations: [Violation] = []

    init(node: String) { self.node = node }

    /// An account as it was opened: its balance comes from journals alone.
    mutating func open(_ account: LedgerAccount) {
        guard index[account.key] == nil else { return }
        index[account.key] = accounts.count
        accounts.append(
            LedgerAccount(key: account.key, kind: account.kind, floor: account.floor)
        )
    }

    /// The next journal; one that breaks another law moves its accounts all the same.
    mutating func replay(_ journal: Journal) {
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

    /// Compares with the stored balances, and every book's two sides.
    mutating func settle(_ stored: [LedgerAccount]) {
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
        violations.append(Violation(law, at: node, journal, text))
    }
}
