import ArgumentParser
import SelatJSON
import SelatRuntime

/// What a data directory is of, also while nothing runs: `DIR/region.json`, written by `selat up`.
struct RegionMemory {
    let topology: Topology
    /// Whether any node runs.
    let isRunning: Bool

    /// - Parameters:
    ///   - directory: `DIR`.
    ///   - topology: The topology's file; without it the one that was started last.
    /// - Throws: `CommandFailure` when there was none.
    init(_ directory: String, topology: String?) throws {
        let ready = try ReadyFile.read(in: directory)
        isRunning = ready?.nodes.contains(where: \.process.isRunning) ?? false
        guard let file = try topology ?? RegionMemory.file(of: directory) else {
            throw CommandFailure(
                Exit.usage,
                "expected a region's data in \(directory), found none; name its directory with "
                    + "--data, or its topology with --topology"
            )
        }
        self.topology = try Topology.read(file: file)
    }

    /// The topology that runs in a directory, or ran there last; `nil` when none ever did.
    static func file(of directory: String) throws -> String? {
        try ReadyFile.read(in: directory)?.topology ?? remembered(in: directory)
    }

    private static func file(in directory: String) -> String { "\(directory)/region.json" }

    private static func remembered(in directory: String) throws -> String? {
        guard let text = try TextFile.readIfPresent(file(in: directory)) else { return nil }
        return try JSONCursor(parsing: Array(text.utf8)).string("topology")
    }

    /// Notes what is started.
    ///
    /// - Parameters:
    ///   - topology: An absolute path.
    ///   - directory: `DIR`.
    /// - Throws: `RuntimeError.file`.
    static func remember(_ topology: String, in directory: String) throws {
        let text = Output.text("region", [JSONMember("topology", .string(topology))])
        try TextFile.replace(file(in: directory), with: text + "\n")
    }
}
