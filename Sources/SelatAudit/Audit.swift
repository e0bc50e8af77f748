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
package struct Audit: Sendable {
    /// Whether the region stands still.
    package enum Moment: Hashable, Sendable {
        /// Each dump is a snapshot of its own: laws across nodes hold for what is final everywhere.
        case running
        /// Nothing is under way: everything must be final, delivered and equal.
        case stopped
    }

    let topology: AuditTopology
    /// By node.
    let dumps: [String: NodeDump]
    let moment: Moment

    package init(topology: AuditTopology, dumps: [String: NodeDump], moment: Moment) {
        self.topology = topology
        self.dumps = dumps
        self.moment = moment
    }

    /// Every law, over everything.
    package func report() -> AuditReport {
        let nodes = dumps.keys.sorted()
        let evidence = Evidence(topology: topology, dumps: dumps)
        let isSettled = evidence.payments.map { payment in
            payment.isFinal
                && (moment == .stopped
                    || !payment.awaitsReversal && !isSeenInPart(payment, evidence))
        }
        var violations: [Violation] = []
        for node in nodes {
            guard let dump = dumps[node] else { continue }
            violations += LedgerReplay.violations(node: node, dump: dump)
            violations += statusViolations(node: node, dump: dump)
            violations += linkViolations(node: node, dump: dump)
        }
        for (payment, isSettled) in zip(evidence.payments, isSettled) where isSettled {
            violations += bookingViolations(payment, evidence)
            violations += agreementViolations(payment, evidence)
        }
        violations += quoteViolations(evidence)
        violations += acknowledgementViolations(evidence)
        violations += intrusionViolations(evidence)
        let inFlight = zip(evidence.payments, isSettled).filter { !$0.1 }.map(\.0)
        if moment == .stopped {
            for payment in inFlight {
                violations.append(
                    Violation(
                        .liveness,
                        at: "region",
                        uetr: payment.uetr,
                        "not final: \(payment.openPlaces.joined(separator: ", "))"
                    )
                )
            }
            violations += deliveryViolations()
            violations += mirrorViolations(evidence)
        }
        return AuditReport(
            violations: violations.sorted {
                ($0.law, $0.place, $0.text) < ($1.law, $1.place, $1.text)
            },
            inFlight: inFlight.map(\.uetr),
            payments: evidence.payments.count,
            journals: dumps.values.reduce(0) { $0 + $1.journals.count },
            messages: dumps.values.reduce(0) { $0 + $1.messages.count }
        )
    }
}
