import Glibc
import SelatRuntime

/// What one process has used so far.
struct ProcessUsage: Hashable, Sendable {
    /// User and system time of all its threads.
    var cpuMicroseconds = 0
    /// Bytes it made the kernel write to storage.
    var bytesWritten = 0

    /// Reads `/proc`.
    ///
    /// - Parameter process: Its id.
    /// - Returns: Since it began.
    /// - Throws: `RuntimeError.file` when it is gone.
    static func of(_ process: Int32) throws(RuntimeError) -> ProcessUsage {
        var usage = ProcessUsage()
        // Field 14 and 15 of the line, counted after the command's closing parenthesis, in ticks.
        let line = try TextFile.read("/proc/\(process)/stat")
        let fields = line[(line.lastIndex(of: ")") ?? line.startIndex)...].split(separator: " ")
        if fields.count > 13, let user = Int(fields[12]), let system = Int(fields[13]) {
            let ticksPerSecond = max(sysconf(Int32(_SC_CLK_TCK)), 1)
            usage.cpuMicroseconds = (user + system) * 1_000_000 / ticksPerSecond
        }
        for line in try TextFile.read("/proc/\(process)/io").split(separator: "\n") {
            let parts = line.split(separator: ":")
            guard parts.first == "write_bytes", let value = parts.last else { continue }
            usage.bytesWritten = Int(value.drop { $0 == " " }) ?? 0
        }
        return usage
    }

    /// The memory a process holds now, in KiB: pages of its own, and its share of those that it has
    /// in common with others.
    ///
    /// - Parameter process: Its id.
    /// - Returns: `Pss` of all its mappings.
    /// - Throws: `RuntimeError.file` when it is gone.
    static func residentKibibytes(of process: Int32) throws(RuntimeError) -> Int {
        try kibibytes("Pss:", in: "/proc/\(process)/smaps_rollup")
    }

    /// The most memory a process has held since `forgetPeak`, in KiB.
    ///
    /// - Parameter process: Its id.
    /// - Returns: `VmHWM`; zero when it waits to be buried.
    /// - Throws: `RuntimeError.file` when it is gone.
    static func peakKibibytes(of process: Int32) throws(RuntimeError) -> Int {
        try kibibytes("VmHWM:", in: "/proc/\(process)/status")
    }

    private static func kibibytes(_ key: String, in file: String) throws(RuntimeError) -> Int {
        for line in try TextFile.read(file).split(separator: "\n") where line.hasPrefix(key) {
            return line.split(separator: " ").lazy.compactMap { Int($0) }.first ?? 0
        }
        return 0
    }

    /// Begins to look for the most memory anew. Where that is not allowed the peak is the whole
    /// life's.
    static func forgetPeak(of process: Int32) {
        guard let file = unsafe fopen("/proc/\(process)/clear_refs", "w") else { return }
        unsafe fputs("5", file)
        unsafe fclose(file)
    }

    static func - (later: ProcessUsage, earlier: ProcessUsage) -> ProcessUsage {
        ProcessUsage(
            cpuMicroseconds: later.cpuMicroseconds - earlier.cpuMicroseconds,
            bytesWritten: later.bytesWritten - earlier.bytesWritten
        )
    }
}
