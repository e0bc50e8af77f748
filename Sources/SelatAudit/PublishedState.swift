import SelatNode
import SelatScheme

/// A state as it is published, with the lawful ways out of it: the checker's own table, written
/// from Specs/States and not from the roles. A test compares the numbers and names.
package struct PublishedState: Hashable, Sendable {
    /// What a state says about the payment.
    package enum Outcome: String, Hashable, Sendable, CaseIterable {
        case open
        case completed
        case blocked
        case rejected
        /// Stands with ACCC and with BLCK: a 4-step access provider's credit, a notified provider.
        case credited

        var isFinal: Bool { self != .open }

        /// Whether this outcome at one party agrees with the hub's.
        func agrees(with hub: Outcome) -> Bool {
            self == hub || self == .credited && (hub == .completed || hub == .blocked)
        }
    }

    package let number: UInt8
    package let name: String
    package let outcome: Outcome
    /// Bit `n`: state `n` may follow; a state may always be written again.
    private let next: UInt32

    private init(_ number: UInt8, _ name: String, _ outcome: Outcome, _ next: [UInt8] = []) {
        self.number = number
        self.name = name
        self.outcome = outcome
        self.next = next.reduce(0) { $0 | 1 << UInt32($1) }
    }

    /// Whether another state may come after this one.
    package func mayPrecede(_ state: PublishedState) -> Bool {
        next >> UInt32(state.number) & 1 == 1
    }

    /// Specs/States/Hub.md
    package static let hub = [
        PublishedState(1, "Forwarded", .open, [2, 3, 4, 6, 7]),
        PublishedState(2, "AcceptedWithoutPosting", .open, [3, 4, 6]),
        PublishedState(3, "Completed", .completed),
        PublishedState(4, "Blocked", .blocked),
        PublishedState(5, "Rejected(hub)", .rejected),
        PublishedState(6, "Rejected(destination)", .rejected),
        PublishedState(7, "Rejected(deadline)", .rejected),
    ]

    /// Specs/States/SourceSystem.md and DestinationSystem.md
    package static let system = [
        PublishedState(1, "AwaitingSourceSAP", .open, [2, 5]),
        PublishedState(2, "SentToHub", .open, [3, 4, 5]),
        PublishedState(3, "Completed", .completed),
        PublishedState(4, "Blocked", .blocked),
        PublishedState(5, "Rejected", .rejected),
        PublishedState(11, "AwaitingDestinationSAP", .open, [12, 17]),
        PublishedState(12, "AwaitingDestinationPSP", .open, [13, 14, 15, 16, 17]),
        PublishedState(13, "AwaitingConfirmation", .open, [15, 16, 17]),
        PublishedState(14, "AcceptedWithoutPosting", .open, [13, 15, 16, 17]),
        PublishedState(15, "Completed", .completed),
        PublishedState(16, "Blocked", .blocked),
        PublishedState(17, "Rejected", .rejected),
    ]

    /// Specs/States/Institutions.md
    package static let participant = [
        PublishedState(1, "Reserved", .open, [9, 10, 11]),
        PublishedState(2, "Accepted", .open, [9, 10, 11]),
        PublishedState(3, "Credited", .credited, [12]),
        PublishedState(4, "FundsReserved", .open, [9, 10, 11]),
        PublishedState(5, "Considering", .open, [2, 3, 4, 6, 7, 8, 9, 10, 11]),
        PublishedState(6, "Promised", .open, [9, 11]),
        PublishedState(7, "PromisedBlocked", .open, [10, 11]),
        PublishedState(8, "AcceptedWithoutPosting", .open, [6, 7, 9, 10, 11]),
        PublishedState(9, "Completed", .completed),
        PublishedState(10, "Blocked", .blocked),
        PublishedState(11, "Rejected", .rejected),
        PublishedState(12, "Reversed", .rejected),
    ]

    /// Specs/States/Institutions.md: told once, whether it was ACCC or BLCK.
    package static let provider = [PublishedState(1, "Notified", .credited)]

    /// The state that a party of a kind means by a number; `nil` when it is not published.
    package static func of(_ kind: AuditTopology.Kind, number: UInt8) -> PublishedState? {
        let numbered = numbered(kind)
        return Int(number) < numbered.count ? numbered[Int(number)] : nil
    }

    /// A table by number: looked up at every step of every payment.
    private static func numbered(_ kind: AuditTopology.Kind) -> [PublishedState?] {
        switch kind {
        case .hub: numberedHub
        case .system: numberedSystem
        case .participant: numberedParticipant
        case .provider: numberedProvider
        case .directory: []
        }
    }

    private static let numberedHub = numbered(hub)
    private static let numberedSystem = numbered(system)
    private static let numberedParticipant = numbered(participant)
    private static let numberedProvider = numbered(provider)

    private static func numbered(_ table: [PublishedState]) -> [PublishedState?] {
        let last = table.map(\.number).max() ?? 0
        return (0...last).map { number in table.first { $0.number == number } }
    }

    /// Whether the hub took the payment on: what it refuses itself has no bookings.
    var isForwarded: Bool { number != 5 }

    /// Why a step is unlawful; `nil` when it is not.
    static func fault(
        _ kind: AuditTopology.Kind,
        _ row: HistoryRow,
        model: SettlementModel?
    ) -> (law: Law, text: String)? {
        guard let to = of(kind, number: row.to) else {
            return (.monotonicStatus, "state \(row.to) is not published")
        }
        guard let number = row.from else { return nil }
        guard let from = of(kind, number: number) else {
            return (.monotonicStatus, "state \(number) is not published")
        }
        if from.number != to.number, !from.mayPrecede(to) {
            return (.monotonicStatus, "went from \(from.name) to \(to.name) on \(row.cause)")
        }
        guard case .system = kind, from.number != to.number else { return nil }
        // In doubt: only the named message ends it.
        let mayEnd: String? =
            switch from.number {
            case 2: "M12"
            case 13: "M11"
            case 12 where model == .fourStep: "M9"
            default: nil
            }
        if let mayEnd, !row.cause.hasPrefix(mayEnd) {
            return (
                .inDoubtIsAState, "left \(from.name) on \(row.cause); only \(mayEnd) may end it"
            )
        }
        return nil
    }
}
