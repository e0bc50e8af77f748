import SelatAudit
import SelatNode
import SelatScheme
import SelatTime

/// Which ways through the published states were gone: one cell per kind of party and step.
package struct Coverage: Hashable, Sendable {
    /// One way from a state, or from nothing, into another.
    package struct Step: Hashable, Sendable, Comparable, CustomStringConvertible {
        /// `hub`, `4-step system`, `5-step participant` ...
        package let kind: String
        package let from: String?
        package let to: String

        package init(kind: String, from: String?, to: String) {
            self.kind = kind
            self.from = from
            self.to = to
        }

        /// `hub: Forwarded > Completed`, as the list of unreached cells has it.
        package var description: String { "\(kind): \(from ?? "-") > \(to)" }

        package static func < (lhs: Step, rhs: Step) -> Bool { lhs.description < rhs.description }
    }

    private struct Key: WordHashable {
        let instance: PartyID
        let from: UInt8?
        let to: UInt8

        func feed(_ hasher: inout WordHasher) {
            instance.feed(&hasher)
            hasher.combine(UInt64(from ?? .max) << 8 | UInt64(to))
        }
    }

    private var counts: [Key: Int] = [:]

    package init() {}

    mutating func note(_ row: HistoryRow) {
        counts[Key(instance: row.instance, from: row.from, to: row.to), default: 0] += 1
    }

    /// How often each step was taken; staying in a state is no step.
    func steps(in topology: AuditTopology) -> [Step: Int] {
        var steps: [Step: Int] = [:]
        for (key, count) in counts where key.from != key.to {
            guard let kind = topology.kinds[key.instance],
                let to = PublishedState.of(kind, number: key.to)
            else { continue }
            let from = key.from.flatMap { PublishedState.of(kind, number: $0) }
            let step = Step(
                kind: topology.coverageKind(of: key.instance),
                from: from?.name,
                to: to.name
            )
            steps[step, default: 0] += count
        }
        return steps
    }

    /// Every cell there is: each published step, and each state as a beginning.
    package static var cells: [Step] {
        let tables: [(String, [PublishedState])] = [
            ("hub", PublishedState.hub), ("provider", PublishedState.provider),
            ("4-step system", PublishedState.system), ("5-step system", PublishedState.system),
            ("4-step participant", PublishedState.participant),
            ("5-step participant", PublishedState.participant),
        ]
        let steps = tables.flatMap { kind, table in
            table.flatMap { state in
                [Step(kind: kind, from: nil, to: state.name)]
                    + table.filter(state.mayPrecede).map {
                        Step(kind: kind, from: state.name, to: $0.name)
                    }
            }
        }
        // Both legs of a system have states of the same names.
        return Set(steps).sorted()
    }
}

extension AuditTopology {
    fileprivate func coverageKind(of party: PartyID) -> String {
        let model = model(of: party).map { $0 == .fourStep ? "4-step " : "5-step " } ?? ""
        switch kinds[party] {
        case .hub: return "hub"
        case .system: return model + "system"
        case .participant: return model + "participant"
        case .provider: return "provider"
        case .directory, nil: return "none"
        }
    }
}
