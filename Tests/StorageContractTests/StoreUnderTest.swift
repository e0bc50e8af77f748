import Glibc
import SelatNode
import SelatSQLite
import SelatStorage

/// The drivers the contract holds for.
enum Driver: String, CaseIterable, Sendable {
    case memory
    case sqlite
    /// Each commit is folded at once, so that everything is read from the tables; eras are short.
    case sqliteFolded
    /// Generations are small and go to the tables a row at a time: a look-up meets all three.
    case sqliteFolding
}

/// One store of one driver, which can be closed and opened again on the same data.
final class StoreUnderTest {
    let driver: Driver
    private let memory = MemoryStore()
    private let folder: TemporaryFolder?
    private var sqlite: SQLiteStore?

    init(_ driver: Driver) throws {
        self.driver = driver
        folder = driver == .memory ? nil : try TemporaryFolder()
        try open()
    }

    var store: any Store { sqlite ?? memory }

    /// Where a durable driver keeps its data.
    var path: String { folder?.file("node.db") ?? "" }

    func close() { sqlite = nil }

    func reopen() throws {
        close()
        memory.crash()
        try open()
    }

    private func open() throws {
        guard driver != .memory else { return }
        var options = SQLiteOptions()
        switch driver {
        case .memory, .sqlite: break
        case .sqliteFolded:
            options.generationRows = 1
            options.foldedRows = 100_000
            options.eraKeys = 5
        case .sqliteFolding:
            options.generationRows = 12
            options.foldedRows = 3
            options.eraKeys = 40
        }
        sqlite = try SQLiteStore(path: path, options: options)
    }

    func dump() throws -> NodeDump {
        guard driver != .memory else { return memory.dump() }
        return try SQLiteReader(path: path).dump()
    }
}

/// A folder that goes with the test.
final class TemporaryFolder {
    struct Failure: Error {}

    let path: String

    init() throws {
        let base = unsafe getenv("TMPDIR").map { unsafe String(cString: $0) } ?? "/tmp"
        var template = Array("\(base)/selat-storage-XXXXXX\0".utf8CString)
        guard
            let made = unsafe template.withUnsafeMutableBufferPointer({ buffer in
                unsafe buffer.baseAddress.flatMap { unsafe mkdtemp($0) }
            })
        else { throw Failure() }
        path = unsafe String(cString: made)
    }

    deinit {
        for name in names() { _ = unsafe unlink(file(name)) }
        _ = unsafe rmdir(path)
    }

    func file(_ name: String) -> String { "\(path)/\(name)" }

    func names() -> [String] {
        guard let directory = unsafe opendir(path) else { return [] }
        defer { _ = unsafe closedir(directory) }
        var names: [String] = []
        while let entry = unsafe readdir(directory) {
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                unsafe pointer.withMemoryRebound(to: CChar.self, capacity: 256) {
                    unsafe String(cString: $0)
                }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names
    }
}

/// The whole of a file; empty when there is none.
func contents(of path: String) -> [UInt8] {
    guard let file = unsafe fopen(path, "rb") else { return [] }
    defer { _ = unsafe fclose(file) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while true {
        let count = unsafe fread(&buffer, 1, buffer.count, file)
        guard count > 0 else { return bytes }
        bytes.append(contentsOf: buffer.prefix(count))
    }
}

func write(_ bytes: some Collection<UInt8>, to path: String) throws {
    guard let file = unsafe fopen(path, "wb") else { throw TemporaryFolder.Failure() }
    defer { _ = unsafe fclose(file) }
    let bytes = Array(bytes)
    guard unsafe fwrite(bytes, 1, bytes.count, file) == bytes.count else {
        throw TemporaryFolder.Failure()
    }
}

/// SQLite's log of a database as far as it is written; behind that the file has zeros, or frames
/// of an earlier round.
func log(of path: String) -> [UInt8] {
    let bytes = contents(of: path + "-wal")
    let (header, frame) = (32, 24 + 4096)
    var end = min(header, bytes.count)
    while end + frame <= bytes.count,
        bytes[end + 8..<end + 16].elementsEqual(bytes[16..<24])
    {
        end += frame
    }
    return Array(bytes.prefix(end))
}
