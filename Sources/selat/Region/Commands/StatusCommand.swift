import ArgumentParser
import SelatJSON
import SelatRuntime

/// `selat status`
struct Status: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show the region's nodes and links.",
        discussion: """
            Exits 0 when every node answers and every link is up, 1 when some are not, 3 when \
            no region runs.
            """
    )

    @OptionGroup package var data: DataOptions
    @OptionGroup package var options: OutputOptions

    init() {}

    func run() throws {
        let output = options.output
        let region = try Region(data.directory)
        let table = StatusTable(
            region.topology.nodes.map { node in
                do {
                    let answer = try region.client(node.node).call(
                        "status",
                        of: OperatorProtocol.node
                    )
                    return .up(try NodeStatus(try answer.checked()))
                } catch {
                    return .down(node: node.node, kind: node.kindName.rawValue, why: "\(error)")
                }
            },
            attached: region.topology.attached
        )
        output.result(table.text)
        output.document("status", table.members)
        if !table.isWhole { throw Exit.rejected }
    }
}
