import Glibc
import SelatNode

/// A file read and written without SQLite, at whole offsets.
///
/// SAFETY: `descriptor` is opened in `init` and closed in `deinit`, and nowhere else; every buffer
/// is a Swift array of the size that is told to the system.
@safe
final class RawFile {
    private let descriptor: Int32
    let path: String

    /// `nil` when there is no such file.
    ///
    /// Throws `.unavailable` when it cannot be opened.
    init?(_ path: String, writable: Bool = false) throws(StoreError) {
        let flags = (writable ? O_RDWR : O_RDONLY) | O_CLOEXEC
        descriptor = unsafe open(path, flags)
        self.path = path
        guard descriptor >= 0 else {
            guard errno == ENOENT else { throw RawFile.failure("open", path) }
            return nil
        }
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    private static func failure(_ verb: String, _ path: String) -> StoreError {
        .unavailable("cannot \(verb) \(path): \(errorText())")
    }

    func size() throws(StoreError) -> Int {
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0 else {
            throw RawFile.failure("examine", path)
        }
        return Int(status.st_size)
    }

    /// Up to `count` bytes; fewer at the end of the file.
    func read(at offset: Int, _ count: Int) throws(StoreError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        var done = 0
        while done < count {
            let got = unsafe bytes.withUnsafeMutableBytes { buffer in
                unsafe pread(
                    descriptor,
                    buffer.baseAddress.map { unsafe $0 + done },
                    count - done,
                    off_t(offset + done)
                )
            }
            if got < 0, errno == EINTR { continue }
            guard got >= 0 else { throw RawFile.failure("read", path) }
            guard got > 0 else { break }
            done += got
        }
        bytes.removeLast(count - done)
        return bytes
    }

    func write(_ bytes: [UInt8], at offset: Int) throws(StoreError) {
        var done = 0
        while done < bytes.count {
            let put = unsafe bytes.withUnsafeBytes { buffer in
                unsafe pwrite(
                    descriptor,
                    buffer.baseAddress.map { unsafe $0 + done },
                    bytes.count - done,
                    off_t(offset + done)
                )
            }
            if put < 0, errno == EINTR { continue }
            guard put > 0 else { throw RawFile.failure("write", path) }
            done += put
        }
    }

    func truncate(to size: Int) throws(StoreError) {
        guard ftruncate(descriptor, off_t(size)) == 0 else {
            throw RawFile.failure("shorten", path)
        }
    }

    /// Returns when the disk has everything.
    func sync() throws(StoreError) {
        guard fsync(descriptor) == 0 else { throw RawFile.failure("sync", path) }
    }
}
