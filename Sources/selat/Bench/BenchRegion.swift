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
    let directory: String
    private let interrupts: Interrupts
    private let group: MultiThreadedEventLoopGroup
    private var children: [(node: String, process: NodeProcess)] = []
    private var institutions: [String: RunningNode] = [:]

    /// The longest wait for a node to stand, and how often is looked.
    private static let patience = Duration.seconds(20)
    private static let interval = Duration.milliseconds(10)

    /// - Parameters:
    ///   - topology: The nodes; those of kind participant run in this process.
    ///   - directory: Where the region's data is; certificates and ports of an earlier run stay.
    ///   - interrupts: What may end a wait.
    /// - Throws: `CommandFailure`, `TLSError` or `RuntimeError` when it cannot be prepared.
    init(_ topology: Topology, directory: String, interrupts: Interrupts) throws {
        self.topology = topology
        self.directory = directory
        self.interrupts = interrupts
        let own = topology.nodes.count { $0.kindName == .participant }
        group = MultiThreadedEventLoopGroup(numberOfThreads: max(own, 1))
        try DataDirectory.make(directory)
        _ = try RegionCertificates.prepare(
            in: directory,
            for: topology,
            now: WallClock.now()
        )
        let present = try Endpoints.read(in: directory)
        let chosen = try Ports.choose(for: topology.nodes, keeping: present)
        if chosen.hasNew { try chosen.endpoints.write(in: directory) }
    }

    // MARK: Beginning and ending

    /// Starts every node and waits until it stands.
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
        for node in topology.nodes where node.kindName == .participant {
            try host(node, customers: customers)
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
        let running = try RunningNode.start(plan, on: group.next()).wait()
        _ = try running.ready.wait()
        institutions[node.node] = running
    }

    /// Ends every node in order: the institutions, then the processes, by their own ids.
    func stop() {
        for node in institutions.keys.sorted() {
            institutions[node]?.stop("the bench is over")
            do { _ = try institutions[node]?.ended.wait() } catch { continue }
        }
        institutions = [:]
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

    // MARK: Looking

    /// The processes, this one last, each with its name.
    var processes: [(name: String, id: Int32)] {
        children.map { ($0.node, $0.process.pid) } + [("bench", getpid())]
    }

    /// An institution that runs in this process.
    struct Institution {
        let node: RunningNode
        let party: PartyID
        let currency: Currency
        let sourceFee: FeeFormula
    }

    /// The first institution of a country that runs in this process.
    func institution(of country: String) -> Institution? {
        for configuration in topology.nodes {
            guard case .participant(let entry) = configuration.kind,
                entry.system.country == country, let first = entry.participants.first,
                case .hosted(let institution) = first.placement,
                let node = institutions[configuration.node]
            else { continue }
            return Institution(
                node: node,
                party: first.party,
                currency: entry.system.currency,
                sourceFee: institution.sourceFee
            )
        }
        return nil
    }

    /// Reads every node's database and checks all laws. Only after `stop`.
    ///
    /// - Returns: What was found.
    /// - Throws: `StoreError`.
    func audit() throws(StoreError) -> AuditReport {
        var dumps: [String: NodeDump] = [:]
        for node in topology.nodes {
            let database = NodeFiles(directory: directory, node: node.node).database
            dumps[node.node] = try SQLiteReader(path: database).dump()
        }
        return Audit(topology: AuditTopology(topology), dumps: dumps, moment: .stopped).report()
    }
}
