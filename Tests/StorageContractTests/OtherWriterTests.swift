import CSQLite
import SelatNode
import SelatSQLite
import Testing

/// The file lock binds this program only. What somebody writes with a tool beside the node must
/// not be overlooked because the node remembers better.
@Suite struct OtherWriterTests {
    private static func execute(_ sql: String, on path: String) throws {
        var handle: OpaquePointer?
        try #require(unsafe sqlite3_open(path, &handle) == SQLITE_OK)
        defer { _ = unsafe sqlite3_close(handle) }
        try #require(unsafe sqlite3_exec(handle, sql, nil, nil, nil) == SQLITE_OK)
    }

    private static let key = FactKey.record(Sample.hub, .quote, "a")

    @Test func whatAnotherWroteIsRead() throws {
        let folder = try TemporaryFolder()
        let store = try SQLiteStore(path: folder.file("node.db"))
        #expect(store.commit(batch { $0.records = [Sample.record("a", [1])] }) == .committed)
        try store.foldAll()
        #expect(
            try store.fetch([Self.key])[0] == .record(RecordRow(version: 1, content: [1]))
        )
        try Self.execute(
            "UPDATE record SET version = 2, content = x'05'",
            on: folder.file("node.db")
        )
        #expect(
            try store.fetch([Self.key])[0] == .record(RecordRow(version: 2, content: [5]))
        )
        let next = batch { $0.records = [Sample.record("a", from: 2, [6])] }
        #expect(store.commit(next) == .committed)
    }

    @Test func whatRestsOnTheOldIsDecidedAgain() throws {
        let folder = try TemporaryFolder()
        let store = try SQLiteStore(path: folder.file("node.db"))
        #expect(store.commit(batch { $0.records = [Sample.record("a", [1])] }) == .committed)
        try store.foldAll()
        _ = try store.fetch([Self.key])
        try Self.execute("UPDATE record SET content = x'05'", on: folder.file("node.db"))
        // The version is the same, and yet the decision was about something else.
        let next = batch { $0.records = [Sample.record("a", from: 1, [2])] }
        #expect(store.commit(next) == .conflict)
        #expect(
            try store.fetch([Self.key])[0] == .record(RecordRow(version: 1, content: [5]))
        )
        #expect(store.commit(next) == .committed)
    }
}
