import SelatISO20022
import SelatJSON
import SelatNode
import SelatScheme
import SelatTime

/// What an institution was told to answer, for tests and demonstrations: the scripted outcome
/// stands in for what a person or another system of the bank would say.
struct ScriptedOutcome: Equatable {
    enum Kind: String {
        case accept
        case reject
        case block
        case acceptWithoutPosting
        case silent
        case delay
    }

    var kind: Kind
    var reason: ReasonCode?
    /// How long a delay lasts, or the time from ACWP to the later answer.
    var milliseconds: Int64?
    /// How often it still applies; `nil` until it is taken back.
    var times: Int64?
}

/// All scripted outcomes of one institution, in one record so that the usual case, none, costs
/// one look.
struct Script: Equatable {
    /// `creditor:<account>`, `creditor` and the two access providers.
    static let key = "outcomes"
    private static let layout: UInt8 = 1

    private(set) var outcomes: [(key: String, outcome: ScriptedOutcome)] = []

    static func == (lhs: Script, rhs: Script) -> Bool {
        lhs.outcomes.elementsEqual(rhs.outcomes) { $0.key == $1.key && $0.outcome == $1.outcome }
    }

    init() {}

    init(_ row: RecordRow?) {
        guard let row else { return }
        do {
            var reader = try RecordReader(row.content, layout: Script.layout)
            let count = try reader.integer()
            for _ in 0..<max(count, 0) {
                let key = try reader.text()
                guard let kind = ScriptedOutcome.Kind(rawValue: try reader.text()) else {
                    throw RecordError.damaged(at: 0)
                }
                let outcome = ScriptedOutcome(
                    kind: kind,
                    reason: try reader.optionalText().flatMap(ReasonCode.init),
                    milliseconds: try reader.optionalInteger(),
                    times: try reader.optionalInteger()
                )
                outcomes.append((key, outcome))
            }
        } catch {
            preconditionFailure("\(error)")
        }
    }

    var bytes: [UInt8] {
        RecordWriter.record(layout: Script.layout) { writer in
            writer.write(outcomes.count)
            for (key, outcome) in outcomes {
                writer.write(key)
                writer.write(outcome.kind.rawValue)
                writer.write(outcome.reason?.code)
                writer.write(outcome.milliseconds)
                writer.write(outcome.times)
            }
        }
    }

    /// `accept` without a count takes an earlier outcome back.
    mutating func set(_ outcome: ScriptedOutcome, for key: String) {
        outcomes.removeAll { $0.key == key }
        if outcome.kind == .accept, outcome.times == nil { return }
        outcomes.append((key, outcome))
    }

    /// The outcome of the first of `keys` that has one; counts it as used.
    mutating func take(_ keys: [String]) -> ScriptedOutcome? {
        for key in keys {
            guard let index = outcomes.firstIndex(where: { $0.key == key }) else { continue }
            let outcome = outcomes[index].outcome
            if let times = outcome.times {
                if times <= 1 {
                    outcomes.remove(at: index)
                } else {
                    outcomes[index].outcome.times = times - 1
                }
            }
            return outcome
        }
        return nil
    }
}
