import Glibc
import SelatNode

/// The right to write one database: an flock on a file beside it, held as long as this lives.
/// The kernel frees it when the process ends, however it ends. Readers need none.
///
/// SAFETY: `descriptor` is opened in `init` and closed in `deinit`, and nowhere else.
final class WriterLock {
    private let descriptor: Int32

    /// Throws `.unavailable`, with the holder's process id, when another writer has it.
    init(database: String) throws(StoreError) {
        let path = database + ".lock"
        let descriptor = unsafe open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw .unavailable("cannot open lock file \(path): \(errorText()); create its folder")
        }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            let code = errno
            let holder = WriterLock.holder(descriptor)
            close(descriptor)
            guard code == EWOULDBLOCK else {
                throw .unavailable("cannot lock \(path): \(errorText(code))")
            }
            throw .unavailable(
                "\(database) is open for writing in process \(holder); stop it first, "
                    + "or open the database read-only"
            )
        }
        self.descriptor = descriptor
        let text = Array("\(getpid())\n".utf8)
        _ = ftruncate(descriptor, 0)
        // Only a help for whoever is refused: a failed write changes nothing.
        _ = unsafe text.withUnsafeBytes { bytes in
            unsafe pwrite(descriptor, bytes.baseAddress, bytes.count, 0)
        }
    }

    deinit {
        // Closing alone would leave the lock to a child that was forked and has not yet begun its
        // own program: it holds the same open file. Unlocking frees it for all of them.
        flock(descriptor, LOCK_UN)
        close(descriptor)
    }

    private static func holder(_ descriptor: Int32) -> String {
        var bytes = [UInt8](repeating: 0, count: 16)
        let count = unsafe bytes.withUnsafeMutableBytes { bytes in
            unsafe pread(descriptor, bytes.baseAddress, bytes.count, 0)
        }
        let digits = bytes.prefix(max(count, 0)).prefix { (0x30...0x39).contains($0) }
        return digits.isEmpty ? "unknown" : String(decoding: digits, as: UTF8.self)
    }
}

/// The system's sentence for an `errno`.
func errorText(_ code: Int32 = errno) -> String {
    guard let text = unsafe strerror(code) else { return "error \(code)" }
    return unsafe String(cString: text)
}

/// The size of a file in bytes; `nil` when there is none.
func fileSize(_ path: String) -> Int64? {
    var status = stat()
    guard unsafe stat(path, &status) == 0 else { return nil }
    return Int64(status.st_size)
}

/// Where a file really is, links followed.
func realPath(of path: String) throws(StoreError) -> String {
    guard let resolved = unsafe realpath(path, nil) else {
        throw .unavailable("cannot find \(path): \(errorText())")
    }
    defer { unsafe free(resolved) }
    return unsafe String(cString: resolved)
}

/// Creates an empty file that only its owner may read, unless there is one.
func createPrivateFile(_ path: String) throws(StoreError) {
    let descriptor = unsafe open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else {
        throw .unavailable("cannot open \(path): \(errorText()); create its folder")
    }
    close(descriptor)
}
