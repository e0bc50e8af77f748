import CCheckedPages
import SelatNode

/// How far the pages of a database file carry their marks; told from its first page, before
/// SQLite sees it. Source: Specs/Protocol/Database.md, "Pages".
enum MarkedPages {
    /// Empty, or each page has its mark.
    case all
    /// A program that knows no marks has copied the log back: what it wrote has none.
    case some
    /// A database without room for marks: an older version's, or another program's.
    case none

    /// Throws `.corrupt` when the first page is damaged in the very place that tells.
    init(path: String) throws(StoreError) {
        guard let file = try RawFile(path), try file.size() > 0 else {
            self = .all
            return
        }
        let page = try file.read(at: 0, Int(SELAT_PAGE))
        guard page.count == Int(SELAT_PAGE) else {
            throw .corrupt("page 1 of \(path) is cut short")
        }
        // Bytes reserved at the end of each page.
        guard page[20] == UInt8(SELAT_PAGE_MARK) else {
            let isOurs = page[68..<72].elementsEqual([0x53, 0x45, 0x4C, 0x54])
            // The version's last byte: none before the third had marks.
            guard !isOurs || page[63] < 3 else {
                throw .corrupt("page 1 of \(path) does not agree with its mark")
            }
            self = .none
            return
        }
        self = page.suffix(Int(SELAT_PAGE_MARK)).allSatisfy { $0 == 0 } ? .some : .all
    }

    /// The VFS to read it with.
    var vfs: String? {
        switch self {
        case .all: SELAT_VFS_STRICT
        case .some: SELAT_VFS_LENIENT
        case .none: nil
        }
    }

    /// Gives its mark to each page that has none; nothing may have the file open. The first page
    /// comes last: until then the next start does it all again.
    ///
    /// - Parameters:
    ///   - path: The database's.
    ///   - anew: Whatever stands where a mark belongs, it is none.
    /// - Throws: `.unavailable` when the file cannot be read or written.
    static func stamp(_ path: String, anew: Bool) throws(StoreError) {
        guard let file = try RawFile(path, writable: true) else { return }
        let size = Int(SELAT_PAGE)
        let count = try file.size() / size
        for number in (1...max(count, 1)).reversed() where number <= count {
            if number == 1 { try file.sync() }
            let offset = (number - 1) * size
            let page = try file.read(at: offset, size)
            let isMarked = !page.suffix(Int(SELAT_PAGE_MARK)).allSatisfy { $0 == 0 }
            // Never written: nothing may be read there.
            guard anew || !isMarked, !page.allSatisfy({ $0 == 0 }) else { continue }
            let mark = unsafe page.withUnsafeBytes { bytes in
                unsafe selat_page_mark(bytes.baseAddress, UInt64(number))
            }
            let stored = (0..<8).map { UInt8(truncatingIfNeeded: mark >> (UInt64($0) * 8)) }
            try file.write(stored, at: offset + size - stored.count)
        }
        try file.sync()
    }
}
