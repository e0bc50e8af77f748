import ArgumentParser
import SelatAudit
import SelatJSON
import SelatRuntime

/// `selat ledger`
struct Ledger: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Judge the books of all nodes.",
        subcommands: [LedgerCheck.self]
    )
}

/// `selat ledger check`
struct LedgerCheck: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Hold every node's database to the laws.",
        discussion: """
            Reads the databases themselves, whether their nodes run or not, and writes nothing. \
            While nodes run each database is a snapshot of its own: the laws across nodes are held \
            against payments that are final everywhere, the others are listed as in flight. When \
            none runs, everything must be final, delivered and equal. Exits 1 when a law is \
            broken. The laws: Specs/Rulebook/Laws.md. Each database is read twice, at last some \
            thousands of payments at a time, so memory hardly grows with their number. A running \
            node cannot shorten its write-ahead log meanwhile: it grows by what is written until \
            the check is over, some minutes for millions of payments.
            """
    )

    @Option(
        help: ArgumentHelp(
            "The topology, where DIR does not remember it.",
            valueName: "topology"
        ),
        completion: .file(extensions: ["yaml"])
    )
    var topology: String?

    @OptionGroup var data: DataOptions
    @OptionGroup var options: OutputOptions

    func run() throws {
        let output = options.output
        let remembered = try RegionMemory(data.directory, topology: topology)
        let report = try RegionAudit(remembered.topology, directory: data.directory)
            .report(remembered.isRunning ? .running : .stopped)
        let summary = LedgerSummary(report, isRunning: remembered.isRunning)
        output.result(summary.text)
        output.document("ledger", summary.members)
        if !report.isLawful { throw Exit.rejected }
    }
}
