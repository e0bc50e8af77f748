import Glibc
import SelatLedger
import SelatMoney
import SelatNode
import SelatRuntime
import SelatSQLite
import SelatScheme
import SelatTime

/// Prints what one payment costs in the embedded store: `storage-cost DATABASE [BATCH [BATCHES]]`;
/// the same rows as plain rows: `storage-cost raw DATABASE [BATCH [BATCHES]]`;
/// what a restart costs: `storage-cost recovery DATABASE [FINISHED [OPEN]]`;
/// and what a node's own batches cost: `storage-cost replay SOURCE DATABASE [BATCHES]`.
///
/// Each batch is a hub's: per payment a row, a receipt, a record changed, a journal of three
/// transfers, two steps of history, one message in and one out of 2.5 KB; then the answers, which
/// change the payment, post the journal and bring two messages of 1.2 KB. CPU is the whole
/// process's, the checkpoint thread's included. Memory is had as a node has it.
@main
enum StorageCost {
    static func main() throws {
        Memory.keep()
        let arguments = CommandLine.arguments
        func number(_ index: Int, or usual: Int) -> Int {
            arguments.count > index ? Int(arguments[index]) ?? usual : usual
        }
        switch arguments.dropFirst().first {
        case nil:
            print("usage: storage-cost DATABASE [BATCH [BATCHES]]")
            print("       storage-cost raw DATABASE [BATCH [BATCHES]]")
            print("       storage-cost recovery DATABASE [FINISHED [OPEN]]")
            print("       storage-cost replay SOURCE DATABASE [BATCHES]")
            return
        case "raw" where arguments.count > 2:
            return try measureRaw(arguments[2], number(3, or: 100), number(4, or: 200))
        case "recovery" where arguments.count > 2:
            return try RecoveryCost.run(
                arguments[2],
                finished: number(3, or: 1_000_000),
                open: number(4, or: 10_000)
            )
        case "fill" where arguments.count > 4:
            return try RecoveryCost.fill(
                arguments[2],
                finished: number(3, or: 0),
                open: number(4, or: 0)
            )
        case "replay" where arguments.count > 3:
            return try ReplayCost.run(arguments[2], into: arguments[3], number(4, or: Int.max))
        case "start" where arguments.count > 2: return try RecoveryCost.start(arguments[2])
        default: break
        }
        let size = number(2, or: 100)
        let batches = number(3, or: 200)
        let store = try SQLiteStore(path: arguments[1])
        var load = Load(size: size)
        guard store.commit(load.opening()) == .committed else { return }
        var first = Meter()
        var second = Meter()
        for number in 1...batches {
            guard store.commit(load.quotes()) == .committed else { return }
            try measure(&first, store, load.instructions())
            try measure(&second, store, load.answers())
            guard number % max(batches / 5, 1) == 0 else { continue }
            print("\(number * size) payments")
            first.report("  pacs.008", size)
            second.report("  pacs.002", size)
            first = Meter()
            second = Meter()
        }
    }

    private static func measureRaw(_ path: String, _ size: Int, _ batches: Int) throws {
        guard let rows = RawRows(path) else { throw StoreError.unavailable("no database \(path)") }
        var meter = Meter()
        for _ in 0..<batches {
            meter.start()
            let isCommitted = rows.commit(size)
            meter.stop()
            precondition(isCommitted, "SQLite would not commit plain rows")
        }
        meter.report("  raw rows", size)
    }

    private static func measure(
        _ meter: inout Meter,
        _ store: SQLiteStore,
        _ work: (keys: [FactKey], batch: CommitBatch)
    ) throws {
        meter.start()
        _ = try store.fetch(work.keys)
        let outcome = store.commit(work.batch)
        meter.stop()
        precondition(outcome == .committed, "\(outcome)")
    }
}

/// Nanoseconds of CPU and of the wall.
struct Meter {
    private var began: (process: Int, thread: Int, wall: Int) = (0, 0, 0)
    private var process = 0
    private var thread = 0
    private var walls: [Int] = []

    mutating func start() { began = Meter.now() }

    mutating func stop() {
        let now = Meter.now()
        process += now.process - began.process
        thread += now.thread - began.thread
        walls.append(now.wall - began.wall)
    }

    func report(_ name: String, _ size: Int) { report(name, payments: walls.count * size) }

    func report(_ name: String, payments: Int) {
        guard payments > 0, !walls.isEmpty else { return }
        let sorted = walls.sorted()
        print(
            "\(name): CPU \(tenths(process, payments)) us/payment, writer's thread "
                + "\(tenths(thread, payments)), wall \(tenths(walls.reduce(0, +), payments)); "
                + "commit p50 \(sorted[sorted.count / 2] / 1000) us, p99 "
                + "\(sorted[sorted.count * 99 / 100] / 1000) us, max \(sorted[sorted.count - 1] / 1000) us"
        )
    }

    private func tenths(_ nanoseconds: Int, _ payments: Int) -> String {
        let value = nanoseconds / payments / 100
        return "\(value / 10).\(value % 10)"
    }

    private static func now() -> (process: Int, thread: Int, wall: Int) {
        (read(CLOCK_PROCESS_CPUTIME_ID), read(CLOCK_THREAD_CPUTIME_ID), read(CLOCK_MONOTONIC))
    }

    private static func read(_ clock: clockid_t) -> Int {
        var time = timespec()
        _ = unsafe clock_gettime(clock, &time)
        return time.tv_sec * 1_000_000_000 + time.tv_nsec
    }
}
