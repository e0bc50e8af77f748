import SelatNode

extension InstantPaymentSystem {
    /// Where a payment stands at this system. The raw values are stored and published; a number
    /// is never given another meaning.
    package enum State: Hashable, Sendable, CaseIterable, RawRepresentable {
        /// As the S-IPS.
        case source(SourceState)
        /// As the D-IPS.
        case destination(DestinationState)

        /// The source leg's first, each in the order of its numbers.
        package static var allCases: [State] {
            SourceState.allCases.map(State.source)
                + DestinationState.allCases.map(State.destination)
        }

        /// `nil` for a number that is no state's.
        package init?(rawValue: UInt8) {
            if let state = SourceState(rawValue: rawValue) {
                self = .source(state)
            } else if let state = DestinationState(rawValue: rawValue) {
                self = .destination(state)
            } else {
                return nil
            }
        }

        /// The published number.
        package var rawValue: UInt8 {
            switch self {
            case .source(let state): state.rawValue
            case .destination(let state): state.rawValue
            }
        }

        /// Nothing leaves it.
        package var isFinal: Bool {
            switch self {
            case .source(let state): state.isFinal
            case .destination(let state): state.isFinal
            }
        }

        /// As published: `SentToHub`.
        package var name: String {
            switch self {
            case .source(let state): state.name
            case .destination(let state): state.name
            }
        }

        /// Traps on a number that no release has ever written: the database is another's.
        init(_ row: PaymentRow) {
            guard let state = State(rawValue: row.state) else {
                preconditionFailure(
                    "a payment's state is \(row.state), which this release does not know; "
                        + "start the release that wrote the database"
                )
            }
            self = state
        }
    }

    /// The source leg. Source: Specs/States/SourceSystem.md.
    package enum SourceState: UInt8, Sendable, CaseIterable {
        /// Reserved; M2 is sent and the S-SAP's answer awaited until the deadline.
        case awaitingSourceAccessProvider = 1
        /// M4 is sent: in doubt, only the hub's answer ends it. In 4-step settled, in 5-step
        /// reserved.
        case sentToHub = 2
        /// ACCC. Final.
        case completed = 3
        /// BLCK: settled as for ACCC, the creditor's funds are held. Final.
        case blocked = 4
        /// RJCT. Nothing is reserved or settled any more. Final.
        case rejected = 5

        /// Nothing leaves it.
        package var isFinal: Bool {
            switch self {
            case .awaitingSourceAccessProvider, .sentToHub: false
            case .completed, .blocked, .rejected: true
            }
        }

        /// As published.
        package var name: String {
            switch self {
            case .awaitingSourceAccessProvider: "AwaitingSourceSAP"
            case .sentToHub: "SentToHub"
            case .completed: "Completed"
            case .blocked: "Blocked"
            case .rejected: "Rejected"
            }
        }
    }

    /// The destination leg. Source: Specs/States/DestinationSystem.md.
    package enum DestinationState: UInt8, Sendable, CaseIterable {
        /// M6 is sent and the D-SAP's answer awaited until the deadline; nothing is reserved.
        case awaitingDestinationAccessProvider = 11
        /// M8 is sent; reserved, except where the D-PSP is the D-SAP. In 5-step there is a
        /// deadline, in 4-step an enquiry.
        case awaitingCreditorAgent = 12
        /// 5-step: M10 is sent. The answer is a promise; the hub's M11 decides.
        case awaitingConfirmation = 13
        /// ACWP came, NORM only: still reserved, no timer runs.
        case acceptedWithoutPosting = 14
        /// ACCC. Final.
        case completed = 15
        /// BLCK: settled, and held at the D-PSP. Final.
        case blocked = 16
        /// RJCT, or the tombstone of a payment that the hub ended before it came. Final.
        case rejected = 17

        /// Nothing leaves it.
        package var isFinal: Bool {
            switch self {
            case .awaitingDestinationAccessProvider, .awaitingCreditorAgent,
                .awaitingConfirmation, .acceptedWithoutPosting:
                false
            case .completed, .blocked, .rejected: true
            }
        }

        /// As published.
        package var name: String {
            switch self {
            case .awaitingDestinationAccessProvider: "AwaitingDestinationSAP"
            case .awaitingCreditorAgent: "AwaitingDestinationPSP"
            case .awaitingConfirmation: "AwaitingConfirmation"
            case .acceptedWithoutPosting: "AcceptedWithoutPosting"
            case .completed: "Completed"
            case .blocked: "Blocked"
            case .rejected: "Rejected"
            }
        }
    }
}
