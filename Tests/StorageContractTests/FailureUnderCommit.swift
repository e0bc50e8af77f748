import Glibc
import SelatNode
import SelatSQLite
import Testing

/// A store whose disk fails in the middle of COMMIT: no file of this process may grow, so that
/// the log cannot take the next frames. Runs in a process of its own.
enum FailureUnderCommit {
    static func run() throws {
        let folder = try TemporaryFolder()
        let path = folder.file("node.db")
        try failing(path)
        // Opened again it goes on.
        let again = try SQLiteStore(path: path)
        try #require(again.commit(record("b")) == .committed)
    }

    private static func failing(_ path: String) throws {
        let store = try SQLiteStore(path: path)
        try #require(store.commit(record("a")) == .committed)
        let before = try SQLiteReader(path: path).dump()
        let whole = try limitFiles(to: UInt(log(of: path).count))
        let outcome = store.commit(record("b"))
        guard case .unknown = outcome else {
            Issue.record("expected .unknown, got \(outcome)")
            exit(2)
        }
        _ = try limitFiles(to: whole)
        // There is room again, and still nothing is accepted or told.
        guard case .failed = store.commit(record("b")) else { exit(3) }
        guard case .unavailable = fetchError(store) else { exit(4) }
        try #require(try SQLiteReader(path: path).dump() == before)
    }

    private static func record(_ key: String) -> CommitBatch {
        batch { $0.records = [Sample.record(key, [1])] }
    }

    /// Answers the limit that held before.
    private static func limitFiles(to size: UInt) throws -> UInt {
        signal(SIGXFSZ, SIG_IGN)
        let resource = __rlimit_resource_t(RLIMIT_FSIZE.rawValue)
        var limit = rlimit()
        try #require(unsafe getrlimit(resource, &limit) == 0)
        let before = limit.rlim_cur
        limit.rlim_cur = size
        try #require(unsafe setrlimit(resource, &limit) == 0)
        return before
    }

    private static func fetchError(_ store: SQLiteStore) -> StoreError? {
        do {
            _ = try store.fetch([.payment(Sample.hub, Sample.uetr(1))])
            return nil
        } catch {
            return error
        }
    }
}
