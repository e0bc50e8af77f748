import ArgumentParser
import Foundation
import SelatJSON
import SelatNode
import SelatRuntime
import SelatSQLite
import SelatTime

/// `selat backup`
struct BackupCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "backup",
        abstract: "Copy a node's database, while it runs or not.",
        discussion: """
            The copy is the database of one moment; the node is not held up. Each page is checked \
            as it is read. Where FILE is a backup of this database already, only what was logged \
            since is added to it. Archives are copied beside FILE, unless they are there. Exits 1 \
            when the database is damaged, 2 when FILE cannot be written. Specs/Disk.md.
            """
    )

    @Argument(help: "The node's id.")
    var node: String

    @Argument(help: "Where the copy goes: another disk.", completion: .file())
    var file: String

    @OptionGroup var data: DataOptions
    @OptionGroup var options: OutputOptions

    func run() throws {
        let output = options.output
        let database = NodeFiles(directory: data.directory, node: node).database
        let backup: Backup
        var added: Int?
        do throws(StoreError) {
            if FileManager.default.fileExists(atPath: file) {
                let taken = try Backup.takeLog(of: database, into: file)
                if let damage = taken.damage { throw .corrupt("\(database): \(damage)") }
                try Backup.copyArchives(of: database, besides: file)
                added = taken.batches
                backup = try Backup(reading: file)
            } else {
                backup = try Backup.make(of: database, at: file)
            }
        } catch {
            throw CommandFailure(error.isDamage ? Exit.rejected : Exit.usage, "\(node): \(error)")
        }
        let how = added.map { "\($0) batches added" } ?? "a whole copy"
        output.result("\(file): \(node) up to batch \(backup.lastBatch), \(how)")
        output.document(
            "backup",
            [
                JSONMember("node", .string(node)),
                JSONMember("file", .string(file)),
                JSONMember("added", added.map { .integer($0) } ?? .null),
                JSONMember("lastBatch", .integer(Int(backup.lastBatch))),
                JSONMember("at", .string(backup.greatestInstant.description)),
            ]
        )
    }
}

extension StoreError {
    /// Whether the file itself is at fault.
    var isDamage: Bool {
        switch self {
        case .corrupt: true
        case .unavailable, .wrongVersion: false
        }
    }
}
