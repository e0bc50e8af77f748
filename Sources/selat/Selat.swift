import ArgumentParser

/// The one executable: starts nodes and regions, pays through them, checks and proves them.
@main
struct Selat: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "selat",
        abstract: "National instant payment systems, linked across borders.",
        subcommands: [Run.self, Simulate.self]
    )
}

/// What a command's exit code says. Source: Specs/Protocol/CommandLine.md.
enum Exit {
    static let accepted = ExitCode(0)
    static let rejected = ExitCode(1)
    static let usage = ExitCode(2)
    static let unreachable = ExitCode(3)
    static let unknown = ExitCode(4)
    static let blocked = ExitCode(5)
}
