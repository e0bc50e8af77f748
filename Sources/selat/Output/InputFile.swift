import ArgumentParser
import Glibc

/// A file that a person names, read as bytes whatever they are.
package enum InputFile {
    /// More than any message or certificate has.
    package static let limit = 1 << 20

    /// The whole file; `-` is standard input.
    ///
    /// - Parameter path: As it was given.
    /// - Returns: Its bytes.
    /// - Throws: `CommandFailure` of `Exit.usage`.
    package static func read(_ path: String) throws(CommandFailure) -> [UInt8] {
        guard path != "-" else { return try bytes(of: STDIN_FILENO, path) }
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw unreadable(path) }
        defer { close(descriptor) }
        return try bytes(of: descriptor, path)
    }

    private static func bytes(
        of descriptor: Int32,
        _ path: String
    ) throws(CommandFailure) -> [UInt8] {
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = unsafe chunk.withUnsafeMutableBytes { buffer in
                unsafe Glibc.read(descriptor, buffer.baseAddress, buffer.count)
            }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw unreadable(path) }
            guard count > 0 else { return bytes }
            bytes.append(contentsOf: chunk[..<count])
            guard bytes.count <= limit else {
                throw CommandFailure(
                    Exit.usage,
                    "\(path): expected at most \(limit) bytes, got more; name another file"
                )
            }
        }
    }

    private static func unreadable(_ path: String) -> CommandFailure {
        let reason = unsafe String(cString: strerror(errno))
        return CommandFailure(
            Exit.usage,
            "\(path): expected a readable file, got: \(reason); check the path"
        )
    }
}
