import SelatAudit

/// Looks for a shorter history that breaks the same law: fewer payments first, then fewer faults.
/// Delta debugging, bounded, so that it always ends.
package enum Shrinker {
    /// Runs at most.
    package static let limit = 200

    /// The shortest plan found that still breaks the law that the result's first violation names.
    package static func shortest(
        _ result: SimulationResult,
        saboteur: Saboteur = .none
    ) -> SimulationResult {
        guard let law = result.violations.first?.law else { return result }
        var best = result
        var runs = 0
        func breaks(_ plan: SimulationPlan) -> Bool {
            guard runs < limit else { return false }
            runs += 1
            let next = Simulation.run(plan, saboteur: saboteur)
            guard next.violations.contains(where: { $0.law == law }) else { return false }
            best = next
            return true
        }
        let payments = result.plan.onlyPayments ?? Array(0..<result.plan.payments)
        _ = reduce(payments) { kept in
            var plan = best.plan
            plan.onlyPayments = kept
            return breaks(plan)
        }
        _ = reduce(Array(Set(best.faults)).sorted()) { kept in
            var plan = best.plan
            plan.onlyFaults = Set(kept)
            return breaks(plan)
        }
        return best
    }

    /// Takes away halves, quarters, eighths ... as long as what is left still fails.
    private static func reduce<Element>(
        _ elements: [Element],
        _ fails: ([Element]) -> Bool
    ) -> [Element] {
        var kept = elements
        if fails([]) { return [] }
        var size = (kept.count + 1) / 2
        while size > 0, !kept.isEmpty {
            var start = 0
            var isShorter = false
            while start < kept.count {
                let rest = Array(kept[..<start] + kept[min(start + size, kept.count)...])
                if rest.count < kept.count, !rest.isEmpty, fails(rest) {
                    kept = rest
                    isShorter = true
                } else {
                    start += size
                }
            }
            if size == 1, !isShorter { break }
            size = size == 1 ? 1 : (size + 1) / 2
        }
        return kept
    }
}
