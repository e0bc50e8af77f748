import SelatLedger
import SelatNode
import SelatScheme

/// What a dossier gathers: receipts, journals, and the batches that mention its subject, in the
/// order in which they came; only that a journal is closed is noted later.
///
/// All in one piece of memory, each entry as the dossier's row has it
/// (Specs/Protocol/Database.md): thousands of dossiers are kept at a time, and all that points
/// elsewhere costs when it is looked at and again when it is freed.
struct DossierStory {
    /// Eight bytes before each entry's content: what it is, and the content's size. Of a mention
    /// there is no more than that, with the batch in place of the size.
    private struct Header {
        static let size = 8
        /// Journals as the row marks them.
        static let openJournal: UInt8 = 1
        static let closedJournal: UInt8 = 2
        static let receipt: UInt8 = 3
        static let mention: UInt8 = 4

        let mark: UInt8
        let value: Int

        init(_ mark: UInt8, _ value: Int) {
            self.mark = mark
            self.value = value
        }

        init(at offset: Int, in bytes: UnsafeRawBufferPointer) {
            let word = unsafe bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
            mark = UInt8(truncatingIfNeeded: word)
            value = Int(word >> 8)
        }

        var word: UInt64 { UInt64(value) << 8 | UInt64(mark) }
    }

    /// An entry's content; its header stands before it.
    struct Place: Equatable {
        fileprivate let content: Range<Int>
    }

    private var bytes: [UInt8] = []
    private var receipts = 0
    private var mentions = 0
    private var lastMention: Int64 = 0

    private mutating func append(_ header: Header) {
        if bytes.isEmpty { bytes.reserveCapacity(DossierStory.usualSize) }
        unsafe withUnsafeBytes(of: header.word) { unsafe bytes.append(contentsOf: $0) }
    }

    /// What a payment's dossier at a hub gets to, in bytes.
    private static let usualSize = 480

    private mutating func append(_ mark: UInt8, _ content: UnsafeRawBufferPointer) {
        append(Header(mark, content.count))
        unsafe bytes.append(contentsOf: content)
    }

    /// The first entry that `isWanted`, but for mentions.
    @inline(__always)
    private func first(
        where isWanted: (_ mark: UInt8, _ content: UnsafeRawBufferPointer) -> Bool
    ) -> Place? {
        unsafe bytes.withUnsafeBytes { bytes in
            var offset = 0
            while offset < bytes.count {
                let header = unsafe Header(at: offset, in: bytes)
                offset += Header.size
                if header.mark == Header.mention { continue }
                let content = offset..<offset + header.value
                if unsafe isWanted(header.mark, UnsafeRawBufferPointer(rebasing: bytes[content])) {
                    return Place(content: content)
                }
                offset = content.upperBound
            }
            return nil
        }
    }

    // MARK: Mentions

    mutating func mention(_ batch: Int64) {
        guard lastMention != batch else { return }
        append(Header(Header.mention, Int(batch)))
        lastMention = batch
        mentions += 1
    }

    /// Ascending; all that mention the subject.
    var batches: [Int64] {
        var batches: [Int64] = []
        batches.reserveCapacity(mentions)
        forEachMention { batches.append($0) }
        return batches
    }

    private func forEachMention(_ body: (Int64) -> Void) {
        unsafe bytes.withUnsafeBytes { bytes in
            var offset = 0
            while offset < bytes.count {
                let header = unsafe Header(at: offset, in: bytes)
                offset += Header.size
                if header.mark == Header.mention {
                    body(Int64(header.value))
                } else {
                    offset += header.value
                }
            }
        }
    }

    // MARK: Receipts

    /// Takes a receipt as it is written.
    mutating func add(receipt content: UnsafeRawBufferPointer) {
        unsafe append(Header.receipt, content)
        receipts += 1
    }

