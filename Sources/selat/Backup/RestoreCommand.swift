import ArgumentParser
import SelatJSON
import SelatNode
import SelatRuntime
import SelatSQLite

/// `selat restore`
struct RestoreCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "restore",
        abstract: "Put a backup in the place of a node's database and reconcile it with its peers.",
        discussion: """
            The node must be stopped; its peers may run. --log rolls the backup forward over what \
            another copy of the database has logged since: usually the damaged database itself, \
            whose log is checked batch by batch. Then the log is compared with those of the \
            node's peers. What they sent and this node acknowledged and has no longer is sent \
            again when the node is back. What this node itself said about a payment must be in its \
            log: when some of that is missing, every such message is listed, nothing is changed \
            and the exit code is 1. The old database stays beside the new one. Specs/Disk.md.
            """
    )

    @Argument(help: "The node's id.")
    var node: String

    @Argument(help: "What 'selat backup' wrote.", completion: .file())
    var file: String

    @Option(
        help: "A database to roll forward over, such as DIR/<node>.sqlite; may be given again.",
        completion: .file()
    )
    var log: [String] = []

    @Option(
        help: "Where the peers' databases are, or copies of them; DIR unless told otherwise.",
        completion: .directory
    )
    var against: String?

    @Flag(help: "Go on although peers' databases cannot be read: their links take new epochs.")
    var unreconciled = false

    @OptionGroup var data: DataOptions
    @OptionGroup var options: OutputOptions

    func run() throws {
        let output = options.output
        let database = NodeFiles(directory: data.directory, node: node).database
        let peers = against ?? data.directory
        var report = RestoreReport(node: node)
        do throws(StoreError) {
            let restoration = try Restoration(of: database, from: file)
            for source in log {
                let taken = try restoration.takeLog(of: source)
                report.rolledForward += taken.batches
                if let damage = taken.damage { report.damage.append("\(source): \(damage)") }
            }
            report.findings = try restoration.findings(node: node) { link in
                NodeFiles(directory: peers, node: link.node).database
            }
            if report.isComplete || (unreconciled && report.findings.words.isEmpty) {
                var random = SystemRandomNumberGenerator()
                report.old = try restoration.finish(report.findings, at: WallClock.now()) {
                    random.next() | 1
                }
                report.isDone = true
            }
        } catch {
            throw CommandFailure(error.isDamage ? Exit.rejected : Exit.usage, "\(node): \(error)")
        }
        output.result(report.text)
        output.document("restore", report.members)
        if !report.isDone { throw Exit.rejected }
    }
}
