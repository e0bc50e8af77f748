/// What can go wrong on a simulated day. Each class draws from streams of its own, one per place,
/// so that taking one fault away shifts nothing else. Source: Specs/Simulator.md.
package enum FaultClass: Int, CaseIterable, Hashable, Sendable, Comparable {
    // The network, per direction of a link, at each piece written.
    /// A stream has no holes: what is lost silences its direction until the session gives up.
    case loss
    /// The connection breaks after a piece.
    case cut
    /// The channel detects flipped bytes: the reader sees garbage, then the end.
    case corruption
    /// A piece arrives late, and what follows it on this connection; other links overtake it.
    case delay
    /// A piece arrives in two parts.
    case splitting
    /// Neither direction passes anything for a while, and nobody gets through who dials.
    case partition
    /// One direction passes nothing for a while.
    case oneWayPartition

    // A node.
    /// It dies between two commands.
    case crash
    /// It stands still for a while, as a stopped process does.
    case stuck
    /// Its clock is off from one start to the next.
    case clockSkew
    /// Its clock is found far off, and put right at a later start.
    case clockJump

    // Its disk, at each commit, fetch or start.
    /// A commit takes seconds.
    case slowDisk
    /// Commits fail for a while.
    case diskFull
    /// The sync's answer is lost, and the batch with it.
    case lostWrite
    /// The sync's answer is lost; the batch is durable.
    case unknownWrite
    /// The store says that another writer came first.
    case conflict
    /// A read fails.
    case readError

    // What customers and their banks do, per payment.
    /// The identical instruction again, while the payment is under way or after it.
    case resend
    /// An institution is told to answer otherwise, late or never.
    case oddAnswer
    /// A creditor agent answers twice, differently.
    case contradiction
    /// A debtor agent sends its instruction again under another MsgId, and with other content.
    case alteredCopy
    /// A quote that was used before.
    case usedQuote
    /// A quote past its ten minutes.
    case staleQuote
    /// A quote of another institution's.
    case foreignQuote
    /// A quote whose terms were changed.
    case alteredQuote

    // A participant with a certificate of its own and bad intentions, at each of its turns.
    /// Somebody else's message, word for word.
    case replay
    /// Sent in the name of a party that the link may not speak for.
    case forgedSender
    /// Somebody else's payment under a new UETR, with the intruder as debtor agent.
    case forgedAgent
    /// Somebody else's UETR in an instruction of the intruder's.
    case foreignUETR
    /// A status of a payment that the intruder was never asked about.
    case forgedStatus
    /// Many copies at once.
    case flood
    /// What no schema allows.
    case malformed

    package static func < (lhs: FaultClass, rhs: FaultClass) -> Bool {
        lhs.rawValue < rhs.rawValue
    }

    /// As it stands in reports and on the command line: `oneWayPartition`.
    package var name: String { "\(self)" }

    /// Strikes per million opportunities, at most, and among how many seeds it is present.
    var mostPerMillion: UInt64 {
        switch self {
        case .loss, .delay: 10_000
        case .cut: 8_000
        case .corruption: 3_000
        case .splitting: 30_000
        case .partition, .oneWayPartition: 1_500
        case .crash: 2_000
        case .stuck: 1_000
        case .clockSkew: 800_000
        case .clockJump: 200_000
        case .slowDisk: 2_000
        case .diskFull, .lostWrite, .unknownWrite: 1_500
        case .conflict: 5_000
        case .readError: 1_000
        case .resend: 400_000
        case .oddAnswer: 350_000
        case .contradiction, .alteredCopy: 300_000
        case .usedQuote, .staleQuote, .foreignQuote, .alteredQuote: 150_000
        case .replay, .forgedSender, .forgedAgent, .foreignUETR, .malformed: 120_000
        case .forgedStatus: 400_000
        case .flood: 40_000
        }
    }

    /// The intruder's own.
    var isIntrusion: Bool {
        switch self {
        case .replay, .forgedSender, .forgedAgent, .foreignUETR, .forgedStatus, .flood, .malformed:
            true
        case .loss, .cut, .corruption, .delay, .splitting, .partition, .oneWayPartition, .crash,
            .stuck, .clockSkew, .clockJump, .slowDisk, .diskFull, .lostWrite, .unknownWrite,
            .conflict, .readError, .resend, .oddAnswer, .contradiction, .alteredCopy, .usedQuote,
            .staleQuote, .foreignQuote, .alteredQuote:
            false
        }
    }
}

/// One fault that struck: its class, where, and the how-manyth opportunity of that stream it was.
package struct Fault: Hashable, Sendable, Comparable, CustomStringConvertible {
    package let kind: FaultClass
    /// A node, `from>to` for a direction of a link, or `client N`.
    package let place: String
    package let ordinal: UInt64

    package init(kind: FaultClass, place: String, ordinal: UInt64) {
        self.kind = kind
        self.place = place
        self.ordinal = ordinal
    }

    /// `cut@hub>ips-th@37`, as `selat simulate --only-faults` reads it.
    package var description: String { "\(kind.name)@\(place)@\(ordinal)" }

    /// Reads a description.
    package init?(_ text: String) {
        let parts = text.split(separator: "@", omittingEmptySubsequences: false)
        guard parts.count == 3,
            let kind = FaultClass.allCases.first(where: { $0.name == parts[0] }),
            let ordinal = UInt64(parts[2])
        else { return nil }
        self.init(kind: kind, place: String(parts[1]), ordinal: ordinal)
    }

    package static func < (lhs: Fault, rhs: Fault) -> Bool {
        (lhs.kind, lhs.place, lhs.ordinal) < (rhs.kind, rhs.place, rhs.ordinal)
    }
}
