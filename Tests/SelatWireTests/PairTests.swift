import SelatTime
import SelatWire
import Testing

/// Whatever breaks and whenever: each message does its work once and in order.
@Suite struct PairTests {
    /// What may go wrong in a run.
    struct Faults {
        var cuts = true
        var crashes = true
    }

    static func steps(_ count: Int, seed: UInt64, _ faults: Faults) -> [Pair.Step] {
        var generator = SeededGenerator(seed: seed, stream: "pair")
        return [.connect]
            + (0..<count).map { _ in
                let node = Int(generator.next() % 2)
                switch generator.next() % 100 {
                case 0..<25: return .enqueue(node)
                case 25..<29: return .ask(node)
                case 29..<33: return .answer(node)
                case 33..<70:
                    let all = generator.chance(1, in: 3)
                    return .bytes(to: node, all ? .max : Int(generator.next() % 120) + 1)
                case 70..<85: return .commit(node, Int(generator.next() % 4) + 1)
                case 85..<88: return .tick(.seconds(Int64(generator.next() % 12)))
                case 88..<92: return .connect
                case 92..<96 where faults.cuts:
                    return .cut(
                        keep: [Int(generator.next() % 200), Int(generator.next() % 200)],
                        noticedBy: [[], [0], [1], [0, 1]][Int(generator.next() % 4)]
                    )
                case 96..<100 where faults.crashes: return .crash(node)
                default: return .enqueue(node)
                }
            }
    }

    private func expectExactlyOnceInOrder(_ pair: Pair, _ run: String) {
        #expect(pair.failures.isEmpty, "\(run)")
        for node in 0...1 {
            #expect(pair.nodes[1 - node].disk.effects == pair.nodes[node].disk.said, "\(run)")
        }
    }

    @Test(arguments: 0..<200)
    func everyMessageHasItsEffectOnceAndInOrder(_ seed: UInt64) {
        var pair = Pair()
        for step in Self.steps(300, seed: seed, Faults()) { pair.run(step) }
        pair.settle()
        expectExactlyOnceInOrder(pair, "seed \(seed)")
        #expect(pair.nodes[0].disk.said.count > 20 && pair.nodes[1].disk.said.count > 20)
        #expect(pair.replays == 0, "a crash looked like a restored backup: seed \(seed)")
    }

    @Test(arguments: 0..<6)
    func aCrashOrACutBetweenAnyTwoStepsIsSurvived(_ seed: UInt64) {
        let steps = Self.steps(80, seed: seed, Faults(cuts: false, crashes: false))
        let faults: [Pair.Step] =
            [.crash(0), .crash(1), .connect]
            + [[], [0], [1], [0, 1]].map { .cut(keep: [7, 31], noticedBy: $0) }
        for index in 0...steps.count {
            for fault in faults {
                var pair = Pair()
                for step in steps[..<index] { pair.run(step) }
                pair.run(fault)
                for step in steps[index...] { pair.run(step) }
                pair.settle()
                expectExactlyOnceInOrder(pair, "seed \(seed), \(fault) before step \(index)")
            }
        }
    }

    @Test(arguments: 0..<100)
    func aRestoredNodeAndItsPeerMissNothingThatEitherStillKeeps(_ seed: UInt64) {
        var generator = SeededGenerator(seed: seed, stream: "restore")
        var steps = Self.steps(300, seed: seed, Faults())
        let node = Int(generator.next() % 2)
        let taken = Int.random(in: 0...200, using: &generator)
        let restored = Int.random(in: taken...290, using: &generator)
        steps.insert(.snapshot(node), at: taken)
        steps.insert(.restore(node), at: restored + 1)
        var pair = Pair()
        for step in steps { pair.run(step) }
        pair.settle()
        #expect(pair.failures.isEmpty, "seed \(seed)")
        for node in 0...1 {
            let effects = pair.nodes[1 - node].disk.effects
            #expect(Set(effects).isSuperset(of: pair.nodes[node].disk.said), "seed \(seed)")
            #expect(Set(effects).count == effects.count, "seed \(seed)")
        }
    }

    @Test func aPeerRestoredFromABackupGetsWhatItLost() {
        var pair = Pair()
        pair.run(.connect)
        for _ in 0..<6 { pair.run(.enqueue(0)) }
        pair.run(.snapshot(1))
        pair.settle()
        #expect(pair.nodes[1].disk.effects.count == 6)
        pair.run(.restore(1))
        #expect(pair.nodes[1].disk.effects.isEmpty)
        pair.settle()
        #expect(pair.replays == 1)
        #expect(pair.nodes[1].disk.effects == pair.nodes[0].disk.said)
    }

    @Test func aHalfOpenConnectionIsGivenUpBySilence() {
        var pair = Pair()
        pair.run(.connect)
        for node in [0, 1] { pair.run(.bytes(to: node, .max)) }
        pair.run(.cut(keep: [0, 0], noticedBy: []))
        pair.run(.enqueue(0))
        for _ in 0..<3 { pair.run(.tick(.seconds(10))) }
        #expect(pair.nodes[0].session == nil && pair.nodes[1].session == nil)
        pair.settle()
        #expect(pair.nodes[1].disk.effects == pair.nodes[0].disk.said)
    }
}
