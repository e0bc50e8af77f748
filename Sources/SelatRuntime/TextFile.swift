import Glibc

/// Whole files of moderate size, read and written by path.
package enum TextFile {
    /// No file that a node reads by this type is longer.
    package static let limit = 8 << 20

    /// The file's text.
    ///
    /// - Throws: `RuntimeError.file` when it is missing, unreadable, too long or no UTF-8.
    package static func read(_ path: String) throws(RuntimeError) -> String {
        guard let text = try readIfPresent(path) else {
            throw .file(path, line: 0, got: "there is no such file", remedy: "check the path")
        }
        return text
    }

    /// As `read`, but `nil` when there is no such file.
    package static func readIfPresent(_ path: String) throws(RuntimeError) -> String? {
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            guard errno != ENOENT else { return nil }
            throw failed(path, "open it")
        }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = unsafe chunk.withUnsafeMutableBytes { buffer in
                unsafe Glibc.read(descriptor, buffer.baseAddress, buffer.count)
            }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw failed(path, "read it") }
            guard count > 0 else { break }
            bytes.append(contentsOf: chunk[..<count])
            guard bytes.count <= limit else {
                throw .file(path, line: 0, got: "it is over \(limit) bytes", remedy: "shorten it")
            }
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw .file(path, line: 0, got: "it is no UTF-8", remedy: "save it as UTF-8")
        }
        return text
    }

    /// Replaces the file whole or not at all: whoever reads it meanwhile sees the old or the new.
    ///
    /// - Throws: `RuntimeError.file`.
    package static func replace(_ path: String, with text: String) throws(RuntimeError) {
        let draft = "\(path).new"
        let descriptor = unsafe open(draft, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw failed(draft, "create it") }
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = unsafe rest.withUnsafeBytes { buffer in
                unsafe write(descriptor, buffer.baseAddress, buffer.count)
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else {
                let error = failed(draft, "write it")
                close(descriptor)
                throw error
            }
            rest = rest.dropFirst(count)
        }
        let isSynced = fsync(descriptor) == 0
        close(descriptor)
        guard isSynced, unsafe rename(draft, path) == 0 else { throw failed(path, "replace it") }
    }

    /// Removes the file if it is there.
    package static func remove(_ path: String) { _ = unsafe unlink(path) }

    private static func failed(_ path: String, _ what: String) -> RuntimeError {
        let reason = unsafe String(cString: strerror(errno))
        return .file(
            path,
            line: 0,
            got: "cannot \(what): \(reason)",
            remedy: "check the path and its permissions"
        )
    }
}
