import SelatJSON
import SelatNode
import SelatRuntime
import SelatSQLite

/// Whoever may write a node's database: its running node, asked over its own socket, or this
/// process.
enum DatabaseHolder {
    case node(OperatorClient)
    case process(SQLiteStore)

    /// Clearing a large archive beside a node's commits takes minutes.
    private static let patience = Duration.seconds(3600)

    /// - Throws: `StoreError` when no node answers and the database cannot be opened.
    init(_ files: NodeFiles) throws(StoreError) {
        do throws(RuntimeError) {
            self = .node(try OperatorClient(socket: files.socket, patience: Self.patience))
        } catch {
            self = .process(try SQLiteStore(path: files.database))
        }
    }

    /// Takes an archive for a part of the database.
    ///
    /// - Throws: `StoreError`, `RuntimeError` or `CommandFailure`: it does not fit, or nobody
    ///   answers.
    func register(_ archive: Archive) throws {
        switch self {
        case .node(let client):
            let answer = try client.call(
                OperatorProtocol.Operation.archive.rawValue,
                of: OperatorProtocol.node,
                ["name": .string(archive.name)]
            )
            _ = try answer.checked()
        case .process(let store): try store.register(archive: archive.name)
        }
    }

    /// Returns when all that is committed is folded, and nothing that is archived is left.
    ///
    /// - Throws: As `register`.
    func tidy() throws {
        switch self {
        case .node(let client):
            let operation = OperatorProtocol.Operation.tidy.rawValue
            _ = try client.call(operation, of: OperatorProtocol.node).checked()
        case .process(let store):
            store.foldSoon()
            while !store.isTidy { try store.tidy() }
        }
    }
}
