import ArgumentParser
import SelatJSON
import SelatRuntime

/// `selat doctor`
struct Doctor: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Say what is wrong with a region, and what to do.",
        discussion: """
            Looks at the machine, the topology's files, certificates, ports, databases and their \
            schema, nodes, links and clocks. Changes nothing. Exits 1 when something will not work.
            """
    )

    @Argument(
        help: ArgumentHelp(
            "The topology's file; without it, the one that was started last.",
            valueName: "topology"
        ),
        completion: .file(extensions: ["yaml"])
    )
    var file: String?

    @OptionGroup var data: DataOptions
    @OptionGroup var options: OutputOptions

    func run() throws {
        let output = options.output
        let findings = try examine()
        output.result(Finding.list(findings))
        let isSound = !findings.contains { $0.severity == .failure }
        output.document(
            "doctor",
            [
                JSONMember("sound", .bool(isSound)),
                JSONMember("findings", .array(findings.map(\.json))),
            ]
        )
        if !isSound { throw Exit.rejected }
    }

    private func examine() throws -> [Finding] {
        let path: String
        do {
            path = try file ?? RegionMemory.file(of: data.directory) ?? Up.defaultTopology
            let topology = try Topology.read(file: path)
            return [
                Finding("topology", .ok, "\(topology.file): \(topology.nodes.count) nodes agree")
            ]
                + Examination(
                    directory: data.directory,
                    topology: topology,
                    ready: try ReadyFile.read(in: data.directory),
                    now: WallClock.now()
                ).findings()
        } catch let error as RuntimeError {
            return error.description.split(separator: "\n").map { line in
                Finding("topology", .failure, String(line))
            }
        }
    }
}
