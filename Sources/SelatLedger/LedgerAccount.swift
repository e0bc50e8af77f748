public import SelatMoney
public import SelatTime

/// One institution's double-entry book, named like the party that keeps it.
public struct BookID: WordHashable, Sendable, Comparable, CustomStringConvertible {
    public let name: String
    /// The name in one word, for tables.
    @usableFromInline let word: UInt64

    @inlinable
    public init(_ name: String) {
        self.name = name
        word = WordHasher.word(of: name)
    }

    @inlinable
    public func feed(_ hasher: inout WordHasher) { hasher.combine(word) }

    @inlinable
    public static func == (lhs: BookID, rhs: BookID) -> Bool {
        lhs.word == rhs.word && lhs.name == rhs.name
    }

    public var description: String { name }

    @inlinable
    public static func < (lhs: BookID, rhs: BookID) -> Bool { lhs.name < rhs.name }
}

/// One account: its book, its name in that book's chart (`customer:3920017745`) and its currency.
public struct AccountKey: WordHashable, Sendable, Comparable, CustomStringConvertible {
    public let book: BookID
    public let name: String
    public let currency: Currency
    /// Book, name and currency in one word, for tables.
    @usableFromInline let word: UInt64

    @inlinable
    public init(book: BookID, name: String, currency: Currency) {
        self.init(book: book, name: name, word: WordHasher.word(of: name), currency: currency)
    }

    /// For names whose `WordHasher.word` is known.
    @inlinable
    init(book: BookID, name: String, word: UInt64, currency: Currency) {
        self.book = book
        self.name = name
        self.currency = currency
        var hasher = WordHasher()
        hasher.combine(UInt64(currency.packed))
        book.feed(&hasher)
        hasher.combine(word)
        self.word = hasher.word
    }

    @inlinable
    public func feed(_ hasher: inout WordHasher) { hasher.combine(word) }

    @inlinable
    public static func == (lhs: AccountKey, rhs: AccountKey) -> Bool {
        lhs.word == rhs.word && lhs.name == rhs.name && lhs.book == rhs.book
            && lhs.currency == rhs.currency
    }

    public var description: String { "\(book)/\(name)/\(currency)" }

    public static func < (lhs: AccountKey, rhs: AccountKey) -> Bool {
        (lhs.book, lhs.name, lhs.currency) < (rhs.book, rhs.name, rhs.currency)
    }
}

/// What an account stands for, and with that its normal side.
public enum AccountKind: String, Sendable, CaseIterable {
    case asset
    case liability
    case income
    case expense
    case equity
    /// The hub's positions: received and paid out for a provider. Outside assets and liabilities.
    case memorandumCredit = "memorandum-credit"
    /// The hub's cleared values: sent out of and into a system. Outside assets and liabilities.
    case memorandumDebit = "memorandum-debit"

    /// True where a debit increases the balance.
    public var isDebitNormal: Bool {
        switch self {
        case .asset, .expense, .memorandumDebit: true
        case .liability, .income, .equity, .memorandumCredit: false
        }
    }
}

/// The four sums that make a balance; all in minor units, never negative.
public struct Balance: Hashable, Sendable {
    public var postedDebits: Int64
    public var postedCredits: Int64
    public var pendingDebits: Int64
    public var pendingCredits: Int64

    @inlinable
    public init(
        postedDebits: Int64 = 0,
        postedCredits: Int64 = 0,
        pendingDebits: Int64 = 0,
        pendingCredits: Int64 = 0
    ) {
        self.postedDebits = postedDebits
        self.postedCredits = postedCredits
        self.pendingDebits = pendingDebits
        self.pendingCredits = pendingCredits
    }

    /// Component-wise sum; a delta is a balance whose components may be negative.
    @inlinable
    public static func += (lhs: inout Balance, rhs: Balance) {
        lhs.postedDebits += rhs.postedDebits
        lhs.postedCredits += rhs.postedCredits
        lhs.pendingDebits += rhs.pendingDebits
        lhs.pendingCredits += rhs.pendingCredits
    }
}

/// An account with its balance. Source: the charts of accounts, Specs/Rulebook/Bookings.md §2.
public struct LedgerAccount: Hashable, Sendable {
    public let key: AccountKey
    public let kind: AccountKind
    /// The smallest allowed available balance, in minor units; `nil` where nothing is enforced.
    public let floor: Int64?
    public var balance: Balance

    @inlinable
    public init(key: AccountKey, kind: AccountKind, floor: Int64?, balance: Balance = Balance()) {
        self.key = key
        self.kind = kind
        self.floor = floor
        self.balance = balance
    }

    /// Minor units that have moved for good, positive on the account's normal side.
    public var posted: Int64 {
        kind.isDebitNormal
            ? balance.postedDebits - balance.postedCredits
            : balance.postedCredits - balance.postedDebits
    }

    /// Posted less pending outflows. A pending inflow is never available.
    public var available: Int64 {
        kind.isDebitNormal
            ? posted - balance.pendingCredits : posted - balance.pendingDebits
    }

    /// True when an outflow of `amount` minor units keeps the account at or above its floor.
    public func covers(_ amount: Int64) -> Bool {
        guard let floor else { return true }
        let (rest, overflow) = available.subtractingReportingOverflow(amount)
        return !overflow && rest >= floor
    }
}
