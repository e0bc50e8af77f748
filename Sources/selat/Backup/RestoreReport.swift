import SelatJSON
import SelatNode
import SelatSQLite
import SelatScheme
import SelatTime

/// What `selat restore` found and did.
struct RestoreReport {
    let node: String
    /// Batches taken from logs.
    var rolledForward = 0
    /// Where a log could not be read on.
    var damage: [String] = []
    var findings = Restoration.Findings()
    var isDone = false
    /// Where the old database is now.
    var old: String?

    init(node: String) { self.node = node }

    /// Whether every peer was compared and none has a word that the node lacks.
    var isComplete: Bool { findings.words.isEmpty && findings.unread.isEmpty }

    /// For people.
    var text: String {
        var lines = ["\(rolledForward) batches rolled forward"]
        lines += damage.map { "the log ends here: \($0)" }
        lines += findings.unread.sorted { $0.key < $1.key }.map {
            "not compared with \($0.key): \($0.value)"
        }
        lines += findings.words.map { "missing: \(line($0)), which \($0.link) received" }
        lines += findings.toCome.map { "will come again: \(line($0)), from \($0.link)" }
        if !findings.notices.isEmpty {
            lines.append("\(findings.notices.count) announcements taken into the log again")
        }
        if isDone {
            lines.append(old.map { "restored; the old database is \($0)" } ?? "restored")
        } else if findings.words.isEmpty {
            lines.append(
                "not restored: bring the peers' databases (--against), or go on without comparing "
                    + "(--unreconciled)"
            )
        } else {
            lines.append(
                "not restored: \(node) would not know what it has told its peers; roll it forward "
                    + "over a younger backup or over its damaged database (--log)"
            )
        }
        return lines.joined(separator: "\n")
    }

    private func line(_ message: RetainedMessage) -> String {
        let kind = Trace.Hop.name(ofKind: message.kind)
        let uetr = message.uetr.map { " of \($0)" } ?? ""
        return "\(kind)\(uetr), number \(message.sequence), \(message.from) to \(message.to)"
    }

    /// The document's members.
    var members: [JSONMember] {
        [
            JSONMember("node", .string(node)),
            JSONMember("restored", .bool(isDone)),
            JSONMember("rolledForward", .integer(rolledForward)),
            JSONMember("damage", .array(damage.map { .string($0) })),
            JSONMember("missing", .array(findings.words.map { $0.document })),
            JSONMember("toCome", .array(findings.toCome.map { $0.document })),
            JSONMember("notices", .integer(findings.notices.count)),
            JSONMember(
                "notCompared",
                .array(findings.unread.keys.sorted().map { .string($0.node) })
            ),
            JSONMember("replaced", old.map { .string($0) } ?? .null),
        ]
    }
}

extension RetainedMessage {
    fileprivate var document: JSONValue {
        [
            "peer": .string(link.node), "kind": .string(Trace.Hop.name(ofKind: kind)),
            "sequence": .string("\(sequence)"), "from": .string(from.name), "to": .string(to.name),
            "uetr": uetr.map { .string($0.description) } ?? .null,
        ]
    }
}
