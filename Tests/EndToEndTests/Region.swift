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

    /// One change of a node's file: what stands there, and what is to stand there.
    struct Edit: Sendable {
        let node: String
        let present: String
        let wanted: String
    }

    /// The region that the suite around the running test has started.
    @TaskLocal static var current: Region?

    /// The nodes' files, by node.
    static let nodes = [
        "hub": "hub", "ips-sg": "sg", "ips-th": "th", "ips-my": "my",
        "fx-merlion": "fx-merlion", "fx-andaman": "fx-andaman", "psp-pasir": "psp-pasir",
    ]

    let directory: String
    /// The region's own copy of `Nodes`.
    let files: URL
    private let raw = Mutex<Set<[UInt8]>>([])
    fileprivate let single = Mutex<[String: Process]>([:])
    private let logs = Mutex<[String: String]>([:])

    /// Starts all nodes and waits until their links stand.
    ///
    /// - Parameter edits: What is different from the files in `Nodes`.
    /// - Throws: `Failure` with what `selat up` said.
    init(_ edits: [Edit] = []) throws {
        directory = "/tmp/selat-e2e-\(getpid())-\(UInt32.random(in: 0...UInt32.max))"
        files = URL(fileURLWithPath: directory + "-nodes")
        let manager = FileManager.default
        try manager.copyItem(at: Self.root.appendingPathComponent("Nodes"), to: files)
        for edit in edits { try Self.apply(edit, to: file(of: edit.node)) }
        let said = try Self.run([
            "up", files.appendingPathComponent("topologies/strait.yaml").path, "--data",
            directory, "--detach",
        ])
        guard said.status == 0 else { throw Failure("selat up: \(said.errors)") }
    }

    private func file(of node: String) -> URL {
        files.appendingPathComponent("\(Self.nodes[node] ?? node).yaml")
    }

    private static func apply(_ edit: Edit, to file: URL) throws {
        let text = try String(contentsOf: file, encoding: .utf8)
        guard text.contains(edit.present) else {
            throw Failure("\(file.lastPathComponent) has no '\(edit.present)'")
        }
        try text.replacing(edit.present, with: edit.wanted)
            .write(to: file, atomically: true, encoding: .utf8)
    }

    /// Stops all nodes; the directory stays when something failed, for a look.
    func stop(keep: Bool = false) throws {
        for process in single.withLock({ Array($0.values) }) where process.isRunning {
            process.terminate()
            process.waitUntilExit()
        }
        _ = try Self.run(["down", "--data", directory])
        guard !keep else { return }
        try FileManager.default.removeItem(atPath: directory)
        try FileManager.default.removeItem(at: files)
    }

    struct Failure: Error, CustomStringConvertible {
        let description: String
        init(_ description: String) { self.description = description }
    }

    // MARK: Raw messages

    /// A test sends this raw: it is no node's word.
    func noteRaw(_ bytes: [UInt8]) { _ = raw.withLock { $0.insert(bytes) } }

    func isRaw(_ bytes: [UInt8]) -> Bool { raw.withLock { $0.contains(bytes) } }

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

    /// Ends a node and starts it again from a changed file; without a change, from its own.
    func restart(_ node: String, with edit: Edit? = nil) throws {
        try end(node)
        try start(node, with: edit)
    }

    /// Starts one node as a child of this process and returns when it says that it is ready, or
    /// when it has died, which a crash point may want.
    @discardableResult
    func start(
        _ node: String,
        with edit: Edit? = nil,
        crashingAt point: String? = nil,
        under wrapper: [String] = []
    ) throws -> Process {
        var path = file(of: node)
        if let edit {
            let changed = files.appendingPathComponent("changed-\(node).yaml")
            try Data(contentsOf: path).write(to: changed)
            try Self.apply(edit, to: changed)
            path = changed
        }
        let process = Process()
        let command = wrapper + [Self.binary, "run", path.path, "--data", directory]
        process.executableURL = URL(fileURLWithPath: command[0])
        process.arguments = Array(command.dropFirst())
        var environment = ProcessInfo.processInfo.environment
        environment["SELAT_CRASH_AT"] = point
        process.environment = environment
        let log = Pipe()
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        process.standardError = log
        try process.run()
        single.withLock { $0[node] = process }
        // Those that dial and those that are dialled; the seat comes when it likes.
        let peers = node == "hub" ? 5 : node == "ips-sg" ? 2 : 1
        var text = ""
        while true {
            let data = log.fileHandleForReading.availableData
            text += String(decoding: data, as: UTF8.self)
            let said = data.isEmpty ? text + Self.endOfLog : text
            logs.withLock { $0[node] = said }
            guard !data.isEmpty else { return process }
            let ups = text.components(separatedBy: " is up").count - 1
            if text.contains("] ready"), ups >= peers { break }
        }
        // From here on the log is only drained, so that the node never waits for its reader.
        log.fileHandleForReading.readabilityHandler = { [self] handle in
            let data = handle.availableData
            guard !data.isEmpty else {
                handle.readabilityHandler = nil
                logs.withLock { $0[node, default: ""] += Self.endOfLog }
                return
            }
            logs.withLock { $0[node, default: ""] += String(decoding: data, as: UTF8.self) }
        }
        return process
    }

    private static let endOfLog = "\nend of the log"

    /// Everything that a node wrote to its log since its last start; waits for its end.
    func log(ofEnded node: String) throws -> String {
        try until("the end of \(node)'s log") {
            hasEnded(node)
        }
        return logs.withLock { $0[node] ?? "" }
    }

    /// Whether a node's log has ended, and with it the node.
    func hasEnded(_ node: String) -> Bool {
        logs.withLock { $0[node]?.hasSuffix(Self.endOfLog) ?? false }
    }

    /// Forgets a node that has ended by itself.
    func forget(_ node: String) { _ = single.withLock { $0.removeValue(forKey: node) } }

    /// Waits until the node's store is let go of.
    private func waitForLock(_ node: String) throws {
        let descriptor = unsafe open("\(directory)/\(node).sqlite.lock", O_RDWR)
        guard descriptor >= 0 else { return }
        defer { close(descriptor) }
        flock(descriptor, LOCK_EX)
        flock(descriptor, LOCK_UN)
    }
}

extension Region {
    /// Holds one node's process up, and answers once none of its threads runs any more: on a busy
    /// machine some go on for milliseconds after the signal.
    func pause(_ node: String) throws {
        let pid = try signal(SIGSTOP, node)
        try until("\(node) to stand still") {
            let tasks = "/proc/\(pid)/task"
            return try FileManager.default.contentsOfDirectory(atPath: tasks).allSatisfy { task in
                let stat = try? String(contentsOfFile: "\(tasks)/\(task)/stat", encoding: .utf8)
                // The state is the first field behind the name, which may hold anything; a thread
                // that has ended since has none.
                return stat?.split(separator: ")").last?.hasPrefix(" T ") ?? true
            }
        }
    }

    /// Lets it go on.
    func resume(_ node: String) throws { try signal(SIGCONT, node) }

    /// Sends a signal to one node's process, and answers which one that is.
    @discardableResult
    func signal(_ signal: Int32, _ node: String) throws -> pid_t {
        // Of a node that this process has started; one that stands still could not be asked.
        guard let pid = single.withLock({ $0[node]?.processIdentifier }), kill(pid, signal) == 0
        else { throw Failure("cannot signal \(node)") }
        return pid
    }
}
