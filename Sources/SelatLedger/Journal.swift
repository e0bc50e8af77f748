public import SelatMoney
public import SelatTime

/// One debit, one credit, one currency, one positive amount: it balances by construction.
public struct Transfer: Hashable, Sendable {
    // The names in one word each: a journal's accounts are looked up at every step of its way.
    // They come first because equality looks at them first.
    private let debitWord: UInt64
    private let creditWord: UInt64
    /// Account names within the journal's book.
    public let debit: String
    public let credit: String
    public let amount: Money

    /// Traps on an amount that is not positive: a decision never books nothing.
    public init(debit: String, credit: String, amount: Money) {
        precondition(amount.isPositive, "a transfer's amount is positive")
        self.debit = debit
        self.credit = credit
        self.amount = amount
        debitWord = WordHasher.word(of: debit)
        creditWord = WordHasher.word(of: credit)
        precondition(debitWord != creditWord || debit != credit, "a transfer has two sides")
    }

    /// The two accounts in a book.
    public func accounts(in book: BookID) -> (debit: AccountKey, credit: AccountKey) {
        (
            AccountKey(book: book, name: debit, word: debitWord, currency: amount.currency),
            AccountKey(book: book, name: credit, word: creditWord, currency: amount.currency)
        )
    }
}

/// Why a journal exists; only opening and funding create or destroy money.
public enum JournalPurpose: String, Sendable, CaseIterable {
    case payment
    case opening
    case funding
    case `operator`
}

/// The set of transfers that one commit creates, posts or voids: all or none.
public struct Journal: Hashable, Sendable {
    /// What happens to the transfers.
    public enum Action: Hashable, Sendable {
        /// Reserves them.
        case pending
        /// Moves them at once.
        case direct
        /// Moves the transfers that journal `number` of the same payment and book reserved.
        case post(number: Int)
        /// Releases the transfers that journal `number` of the same payment and book reserved.
        case void(number: Int)
        /// Undoes journal `number`, which had posted the same transfers with sides exchanged.
        /// Floors do not apply: the scheme demands it.
        case reverse(number: Int)
    }

    public let book: BookID
    /// The payment (its UETR), or the id of an opening, funding or operator journal.
    public let subject: UUIDv4
    /// 1, 2, ... within (subject, book): unique in the database, so nothing is booked twice.
    public let number: Int
    public let purpose: JournalPurpose
    public let action: Action
    /// Never empty. On `post` and `void` the very transfers that were reserved, in their order.
    public let transfers: [Transfer]

    public init(
        book: BookID,
        subject: UUIDv4,
        number: Int,
        purpose: JournalPurpose = .payment,
        action: Action,
        transfers: [Transfer]
    ) {
        precondition(!transfers.isEmpty, "a journal has transfers")
        precondition(number > 0, "journals are numbered from 1")
        self.book = book
        self.subject = subject
        self.number = number
        self.purpose = purpose
        self.action = action
        self.transfers = transfers
    }

    /// What one of the transfers changes on its two accounts, and whether their floors guard that.
    public func change(
        by transfer: borrowing Transfer
    ) -> (debit: Balance, credit: Balance, isGuarded: Bool) {
        let amount = transfer.amount.minorUnits
        return switch action {
        case .pending: (Balance(pendingDebits: amount), Balance(pendingCredits: amount), true)
        case .direct: (Balance(postedDebits: amount), Balance(postedCredits: amount), true)
        case .reverse: (Balance(postedDebits: amount), Balance(postedCredits: amount), false)
        case .post:
            (
                Balance(postedDebits: amount, pendingDebits: -amount),
                Balance(postedCredits: amount, pendingCredits: -amount), false
            )
        case .void: (Balance(pendingDebits: -amount), Balance(pendingCredits: -amount), false)
        }
    }

    /// Calls `body` with each account's change and whether its floor guards that change.
    public func forEachDelta(_ body: (AccountKey, Balance, _ isGuardedOutflow: Bool) -> Void) {
        for transfer in transfers {
            let (debit, credit) = transfer.accounts(in: book)
            let change = change(by: transfer)
            body(debit, change.debit, change.isGuarded)
            body(credit, change.credit, change.isGuarded)
        }
    }
}
