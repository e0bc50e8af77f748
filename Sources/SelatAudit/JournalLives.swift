import SelatLedger
import SelatMoney
import SelatStorage
import SelatTime

/// What becomes of each journal: booked once, and if pending closed once, with the very transfers
/// that were reserved. Laws I1 and I3.
struct JournalLives: Sendable {
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
    private var lives: [Place: Life] = [:]
    private(set) var violations: [Violation] = []

    init(node: String) { self.node = node }

    /// Those of a dump, in its order.
    init(node: String, _ journals: [StoredJournal]) {
        self.init(node: node)
        for stored in journals {
            if let closes = stored.closes, closes >= stored.sequence {
                report(.ledgerBalance, stored.journal, "closes a later journal")
            }
            add(stored.journal)
        }
    }

    /// The next journal of its payment and book.
    mutating func add(_ journal: Journal) {
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

    private mutating func report(_ law: Law, _ journal: Journal, _ text: String) {
        violations.append(Violation(law, at: node, journal, text))
    }
}

extension Violation {
    /// A journal broke a law.
    init(_ law: Law, at place: String, _ journal: Journal, _ text: String) {
        self.init(
            law,
            at: place,
            uetr: journal.subject,
            "journal \(journal.number) of \(journal.book) \(text)"
        )
    }
}
