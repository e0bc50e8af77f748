import Glibc
import SelatISO20022
import SelatNode
import SelatScheme
import SelatSimulator
import Synchronization

/// What the roles' decisions cost: a day without faults, with a clock around each.
enum DecisionCost {
    /// Decisions of one kind.
    private struct Tally {
        var count = 0
        var nanoseconds = 0

        mutating func add(_ nanoseconds: Int) {
            count += 1
            self.nanoseconds += nanoseconds
        }
    }

    private final class Ledger: Sendable {
        let tallies = Mutex<[String: Tally]>([:])
    }

    /// The role, its answers unchanged.
    private struct Timed: Role {
        let role: any Role
        let kind: String
        let ledger: Ledger

        func facts(for event: Event, known: Facts, _ keys: inout [FactKey]) {
            role.facts(for: event, known: known, &keys)
        }

        func asksOnce(for event: Event) -> Bool { role.asksOnce(for: event) }

        func decide(_ event: Event, given facts: Facts, _ decision: inout Decision) {
            let start = Stopwatch.now(CLOCK_MONOTONIC)
            role.decide(event, given: facts, &decision)
            let end = Stopwatch.now(CLOCK_MONOTONIC)
            if let name = name(event) {
                ledger.tallies.withLock { $0[name, default: Tally()].add(end - start) }
            }
        }

        private func name(_ event: Event) -> String? {
            switch event.body {
            case .message(_, .iso(let message)):
                "\(message.kind.messageNameIdentification) at \(kind)"
            case .request(_, _, let request): "\(request.operation) at \(kind)"
            case .message, .malformed, .timer, .opening: nil
            }
        }
    }

    /// Microseconds of each decision by name, the smallest mean of several days; the time that it
    /// takes to look at the clock is taken off. Only what every payment passes.
    static func measure(payments: Int) -> [(name: String, microseconds: Double)] {
        var best: [String: Double] = [:]
        let look = clock()
        for _ in 0..<5 {
            let ledger = Ledger()
            var wrapper = Saboteur.none
            wrapper.role = { party, role in
                Timed(role: role, kind: "\(type(of: role))", ledger: ledger)
            }
            let result = Simulation.run(
                SimulationPlan(seed: 12, payments: payments, isFaulty: false),
                saboteur: wrapper
            )
            guard result.violations.isEmpty else { fatalError("a calm day broke a law") }
            for (name, tally) in ledger.tallies.withLock({ $0 }) where tally.count >= payments / 2 {
                let mean = Double(tally.nanoseconds) / Double(tally.count) - look
                best[name] = min(best[name] ?? .infinity, mean / 1000)
            }
        }
        return best.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }

    /// Nanoseconds between two looks at the clock with nothing in between.
    private static func clock() -> Double {
        let start = Stopwatch.now(CLOCK_MONOTONIC)
        for _ in 0..<10_000 { _ = Stopwatch.now(CLOCK_MONOTONIC) }
        return Double(Stopwatch.now(CLOCK_MONOTONIC) - start) / 10_000
    }
}
