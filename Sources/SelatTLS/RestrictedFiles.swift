import Glibc

/// Files only their owner can read: mode 0600 in directories of mode 0700, whatever the umask.
enum RestrictedFiles {
    /// The longest file read, in bytes. A revocation list of 20,000 entries fits.
    static let maximumLength = 1 << 20

    /// The whole file.
    static func read(_ path: String) throws(TLSError) -> [UInt8] {
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure(path, "a readable file") }
        defer { _ = Glibc.close(descriptor) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 16_384)
        while true {
            let count = unsafe Glibc.read(descriptor, &chunk, chunk.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw failure(path, "a readable file") }
            guard count > 0 else { return bytes }
            bytes += chunk[..<count]
            guard bytes.count <= maximumLength else {
                throw .credentials(
                    file: path,
                    expected: "at most \(maximumLength) bytes",
                    got: "more",
                    remedy: "name the right file"
                )
            }
        }
    }

    /// Replaces the file by `bytes`, whole or not at all: written beside it, synced, renamed.
    static func replace(_ path: String, with bytes: [UInt8]) throws(TLSError) {
        let temporary = "\(path).new"
        // A leftover of an interrupted run; the directory's lock is held.
        _ = unsafe unlink(temporary)
        let descriptor = unsafe open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw failure(temporary, "to create the file") }
        let written = fchmod(descriptor, 0o600) == 0 && writeAll(bytes, to: descriptor)
        let synced = written && fsync(descriptor) == 0
        let error = errno
        guard Glibc.close(descriptor) == 0, synced else {
            _ = unsafe unlink(temporary)
            throw failure(temporary, "to write \(bytes.count) bytes", error)
        }
        guard unsafe rename(temporary, path) == 0 else {
            throw failure(path, "to replace the file")
        }
        try syncDirectory(of: path)
    }

    /// Makes the directory, unless it is there.
    static func makeDirectory(_ path: String) throws(TLSError) {
        guard unsafe mkdir(path, 0o700) == 0 || errno == EEXIST else {
            throw failure(path, "to make the directory")
        }
    }

    static func exists(_ path: String) -> Bool { unsafe access(path, F_OK) == 0 }

    /// Runs `body` while no other caller, in any process, runs one with the same lock file.
    static func withLock<Result>(
        _ path: String,
        _ body: () throws(TLSError) -> Result
    ) throws(TLSError) -> Result {
        let descriptor = unsafe open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw failure(path, "to open the lock file") }
        // Closing gives the lock back, and so does the end of the process.
        defer { _ = Glibc.close(descriptor) }
        guard flock(descriptor, LOCK_EX) == 0 else { throw failure(path, "to take the lock") }
        return try body()
    }

    private static func writeAll(_ bytes: [UInt8], to descriptor: Int32) -> Bool {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = unsafe rest.withUnsafeBytes { bytes in
                unsafe Glibc.write(descriptor, bytes.baseAddress, bytes.count)
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return false }
            rest = rest.dropFirst(count)
        }
        return true
    }

    private static func syncDirectory(of path: String) throws(TLSError) {
        let end = path.utf8.lastIndex(of: 0x2F)
        let directory = end.map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
        let descriptor = unsafe open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure(directory, "to open the directory") }
        defer { _ = Glibc.close(descriptor) }
        guard fsync(descriptor) == 0 else { throw failure(directory, "to sync the directory") }
    }

    private static func failure(
        _ path: String,
        _ expected: String,
        _ error: Int32 = errno
    ) -> TLSError {
        let text = unsafe strerror(error).map { unsafe String(cString: $0) } ?? "error \(error)"
        return .credentials(
            file: path,
            expected: expected,
            got: text,
            remedy: "check the path, its owner and the disk"
        )
    }
}
