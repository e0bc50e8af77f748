import Foundation
import SelatAudit
import SelatNode
import SelatRuntime
import SelatSQLite
import SelatScheme
import SelatStorage
import Synchronization

/// The laws over the databases of a region's nodes.
struct RegionAudit {
    /// Payments, quotes and the like that are judged at a time: some 6,000 payments, for which
    /// all nodes together take half a gigabyte.
    private static let share = 16_000
    /// Shares that are read at the same time.
    private static let threads = 2

    private let topology: Topology
    private let directory: String

    /// - Parameters:
    ///   - topology: The region.
    ///   - directory: Where its data is.
    init(_ topology: Topology, directory: String) {
        self.topology = topology
        self.directory = directory
    }

    /// Reads every database, as it is at one moment, and judges it.
    ///
    /// - Parameter moment: Whether nodes run.
    /// - Returns: What was found.
    /// - Throws: `CommandFailure` for a database that cannot be read.
    func report(_ moment: Audit.Moment) throws(CommandFailure) -> AuditReport {
        var histories: [String: DatabaseHistory] = [:]
        for node in topology.nodes {
            let path = NodeFiles(directory: directory, node: node.node).database
            histories[node.node] = try DatabaseHistory(node.node, path)
        }
        return try Audit(topology: AuditTopology(topology), moment: moment)
            .report(of: histories, in: Shares(of: RegionAudit.share), RegionAudit.run)
    }

    /// On threads of their own, as soon as one is free.
    private static func run(_ count: Int, _ body: @Sendable @escaping (Int) -> Void) {
        let next = Atomic(0)
        let workers = DispatchGroup()
        for _ in 0..<min(count, threads) {
            workers.enter()
            let worker = Thread {
                while true {
                    let (number, _) = next.wrappingAdd(1, ordering: .relaxed)
                    guard number < count else { break }
                    body(number)
                }
                workers.leave()
            }
            worker.stackSize = 8 << 20
            worker.start()
        }
        workers.wait()
    }
}

/// A database at one moment; its readers take turns.
private final class DatabaseHistory: StoredHistory {
    private let history: Mutex<SQLiteHistory>
    private let path: String

    init(_ node: String, _ path: String) throws(CommandFailure) {
        self.path = path
        do throws(StoreError) {
            history = Mutex(try SQLiteReader(path: path).history(of: LinkID(node)))
        } catch {
            throw CommandFailure(Exit.usage, "\(path): \(error)")
        }
    }

    func stretch(
        after place: Int64,
        _ shares: Shares
    ) throws(CommandFailure) -> (dump: NodeDump, last: Int64)? {
        try read { history throws(StoreError) in try history.stretch(after: place, shares) }
    }

    func standing() throws(CommandFailure) -> NodeDump {
        try read { history throws(StoreError) in try history.standing() }
    }

    func part(_ share: Share) throws(CommandFailure) -> HistoryPart {
        try read { history throws(StoreError) in try history.part(share) }
    }

    func records(_ keys: [RecordKey]) throws(CommandFailure) -> [StoredRecord] {
        try read { history throws(StoreError) in try history.records(keys) }
    }

    private func read<Value: Sendable>(
        _ body: @Sendable (SQLiteHistory) throws(StoreError) -> Value
    ) throws(CommandFailure) -> Value {
        let result = history.withLock { history in
            Result { () throws(StoreError) in try body(history) }
        }
        do throws(StoreError) { return try result.get() } catch {
            throw CommandFailure(Exit.usage, "\(path): \(error)")
        }
    }
}
