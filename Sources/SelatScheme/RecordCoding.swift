/// Writes a role's record: fields in a fixed order, integers as zig-zag variable-length,
/// texts with their length before them. The first byte is the record's layout version.
///
/// It is never copied: a record is dozens of short fields, and an array would
/// be checked for other owners at each byte. Writing a text lets go of no object, and says so
/// (`releasenone`): then a caller need not take hold of each text that it hands over.
@safe
public struct RecordWriter: ~Copyable {
    private var start: UnsafeMutablePointer<UInt8>
    private var capacity: Int
    private var count = 0
    /// The memory that was lent to it was too small.
    private var ownsMemory = false

    private init(layout: UInt8, start: UnsafeMutablePointer<UInt8>, capacity: Int) {
        self.capacity = capacity
        unsafe self.start = start
        put(layout)
    }

    deinit { if ownsMemory { unsafe start.deallocate() } }

    /// A record, written on the stack where it is of the usual size, and copied once.
    ///
    /// - Parameters:
    ///   - layout: The version of the record's layout.
    ///   - capacity: Bytes to set aside at once, 1 or more.
    ///   - write: Writes its fields.
    /// - Returns: What was written.
    public static func record(
        layout: UInt8,
        capacity: Int = 512,
        _ write: (inout RecordWriter) -> Void
    ) -> [UInt8] {
        unsafe withUnsafeTemporaryAllocation(of: UInt8.self, capacity: capacity) { room in
            guard let start = room.baseAddress else { preconditionFailure("no room to write in") }
            // SAFETY: the writer does not leave the closure, and what it writes is copied.
            var writer = unsafe RecordWriter(layout: layout, start: start, capacity: room.count)
            write(&writer)
            return writer.bytes
        }
    }

    /// What has been written.
    private var bytes: [UInt8] {
        // SAFETY: the first `count` bytes are initialised.
        unsafe Array(UnsafeBufferPointer(start: start, count: count))
    }

