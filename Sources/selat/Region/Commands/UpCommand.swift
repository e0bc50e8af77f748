import ArgumentParser
import Foundation
import Glibc
import SelatJSON
import SelatRuntime

/// `selat up`
struct Up: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Start a region: one process for each node.",
        discussion: """
            Makes what is missing in DIR: certificates (pki), ports (endpoints.json), databases. \
            DIR/ready.json appears when every node stands and every link is up. In the \
            foreground it watches the nodes, starts again what dies, and stops all on Ctrl-C; \
            with --detach it leaves them running, and starts only what does not run yet.
            """
    )

    @Argument(
        help: ArgumentHelp("The topology's file.", valueName: "topology"),
        completion: .file(extensions: ["yaml"])
    )
    var file = Up.defaultTopology

    @OptionGroup package var data: DataOptions

    @Flag(help: "Leave the nodes running and return.")
    var detach = false

    @Option(help: "The longest wait for the region, in seconds.")
    var timeout = 60

    @Option(help: "The least urgent messages to log: debug, info, notice, warning, error.")
    var logLevel = "info"

    @OptionGroup package var options: OutputOptions

    init() {}

    /// Where the repository's own region is.
    static let defaultTopology = "Nodes/topologies/strait.yaml"

    func validate() throws {
        guard (1...3600).contains(timeout) else {
            throw ValidationError("--timeout: expected 1 to 3600, got \(timeout)")
        }
    }

    func run() throws {
        let output = options.output
        let topology = try Topology.read(file: file)
        let running = try Up.running(in: data.directory)
        guard detach || running.isEmpty else {
            throw CommandFailure(
                Exit.rejected,
                "expected no running region in \(data.directory), found "
                    + "\(running.keys.sorted().joined(separator: ", ")); stop it with 'selat down', "
                    + "or start what is missing with --detach"
            )
        }
        let interrupts = Interrupts()
        let starter = RegionStarter(
            directory: data.directory,
            topology: topology,
            logLevel: logLevel,
            patience: .seconds(timeout),
            output: output,
            interrupts: interrupts
        )
        let clock = ContinuousClock()
        let begin = clock.now
        let ready = try starter.start(keeping: running)
        let milliseconds = (clock.now - begin).components.attoseconds / 1_000_000_000_000_000
        let seconds = (clock.now - begin).components.seconds
        output.result(
            "\(topology.name): \(ready.nodes.count) nodes and all their links are up after "
                + "\(seconds * 1000 + milliseconds) ms"
        )
        output.document("ready", ready.members(in: data.directory))
        guard !detach else { return }
        output.note("stop with Ctrl-C")
        try Supervisor(starter: starter, ready: ready, interrupts: interrupts).run()
    }

    /// What an earlier start left running.
    private static func running(in directory: String) throws -> [String: NodeProcess] {
        guard let ready = try ReadyFile.read(in: directory) else { return [:] }
        var running: [String: NodeProcess] = [:]
        for node in ready.nodes where node.process.isRunning { running[node.node] = node.process }
        return running
    }
}
