package import SelatNode
package import SelatScheme
import SelatTime

/// How bad one simulated day is, all drawn from the seed ("swarm"): which countries and providers
/// there are, who is hosted and who remote, how much is paid, which faults are about and how many
/// of them, and how long the scheme waits.
package struct SimulationPlan: Hashable, Sendable {
    package let seed: UInt64
    package let payments: Int
    /// Two or three of them; at least one pair.
    package let countries: [String]
    package let providers: [String]
    /// Participants that are nodes of their own, in percent.
    package let remotePercent: UInt64
    /// Strikes per million opportunities, for the classes that are about.
    package let rates: [FaultClass: UInt64]
    /// HIGH payments among those that may be, in percent.
    package let highPercent: UInt64
    /// Longest wait between two payments.
    package let pace: Duration
    /// What customers and banks have to begin with, in percent of plenty.
    package let wealthPercent: Int64
    package let times: SchemeTimes
    /// Room for very few payments in flight, on some days.
    package let limits: NodeLimits
    /// Messages and requests a second of participants that are nodes of their own; `nil` for as
    /// many as come.
    package let participantRate: Int?
    /// Faults go on for this long after the last customer has an answer.
    package let aftermath: Duration
    /// Without faults nothing is drawn against the region: a reference run.
    package let isFaulty: Bool
    /// What is left of it, where a shorter history is looked for: `nil` is all.
    package var onlyPayments: [Int]?
    package var onlyFaults: Set<Fault>?

    /// - Parameters:
    ///   - seed: Everything is drawn from it.
    ///   - payments: How many customers come.
    ///   - isFaulty: False for a reference run.
    ///   - faults: The classes that are about, at their worst; `nil` draws them.
    package init(
        seed: UInt64,
        payments: Int,
        isFaulty: Bool = true,
        faults: Set<FaultClass>? = nil
    ) {
        self.seed = seed
        self.payments = payments
        self.isFaulty = isFaulty
        var generator = SeededGenerator(seed: seed, stream: "plan")
        func pick<Element>(_ elements: [Element]) -> Element {
            elements[Int(generator.next() % UInt64(elements.count))]
        }
        countries = pick([
            ["SG", "TH", "MY"], ["SG", "TH", "MY"], ["SG", "TH"], ["SG", "MY"], ["TH", "MY"],
        ])
        providers = pick([["fx-merlion", "fx-andaman"], ["fx-merlion"], ["fx-andaman"]])
        remotePercent = pick([0, 25, 50, 100])
        highPercent = generator.next() % 60
        pace = .milliseconds(1 + Int64(generator.next() % pick([2, 200, 2000, 20_000])))
        wealthPercent = pick([100, 100, 100, 2])
        times = SimulationPlan.times(pick([0, 0, 1, 2]))
        aftermath = .seconds(Int64(generator.next() % 90))
        var scarcity = SeededGenerator(seed: seed, stream: "scarcity")
        var limits = NodeLimits()
        if isFaulty, scarcity.chance(1, in: 4) {
            limits.paymentsInFlight = 2 + Int(scarcity.next() % 6)
            limits.longestWait = .milliseconds(Int64(scarcity.next() % 200))
            limits.pendingBytes = 16_384
            limits.unacknowledgedBytes = 8192
        }
        self.limits = limits
        participantRate =
            isFaulty && scarcity.chance(1, in: 4) ? 2 + Int(scarcity.next() % 20) : nil
        var rates: [FaultClass: UInt64] = [:]
        for kind in FaultClass.allCases {
            // A stream of its own, so that a class that is added shifts no other.
            var draw = SeededGenerator(seed: seed, stream: "rate \(kind.name)")
            // Every other class is absent, so that each also meets the others' absence.
            let isPresent = draw.chance(1, in: 2)
            let rate = 1 + draw.next() % kind.mostPerMillion
            guard isFaulty, faults?.contains(kind) ?? isPresent else { continue }
            rates[kind] = faults == nil ? rate : kind.mostPerMillion
        }
        self.rates = rates
    }

    /// Selat's own durations, shorter ones, longer ones; each lets the destination reject before
    /// the hub does.
    private static func times(_ choice: Int) -> SchemeTimes {
        var times = SchemeTimes()
        switch choice {
        case 1:
            times.sourceAccessProviderAnswer = .milliseconds(800)
            times.destinationAccessProviderAnswer = .milliseconds(800)
            times.creditorAgentAnswer = .seconds(1)
            times.creditorAgentEnquiry = .seconds(1)
            times.confirmation = .seconds(1)
            times.enquiry = .seconds(3)
            times.enquiryLimit = .seconds(60)
            times.destinationExecution = .seconds(3)
        case 2:
            times.sourceAccessProviderAnswer = .seconds(10)
            times.destinationAccessProviderAnswer = .seconds(10)
            times.creditorAgentAnswer = .seconds(20)
            times.destinationExecution = .seconds(40)
            times.confirmation = .seconds(20)
        default: break
        }
        return times
    }
}
