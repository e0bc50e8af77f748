import SelatTime

/// How bad one simulated day is: everything drawn from the seed, each fault from a stream of its
/// own, so that taking one away shifts nothing else.
package struct SimulationPlan: Hashable, Sendable {
    package let seed: UInt64
    package let payments: Int
    /// Participants that are nodes of their own, in percent.
    package let remotePercent: UInt64
    /// Pieces written after which a direction of the connection goes silent, per thousand.
    package let lossPerThousand: UInt64
    /// Pieces that arrive twice, per thousand.
    package let duplicationPerThousand: UInt64
    /// Pieces that arrive seconds late, per thousand.
    package let stallPerThousand: UInt64
    /// Pieces after which the connection breaks, per thousand.
    package let cutPerThousand: UInt64
    /// Commands of a node before which it dies, per ten thousand.
    package let crashPerTenThousand: UInt64
    /// Commits that fail, per ten thousand: the node must stop and come back.
    package let diskPerTenThousand: UInt64
    /// HIGH payments among those that may be, in percent.
    package let highPercent: UInt64
    /// Payments whose receiving side answers otherwise than usual, in percent.
    package let scriptPercent: UInt64
    /// Longest wait between two payments.
    package let pace: Duration
    /// Without faults nothing is drawn against the region: a reference run.
    package let isFaulty: Bool

    package init(seed: UInt64, payments: Int, isFaulty: Bool = true) {
        self.seed = seed
        self.payments = payments
        self.isFaulty = isFaulty
        var generator = SeededGenerator(seed: seed, stream: "plan")
        // Every other class of fault is absent, so that each also meets the others' absence.
        func draw(upTo most: UInt64) -> UInt64 {
            let isPresent = generator.chance(1, in: 2)
            let amount = generator.next() % (most + 1)
            return isFaulty && isPresent ? amount : 0
        }
        remotePercent = [0, 50, 100][Int(generator.next() % 3)]
        lossPerThousand = draw(upTo: 20)
        duplicationPerThousand = draw(upTo: 40)
        stallPerThousand = draw(upTo: 20)
        cutPerThousand = draw(upTo: 10)
        crashPerTenThousand = draw(upTo: 30)
        diskPerTenThousand = draw(upTo: 20)
        highPercent = generator.next() % 60
        scriptPercent = [0, 10, 30][Int(generator.next() % 3)]
        pace = .milliseconds(1 + Int64(generator.next() % 2000))
    }
}

/// What happened, in numbers.
package struct FaultCounts: Hashable, Sendable {
    package var lost = 0
    package var duplicated = 0
    package var stalled = 0
    package var cut = 0
    package var crashes = 0
    package var diskFailures = 0
    package var reconnects = 0

    package init() {}
}
