import ArgumentParser
import Glibc
import SelatRuntime

/// Watches the nodes of a region in the foreground: what dies is started again, unless it died at
/// once; an interrupt ends all.
struct Supervisor {
    let starter: RegionStarter
    private(set) var ready: ReadyFile
    let interrupts: Interrupts

    /// A node that lived shorter than this would only die again.
    private static let shortLife = Duration.seconds(5)

    init(starter: RegionStarter, ready: ReadyFile, interrupts: Interrupts) {
        self.starter = starter
        self.ready = ready
        self.interrupts = interrupts
    }

    /// Until an interrupt; all nodes have ended when it returns.
    ///
    /// - Throws: `CommandFailure` when a node can not be kept alive.
    func run() throws {
        defer { TextFile.remove(ReadyFile.file(in: starter.directory)) }
        var nodes = ready.nodes
        var births = [ContinuousClock.Instant](repeating: .now, count: nodes.count)
        while true {
            switch interrupts.wait(.seconds(3600)) {
            case .nothing: continue
            case .stop:
                starter.output.note("stopping")
                RegionStopper.stop(nodes.map(\.process), patience: .seconds(20))
                return
            case .child: Supervisor.bury()
            }
            for index in nodes.indices where !nodes[index].process.isRunning {
                let node = nodes[index]
                let failure = starter.ended(node.node)
                guard let configuration = starter.topology.node(node.node),
                    births[index] + Supervisor.shortLife < .now
                else {
                    RegionStopper.stop(nodes.map(\.process), patience: .seconds(20))
                    throw failure
                }
                starter.output.note("selat: \(failure)\nselat: starting \(node.node) again")
                nodes[index] = ReadyFile.Node(
                    node: node.node,
                    kind: node.kind,
                    process: try starter.restart(configuration),
                    endpoint: node.endpoint,
                    parties: node.parties,
                    certificate: node.certificate
                )
                births[index] = .now
                try ReadyFile(topology: ready.topology, since: ready.since, nodes: nodes)
                    .write(in: starter.directory)
            }
        }
    }

    /// Takes the exit codes of dead children, so that they are not left waiting.
    private static func bury() {
        var status: Int32 = 0
        while unsafe waitpid(-1, &status, WNOHANG) > 0 {}
    }
}
