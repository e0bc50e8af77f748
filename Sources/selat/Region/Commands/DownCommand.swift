import ArgumentParser
import SelatJSON
import SelatRuntime

/// `selat down`
struct Down: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Stop a region.",
        discussion: """
            Ends the processes that DIR/ready.json names, in order: each finishes what it is \
            committing. A process that only happens to have such a number is left alone. \
            Databases and certificates stay.
            """
    )

    @OptionGroup package var data: DataOptions

    @Option(help: "The longest wait before a node is killed, in seconds.")
    var timeout = 20

    @OptionGroup package var options: OutputOptions

    init() {}

    func run() throws {
        let output = options.output
        let nodes = try ReadyFile.read(in: data.directory)?.nodes ?? []
        let running = nodes.filter(\.process.isRunning)
        let killed = RegionStopper.stop(running.map(\.process), patience: .seconds(timeout))
        TextFile.remove(ReadyFile.file(in: data.directory))
        let names = running.map(\.node)
        output.result(
            names.isEmpty
                ? "nothing runs in \(data.directory)" : "stopped \(names.joined(separator: ", "))"
        )
        let stubborn = running.filter { killed.contains($0.process) }.map(\.node)
        if !stubborn.isEmpty {
            output.note(
                "selat: \(stubborn.joined(separator: ", ")) did not end in \(timeout) s and had "
                    + "to be killed; nothing committed is lost"
            )
        }
        output.document(
            "down",
            [
                JSONMember("stopped", .array(names.map { .string($0) })),
                JSONMember("killed", .array(stubborn.map { .string($0) })),
            ]
        )
    }
}
