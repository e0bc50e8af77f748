import CSQLite
package import SelatNode
import SelatScheme
import SelatStorage
import SelatTime

/// The embedded store: one SQLite database, one writer.
///
/// A commit appends one row to the log and syncs it (`synchronous=FULL`); what the batches lead to
/// is kept in memory and written to the tables later, many changes at once. The write-ahead log is
/// copied back by a thread of its own. Used by one thread at a time; readers may open the file
/// while it runs. Source: Specs/Protocol/Database.md.
package final class SQLiteStore: Store {
    private let connection: SQLiteConnection
    private let statements: Statements
    private let tables: Tables
    private var state: LiveState
    private var folding: (rows: Folding, frontier: Frontier)?
    /// Up to here the tables hold everything.
    private var foldedBatch: Int64 = 0
    /// Up to here they are to hold everything soon, whatever the size of the generation.
    private var foldsThrough: Int64 = 0
    private let archives: Archives
    /// The archive whose rows are leaving.
    private var clearing: Clearing?
    /// The batch at hand, then each row that is folded.
    private var writer = BatchWriter()
    /// The batch at hand, packed.
    private var block = BatchWriter()
    private let options: SQLiteOptions
    private let checkpointer: Checkpointer
    private let logSize: LogSize
    /// Pages at which the next checkpoint is asked for; grows while a reader holds the log.
    private var nextCheckpoint: Int32
    /// As SQLite counts the commits of others; `nil` before the first look.
    private var dataVersion: Int64?
    /// The log at the last look, or after the last commit.
    private var knownLog: LogState?
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
        try Restoration.checkNoneIsUnfinished(path)
        try createPrivateFile(path)
        // SQLite keeps its log beside the file itself, wherever a link to it may be.
        let path = try realPath(of: path)
        try WriteAheadLog(database: path)?.secure()
        let vfs = try Opening.markPages(of: path)
        let connection = try asStoreError { () throws(SQLiteError) in
            try SQLiteConnection(path: path, mode: .write, vfs: vfs)
        }
        let opening = Opening(connection)
        try opening.checkIdentity()
        try opening.configure(options)
        try opening.migrate()
        let statements = try asStoreError { () throws(SQLiteError) in try Statements(connection) }
        let (archives, tables) = try asStoreError { () throws(SQLiteError) in
            let archives = try Archives(connection, beside: path)
            try archives.check()
            let index = try KeyIndex(connection, capacity: options.eraKeys)
            return (archives, try Tables(connection, statements.rows, index, archives))
        }
        state = try asStoreError { () throws(SQLiteError) in
            try connection.snapshot { () throws(SQLiteError) in
                try Recovery(connection, tables).state()
            }
        }
        checkpointer = try asStoreError { () throws(SQLiteError) in
            try Checkpointer(path: path, vfs: vfs)
        }
        clearing = try asStoreError { () throws(SQLiteError) in
            try Clearing(archives, statements.clearing)
        }
        self.archives = archives
        foldedBatch = state.lastBatch - Int64(state.young.batches)
        self.connection = connection
        self.statements = statements
        self.tables = tables
        self.options = options
        nextCheckpoint = options.checkpointPages
        logSize = LogSize(connection)
    }

    deinit {
        if stopped != nil { connection.closeWithoutCheckpoint() }
        checkpointer.stop(copiesBack: stopped == nil)
    }

    // MARK: Reading

    package func recover() throws(StoreError) -> Recovered {
        try checkNotStopped()
        return try asStoreError { () throws(SQLiteError) in
            try connection.snapshot { () throws(SQLiteError) in
                try Recovery(connection, tables).recovered(state)
            }
        }
    }

    package func fetch(_ keys: [FactKey]) throws(StoreError) -> [Fact] {
        try checkNotStopped()
        do throws(StoreError) {
            try lookForOthers()
            // What is not in memory is read: the log's lock is taken once for all of many reads.
            // The few keys of a small batch are mostly there, and need none.
            guard keys.count > SQLiteStore.fewKeys else { return try state.facts(keys) }
            try run(statements.transactions.beginReading)
            let facts = try state.facts(keys)
            try run(statements.transactions.commit)
            return facts
        } catch {
            stopped = stopped ?? error.description
            rollBack()
            throw error
        }
    }

    /// What a batch of one or two events asks for.
    private static let fewKeys = 16

    /// Before what is remembered is relied upon. The look itself takes the log's lock; mostly the
    /// log is as this store left it, and none is needed.
    private func lookForOthers() throws(StoreError) {
        let log = connection.logState
        guard log == nil || log != knownLog else { return }
        try run(statements.transactions.beginReading)
        if try asStoreError({ () throws(SQLiteError) in try wasWrittenByAnother() }) {
            try makeStateAgain()
        }
        try run(statements.transactions.commit)
        knownLog = log
    }

    private func run(_ statement: Statement) throws(StoreError) {
        try asStoreError { () throws(SQLiteError) in _ = try statement.run() }
    }

    package func sent(
        _ link: LinkID,
        epoch: UInt64,
        from first: UInt64,
        through last: UInt64
    ) throws(StoreError) -> [RetainedMessage] {
        try checkNotStopped()
        return try asStoreError { () throws(SQLiteError) in
            try LogSearch(tables.log).messages(
                .sent,
                link,
                epoch: epoch,
                from: first,
                through: last
            )
        }
    }

    private func checkNotStopped() throws(StoreError) {
        if let stopped { throw .unavailable(StorageSentence.refused(stopped)) }
    }

    // MARK: Committing

    package func commit(_ batch: CommitBatch) -> CommitOutcome {
        if let stopped { return .failed(StorageSentence.refused(stopped)) }
        if let failure = finishCheckpoint() {
            stopped = failure
            return .failed(failure)
        }
        do {
            try statements.transactions.begin.run()
        } catch {
            stopped = error.description
            return .failed(error.description)
        }
        do throws(Refusal) {
            guard try !found({ () throws(SQLiteError) in try wasWrittenByAnother() }) else {
                throw .conflict
            }
            LoggedBatch.encode(batch, numbers: state.numbers, into: &writer)
            let rows = state.young.rows
            try state.apply(batch)
            try found { () throws(SQLiteError) in
                try logWritten(at: batch.at)
                try fold(besides: state.young.rows - rows)
                try clear()
                try merge(besides: state.young.rows - rows)
            }
        } catch {
            return refuse(error)
        }
        do {
            try statements.transactions.commit.run()
        } catch {
            stopped = error.description
            rollBack()
            return .unknown(error.description)
        }
        knownLog = connection.logState
        askForCheckpoint()
        return .committed
    }

    private func found<Value>(_ read: () throws(SQLiteError) -> Value) throws(Refusal) -> Value {
        do { return try read() } catch {
            if error.isOfTheDisk { stopped = stopped ?? error.description }
            throw .failed(error.description)
        }
    }

    /// Nothing of the batch stays, neither on the disk nor in memory.
    private func refuse(_ refusal: Refusal) -> CommitOutcome {
        rollBack()
        do throws(StoreError) {
            try makeStateAgain()
        } catch {
            stopped = stopped ?? error.description
        }
        switch refusal {
        case .conflict: return .conflict
        case .failed(let why): return .failed(why)
        }
    }

    /// Logs the batch that stands in `writer`.
    private func logWritten(at: Instant) throws(SQLiteError) {
        let checkSum = unsafe writer.withBytes { unsafe PackedBatch.pack($0, into: &block) }
        let insert = statements.transactions.insertBatch
        insert.bind(state.lastBatch)
        insert.bind(at.nanoseconds)
        insert.bind(Int64(writer.count))
        insert.bind(bits: checkSum)
        try unsafe block.withBytes { block throws(SQLiteError) in
            unsafe insert.bind(untilRun: block)
            try insert.run()
        }
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
        try tables.index.load()
        return true
    }

    private func makeStateAgain() throws(StoreError) {
        folding = nil
        state = try asStoreError { () throws(SQLiteError) in
            try archives.reload()
            try tables.index.forgetUnwritten()
            return try Recovery(connection, tables).state()
        }
        clearing = try asStoreError { () throws(SQLiteError) in
            try Clearing(archives, statements.clearing)
        }
        foldsThrough = min(foldsThrough, state.lastBatch)
        foldedBatch = state.lastBatch - Int64(state.young.batches)
    }

    private func rollBack() {
        guard connection.isInTransaction else { return }
        do {
            try statements.transactions.rollback.run()
        } catch {
            stopped = stopped ?? error.description
        }
    }

    // MARK: Folding

    /// Writes some of a complete generation to the tables, in the transaction at hand, which adds
    /// so many rows to the next one.
    private func fold(besides rows: Int) throws(SQLiteError) {
        state.release(options.foldedRows + rows)
        if folding == nil {
            guard
                state.young.rows >= options.generationRows
                    || state.young.batches >= options.generationBatches
                    || foldedBatch < foldsThrough
            else { return }
            try freeze()
        }
        guard let count = folding?.rows.count(besides: rows),
            try folding?.rows.write(
                max(options.foldedRows, count),
                statements.folding,
                &writer
            ) == false
        else { return }
        try finishFolding()
    }

    /// All rows are written: from now on a start begins there.
    private func finishFolding() throws(SQLiteError) {
        guard let (rows, frontier) = folding else { return }
        try rows.finish(frontier, statements.folding)
        folding = nil
        foldedBatch = frontier.lastBatch
        state.hasFolded()
    }

    private func freeze() throws(SQLiteError) {
        state.freeze()
        guard let frozen = state.frozen else { return }
        try tables.index.beginGeneration(keys: Int64(frozen.keyCount))
        folding = (Folding(frozen, tables), Frontier(state))
    }

    /// Merges some keys, in the transaction at hand, which adds so many rows to the next
    /// generation: enough to be done with an era, whose rows have a few keys each, before the next
    /// one is full, though nothing is merged while a generation is folded.
    private func merge(besides rows: Int) throws(SQLiteError) {
        guard folding == nil else { return }
        try tables.index.merge(4 + rows / 16)
    }

    /// Writes everything to the tables now, so that a start replays nothing.
    package func foldAll() throws(StoreError) {
        try checkNotStopped()
        do throws(SQLiteError) {
            try statements.transactions.begin.run()
            repeat {
                if folding == nil { try freeze() }
                while try folding?.rows.write(options.foldedRows, statements.folding, &writer)
                    == true
                {}
                try finishFolding()
            } while state.young.rows > 0
            try statements.transactions.commit.run()
        } catch {
            rollBack()
            try makeStateAgain()
            throw error.storeError
        }
    }

    /// Batches that only the log holds: what a start would replay now.
    package var unfoldedBatches: Int64 { state.lastBatch - foldedBatch }

    // MARK: Archives

    /// Takes a file that `Archiving` wrote beside the database for a part of it. From now on what
    /// is in it leaves the tables, some rows with each commit. Again for the same file: nothing.
    ///
    /// Throws `.unavailable` when the file does not fit, and says what was expected.
    package func register(archive name: String) throws(StoreError) {
        guard Archive.isName(name) else {
            throw .unavailable("expected an archive's name such as 2026-10.1, got '\(name)'")
        }
        guard !archives.registered.contains(where: { $0.name == name }) else { return }
        try write { () throws(SQLiteError) in
            let file = try ArchiveFile(archives.candidate(name))
            if let objection = try archives.objection(to: file, folded: foldedBatch, name) {
                throw SQLiteError(
                    code: 0,
                    message: "\(file.path) is not this database's next archive: \(objection); "
                        + "move it away and run 'selat archive' again",
                    doing: "register archive"
                )
            }
            file.archive.bind(to: statements.clearing.insertArchive)
            try statements.clearing.insertArchive.run()
        }
        try asStoreError { () throws(SQLiteError) in
            try archives.reload()
            if clearing == nil { clearing = try Clearing(archives, statements.clearing) }
        }
    }

    /// Deletes some rows that are in an archive, in the transaction at hand.
    private func clear() throws(SQLiteError) {
        guard folding == nil, clearing != nil else { return }
        let goesOn = try clearing?.clear(options.clearedRows, statements.clearing) ?? false
        if !goesOn { clearing = try Clearing(archives, statements.clearing) }
    }

    /// What is logged now goes to the tables soon, with the next commits or by `tidy`.
    package func foldSoon() { foldsThrough = state.lastBatch }

    /// Whether all that `foldSoon` asked for is folded, and nothing that is in an archive is left
    /// in the tables.
    package var isTidy: Bool { foldedBatch >= foldsThrough && clearing == nil }

    /// Folds or clears as much as one commit would, for a store that has nothing to commit.
    ///
    /// Throws `.unavailable` or `.corrupt` when that fails; then the store accepts nothing more.
    package func tidy() throws(StoreError) {
        guard !isTidy else { return }
        do throws(StoreError) {
            try write { () throws(SQLiteError) in
                try fold(besides: options.clearedRows)
                try clear()
            }
        } catch {
            stopped = stopped ?? error.description
            throw error
        }
    }

    /// A transaction without a batch.
    private func write(_ body: () throws(SQLiteError) -> Void) throws(StoreError) {
        try checkNotStopped()
        if let failure = finishCheckpoint() {
            stopped = failure
            throw .unavailable(failure)
        }
        try run(statements.transactions.begin)
        do throws(StoreError) {
            if try asStoreError({ () throws(SQLiteError) in try wasWrittenByAnother() }) {
                try makeStateAgain()
            }
            try asStoreError(body)
        } catch {
            rollBack()
            throw error
        }
        do throws(SQLiteError) {
            _ = try statements.transactions.commit.run()
        } catch {
            stopped = error.description
            rollBack()
            throw error.storeError
        }
        knownLog = connection.logState
        askForCheckpoint()
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
    ///
    /// - Returns: What failed, if anything did: then nothing goes on.
    private func finishCheckpoint() -> String? {
        let isOverdue = logSize.pages >= options.checkpointPages * 16
        guard checkpointer.takeFinished() || isOverdue else { return nil }
        return checkpointer.takeFailure() ?? connection.checkpoint()
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
