import Foundation
import Glibc
import Logging
import NIOCore
import NIOPosix
import SelatAudit
import SelatMoney
import SelatNode
import SelatParticipant
import SelatRuntime
import SelatSQLite
import SelatScheme
import SelatStorage

/// A region to be loaded: the nodes of a topology, each a process of its own, but the external
/// institutions' nodes in this one, with real links, commits and databases.
final class BenchRegion {
    let topology: Topology
    /// Nodes of institutions that take no part in the load.
    let idle: Set<String>
    let directory: String
    private let interrupts: Interrupts
    private let group: MultiThreadedEventLoopGroup
    private var children: [(node: String, process: NodeProcess)] = []
    /// The institutions' nodes, by id.
    private(set) var running: [String: RunningNode] = [:]
    /// Threads that they share where they have no loop each.
    private let threads: NodeThreads?

    /// The longest wait for a node to stand, and how often is looked.
    private static let patience = Duration.seconds(20)
    /// Links that stand up in a second, at least; some may be turned away and come again.
    private static let linksPerSecond = 10
    /// Institutions up to which each has an event loop of its own; more share so many.
    private static let loops = 4
    /// Of those that share loops, how many may wait for the disk at the same time.
    private static let committers = 16
    private static let interval = Duration.milliseconds(10)

    /// - Parameters:
    ///   - plan: The countries and institutions; the latter run in this process.
    ///   - models: Whose files they are made from.
    ///   - directory: Where the region's data is; certificates and ports of an earlier run stay.
    ///   - interrupts: What may end a wait.
    /// - Throws: `CommandFailure`, `TLSError` or `RuntimeError` when it cannot be prepared.
    init(
        _ plan: LoadedRegion,
        from models: Topology,
        directory: String,
        interrupts: Interrupts
    ) throws {
        try BenchRegion.allowDescriptors()
        try DataDirectory.make(directory)
        try DataDirectory.make(directory + "/nodes")
        let written = try plan.write(from: models, to: directory)
        topology = written.topology
        idle = Set(written.idle)
        self.directory = directory
        self.interrupts = interrupts
        let own = topology.nodes.count { $0.kindName == .participant }
        let loops = min(own, BenchRegion.loops)
        group = MultiThreadedEventLoopGroup(numberOfThreads: max(loops, 1))
        threads = own > loops ? NodeThreads(committers: BenchRegion.committers) : nil
        _ = try RegionCertificates.prepare(
            in: directory,
            for: topology,
            now: WallClock.now()
        )
        let present = try Endpoints.read(in: directory)
        let chosen = try Ports.choose(for: topology.nodes, keeping: present)
        if chosen.hasNew { try chosen.endpoints.write(in: directory) }
        let file = URL(fileURLWithPath: topology.file).standardizedFileURL.path
        try RegionMemory.remember(file, in: directory)
    }

    /// Every institution here has some open files, and a country a socket for each.
    private static func allowDescriptors() throws {
        var limit = rlimit()
        let files = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        guard unsafe getrlimit(files, &limit) == 0 else { return }
        limit.rlim_cur = limit.rlim_max
        _ = unsafe setrlimit(files, &limit)
    }

    // MARK: Beginning and ending

    /// Starts every node but the idle ones and waits until it stands and its link is up.
    ///
    /// - Parameter customers: Given to each institution of this process when its books are opened.
    /// - Throws: `CommandFailure` or `RuntimeError` for a node that does not start.
    func start(customers: Int) throws {
        let others = topology.nodes.filter { $0.kindName != .participant }
        for node in others {
            let files = NodeFiles(directory: directory, node: node.node)
            TextFile.remove(files.ready)
            let process = try NodeProcess.start(
                ["run", node.file, "--data", directory, "--log-level", "notice"],
                log: files.log
            )
            children.append((node.node, process))
        }
        let deadline = ContinuousClock.now + BenchRegion.patience
        for (node, process) in children {
            let files = NodeFiles(directory: directory, node: node)
            while unsafe access(files.ready, F_OK) != 0 {
                guard process.isRunning, ContinuousClock.now < deadline else {
                    throw CommandFailure(
                        Exit.unreachable,
                        "expected node \(node) to stand, got none; see \(files.log)"
                    )
                }
                try pause(BenchRegion.interval)
            }
        }
        try host(topology.nodes.filter { !idle.contains($0.node) }, customers: customers)
    }

    /// Starts the idle institutions, who have no customers, and waits until their links are up.
    ///
    /// - Returns: How many there are, by the country's node.
    /// - Throws: `CommandFailure` or `RuntimeError` for a node that does not start.
    func connectIdle() throws -> [String: Int] {
        let nodes = topology.nodes.filter { idle.contains($0.node) }
        try host(nodes, customers: 0)
        var links: [String: Int] = [:]
        for node in nodes {
            for link in node.links { links[link.peer.node, default: 0] += 1 }
        }
        return links
    }

