import ArgumentParser
import SelatAudit
import SelatJSON
import SelatRuntime
import SelatTime

/// `selat trace`
struct TraceCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "trace",
        abstract: "Show a payment at every node: hops, states, times, messages.",
        discussion: "Exits 1 when no node knows the payment."
    )

    @Argument(help: "The payment.")
    var uetr: String

    @Flag(help: "Print the messages' text as well, as each node keeps it.")
    var messages = false

    @OptionGroup var data: DataOptions
    @OptionGroup var options: OutputOptions

    func run() throws {
        let output = options.output
        guard let payment = UUIDv4(uetr) else {
            throw CommandFailure(Exit.usage, "expected a UETR in lower case, got '\(uetr)'")
        }
        let region = try Region(data.directory)
        var answers: [(node: String, body: JSONValue)] = []
        for node in region.topology.nodes {
            do {
                let answer = try region.client(node.node).call(
                    "trace",
                    of: OperatorProtocol.node,
                    ["uetr": .string(uetr)]
                )
                answers.append((node.node, try answer.checked()))
            } catch {
                output.note("selat: \(node.node) is left out: \(error)")
            }
        }
        let trace = try Trace(payment, answers: answers, topology: AuditTopology(region.topology))
        guard !trace.isEmpty else {
            throw CommandFailure(Exit.rejected, "no node of this region knows \(uetr)")
        }
        output.result(trace.text)
        var members = trace.members
        if messages {
            let texts = try texts(of: trace, region)
            for text in texts { output.result("\n\(text.title)\n\(text.text)") }
            members.append(JSONMember("texts", .array(texts.map(\.json))))
        }
        output.document("trace", members)
    }

    private struct Text {
        let title: String
        let node: String
        let number: Int64
        let text: String

        var json: JSONValue {
            ["node": .string(node), "number": .integer(number), "text": .string(text)]
        }
    }

    private func texts(of trace: Trace, _ region: Region) throws -> [Text] {
        var texts: [Text] = []
        for node in Set(trace.hops.map(\.node)).sorted() {
            var after: Int64? = 0
            while let number = after {
                let body = try region.client(node).call(
                    "messages",
                    of: OperatorProtocol.node,
                    ["uetr": .string(uetr), "after": .integer(number)]
                ).checked()
                for message in try body.cursor.elements("messages") {
                    let number: Int64 = try message.integer("number")
                    let hop = trace.hops.first { $0.node == node && $0.number == number }
                    texts.append(
                        Text(
                            title: hop?.line ?? "\(node) #\(number)",
                            node: node,
                            number: number,
                            text: try message.string("text")
                        )
                    )
                }
                after = try body.cursor.optional("next")?.integer()
            }
        }
        return texts
    }
}
