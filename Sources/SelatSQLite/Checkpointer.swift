import CSQLite
import Glibc

/// Copies the write-ahead log back into the database on a thread of its own, so that no commit
/// waits for it. Passive: it never takes the writer's lock.
///
/// SQLite syncs the database only when it has copied the whole log, which under load only the writer
/// achieves: it would find all that the thread has copied still to be synced, and commits would
/// wait for that. So the thread syncs what it copies, little by little, as other syncs on the disk
/// wait behind it. Source: Specs/Decisions/0030-the-thread-syncs-what-it-copies.md.
///
/// SAFETY: `isRequested`, `isStopping`, `isFinished` and `failure` are touched under `mutex` only.
/// `connection` belongs to the thread from `init` to `stop`, which joins it; from elsewhere it is
/// only interrupted, which SQLite allows. The thread holds this object until it ends, and `stop`
/// is called before the store is let go.
@safe
final class Checkpointer {
    private var connection: SQLiteConnection?
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private var thread: pthread_t?
    private var isRequested = false
    private var isStopping = false
    private var isFinished = false
    /// Pages copied between two syncs: 1 MB.
    private static let pace: Int32 = 256
    /// Why a pass failed: the log is not copied back, and what was written may not be on the disk.
    private var failure: String?

    init(path: String, vfs: String?) throws(SQLiteError) {
        let connection = try SQLiteConnection(path: path, mode: .write, vfs: vfs)
        try connection.execute("PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 0")
        // A connection knows the journal mode, and with it the log, from its first read on.
        _ = try connection.integer("PRAGMA user_version")
        connection.syncs(every: Checkpointer.pace)
        self.connection = connection
        unsafe pthread_mutex_init(mutex, nil)
        unsafe pthread_cond_init(condition, nil)
        start()
    }

    deinit {
        unsafe pthread_cond_destroy(condition)
        unsafe pthread_mutex_destroy(mutex)
        unsafe condition.deallocate()
        unsafe mutex.deallocate()
    }

    /// Asks for one pass; a request during a pass asks for another.
    func request() {
        locked {
            isRequested = true
            unsafe pthread_cond_signal(condition)
        }
    }

    /// True once after each pass: what the log got meanwhile is little, and can be copied by the
    /// writer between two commits.
    func takeFinished() -> Bool {
        locked {
            defer { isFinished = false }
            return isFinished
        }
    }

    /// Why a pass failed, if one did. Nothing may go on then: a later sync answers for later
    /// writes only.
    func takeFailure() -> String? { locked { failure } }

    /// Ends the thread; a pass under way is cut short, which loses nothing.
    ///
    /// - Parameter copiesBack: False after an error: closing is to change nothing.
    func stop(copiesBack: Bool) {
        // The writer's connection must be the last one: it copies the log back as it closes.
        defer { connection = nil }
        if !copiesBack { connection?.closeWithoutCheckpoint() }
        guard let thread, let connection else { return }
        locked {
            isStopping = true
            unsafe pthread_cond_signal(condition)
        }
        // A pass that begins after this sees `isStopping`; one under way ends at its next page.
        unsafe sqlite3_interrupt(connection.handle)
        pthread_join(thread, nil)
        self.thread = nil
    }

    // MARK: The thread

    private func start() {
        let context = unsafe Unmanaged.passRetained(self).toOpaque()
        // Signals are for the daemon's own threads.
        var all = sigset_t()
        var before = sigset_t()
        unsafe sigfillset(&all)
        unsafe pthread_sigmask(SIG_SETMASK, &all, &before)
        var thread = pthread_t()
        let code = unsafe pthread_create(&thread, nil, checkpointThread, context)
        unsafe pthread_sigmask(SIG_SETMASK, &before, nil)
        if code == 0 {
            self.thread = thread
        } else {
            // Without a thread the writer checkpoints, in its own time.
            unsafe Unmanaged<Checkpointer>.fromOpaque(context).release()
        }
    }

    fileprivate func run() {
        guard let connection else { return }
        while waitForRequest() {
            // The second pass copies what the log got during the first.
            let error = copyBack(connection) ?? (isToEnd ? nil : copyBack(connection))
            locked {
                isFinished = true
                failure = failure ?? error
            }
        }
    }

    /// One pass. Answers what failed.
    private func copyBack(_ connection: SQLiteConnection) -> String? {
        connection.checkpoint() ?? connection.syncRest()
    }

    private var isToEnd: Bool { locked { isStopping } }

    /// False when the thread is to end.
    private func waitForRequest() -> Bool {
        locked {
            while !isRequested, !isStopping { unsafe pthread_cond_wait(condition, mutex) }
            isRequested = false
            return !isStopping
        }
    }

    private func locked<Value>(_ body: () -> Value) -> Value {
        unsafe pthread_mutex_lock(mutex)
        defer { unsafe pthread_mutex_unlock(mutex) }
        return body()
    }
}

private func checkpointThread(_ context: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    guard let context = unsafe context else { return nil }
    let checkpointer = unsafe Unmanaged<Checkpointer>.fromOpaque(context).takeRetainedValue()
    checkpointer.run()
    return nil
}
