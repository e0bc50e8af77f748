import SelatNode
import SelatScheme
import SelatStorage
import SelatTime
import Synchronization

/// What was found about the payments of a share.
struct Judgement: Sendable {
    var violations: [Violation] = []
    var inFlight: [UUIDv4] = []
    var payments = 0
}

extension Audit {
    /// Does something so many times, with the numbers from 0 on.
    package typealias Runner = (_ count: Int, _ body: @Sendable @escaping (Int) -> Void) -> Void

    /// What `body` makes of each number, in their order.
    ///
    /// - Throws: What it threw at the lowest number; after that nothing more is begun.
    static func each<Value: Sendable, Failure: Error>(
        _ count: Int,
        _ run: Runner,
        _ body: @Sendable @escaping (Int) throws(Failure) -> Value
    ) throws(Failure) -> [Value] {
        let results = Results<Value, Failure>()
        run(count) { number in
            guard !results.haveFailed else { return }
            results.add(number, Result { () throws(Failure) in try body(number) })
        }
        return try results.sorted()
    }

    /// All that a share's payments show.
    func judgement<History: StoredHistory>(
        on share: Share,
        of histories: [String: History]
    ) throws(History.Failure) -> Judgement {
        var dumps: [String: NodeDump] = [:]
        var crossings: [String: [StoredMessage]] = [:]
        // Shares that are read at the same time begin at different nodes.
        let nodes = histories.keys.sorted()
        for index in nodes.indices {
            let node = nodes[(index + share.number) % nodes.count]
            guard let part = try histories[node]?.part(share) else { continue }
            dumps[node] = part.dump
            crossings[node] = part.crossings
        }
        var evidence = Evidence(topology: topology, dumps: dumps)
        if let hub = topology.nodes[.hub], let history = histories[hub] {
            evidence.add(try history.records(evidence.namedQuotes))
        }
        return judgement(dumps, crossings, evidence)
    }

    private func judgement(
        _ dumps: [String: NodeDump],
        _ crossings: [String: [StoredMessage]],
        _ evidence: Evidence
    ) -> Judgement {
        var judgement = Judgement()
        for (node, dump) in dumps.sorted(by: { $0.key < $1.key }) {
            judgement.violations += JournalLives(node: node, dump.journals).violations
            judgement.violations += statusViolations(node: node, dump: dump)
            judgement.violations += answerViolations(node: node, dump: dump)
        }
        for payment in evidence.payments {
            if isSettled(payment, evidence) {
                judgement.violations += bookingViolations(payment, evidence)
                judgement.violations += agreementViolations(payment, evidence)
                continue
            }
            judgement.inFlight.append(payment.uetr)
            if moment == .stopped {
                judgement.violations.append(
                    Violation(
                        .liveness,
                        at: "region",
                        uetr: payment.uetr,
                        "not final: \(payment.openPlaces.joined(separator: ", "))"
                    )
                )
            }
        }
        judgement.payments = evidence.payments.count
        judgement.violations += quoteViolations(evidence)
        judgement.violations += acknowledgementViolations(dumps)
        judgement.violations += intrusionViolations(dumps, evidence)
        if moment == .stopped { judgement.violations += crossingViolations(crossings) }
        return judgement
    }

    /// Whether the laws across nodes hold for a payment already.
    private func isSettled(_ payment: Evidence.Payment, _ evidence: Evidence) -> Bool {
        payment.isFinal
            && (moment == .stopped
                || !payment.awaitsReversal && !isSeenInPart(payment, evidence))
    }
}

/// What came of several things done at the same time.
private final class Results<Value: Sendable, Failure: Error>: Sendable {
    private let results = Mutex<[Int: Result<Value, Failure>]>([:])
    private let failed = Atomic(false)

    var haveFailed: Bool { failed.load(ordering: .relaxed) }

    func add(_ number: Int, _ result: Result<Value, Failure>) {
        if case .failure = result { failed.store(true, ordering: .relaxed) }
        results.withLock { $0[number] = result }
    }

    func sorted() throws(Failure) -> [Value] {
        var values: [Value] = []
        for (_, result) in results.withLock({ $0 }).sorted(by: { $0.key < $1.key }) {
            values.append(try result.get())
        }
        return values
    }
}
