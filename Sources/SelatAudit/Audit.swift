import SelatNode
package import SelatScheme
package import SelatStorage
package import SelatTime

/// The laws that hold over any history, however bad the day. Source: Specs/Rulebook/Laws.md.
package enum Law: String, Hashable, Sendable, CaseIterable, Comparable {
    case ledgerBalance = "I1"
    case conservation = "I2"
    case noDoubleCredit = "I3"
    case noLostAcknowledgement = "I4"
    case bothLegsOrNeither = "I5"
    case inDoubtIsAState = "I6"
    case idempotency = "I7"
    case monotonicStatus = "I8"
    case rate = "I9"
    case outbox = "I10"
    case authority = "I11"
    case limits = "I12"
    case agreement = "I14"
    case liveness = "I15"
    case mirrors = "I16"

    package static func < (lhs: Law, rhs: Law) -> Bool {
        lhs.number < rhs.number
    }

    private var number: Int { Int(rawValue.dropFirst()) ?? 0 }
}

/// One broken law, with where to look. Never a name or a customer's account.
package struct Violation: Hashable, Sendable, CustomStringConvertible {
    package let law: Law
    /// The node or book where it shows.
    package let place: String
    package let uetr: UUIDv4?
    package let text: String

    package init(_ law: Law, at place: String, uetr: UUIDv4? = nil, _ text: String) {
        self.law = law
        self.place = place
        self.uetr = uetr
        self.text = text
    }

    package var description: String {
        "\(law.rawValue) \(place)\(uetr.map { " \($0)" } ?? ""): \(text)"
    }
}

/// Who is where, as the checker needs to know it.
package struct AuditTopology: Hashable, Sendable {
    /// What a party is, and with that which states and bookings are lawful for it.
    package enum Kind: Hashable, Sendable {
        case hub
        case system(country: String, model: SettlementModel)
        /// An institution, by the system it belongs to.
        case participant(system: PartyID)
        case provider
        case directory
    }

    package let kinds: [PartyID: Kind]
    /// The node that hosts a party.
    package let nodes: [PartyID: String]
    /// For whom each node may speak on a link to the other: node to its parties.
    package let speakers: [String: Set<PartyID>]

    package init(
        kinds: [PartyID: Kind],
        nodes: [PartyID: String],
        speakers: [String: Set<PartyID>]
    ) {
        self.kinds = kinds
        self.nodes = nodes
        self.speakers = speakers
    }

    /// How a party's country settles; `nil` for those of no country.
    package func model(of party: PartyID) -> SettlementModel? {
        switch kinds[party] {
        case .system(_, let model): model
        case .participant(let system): self.model(of: system)
        case .hub, .provider, .directory, nil: nil
        }
    }
}

/// What an audit found.
package struct AuditReport: Hashable, Sendable {
    /// Sorted by law, then place.
    package let violations: [Violation]
    /// Payments that are not final everywhere; the laws across nodes do not apply to them yet.
    package let inFlight: [UUIDv4]
    package let payments: Int
    package let journals: Int
    package let messages: Int

    package var isLawful: Bool { violations.isEmpty }
}

/// Verifies the laws over the databases of all nodes. It shares no code with the roles it judges
/// but the message decoder and the stored forms of the seam.
///
/// Each node is gone through once for the laws over it as a whole; then everything about each
/// payment is read again and judged, a share of the payments at a time. Dumps in memory are one
/// share.
package struct Audit: Sendable {
    /// Whether the region stands still.
    package enum Moment: Hashable, Sendable {
        /// Each dump is a snapshot of its own: laws across nodes hold for what is final everywhere.
        case running
        /// Nothing is under way: everything must be final, delivered and equal.
        case stopped
    }

    let topology: AuditTopology
    let moment: Moment

    package init(topology: AuditTopology, moment: Moment) {
        self.topology = topology
        self.moment = moment
    }

    /// Every law, over everything.
    ///
    /// - Parameters:
    ///   - dumps: By node.
    ///   - shares: One, unless it is to be shown that it does not matter.
    /// - Returns: What was found.
    package func report(of dumps: [String: NodeDump], in shares: Shares = Shares()) -> AuditReport {
        var histories: [String: DumpHistory] = [:]
        for (node, dump) in dumps { histories[node] = DumpHistory(node: LinkID(node), dump) }
        return report(of: histories, in: shares)
    }

    /// Every law, over everything.
    ///
    /// - Parameters:
    ///   - histories: By node.
    ///   - shares: None dealt out yet.
    ///   - run: Does so many things, in any order or at the same time; each has a share in memory.
    /// - Returns: What was found.
    /// - Throws: What the first node that cannot be read says.
    package func report<History: StoredHistory>(
        of histories: [String: History],
        in shares: Shares,
        _ run: Runner = { count, body in for index in 0..<count { body(index) } }
    ) throws(History.Failure) -> AuditReport {
        let nodes = histories.keys.sorted()
        let surveys = try Audit.each(nodes.count, run) { index throws(History.Failure) in
            guard let history = histories[nodes[index]] else { preconditionFailure("its own key") }
            return try NodeSurvey(node: nodes[index], topology: topology, history, shares)
        }
        let judgements = try Audit.each(shares.count, run) { number throws(History.Failure) in
            try judgement(on: shares[number], of: histories)
        }
        var violations = surveys.flatMap(\.violations) + judgements.flatMap(\.violations)
        if moment == .stopped {
            violations += outboxViolations(surveys)
            violations += mirrorViolations(surveys)
        }
        return AuditReport(
            violations: violations.sorted(by: Violation.isBefore),
            inFlight: judgements.flatMap(\.inFlight).sorted(),
            payments: judgements.reduce(0) { $0 + $1.payments },
            journals: surveys.reduce(0) { $0 + $1.journals },
            messages: surveys.reduce(0) { $0 + $1.messages }
        )
    }
}

extension Violation {
    /// The order of a report.
    fileprivate static func isBefore(_ one: Violation, _ other: Violation) -> Bool {
        let (first, second) = ((one.law, one.place, one.text), (other.law, other.place, other.text))
        guard first == second else { return first < second }
        guard let uetr = one.uetr, let another = other.uetr else { return one.uetr == nil }
        return uetr < another
    }
}
