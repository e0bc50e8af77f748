import SelatAudit
import SelatNode
import SelatScheme
import SelatTime

/// When each payment must be final once the world is whole: law I15 for every payment by itself.
///
/// A HIGH payment's deadline is the sum of the maximum execution times, a NORM payment's the age
/// at which a first copy is refused, both from the moment the payment first stands in a book. From
/// the deadline, or from healing where that is later, the bound counts.
struct Deadlines {
    private let high: Duration
    private let normal: Duration
    private let highPayments: Set<UUIDv4>
    /// By payment, in the world's time.
    private var deadlines: [UUIDv4: Instant] = [:]

    /// The stated bound. One way through a region that has just healed takes at most this: a link
    /// that went silent is noticed after 30 s, a node that died is back after 8 s, a piece under
    /// way takes 12 s and a commit 6 s. There and back again, for HIGH and NORM alike: what is
    /// owed waits in outboxes, so nobody has to wait for an enquiry.
    static let bound: Duration = .seconds(2 * (30 + 8 + 12 + 6))

    init(_ times: SchemeTimes, highPayments: Set<UUIDv4>) {
        high = times.highAge
        normal = times.normalAge
        self.highPayments = highPayments
    }

    /// Everything is at rest this long after healing.
    var longest: Duration { max(high, normal) + Deadlines.bound }

    /// A payment stands in a book; only the first time counts.
    mutating func note(_ uetr: UUIDv4, at now: Instant) {
        guard deadlines[uetr] == nil else { return }
        deadlines[uetr] = now + (highPayments.contains(uetr) ? high : normal)
    }

    /// When a payment must be final in a world that healed at `healed`.
    func limit(of uetr: UUIDv4, healed: Instant) -> Instant {
        max(deadlines[uetr] ?? healed, healed) + Deadlines.bound
    }
}

/// Law I15, watched while the world goes on.
extension SimulatedWorld {
    /// One committed step: where the payment is open, and since when.
    mutating func follow(_ row: HistoryRow) {
        let key = PaymentKey(instance: row.instance, uetr: row.uetr)
        guard !PublishedState.isFinal(row, in: region.topology) else {
            open.remove(key)
            return
        }
        let (isNew, _) = open.insert(key)
        guard isNew else { return }
        deadlines.note(row.uetr, at: now)
        if healedAt != nil { scheduleDeadline(of: row.uetr) }
    }

    mutating func scheduleDeadline(of uetr: UUIDv4) {
        guard let healedAt else { return }
        schedule(.mustBeFinal(uetr), at: deadlines.limit(of: uetr, healed: healedAt))
    }

    /// The payment's time is over.
    mutating func demandFinality(of uetr: UUIDv4) {
        let places = open.filter { $0.uetr == uetr }.map(\.instance).sorted()
        guard !places.isEmpty else { return }
        let names = places.map(\.name).joined(separator: ", ")
        violations.append(
            Violation(
                .liveness,
                at: "region",
                uetr: uetr,
                "not final in its time after healing: open at \(names)"
            )
        )
    }
}
