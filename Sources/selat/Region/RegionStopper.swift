import Glibc

/// Ends processes of a region in order.
enum RegionStopper {
    /// Asks each to end, waits, and kills what does not.
    ///
    /// - Parameters:
    ///   - processes: Those to end; one that runs no more is passed over.
    ///   - patience: The longest wait before they are killed.
    /// - Returns: Those that had to be killed.
    @discardableResult
    static func stop(_ processes: [NodeProcess], patience: Duration) -> [NodeProcess] {
        for process in processes { process.send(SIGTERM) }
        let deadline = ContinuousClock.now + patience
        while processes.contains(where: \.isRunning), ContinuousClock.now < deadline {
            // Not our children, so their end is no event here.
            usleep(5_000)
        }
        let stubborn = processes.filter(\.isRunning)
        for process in stubborn { process.send(SIGKILL) }
        return stubborn
    }
}
