package import ArgumentParser
import Glibc

/// The one executable: starts nodes and regions, pays through them, checks and proves them.
@main
package struct Selat: ParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "selat",
        abstract: "National instant payment systems, linked across borders.",
        discussion: """
            Exit codes: 0 accepted, 1 rejected or a check failed, 2 usage or unreadable input, \
            3 unreachable, 4 outcome unknown, 5 blocked.
            """,
        groupedSubcommands: [
            CommandGroup(
                name: "Region",
                subcommands: [
                    Up.self, Down.self, Status.self, Doctor.self, Certificates.self, Run.self,
                ]
            ),
            CommandGroup(
                name: "Payment",
                subcommands: [
                    QuoteCommand.self, Resolve.self, Pay.self, SendCommand.self, TraceCommand.self,
                    Validate.self,
                ]
            ),
            CommandGroup(
                name: "Book",
                subcommands: [
                    Accounts.self, Positions.self, Fund.self, Ledger.self, ArchiveCommand.self,
                    BackupCommand.self, RestoreCommand.self,
                ]
            ),
            CommandGroup(name: "Proof", subcommands: [Simulate.self, Bench.self]),
        ]
    )

    package init() {}

    /// Runs the command that the arguments name and ends the process with its exit code.
    package static func main() {
        do {
            var command = try parseAsRoot()
            try command.run()
        } catch {
            Glibc.exit(report(error, isJSON: CommandLine.arguments.contains("--json")))
        }
    }

    /// Says why a command ended early, where that is to be said.
    ///
    /// - Parameters:
    ///   - error: What ended it.
    ///   - isJSON: Whether standard output is to be one document.
    /// - Returns: The exit code.
    package static func report(_ error: any Error, isJSON: Bool) -> Int32 {
        let output = Output(isJSON: isJSON)
        if let failure = CommandFailure(error) {
            output.fail(failure)
            return failure.code.rawValue
        }
        let code = exitCode(for: error)
        guard code != .validationFailure else {
            // The parser's own sentences: they name the argument and show the usage.
            output.note(fullMessage(for: error))
            return Exit.usage.rawValue
        }
        let text = message(for: error)
        if code.isSuccess, !text.isEmpty { output.result(text) }
        return code.rawValue
    }
}
