import SelatNode

/// SQLite's log, looked at before SQLite does, after an unclean end.
///
/// SQLite takes the first frame whose check sum is wrong for the end of the log: what a crash in
/// the middle of a write leaves. Were it damage in the middle, acknowledged commits would vanish
/// without a word. The two can be told apart: a transaction is written only after the one before
/// it was synced, so nothing can follow the end of a torn one.
/// Format: https://sqlite.org/fileformat2.html#the_write_ahead_log
struct WriteAheadLog {
    private static let headerSize = 32
    private static let frameHeaderSize = 24
    private static let frameSize = frameHeaderSize + 4096

    private let file: RawFile
    private let bytes: [UInt8]

    /// `nil` when there is no log, or an empty one.
    init?(database: String) throws(StoreError) {
        guard let file = try RawFile(database + "-wal", writable: true) else { return nil }
        let size = try file.size()
        guard size > 0 else { return nil }
        self.file = file
        bytes = try file.read(at: 0, size)
    }

    /// Finds damage, and makes sure that what is read here is on the disk: after a failed sync the
    /// system shows what it could not write, and its next sync finds nothing to do. So everything
    /// is written once more, without what a crash cut off.
    ///
    /// Throws `.corrupt` when commits that were once synced can no longer be read.
    func secure() throws(StoreError) {
        let end = try wholeSize()
        try file.truncate(to: end)
        try file.write(Array(bytes.prefix(end)), at: 0)
        try file.sync()
    }

    /// Bytes up to the end of the last whole transaction.
    private func wholeSize() throws(StoreError) -> Int {
        guard bytes.count >= Self.headerSize else { return 0 }
        // Created, and nothing written yet.
        if bytes.prefix(Self.headerSize).allSatisfy({ $0 == 0 }) { return 0 }
        let magic = word(at: 0)
        var sum = Sum(isBigEndian: magic & 1 == 1)
        sum.feed(bytes, 0..<24)
        guard magic & ~1 == 0x377F_0682, word(at: 8) == 4096, sum.isStored(in: bytes, at: 24)
        else { throw damage("its header") }
        var offset = Self.headerSize
        var end = offset
        while isFrame(at: offset) {
            sum.feed(bytes, offset..<offset + 8)
            sum.feed(bytes, offset + Self.frameHeaderSize..<offset + Self.frameSize)
            guard sum.isStored(in: bytes, at: offset + 16) else {
                try checkNothingFollows(offset)
                break
            }
            offset += Self.frameSize
            if endsTransaction(offset - Self.frameSize) { end = offset }
        }
        return end
    }

    /// Whether a frame of this log's present round begins here.
    private func isFrame(at offset: Int) -> Bool {
        offset + Self.frameSize <= bytes.count
            && bytes[offset + 8..<offset + 16]
                .elementsEqual(bytes[16..<24])
    }

    private func endsTransaction(_ frame: Int) -> Bool { word(at: frame + 4) != 0 }

    /// The frame at `broken` is not what was written. It may be the last transaction's, whose sync
    /// was never answered; whole frames behind that transaction's end say that it was.
    private func checkNothingFollows(_ broken: Int) throws(StoreError) {
        var hasEnded = endsTransaction(broken)
        var offset = broken + Self.frameSize
        while isFrame(at: offset) {
            var sum = Sum(isBigEndian: word(at: 0) & 1 == 1)
            sum.start(at: bytes, offset - Self.frameSize + 16)
            sum.feed(bytes, offset..<offset + 8)
            sum.feed(bytes, offset + Self.frameHeaderSize..<offset + Self.frameSize)
            if hasEnded, sum.isStored(in: bytes, at: offset + 16) {
                throw damage("frame \((broken - Self.headerSize) / Self.frameSize + 1)")
            }
            hasEnded = hasEnded || endsTransaction(offset)
            offset += Self.frameSize
        }
    }

    private func damage(_ what: String) -> StoreError {
        .corrupt("\(what) of \(file.path) does not agree with its check sum, and commits follow it")
    }

    private func word(at offset: Int) -> UInt32 {
        (0..<4).reduce(0) { $0 << 8 | UInt32(bytes[offset + $1]) }
    }

    /// The log's own running check sum.
    private struct Sum {
        private let isBigEndian: Bool
        private var first: UInt32 = 0
        private var second: UInt32 = 0

        init(isBigEndian: Bool) { self.isBigEndian = isBigEndian }

        mutating func feed(_ bytes: [UInt8], _ range: Range<Int>) {
            unsafe bytes.withUnsafeBytes { bytes in
                var (first, second) = (self.first, self.second)
                for offset in stride(from: range.lowerBound, to: range.upperBound, by: 8) {
                    unsafe first &+= read(bytes, offset) &+ second
                    unsafe second &+= read(bytes, offset + 4) &+ first
                }
                (self.first, self.second) = (first, second)
            }
        }

        private func read(_ bytes: UnsafeRawBufferPointer, _ offset: Int) -> UInt32 {
            let word = unsafe bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self)
            return isBigEndian ? UInt32(bigEndian: word) : UInt32(littleEndian: word)
        }

        /// Goes on from the sum that a frame stores.
        mutating func start(at bytes: [UInt8], _ offset: Int) {
            first = Sum.stored(in: bytes, offset)
            second = Sum.stored(in: bytes, offset + 4)
        }

        func isStored(in bytes: [UInt8], at offset: Int) -> Bool {
            first == Sum.stored(in: bytes, offset) && second == Sum.stored(in: bytes, offset + 4)
        }

        private static func stored(in bytes: [UInt8], _ offset: Int) -> UInt32 {
            (0..<4).reduce(0) { $0 << 8 | UInt32(bytes[offset + $1]) }
        }
    }
}
