package import SelatLedger

extension Journal.Action {
    /// The action's name in a database: `pending`, `direct`, `post`, `void` or `reverse`.
    package var name: String {
        switch self {
        case .pending: "pending"
        case .direct: "direct"
        case .post: "post"
        case .void: "void"
        case .reverse: "reverse"
        }
    }

    /// The number of the journal of the same subject and book that this one ends or undoes.
    package var closes: Int? {
        switch self {
        case .pending, .direct: nil
        case .post(let number), .void(let number), .reverse(let number): number
        }
    }

    /// From a database's columns; `nil` where they contradict each other.
    package init?(name: String, closes: Int?) {
        switch (name, closes) {
        case ("pending", nil): self = .pending
        case ("direct", nil): self = .direct
        case ("post", let number?): self = .post(number: number)
        case ("void", let number?): self = .void(number: number)
        case ("reverse", let number?): self = .reverse(number: number)
        default: return nil
        }
    }
}

/// The journal that a closing one names, as a driver found it.
package struct NamedJournal: Hashable, Sendable {
    package let sequence: Int64
    /// As `Journal.Action.name`.
    package let action: String
    /// Resolved: for `post` and `void` those of the reservation.
    package let transfers: [Transfer]
    package let isClosed: Bool

    package init(sequence: Int64, action: String, transfers: [Transfer], isClosed: Bool) {
        self.sequence = sequence
        self.action = action
        self.transfers = transfers
        self.isClosed = isClosed
    }
}

extension Journal {
    /// `SIPS 21508c8f-9cc3-4e33-8722-0ebb2abd15cf/2`, for error sentences.
    package var place: String { "\(book) \(subject)/\(number)" }

    /// Why this journal may not end `named`; `nil` when it may. Every driver asks before it
    /// writes, so that what is posted is what was reserved, and nothing ends twice. Law I1.
    package func fault(closing named: NamedJournal?) -> String? {
        guard let number = action.closes else { return nil }
        guard let named else {
            return "journal \(place) would \(action.name) journal \(number), which does not exist"
        }
        guard !named.isClosed else {
            return "journal \(place) would \(action.name) journal \(number), which is closed"
        }
        let expected: [Transfer]
        switch action {
        case .pending, .direct: return nil
        case .post, .void:
            guard named.action == "pending" else {
                return "journal \(place) would \(action.name) journal \(number), which is "
                    + "\(named.action), not pending"
            }
            expected = named.transfers
        case .reverse:
            guard named.action == "direct" || named.action == "post" else {
                return "journal \(place) would reverse journal \(number), which is "
                    + "\(named.action), not posted"
            }
            expected = named.transfers.map {
                Transfer(debit: $0.credit, credit: $0.debit, amount: $0.amount)
            }
        }
        guard transfers == expected else {
            return "journal \(place) would \(action.name) other transfers than journal \(number) "
                + "has"
        }
        return nil
    }
}

extension AccountKey {
    /// Enough to find the account, without a customer's number: `MRLNSGS0/customer:..7745/SGD`.
    package var redacted: String {
        guard let colon = name.firstIndex(of: ":"), name[..<colon] == "customer" else {
            return description
        }
        return "\(book)/customer:..\(name[colon...].dropFirst().suffix(4))/\(currency)"
    }
}
