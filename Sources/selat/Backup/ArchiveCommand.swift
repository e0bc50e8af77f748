import ArgumentParser
import Foundation
import SelatJSON
import SelatNode
import SelatRuntime
import SelatSQLite
import SelatTime

/// `selat archive`
struct ArchiveCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "archive",
        abstract: "Move a node's past out of its database, month by month, while it runs or not.",
        discussion: """
            Each month goes into a file of its own beside the database, which must stay there: \
            every report, and the node itself, reads it. What was archived leaves the database \
            some rows at a time; the file does not become smaller, its free pages are used again. \
            Cut short, the same command goes on where it stopped. Exits 1 when the database is \
            damaged, 2 when an archive cannot be written. Specs/Disk.md.
            """
    )

    @Argument(help: "The node's id.")
    var node: String

    @Option(
        help: ArgumentHelp(
            "Archive what is older than this month (2026-11), or than this instant "
                + "(2026-11-23T04:12:05.517Z); the current month unless told otherwise.",
            valueName: "time"
        )
    )
    var before: String?

    @OptionGroup var data: DataOptions
    @OptionGroup var options: OutputOptions

    func run() throws {
        let output = options.output
        let files = NodeFiles(directory: data.directory, node: node)
        let instant = try limit()
        guard FileManager.default.fileExists(atPath: files.database) else {
            throw CommandFailure(
                Exit.usage,
                "expected the database of \(node), found no \(files.database); check the node's id "
                    + "and --data"
            )
        }
        var report = ArchiveReport(node: node, database: files.database, before: instant)
        do {
            let holder = try DatabaseHolder(files)
            report.before = try SQLiteReader(path: files.database).size()
            try holder.tidy()
            while let archive = try Archiving.writeNext(of: files.database, before: instant) {
                try holder.register(archive)
                let file = try archive.file(beside: files.database)
                report.files.append(.init(archive: archive, path: file.path, bytes: file.bytes))
            }
            try holder.tidy()
            report.after = try SQLiteReader(path: files.database).size()
        } catch let error as StoreError {
            throw CommandFailure(error.isDamage ? Exit.rejected : Exit.usage, "\(node): \(error)")
        }
        output.result(report.text)
        output.document("archive", report.members)
    }

    private func limit() throws(CommandFailure) -> Instant {
        guard let before else { return Month(of: WallClock.now()).start }
        guard let instant = Month(before)?.start ?? Instant(before) else {
            throw CommandFailure(
                Exit.usage,
                "--before: expected a month such as 2026-11 or an instant such as "
                    + "2026-11-23T04:12:05.517Z, got '\(before)'"
            )
        }
        return instant
    }
}
