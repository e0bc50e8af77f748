import ArgumentParser
import Foundation
import Glibc

/// `DIR`: everything of a region that is not configuration.
enum DataDirectory {
    /// Makes it, for its owner only, unless it is there.
    ///
    /// - Parameter path: `DIR`; its parent must exist.
    /// - Throws: `CommandFailure` of `Exit.usage`.
    static func make(_ path: String) throws(CommandFailure) {
        guard unsafe mkdir(path, 0o700) == 0 || errno == EEXIST else {
            let reason = unsafe String(cString: strerror(errno))
            throw CommandFailure(
                Exit.usage,
                "\(path): expected to make the data directory, got: \(reason); choose another "
                    + "with --data"
            )
        }
    }

    /// The names in a directory, sorted; none when there is no such directory.
    ///
    /// - Parameter path: The directory.
    /// - Returns: Names, not paths.
    /// - Throws: `CommandFailure` of `Exit.usage`.
    static func entries(_ path: String) throws(CommandFailure) -> [String] {
        guard unsafe access(path, F_OK) == 0 else { return [] }
        do {
            return try FileManager.default.contentsOfDirectory(atPath: path).sorted()
        } catch {
            throw CommandFailure(
                Exit.usage,
                "\(path): expected a readable directory, got another; check its permissions"
            )
        }
    }
}
