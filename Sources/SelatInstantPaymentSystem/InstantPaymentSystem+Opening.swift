import SelatLedger
import SelatMoney
import SelatNode
import SelatScheme
import SelatTime

/// The books, opened at the first start and completed when a participant joins.
/// Source: Specs/Rulebook/Bookings.md §2.
extension InstantPaymentSystem {
    static let openMarker = "open"
    static let centralBankName = "central-bank"

    /// The prefunding pool, then one settlement account per participant, by BICFI.
    var chartOfAccounts: [LedgerAccount] {
        let pool = LedgerAccount(key: centralBankAccount, kind: .asset, floor: 0)
        return [pool]
            + configuration.participants.map {
                LedgerAccount(
                    key: settlementAccount($0.bicfi),
                    kind: .liability,
                    floor: -$0.cap.minorUnits
                )
            }
    }

    private var centralBankAccount: AccountKey {
        AccountKey(book: book, name: Self.centralBankName, currency: configuration.currency)
    }

    /// Keys of everything an opening looks at.
    var openingFacts: [FactKey] {
        [.record(configuration.id, .marker, Self.openMarker)]
            + chartOfAccounts.map { .account($0.key) }
    }

    /// Opens what is not open yet, and funds it as configured. On later starts nothing is left
    /// to do, unless a participant has joined.
    func open(_ event: Event, facts: Facts) -> Decision {
        var decision = Decision()
        decision.accounts = chartOfAccounts.filter { facts.account($0.key) == nil }
        let transfers = configuration.participants
            .filter {
                $0.opening.isPositive && facts.account(settlementAccount($0.bicfi)) == nil
            }
            .map {
                Transfer(
                    debit: Self.centralBankName,
                    credit: settlementAccount($0.bicfi).name,
                    amount: $0.opening
                )
            }
        if !transfers.isEmpty {
            decision.journals.append(
                Journal(
                    book: book,
                    subject: UUIDv4(event.seed.derived(Draft.Purpose.journal.rawValue)),
                    number: 1,
                    purpose: .opening,
                    action: .direct,
                    transfers: transfers
                )
            )
        }
        if facts.record(configuration.id, .marker, Self.openMarker) == nil {
            decision.records.append(
                RecordChange(
                    kind: .marker,
                    key: Self.openMarker,
                    expectedVersion: 0,
                    content: RecordWriter.record(layout: 1) { _ in }
                )
            )
        }
        return decision
    }
}
