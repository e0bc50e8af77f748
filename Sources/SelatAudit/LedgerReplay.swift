package import SelatLedger
import SelatMoney
import SelatStorage
import SelatTime

/// Replays a node's journals from nothing, in the order of their sequence: balances, floors and
/// closings must come out as stored. Laws I1, I2, I12.
package struct LedgerReplay: Sendable {
    private struct Place: Hashable {
        let book: BookID
        let subject: UUIDv4
        let number: Int
    }

    private enum Life {
        case pending([Transfer])
        case posted([Transfer])
        /// Ended, or itself an ending.
        case closed
    }

    private let node: String
    private var accounts: [AccountKey: LedgerAccount] = [:]
    private var lives: [Place: Life] = [:]
    package private(set) var violations: [Violation] = []

    package init(node: String) { self.node = node }

    /// An account as it was opened: its balance comes from journals alone.
    package mutating func open(_ account: LedgerAccount) {
        guard accounts[account.key] == nil else { return }
        accounts[account.key] = LedgerAccount(
            key: account.key,
            kind: account.kind,
            floor: account.floor
        )
    }

    /// The next journal.
    package mutating func replay(_ journal: Journal) {
        let place = Place(book: journal.book, subject: journal.subject, number: journal.number)
        guard lives[place] == nil else {
            return report(.noDoubleCredit, journal, "is booked twice")
        }
        switch journal.action {
        case .pending: lives[place] = .pending(journal.transfers)
        case .direct: lives[place] = .posted(journal.transfers)
        case .post(let number):
            guard case .pending(journal.transfers) = closed(journal, number) else {
                return report(.ledgerBalance, journal, "posts what is not reserved like this")
            }
            // A reversal names the journal that posted, not the one that reserved.
            lives[Place(book: journal.book, subject: journal.subject, number: number)] = .closed
            lives[place] = .posted(journal.transfers)
        case .void(let number):
            guard case .pending(journal.transfers) = closed(journal, number) else {
                return report(.ledgerBalance, journal, "releases what is not reserved like this")
            }
            lives[Place(book: journal.book, subject: journal.subject, number: number)] = .closed
            lives[place] = .closed
        case .reverse(let number):
            let mirrored = journal.transfers.map {
                Transfer(debit: $0.credit, credit: $0.debit, amount: $0.amount)
            }
            guard case .posted(mirrored) = closed(journal, number) else {
                return report(.noDoubleCredit, journal, "reverses what was not posted like this")
            }
            lives[Place(book: journal.book, subject: journal.subject, number: number)] = .closed
            lives[place] = .closed
        }
        move(journal)
    }

    /// Compares with the stored balances, and every book's two sides.
    package mutating func settle(_ stored: [LedgerAccount]) {
        var sides: [String: Int64] = [:]
        for account in stored {
            let replayed = accounts[account.key]?.balance
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
            let isMemorandum = account.kind == .memorandumCredit || account.kind == .memorandumDebit
            let group =
                "\(account.key.book) \(account.key.currency)\(isMemorandum ? " memorandum" : "")"
            sides[group, default: 0] += account.balance.postedDebits - account.balance.postedCredits
        }
        for (group, difference) in sides.sorted(by: { $0.key < $1.key }) where difference != 0 {
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

    private func closed(_ journal: Journal, _ number: Int) -> Life? {
        lives[Place(book: journal.book, subject: journal.subject, number: number)]
    }

    private mutating func move(_ journal: Journal) {
        var touched: [AccountKey] = []
        journal.forEachDelta { key, delta, _ in
            guard accounts[key] != nil else {
                return report(.ledgerBalance, journal, "names no account \(key.redacted)")
            }
            accounts[key]?.balance += delta
            touched.append(key)
        }
        switch journal.action {
        case .pending, .direct:
            for transfer in journal.transfers { checkFloors(journal, transfer) }
        case .post, .void, .reverse: break
        }
        // Nothing may be released or posted that was not pending.
        for key in touched {
            guard let balance = accounts[key]?.balance else { continue }
            if balance.pendingDebits < 0 || balance.pendingCredits < 0 {
                report(.ledgerBalance, journal, "takes \(key.redacted) below nothing pending")
            }
        }
    }

    private mutating func checkFloors(_ journal: Journal, _ transfer: Transfer) {
        let currency = transfer.amount.currency
        for (name, isDebit) in [(transfer.debit, true), (transfer.credit, false)] {
            let key = AccountKey(book: journal.book, name: name, currency: currency)
            guard let account = accounts[key], let floor = account.floor,
                account.kind.isDebitNormal != isDebit, account.available < floor
            else { continue }
            report(
                .limits,
                journal,
                "takes \(key.redacted) to \(account.available), floor \(floor)"
            )
        }
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