    /// The digest of the receipt whose content begins with `key`.
    func digest(under key: UnsafeRawBufferPointer) -> ContentDigest? {
        let place = unsafe first { mark, content in
            unsafe mark == Header.receipt && content.begins(with: key)
        }
        guard let place else { return nil }
        return unsafe bytes.withUnsafeBytes { bytes in
            let end = place.content.upperBound
            let high = unsafe bytes.loadUnaligned(fromByteOffset: end - 16, as: UInt64.self)
            let low = unsafe bytes.loadUnaligned(fromByteOffset: end - 8, as: UInt64.self)
            return ContentDigest(high: UInt64(bigEndian: high), low: UInt64(bigEndian: low))
        }
    }

    // MARK: Journals

    /// The journal whose content begins with `key`, its book and number.
    func journal(under key: UnsafeRawBufferPointer) -> Place? {
        unsafe first { mark, content in
            unsafe mark <= Header.closedJournal && content.begins(with: key)
        }
    }

    /// Takes a journal as it is written.
    mutating func add(journal content: UnsafeRawBufferPointer, isClosed: Bool = false) {
        unsafe append(isClosed ? Header.closedJournal : Header.openJournal, content)
    }

    func isClosed(_ place: Place) -> Bool {
        bytes[place.content.lowerBound - Header.size] == Header.closedJournal
    }

    /// Takes a journal whose content begins with `key` and closes another; false, and nothing,
    /// when it has one under that key.
    mutating func book(
        _ content: UnsafeRawBufferPointer,
        under key: UnsafeRawBufferPointer,
        closing closed: Place?
    ) -> Bool {
        guard unsafe journal(under: key) == nil else { return false }
        if let closed { close(closed) }
        unsafe add(journal: content)
        return true
    }

    private mutating func close(_ place: Place) {
        bytes[place.content.lowerBound - Header.size] = Header.closedJournal
    }

    /// Whether the content of a journal is `key` and then `rest`, and nothing more.
    func holds(
        _ place: Place,
        _ key: UnsafeRawBufferPointer,
        _ rest: UnsafeRawBufferPointer
    ) -> Bool {
        guard place.content.count == key.count + rest.count else { return false }
        return unsafe bytes.withUnsafeBytes { bytes in
            let content = unsafe UnsafeRawBufferPointer(rebasing: bytes[place.content])
            return unsafe content.begins(with: key)
                && UnsafeRawBufferPointer(rebasing: content[key.count...]).begins(with: rest)
        }
    }

    func content(_ place: Place) -> [UInt8] { Array(bytes[place.content]) }

    // MARK: The row

    func encode(into writer: inout BatchWriter) {
        writer.write(count: receipts)
        append(to: &writer, Header.receipt...Header.receipt)
        append(to: &writer, Header.openJournal...Header.closedJournal)
        writer.write(byte: 0)
        writer.write(count: mentions)
        var last: Int64 = 0
        forEachMention { batch in
            writer.write(batch - last)
            last = batch
        }
    }

    /// Entries with such marks; a journal with its mark.
    private func append(to writer: inout BatchWriter, _ marks: ClosedRange<UInt8>) {
        _ = unsafe first { mark, content in
            if marks.contains(mark) {
                if mark != Header.receipt { writer.write(byte: mark) }
                unsafe writer.append(content)
            }
            return false
        }
    }
}

extension UnsafeRawBufferPointer {
    /// Compares eight bytes at a time.
    fileprivate func begins(with key: UnsafeRawBufferPointer) -> Bool {
        guard key.count <= count else { return false }
        var offset = 0
        while offset + 8 <= key.count {
            let word = unsafe loadUnaligned(fromByteOffset: offset, as: UInt64.self)
            guard unsafe word == key.loadUnaligned(fromByteOffset: offset, as: UInt64.self) else {
                return false
            }
            offset += 8
        }
        while offset < key.count {
            guard unsafe self[offset] == key[offset] else { return false }
            offset += 1
        }
        return true
    }
}
