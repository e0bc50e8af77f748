import CCheckedPages
import Glibc
import SelatNode

/// Archives on their way to another place: to a backup and back.
enum ArchiveCopy {
    /// Pages that are read at a time: 4 MB.
    private static let pages = 1024

    /// Copies a file, each page held to its mark, unless the same is there already.
    ///
    /// Throws `.corrupt` for damage, `.unavailable` when another file has the name or the copy
    /// cannot be written.
    static func copy(_ source: String, to target: String) throws(StoreError) {
        if fileSize(target) != nil {
            guard try areSame(source, target) else {
                throw .unavailable(
                    "\(target) is another file than \(source); move it away, or name another place"
                )
            }
            return
        }
        let part = target + ".part"
        do throws(StoreError) {
            removeDatabase(part)
            try createPrivateFile(part)
            guard let copy = try RawFile(part, writable: true) else {
                throw .unavailable("\(part) was not written")
            }
            try forEachPiece(of: source) { offset, bytes throws(StoreError) in
                try check(bytes, at: offset, of: source)
                try copy.write(bytes, at: offset)
                return true
            }
            try copy.sync()
            try move(part, to: target)
        } catch {
            removeDatabase(part)
            throw error
        }
    }

    /// Whether two files hold the same bytes; they do when they are one.
    static func areSame(_ one: String, _ other: String) throws(StoreError) -> Bool {
        guard fileSize(one) == fileSize(other), let file = try RawFile(other) else { return false }
        var areSame = true
        try forEachPiece(of: one) { offset, bytes throws(StoreError) in
            areSame = try file.read(at: offset, bytes.count) == bytes
            return areSame
        }
        return areSame
    }

    private static func forEachPiece(
        of path: String,
        _ body: (_ offset: Int, [UInt8]) throws(StoreError) -> Bool
    ) throws(StoreError) {
        guard let file = try RawFile(path) else {
            throw SQLiteError.missingArchive(path).storeError
        }
        var offset = 0
        while true {
            let bytes = try file.read(at: offset, pages * Int(SELAT_PAGE))
            guard !bytes.isEmpty, try body(offset, bytes) else { return }
            offset += bytes.count
        }
    }

    private static func check(_ bytes: [UInt8], at offset: Int, of path: String) throws(StoreError)
    {
        let size = Int(SELAT_PAGE)
        for start in stride(from: 0, to: bytes.count, by: size) {
            let number = (offset + start) / size + 1
            guard start + size <= bytes.count,
                unsafe bytes.withUnsafeBytes({ bytes in
                    let page = unsafe UnsafeRawBufferPointer(rebasing: bytes[start..<start + size])
                    let mark = unsafe page.loadUnaligned(
                        fromByteOffset: size - Int(SELAT_PAGE_MARK),
                        as: UInt64.self
                    )
                    return unsafe selat_page_mark(page.baseAddress, UInt64(number)) == mark
                })
            else {
                throw .corrupt("page \(number) of \(path) does not agree with its mark")
            }
        }
    }

    // MARK: Names

    /// The archives beside a database by their names, registered or not.
    static func names(beside database: String) throws(StoreError) -> [String] {
        let (folder, file) = split(database)
        guard let directory = unsafe opendir(folder) else {
            throw .unavailable("cannot read \(folder): \(errorText())")
        }
        defer { _ = unsafe closedir(directory) }
        var names: [String] = []
        while let entry = unsafe readdir(directory) {
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                unsafe pointer.withMemoryRebound(to: CChar.self, capacity: 256) {
                    unsafe String(cString: $0)
                }
            }
            guard name.hasPrefix(file + ".") else { continue }
            let suffix = String(name.dropFirst(file.count + 1))
            if Archive.isName(suffix) { names.append(suffix) }
        }
        return names.sorted()
    }

    /// Gives a file a second name.
    static func link(_ path: String, to other: String) throws(StoreError) {
        guard unsafe Glibc.link(path, other) == 0 else {
            throw .unavailable("cannot link \(other) to \(path): \(errorText())")
        }
    }
}
