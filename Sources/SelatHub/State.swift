package import SelatNode

extension Hub {
    /// Where a payment stands at the hub. The raw values are stored and published; a number is
    /// never given another meaning. A payment the hub never saw has no row.
    ///
    /// Source: Specs/States/Hub.md.
    package enum State: UInt8, Hashable, Sendable, CaseIterable {
        /// M5 is sent and its answer awaited: for HIGH until the deadline, for NORM without end.
        case forwarded = 1
        /// ACWP came, NORM only: everything stays reserved until the final answer.
        case acceptedWithoutPosting = 2
        /// ACCC: posted, confirmed, told. Final.
        case completed = 3
        /// BLCK: posted as for ACCC, the creditor's funds are held. Final.
        case blocked = 4
        /// RJCT by the hub's own checks: nothing was booked and the destination never asked, nor
        /// the quote used up. Also the tombstone of a payment that came too late. Final.
        case rejectedByHub = 5
        /// RJCT by the destination: voided. Final.
        case rejectedByDestination = 6
        /// RJCT AB03 by the hub's HIGH deadline: voided. Final, whatever comes late.
        case rejectedByDeadline = 7

        /// Nothing leaves it.
        package var isFinal: Bool {
            switch self {
            case .forwarded, .acceptedWithoutPosting: false
            case .completed, .blocked, .rejectedByHub, .rejectedByDestination,
                .rejectedByDeadline:
                true
            }
        }

        /// As published.
        package var name: String {
            switch self {
            case .forwarded: "Forwarded"
            case .acceptedWithoutPosting: "AcceptedWithoutPosting"
            case .completed: "Completed"
            case .blocked: "Blocked"
            case .rejectedByHub: "Rejected(hub)"
            case .rejectedByDestination: "Rejected(destination)"
            case .rejectedByDeadline: "Rejected(deadline)"
            }
        }

        /// Traps on a number that no release has ever written: the database is another's.
        package init(_ row: PaymentRow) {
            guard let state = State(rawValue: row.state) else {
                preconditionFailure(
                    "a payment's state is \(row.state), which this release does not know; "
                        + "start the release that wrote the database"
                )
            }
            self = state
        }
    }
}
