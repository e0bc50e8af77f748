import ArgumentParser
import Foundation
import Glibc
import SelatJSON
import SelatRuntime
import SelatScheme
import SelatTLS
import SelatTime

/// Brings a region up: certificates, ports, one process for each node, and the wait until every
/// node stands and every link is up.
struct RegionStarter {
    let directory: String
    let topology: Topology
    let logLevel: String
    let patience: Duration
    let output: Output
    let interrupts: Interrupts

    /// How often the nodes' files and links are looked at while waiting; a signal ends a wait.
    private static let interval = Duration.milliseconds(10)

    /// Starts what does not run yet.
    ///
    /// - Parameter running: Processes of an earlier start that still run, by node.
    /// - Returns: What runs now, written to `ready.json`.
    /// - Throws: `CommandFailure`; whatever this call started has ended then.
    func start(keeping running: [String: NodeProcess] = [:]) throws -> ReadyFile {
        try DataDirectory.make(directory)
        let now = WallClock.now()
        let issued = try RegionCertificates.prepare(in: directory, for: topology, now: now)
        if !issued.isEmpty {
            output.progress("issued certificates to \(issued.joined(separator: ", "))")
        }
        let endpoints = try chooseEndpoints()
        let file = URL(fileURLWithPath: topology.file).standardizedFileURL.path
        try RegionMemory.remember(file, in: directory)
        var processes = running
        var started: [NodeProcess] = []
        do {
            for node in topology.nodes where running[node.node] == nil {
                let process = try launch(node)
                processes[node.node] = process
                started.append(process)
            }
            let deadline = ContinuousClock.now + patience
            try awaitReady(processes, until: deadline)
            try awaitLinks(until: deadline)
        } catch {
            RegionStopper.stop(started, patience: .seconds(10))
            throw error
        }
        let ready = ReadyFile(
            topology: file,
            since: WallClock.now(),
            nodes: topology.nodes.compactMap { node in
                processes[node.node].map { entry(node, $0, endpoints) }
            }
        )
        try ready.write(in: directory)
        return ready
    }

    /// Starts one node again and waits until it stands.
    func restart(_ node: NodeConfiguration) throws -> NodeProcess {
        let process = try launch(node)
        try awaitReady([node.node: process], until: ContinuousClock.now + patience)
        return process
    }

    private func chooseEndpoints() throws -> Endpoints {
        let present = try Endpoints.read(in: directory)
        let chosen = try Ports.choose(for: topology.nodes, keeping: present)
        if chosen.hasNew { try chosen.endpoints.write(in: directory) }
        return chosen.endpoints
    }

    private func launch(_ node: NodeConfiguration) throws -> NodeProcess {
        let files = NodeFiles(directory: directory, node: node.node)
        TextFile.remove(files.ready)
        return try NodeProcess.start(
            ["run", node.file, "--data", directory, "--log-level", logLevel],
            log: files.log
        )
    }

    private func entry(
        _ node: NodeConfiguration,
        _ process: NodeProcess,
        _ endpoints: Endpoints
    ) -> ReadyFile.Node {
        ReadyFile.Node(
            node: node.node,
            kind: node.kindName.rawValue,
            process: process,
            endpoint: node.listen.map { endpoints[node.node] ?? $0 },
            parties: node.hosted.map(\.name),
            certificate: NodeFiles(directory: directory, node: node.node).credentials
                .certificateChainFile
        )
    }

    // MARK: Waiting

    private func awaitReady(
        _ processes: [String: NodeProcess],
        until deadline: ContinuousClock.Instant
    ) throws {
        var waiting = processes.keys.sorted()
        while true {
            waiting.removeAll { node in
                unsafe access(NodeFiles(directory: directory, node: node).ready, F_OK) == 0
            }
            for node in waiting where processes[node]?.isRunning != true {
                throw ended(node)
            }
            guard !waiting.isEmpty else { return }
            guard ContinuousClock.now < deadline else {
                throw CommandFailure(
                    Exit.unreachable,
                    "expected all nodes to stand within \(patience.wholeSeconds) s, still waiting "
                        + "for \(waiting.joined(separator: ", ")); see their logs in \(directory)"
                )
            }
            try pause()
        }
    }

    private func awaitLinks(until deadline: ContinuousClock.Instant) throws {
        for node in topology.nodes {
            let files = NodeFiles(directory: directory, node: node.node)
            let client = try OperatorClient(socket: files.socket)
            while true {
                let answer = try client.call("status", of: OperatorProtocol.node)
                let down = try NodeStatus(answer.body).unsettledLinks(
                    besides: topology.attached
                )
                guard !down.isEmpty else { break }
                guard ContinuousClock.now < deadline else {
                    throw CommandFailure(
                        Exit.unreachable,
                        "expected every link to be settled within \(patience.wholeSeconds) s, "
                            + "\(node.node) waits for \(down.joined(separator: ", ")); "
                            + "see \(files.log)"
                    )
                }
                try pause()
            }
        }
    }

    private func pause() throws {
        guard interrupts.wait(RegionStarter.interval) != .stop else {
            throw CommandFailure(Exit.rejected, "interrupted; what was started has been stopped")
        }
    }

    /// Why a node is no more, with the end of its log.
    func ended(_ node: String) -> CommandFailure {
        let log = NodeFiles(directory: directory, node: node).log
        let lines = LogFile.lastLines(log, 3)
        return CommandFailure(
            Exit.unreachable,
            (["node \(node) ended; its log, \(log), ends with"] + lines.map { "  " + $0 })
                .joined(separator: "\n")
        )
    }
}

extension Duration {
    /// For sentences.
    var wholeSeconds: Int64 { components.seconds }
}
