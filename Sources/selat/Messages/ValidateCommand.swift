import ArgumentParser
import SelatJSON

/// Checks message files against the schema and every rule of the network that one message alone
/// can break.
struct Validate: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Check ISO 20022 message files against the network's rules.",
        discussion: """
            One line for each violation: file, reason code, element path, what was expected and \
            what was found. Rules that need a database (a stored quote, an earlier message) are \
            the nodes' to check. Exits 1 when there is a violation, 2 when a file is unreadable.
            """
    )

    @Argument(
        help: ArgumentHelp("The files to check; '-' is standard input.", valueName: "file"),
        completion: .file(extensions: ["xml"])
    )
    var files: [String]

    @OptionGroup package var options: OutputOptions

    init() {}

    func run() throws {
        let output = options.output
        var verdicts: [MessageVerdict] = []
        var unreadable = false
        for file in files {
            do throws(CommandFailure) {
                let verdict = MessageVerdict(file: file, bytes: try InputFile.read(file))
                verdicts.append(verdict)
                if !output.isJSON { output.result(verdict.text) }
            } catch {
                unreadable = true
                output.note("selat: \(error)")
                verdicts.append(MessageVerdict(file: file, unreadable: error.description))
            }
        }
        output.document("validate", [JSONMember("files", .array(verdicts.map(\.json)))])
        if unreadable { throw Exit.usage }
        if verdicts.contains(where: { !$0.isValid }) { throw Exit.rejected }
    }
}
