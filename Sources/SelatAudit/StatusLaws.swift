package import SelatNode
import SelatScheme
import SelatStorage
import SelatTime

/// Laws I6 and I8, over the history of one node.
extension Audit {
    func statusViolations(node: String, dump: NodeDump) -> [Violation] {
        var violations: [Violation] = []
        var current: [PaymentKey: UInt8] = [:]
        for step in dump.history {
            let row = step.row
            let key = PaymentKey(instance: row.instance, uetr: row.uetr)
            let before = current.updateValue(row.to, forKey: key)
            if row.from != before {
                violations.append(
                    Violation(
                        .monotonicStatus,
                        at: "\(node) \(row.instance)",
                        uetr: row.uetr,
                        "step \(step.sequence) does not start where the last one ended"
                    )
                )
            }
            if let violation = Audit.stepViolation(row, node: node, topology: topology) {
                violations.append(violation)
            }
        }
        for stored in dump.payments {
            let key = PaymentKey(instance: stored.instance, uetr: stored.uetr)
            if current[key] != stored.row.state {
                violations.append(
                    Violation(
                        .monotonicStatus,
                        at: "\(node) \(stored.instance)",
                        uetr: stored.uetr,
                        "the row is not where its history ends"
                    )
                )
            }
        }
        return violations
    }
}

extension Audit {
    /// One step against the published states, as it is committed. Laws I6 and I8.
    package static func stepViolation(
        _ row: HistoryRow,
        node: String,
        topology: AuditTopology
    ) -> Violation? {
        guard let kind = topology.kinds[row.instance],
            let fault = PublishedState.fault(kind, row, model: topology.model(of: row.instance))
        else { return nil }
        return Violation(fault.law, at: "\(node) \(row.instance)", uetr: row.uetr, fault.text)
    }
}

extension PublishedState {
    /// Whether the state a step leads to is final for its party.
    package static func isFinal(_ row: HistoryRow, in topology: AuditTopology) -> Bool {
        topology.kinds[row.instance].flatMap { of($0, number: row.to) }?.outcome.isFinal ?? true
    }
}
