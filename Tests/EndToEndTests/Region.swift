import Foundation
import SelatJSON
import SelatRuntime
import SelatScheme
import SelatTime
import Synchronization

/// The real region: the built `selat`, a process per node, TLS, SQLite, in a directory of its
/// own. Everything waits on events, with a ceiling; nothing waits on time.
final class Region: Sendable {
    /// What a command line said.
    struct Said {
        let status: Int32
        let output: String
        let errors: String

        func json() throws -> JSONValue { try JSONValue(parsing: Array(output.utf8)) }
    }

    static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()

    /// The binary that was built with these tests.
    static let binary: String = {
        let own = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        let beside = own.deletingLastPathComponent().appendingPathComponent("selat").path
        if FileManager.default.isExecutableFile(atPath: beside) { return beside }
        return root.appendingPathComponent(".build/release/selat").path
    }()

    /// Nodes in the order of the topology, and their files.
    static let nodes = [
        "hub": "hub", "ips-sg": "sg", "ips-th": "th", "ips-my": "my",
        "fx-merlion": "fx-merlion", "fx-andaman": "fx-andaman", "psp-pasir": "psp-pasir",
    ]

    let directory: String
    private let single = Mutex<[String: Process]>([:])

    /// Starts all nodes and waits until their links stand.
    init() throws {
        directory = "/tmp/selat-e2e-\(getpid())-\(UInt32.random(in: 0...UInt32.max))"
        let said = try Self.run([
            "up", Self.root.appendingPathComponent("Nodes/topologies/strait.yaml").path, "--data",
            directory, "--detach",
        ])
        guard said.status == 0 else { throw Failure("selat up: \(said.errors)") }
    }

    /// Stops all nodes; the directory stays when something failed, for a look.
    func stop(keep: Bool = false) throws {
        for process in single.withLock({ Array($0.values) }) where process.isRunning {
            process.terminate()
            process.waitUntilExit()
        }
        _ = try Self.run(["down", "--data", directory])
        if !keep { try FileManager.default.removeItem(atPath: directory) }
    }

    struct Failure: Error, CustomStringConvertible {
        let description: String
        init(_ description: String) { self.description = description }
    }

    // MARK: Command line

    func selat(_ arguments: String...) throws -> Said {
        try Self.run(arguments + ["--data", directory])
    }

    static func run(_ arguments: [String]) throws -> Said {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: binary)
        process.arguments = arguments
        process.currentDirectoryURL = root
        let files = try (0..<2).map { _ in
            let path = NSTemporaryDirectory() + UUID().uuidString
            try Data().write(to: URL(fileURLWithPath: path))
            return (path, try FileHandle(forWritingTo: URL(fileURLWithPath: path)))
        }
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = files[0].1
        process.standardError = files[1].1
        try process.run()
        process.waitUntilExit()
        let texts = try files.map { path, handle in
            try handle.close()
            let url = URL(fileURLWithPath: path)
            let text = String(decoding: try Data(contentsOf: url), as: UTF8.self)
            try FileManager.default.removeItem(at: url)
            return text
        }
        return Said(status: process.terminationStatus, output: texts[0], errors: texts[1])
    }

    // MARK: Single nodes

    func client(_ node: String) throws -> OperatorClient {
        try OperatorClient(socket: "\(directory)/\(node).sock", patience: .seconds(40))
    }

    /// Ends a node in order and waits for its end.
    func end(_ node: String) throws {
        if let process = single.withLock({ $0.removeValue(forKey: node) }) {
            process.terminate()
            process.waitUntilExit()
            return
        }
        // The operator's connection ends when the process does.
        let client = try client(node)
        _ = try client.call("stop", of: OperatorProtocol.node)
        do { while true { _ = try client.next() } } catch {}
        try waitForLock(node)
    }

    /// Starts one node as a child of this process and returns when it says that it is ready, or
    /// when it has died, which a crash point may want.
    @discardableResult
    func start(_ node: String, crashingAt point: String? = nil) throws -> Process {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: Self.binary)
        process.arguments = [
            "run", Self.root.appendingPathComponent("Nodes/\(Self.nodes[node] ?? node).yaml").path,
            "--data", directory,
        ]
        var environment = ProcessInfo.processInfo.environment
        environment["SELAT_CRASH_AT"] = point
        process.environment = environment
        let log = Pipe()
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        process.standardError = log
        try process.run()
        single.withLock { $0[node] = process }
        let peers = node == "hub" ? 5 : node == "ips-sg" ? 2 : 1
        var text = ""
        while true {
            let data = log.fileHandleForReading.availableData
            guard !data.isEmpty else { return process }
            text += String(decoding: data, as: UTF8.self)
            let ups = text.components(separatedBy: " is up").count - 1
            if text.contains("] ready"), ups >= peers { break }
        }
        // From here on the log is only drained, so that the node never waits for its reader.
        log.fileHandleForReading.readabilityHandler = { handle in _ = handle.availableData }
        return process
    }

    /// Waits until the node's store is let go of.
    private func waitForLock(_ node: String) throws {
        let descriptor = unsafe open("\(directory)/\(node).sqlite.lock", O_RDWR)
        guard descriptor >= 0 else { return }
        defer { close(descriptor) }
        flock(descriptor, LOCK_EX)
        flock(descriptor, LOCK_UN)
    }
}
