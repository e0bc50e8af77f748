import ArgumentParser
import Foundation
import Glibc

/// A process that was started here, told from another one that got its number later.
struct NodeProcess: Hashable, Sendable {
    let pid: Int32
    /// Clock ticks between the machine's start and the process's, as /proc says.
    let started: UInt64

    /// From its parts.
    init(pid: Int32, started: UInt64) {
        self.pid = pid
        self.started = started
    }

    /// A process that runs now; `nil` when there is none of that number.
    init?(running pid: Int32) {
        guard let started = NodeProcess.startOf(pid) else { return nil }
        self.init(pid: pid, started: started)
    }

    /// True while it runs.
    var isRunning: Bool { NodeProcess.startOf(pid) == started }

    /// Sends a signal, to this process only.
    ///
    /// - Parameter signal: `SIGTERM`, `SIGHUP`, `SIGKILL`.
    func send(_ signal: Int32) {
        guard isRunning else { return }
        _ = kill(pid, signal)
    }

    /// Field 22 of /proc/<pid>/stat; `nil` when the process is gone or only waits to be buried.
    private static func startOf(_ pid: Int32) -> UInt64? {
        guard pid > 1 else { return nil }
        guard let data = FileManager.default.contents(atPath: "/proc/\(pid)/stat") else {
            return nil
        }
        // The name stands in parentheses and may hold anything.
        let text = String(decoding: data, as: UTF8.self)
        guard let end = text.lastIndex(of: ")") else { return nil }
        let fields = text[text.index(after: end)...].split(separator: " ")
        guard fields.count > 19, fields[0] != "Z", fields[0] != "X" else { return nil }
        return UInt64(fields[19])
    }
}

// Starting.
extension NodeProcess {
    /// Starts this very program with other arguments, or another one, in a session of its own, so
    /// that neither a terminal's Ctrl-C nor its end reaches it.
    ///
    /// - Parameters:
    ///   - program: Its path.
    ///   - arguments: Without the program's name.
    ///   - log: The file its output is appended to.
    /// - Returns: The process.
    /// - Throws: `CommandFailure`.
    static func start(
        program: String = "/proc/self/exe",
        _ arguments: [String],
        log: String
    ) throws(CommandFailure) -> NodeProcess {
        // A node outlives this command: nothing that is open here stays open in it, or whoever
        // waits for this command's descriptors would wait for the node.
        for descriptor in 3..<Int32(1024) { _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC) }
        var actions = unsafe posix_spawn_file_actions_t()
        var attributes = posix_spawnattr_t()
        unsafe posix_spawn_file_actions_init(&actions)
        unsafe posix_spawnattr_init(&attributes)
        defer {
            unsafe posix_spawn_file_actions_destroy(&actions)
            unsafe posix_spawnattr_destroy(&attributes)
        }
        unsafe posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        let append = O_WRONLY | O_CREAT | O_APPEND
        unsafe posix_spawn_file_actions_addopen(&actions, 1, log, append, 0o600)
        unsafe posix_spawn_file_actions_adddup2(&actions, 1, 2)
        var none = sigset_t()
        unsafe sigemptyset(&none)
        unsafe posix_spawnattr_setsigmask(&attributes, &none)
        let flags = Int32(POSIX_SPAWN_SETSIGMASK) | sessionOfItsOwn
        unsafe posix_spawnattr_setflags(&attributes, Int16(flags))
        var pid: pid_t = 0
        var words = unsafe (["selat"] + arguments).map { unsafe strdup($0) } + [nil]
        defer {
            for index in unsafe words.indices { unsafe free(words[index]) }
        }
        let result = unsafe posix_spawn(&pid, program, &actions, &attributes, &words, environ)
        guard result == 0, let process = NodeProcess(running: pid) else {
            let reason = unsafe String(cString: strerror(result))
            throw CommandFailure(
                Exit.unreachable,
                "expected to start a process, got: \(reason); see \(log)"
            )
        }
        return process
    }

    /// POSIX_SPAWN_SETSID, which glibc hides behind a feature macro.
    private static let sessionOfItsOwn: Int32 = 0x80
}
