import ArgumentParser
package import SelatJSON
import SelatScheme

/// `selat positions`
struct Positions: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show what the hub converted and is owed.",
        discussion: """
            A provider's position is what was received for it less what was paid out; a system's \
            cleared value is what left it less what entered it; receivable is the scheme fee.
            """
    )

    @OptionGroup var data: DataOptions
    @OptionGroup var options: OutputOptions

    func run() throws {
        let output = options.output
        let body = try Region(data.directory).ask(.hub, "positions").checked()
        output.result(try PositionTable.text(body))
        guard case .object(let members) = body else { return }
        output.document("positions", members)
    }
}

/// The hub's answer to `positions`, for people.
package enum PositionTable {
    /// - Parameter body: The answer.
    /// - Returns: One table over all three lists.
    /// - Throws: `JSONError` when it is none.
    package static func text(_ body: JSONValue) throws(JSONError) -> String {
        var table = TextTable(
            ["", "", "currency", "posted", "pending in", "pending out"],
            [.left, .left, .left, .right, .right, .right]
        )
        for (list, owner) in [
            ("positions", "provider"), ("cleared", "system"), ("receivable", "system"),
        ] {
            for row in try body.cursor.elements(list) {
                table.add([
                    list == "positions" ? "position" : list, try row.string(owner),
                    try row.string("currency"), try row.string("posted"),
                    try row.string("pendingIn"), try row.string("pendingOut"),
                ])
            }
        }
        return table.text
    }
}
