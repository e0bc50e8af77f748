package import SelatNode
import SelatSQLite
import Synchronization

/// The node's store between its two threads: the event loop fetches, and either of them commits.
/// They take turns, because nothing is fetched while a batch is in flight; so the lock is never
/// waited for.
package final class SharedStore: Sendable {
    private let store: Mutex<(any Store)?>

    /// Takes the store over: nobody else may use it any more.
    ///
    /// - Parameter store: The node's one truth.
    package init(_ store: sending any Store) { self.store = Mutex(store) }

    /// Lets the store go, so that its file is closed and may be opened again.
    func close() { store.withLock { $0 = nil } }

    func recover() throws(StoreError) -> Recovered {
        let result = store.withLock { store in
            Result { () throws(StoreError) in try store.opened.recover() }
        }
        return try result.get()
    }

    func fetch(_ keys: [FactKey]) throws(StoreError) -> [Fact] {
        let result = store.withLock { store in
            Result { () throws(StoreError) in try store.opened.fetch(keys) }
        }
        return try result.get()
    }

    func sent(
        _ link: LinkID,
        epoch: UInt64,
        from first: UInt64,
        through last: UInt64
    ) throws(StoreError) -> [RetainedMessage] {
        let result = store.withLock { store in
            Result { () throws(StoreError) in
                try store.opened.sent(link, epoch: epoch, from: first, through: last)
            }
        }
        return try result.get()
    }

    /// What only a database does: `body` with it, between two commits.
    func withDatabase<Value: Sendable>(
        _ body: @Sendable (SQLiteStore) throws(StoreError) -> Value
    ) throws(StoreError) -> Value {
        let result = store.withLock { store in
            Result { () throws(StoreError) in
                guard let database = try store.opened as? SQLiteStore else {
                    throw .unavailable("this node keeps no database")
                }
                return try body(database)
            }
        }
        return try result.get()
    }

    func commit(_ batch: CommitBatch) -> CommitOutcome {
        store.withLock { store in store?.commit(batch) ?? .failed("the store is closed") }
    }
}

extension (any Store)? {
    fileprivate var opened: any Store {
        get throws(StoreError) {
            guard let self else { throw .unavailable("it is closed") }
            return self
        }
    }
}