    /// Runs institutions' nodes in this process.
    private func host(_ nodes: [NodeConfiguration], customers: Int) throws {
        let own = nodes.filter { $0.kindName == .participant }
        let begin = ContinuousClock.now
        for (place, node) in own.enumerated() {
            // No faster than a country's door admits connections of one address.
            let beyond = max(place - Int(HandshakeDoor.newAtOnce) * 9 / 10, 0)
            let wait = Duration.seconds(beyond) / (Int(HandshakeDoor.newPerSecond) * 9 / 10)
            try pause(begin + wait - ContinuousClock.now)
            try host(node, customers: customers)
        }
        let deadline =
            ContinuousClock.now + BenchRegion.patience
            + .seconds(own.count / BenchRegion.linksPerSecond)
        for node in own {
            while try running[node.node]?.onLoop({ $0.linksUp.isEmpty }).wait() ?? true {
                guard ContinuousClock.now < deadline else {
                    throw CommandFailure(
                        Exit.unreachable,
                        "expected the link of \(node.node) to be up, but it is not; see the logs in "
                            + directory
                    )
                }
                try pause(BenchRegion.interval)
            }
        }
    }

    /// Runs an institution's node on a loop of this process.
    private func host(_ node: NodeConfiguration, customers: Int) throws {
        var logger = Logger(label: node.node) { StreamLogHandler.standardError(label: $0) }
        logger.logLevel = .warning
        var plan = try NodeRuntime(node, directory: directory, logger: logger).plan()
        for (party, role) in plan.roles {
            guard let institution = role as? Participant else { continue }
            var configuration = institution.configuration
            configuration.customers += BenchCustomers.customers(
                customers,
                of: configuration.currency
            )
            plan.roles[party] = Participant(configuration)
        }
        plan.threads = threads
        let started = try RunningNode.start(plan, on: group.next()).wait()
        _ = try started.ready.wait()
        running[node.node] = started
    }

    /// Ends every node in order: the institutions, then the processes, by their own ids.
    func stop() {
        for node in running.values { node.stop("the bench is over") }
        for node in running.values {
            do { _ = try node.ended.wait() } catch { continue }
        }
        running = [:]
        threads?.release()
        RegionStopper.stop(children.map(\.process), patience: .seconds(20))
        children = []
        // Nothing runs on the loops any more.
        do { try group.syncShutdownGracefully() } catch { return }
    }

    /// Waits, unless somebody wants the bench to end.
    ///
    /// - Parameter duration: How long.
    /// - Throws: `CommandFailure` when the wait was interrupted or a node has ended.
    func pause(_ duration: Duration) throws {
        let end = ContinuousClock.now + duration
        while true {
            let left = end - ContinuousClock.now
            guard left > .zero else { break }
            guard interrupts.wait(left) != .stop else {
                throw CommandFailure(Exit.rejected, "interrupted; the region has been stopped")
            }
        }
        for (node, process) in children where !process.isRunning {
            let log = NodeFiles(directory: directory, node: node).log
            throw CommandFailure(Exit.rejected, "node \(node) ended under load; see \(log)")
        }
    }

    /// Waits until no payment is open and nothing undelivered at any node. What still is after a
    /// while is for the check of the laws to judge.
    ///
    /// - Throws: `CommandFailure` when the wait was interrupted or a node does not answer.
    func awaitRest() throws {
        let clients = try topology.nodes.map {
            try OperatorClient(socket: NodeFiles(directory: directory, node: $0.node).socket)
        }
        let deadline = ContinuousClock.now + BenchRegion.patience
        // A message that two nodes passed on between the looks at them shows at the next round.
        var quietRounds = 0
        while quietRounds < 2, ContinuousClock.now < deadline {
            let isAtRest = try clients.allSatisfy { client in
                let answer = try client.call("status", of: OperatorProtocol.node)
                return try NodeStatus(answer.checked()).isAtRest(besides: topology.attached)
            }
            quietRounds = isAtRest ? quietRounds + 1 : 0
            try pause(BenchRegion.interval)
        }
    }

    // MARK: Looking

    /// The processes, this one last, each with its name.
    var processes: [(name: String, id: Int32)] {
        children.map { ($0.node, $0.process.pid) } + [("bench", getpid())]
    }

    /// Reads every node's database and checks all laws. Only after `stop`.
    ///
    /// - Returns: What was found.
    /// - Throws: `CommandFailure` for a database that cannot be read.
    func audit() throws(CommandFailure) -> AuditReport {
        try RegionAudit(topology, directory: directory).report(.stopped)
    }
}