    public mutating func write(_ value: Int64) {
        reserve(10)
        var rest = UInt64(bitPattern: value << 1 ^ value >> 63)
        while rest >= 0x80 {
            put(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        put(UInt8(truncatingIfNeeded: rest))
    }

    public mutating func write(_ value: Int) { write(Int64(value)) }

    public mutating func write(_ value: Bool) {
        reserve(1)
        put(value ? 1 : 0)
    }

    /// Eight bytes, big-endian: for words that are random and would only grow.
    public mutating func write(word: UInt64) {
        unsafe withUnsafeBytes(of: word.bigEndian) { unsafe append($0) }
    }

    @_effects(releasenone)
    public mutating func write(_ value: String) {
        let utf8 = value.utf8.span
        write(Int64(utf8.count))
        // SAFETY: the buffer is used inside the closure only.
        unsafe utf8.bytes.withUnsafeBytes { unsafe append($0) }
    }

    /// Presence, then the value.
    public mutating func write(_ value: String?) {
        guard let value else { return write(false) }
        write(true)
        write(value)
    }

    /// Presence, then the value.
    public mutating func write(_ value: Int64?) {
        guard let value else { return write(false) }
        write(true)
        write(value)
    }

    /// A text of `length` ASCII characters, which `write` appends.
    mutating func text(of length: Int, _ write: (inout OutputSpan<UInt8>) -> Void) {
        self.write(length)
        reserve(length)
        // SAFETY: `capacity` covers the bytes, the span does not leave, and it says how many of
        // them it initialised.
        let room = unsafe UnsafeMutableBufferPointer(start: start + count, count: length)
        var text = unsafe OutputSpan(buffer: room, initializedCount: 0)
        write(&text)
        count += unsafe text.finalize(for: room)
    }

    /// Appends a byte that there is room for.
    @inline(__always)
    private mutating func put(_ byte: UInt8) {
        precondition(count < capacity, "room is made before a byte is put")
        // SAFETY: as just checked, and nobody else has a pointer into the buffer.
        unsafe (start + count).initialize(to: byte)
        count += 1
    }

    @inline(__always)
    private mutating func append(_ bytes: UnsafeRawBufferPointer) {
        guard let base = bytes.baseAddress else { return }
        reserve(bytes.count)
        // SAFETY: `capacity` covers them, and nobody else has a pointer into the buffer.
        unsafe UnsafeMutableRawPointer(start + count).copyMemory(from: base, byteCount: bytes.count)
        count += bytes.count
    }

    @inline(__always)
    private mutating func reserve(_ added: Int) {
        if count + added > capacity { grow(to: count + added) }
    }

    @_effects(releasenone)
    @inline(never)
    private mutating func grow(to needed: Int) {
        let capacity = max(needed, self.capacity * 2)
        let grown = UnsafeMutablePointer<UInt8>.allocate(capacity: capacity)
        // SAFETY: the first `count` bytes are initialised, and `grown` is larger.
        unsafe grown.initialize(from: start, count: count)
        if ownsMemory { unsafe start.deallocate() }
        unsafe start = grown
        self.capacity = capacity
        ownsMemory = true
    }
}

/// Reads what `RecordWriter` wrote.
public struct RecordReader: Sendable {
    private let bytes: [UInt8]
    private var position = 1

    /// Throws `RecordError.layout` when the record was written by another layout.
    public init(_ bytes: [UInt8], layout: UInt8) throws(RecordError) {
        guard let first = bytes.first, first == layout else {
            throw .layout(expected: layout, got: bytes.first)
        }
        self.bytes = bytes
    }

    public mutating func integer() throws(RecordError) -> Int64 {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while true {
            let byte = try byte()
            guard shift < 64 else { throw .damaged(at: position) }
            value |= UInt64(byte & 0x7F) << shift
            if byte < 0x80 { return Int64(bitPattern: value >> 1) ^ -Int64(value & 1) }
            shift += 7
        }
    }

    public mutating func flag() throws(RecordError) -> Bool { try byte() != 0 }

    public mutating func word() throws(RecordError) -> UInt64 {
        guard bytes.count - position >= 8 else { throw .damaged(at: position) }
        // SAFETY: eight bytes are there, and any bits are a word.
        let word = unsafe bytes.span.bytes.unsafeLoadUnaligned(
            fromByteOffset: position,
            as: UInt64.self
        )
        position += 8
        return UInt64(bigEndian: word)
    }

    public mutating func text() throws(RecordError) -> String {
        let place = try textPlace()
        // SAFETY: the buffer is used inside the closure only.
        return unsafe bytes.span.extracting(place).withUnsafeBufferPointer { utf8 in
            unsafe String(decoding: utf8, as: UTF8.self)
        }
    }

    public mutating func optionalText() throws(RecordError) -> String? {
        try flag() ? try text() : nil
    }

    public mutating func optionalInteger() throws(RecordError) -> Int64? {
        try flag() ? try integer() : nil
    }

    // MARK: Passing over

    /// Passes over a text that nobody needs.
    public mutating func skipText() throws(RecordError) { _ = try textPlace() }

    /// Passes over a text, or its absence, that nobody needs.
    public mutating func skipOptionalText() throws(RecordError) {
        if try flag() { try skipText() }
    }

    // MARK: Parts

    /// What `read` makes of a text's bytes; damaged where it makes nothing of them.
    @inline(__always)
    mutating func parsed<Value>(
        _ read: (Span<UInt8>) -> Value?
    ) throws(RecordError) -> Value {
        let place = try textPlace()
        guard let value = read(bytes.span.extracting(place)) else {
            throw .damaged(at: place.lowerBound)
        }
        return value
    }

    private mutating func textPlace() throws(RecordError) -> Range<Int> {
        guard let length = Int(exactly: try integer()), length >= 0,
            length <= bytes.count - position
        else { throw .damaged(at: position) }
        let start = position
        position += length
        return start..<position
    }

    private mutating func byte() throws(RecordError) -> UInt8 {
        guard position < bytes.count else { throw .damaged(at: position) }
        defer { position += 1 }
        return bytes[position]
    }
}

/// A stored record that cannot be read: the database is damaged or of another version.
public enum RecordError: Error, Equatable, CustomStringConvertible {
    case layout(expected: UInt8, got: UInt8?)
    case damaged(at: Int)

    public var description: String {
        switch self {
        case .layout(let expected, let got):
            "stored record has layout \(got.map(String.init) ?? "none"), expected \(expected); "
                + "run the migrations of this version on the database"
        case .damaged(let position):
            "stored record ends or is damaged at byte \(position); restore the database from a backup"
        }
    }
}
