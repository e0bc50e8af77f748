import Glibc

/// A command that runs beside the load, told where the region's data is.
struct Disturbance {
    private let process: NodeProcess
    private let log: String

    /// The longest wait for it to end in order, and how often is looked.
    private static let patience = Duration.seconds(5)
    private static let interval = Duration.milliseconds(10)

    /// Starts it.
    ///
    /// - Parameters:
    ///   - command: For the shell; SELAT_DATA is the region's data directory.
    ///   - directory: The region's data directory.
    /// - Throws: `CommandFailure` when it cannot be started.
    init(_ command: String, directory: String) throws(CommandFailure) {
        log = directory + "/against.log"
        process = try NodeProcess.start(
            program: "/bin/sh",
            ["-c", "SELAT_DATA=$1; export SELAT_DATA; exec \(command)", "sh", directory],
            log: log
        )
    }

    /// Ends it, and all that it started.
    ///
    /// - Parameter region: Where the wait may be interrupted.
    /// - Throws: `CommandFailure` when it had ended by itself: then there was nothing to measure.
    func stop(_ region: BenchRegion) throws {
        guard process.isRunning else {
            throw CommandFailure(
                Exit.rejected,
                "expected the command to run until the end, but it ended; see \(log)"
            )
        }
        process.send(SIGTERM)
        let deadline = ContinuousClock.now + Disturbance.patience
        while process.isRunning, ContinuousClock.now < deadline {
            try region.pause(Disturbance.interval)
        }
        // Its group is its own: it leads a session.
        if process.isRunning { _ = kill(-process.pid, SIGKILL) }
    }
}
