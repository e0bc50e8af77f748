package import SelatLedger
import SelatStorage

/// Replays a node's journals as they are committed. Laws I1, I3 and I12.
package struct LedgerReplay: Sendable {
    private var lives: JournalLives
    private var balances: BalanceReplay

    package init(node: String) {
        lives = JournalLives(node: node)
        balances = BalanceReplay(node: node)
    }

    package var violations: [Violation] { lives.violations + balances.violations }

    /// An account as it was opened: its balance comes from journals alone.
    package mutating func open(_ account: LedgerAccount) { balances.open(account) }

    /// The next journal.
    package mutating func replay(_ journal: Journal) {
        lives.add(journal)
        balances.replay(journal)
    }
}
