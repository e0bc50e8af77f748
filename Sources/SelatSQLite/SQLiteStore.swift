import CSQLite
package import SelatNode
import SelatScheme
import SelatStorage
import SelatTime

/// The embedded store: one SQLite database, one writer.
///
/// The write-ahead log is synced at each commit (`synchronous=FULL`) and copied back by a thread
/// of its own. Used by one thread at a time. Readers may open the file while it runs.
/// Source: Specs/Protocol/Database.md.
package final class SQLiteStore: Store {
    let connection: SQLiteConnection
    let statements: Statements
    var cache: StoreCache
    private let options: SQLiteOptions
    private let checkpointer: Checkpointer
    private let logSize: LogSize
    /// Pages at which the next checkpoint is asked for; grows while a reader holds the log.
    private var nextCheckpoint: Int32
    /// As SQLite counts the commits of others; `nil` before the first look.
    private var dataVersion: Int64?
    /// Why nothing is accepted any more.
    private var stopped: String?
    /// Last, so that it is freed after the connections are closed.
    private let lock: WriterLock

    /// Opens the database at `path`, or creates it, and brings its schema up to date.
    ///
    /// Throws `.unavailable` when another process writes it or the file cannot be used,
    /// `.wrongVersion` when a newer program wrote it, `.corrupt` when it is damaged.
    package init(path: String, options: SQLiteOptions = SQLiteOptions()) throws(StoreError) {
        lock = try WriterLock(database: path)
        try createPrivateFile(path)
        let endedUncleanly = (fileSize(path + "-wal") ?? 0) > 0
        let connection = try asStoreError { () throws(SQLiteError) in
            try SQLiteConnection(path: path, mode: .write)
        }
        let opening = Opening(connection)
        try opening.checkIdentity()
        try opening.configure(options)
        let mustCheck =
            switch options.integrityCheck {
            case .always: true
            case .afterUncleanEnd: endedUncleanly
            case .never: false
            }
        if mustCheck { try opening.checkIntegrity() }
        try opening.migrate()
        statements = try asStoreError { () throws(SQLiteError) in try Statements(connection) }
        checkpointer = try asStoreError { () throws(SQLiteError) in try Checkpointer(path: path) }
        self.connection = connection
        cache = StoreCache(options)
        self.options = options
        nextCheckpoint = options.checkpointPages
        logSize = LogSize(connection)
    }

    deinit { checkpointer.stop() }

    // MARK: Reading

    package func recover() throws(StoreError) -> Recovered {
        try checkNotStopped()
        return try asStoreError { () throws(SQLiteError) in try Recovery(connection).read() }
    }

    package func fetch(_ keys: [FactKey]) throws(StoreError) -> [FactKey: Fact] {
        try checkNotStopped()
        var facts: [FactKey: Fact] = [:]
        facts.reserveCapacity(keys.count)
        try asStoreError { () throws(SQLiteError) in
            // One read transaction: the log's lock is taken once, and not for every statement.
            try statements.transactions.beginReading.run()
            do throws(SQLiteError) {
                _ = try wasWrittenByAnother()
                for key in keys { facts[key] = try fact(key) }
            } catch {
                rollBack()
                throw error
            }
            try statements.transactions.commit.run()
        }
        return facts
    }

    private func checkNotStopped() throws(StoreError) {
        if let stopped { throw .unavailable(StorageSentence.refused(stopped)) }
    }

    // MARK: Committing

    package func commit(_ batch: CommitBatch) -> CommitOutcome {
        if let stopped { return .failed(StorageSentence.refused(stopped)) }
        finishCheckpoint()
        do {
            try statements.transactions.begin.run()
        } catch {
            return .failed(error.description)
        }
        do throws(Refusal) {
            guard try !found({ () throws(SQLiteError) in try wasWrittenByAnother() }) else {
                throw .conflict
            }
            try write(batch)
        } catch {
            rollBack()
            switch error {
            case .conflict: return .conflict
            case .failed(let why): return .failed(why)
            }
        }
        do {
            try statements.transactions.commit.run()
        } catch {
            stopped = error.description
            rollBack()
            return .unknown(error.description)
        }
        askForCheckpoint()
        return .committed
    }

    /// Nobody else should write, but the lock is only this program's: somebody with a tool can.
    /// Then what is remembered is worth nothing, and what rests on it is decided again.
    private func wasWrittenByAnother() throws(SQLiteError) -> Bool {
        let look = statements.transactions.dataVersion
        defer { look.reset() }
        guard try look.step() else { return false }
        let version = look.integer(0)
        defer { dataVersion = version }
        guard let dataVersion, dataVersion != version else { return false }
        cache.removeAll()
        return true
    }

    /// After this nothing of the transaction is left, neither on the disk nor in memory.
    private func rollBack() {
        cache.removeAll()
        guard connection.isInTransaction else { return }
        do {
            try statements.transactions.rollback.run()
        } catch {
            stopped = stopped ?? error.description
        }
    }

    // MARK: The log

    /// Sets `max_page_count` anew, as an operator who gives the database more room.
    package func setPageLimit(_ pages: Int) throws(StoreError) {
        do {
            try connection.execute("PRAGMA max_page_count = \(pages)")
        } catch {
            throw error.storeError
        }
    }

    private func askForCheckpoint() {
        let pages = logSize.pages
        // The log begins again at its start once all of it was copied.
        if pages < nextCheckpoint - options.checkpointPages {
            nextCheckpoint = options.checkpointPages
        }
        guard pages >= nextCheckpoint else { return }
        nextCheckpoint = pages + options.checkpointPages
        checkpointer.request()
    }

    /// Under steady load the thread never catches the last pages; between two commits the writer
    /// copies those few, and the log can begin anew. Also the whole of it, should the thread fail.
    private func finishCheckpoint() {
        let isOverdue = logSize.pages >= options.checkpointPages * 16
        guard checkpointer.takeFinished() || isOverdue else { return }
        _ = unsafe sqlite3_wal_checkpoint_v2(
            connection.handle,
            nil,
            SQLITE_CHECKPOINT_PASSIVE,
            nil,
            nil
        )
    }
}

/// The pages in the write-ahead log after the last commit, as SQLite's hook reports them.
///
/// SAFETY: the hook runs inside `sqlite3_step` on the writer's own thread; `counter` outlives the
/// connection's last step, because both belong to the store.
@safe
final class LogSize {
    private let counter = UnsafeMutablePointer<Int32>.allocate(capacity: 1)

    init(_ connection: SQLiteConnection) {
        unsafe counter.initialize(to: 0)
        _ = unsafe sqlite3_wal_hook(
            connection.handle,
            { context, _, _, pages in
                unsafe context?.assumingMemoryBound(to: Int32.self).pointee = pages
                return SQLITE_OK
            },
            counter
        )
    }

    deinit { unsafe counter.deallocate() }

    var pages: Int32 { unsafe counter.pointee }
}
