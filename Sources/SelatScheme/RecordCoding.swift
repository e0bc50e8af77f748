/// Writes a role's record: fields in a fixed order, integers as zig-zag variable-length,
/// texts with their length before them. The first byte is the record's layout version.
public struct RecordWriter: Sendable {
    public private(set) var bytes: [UInt8]

    public init(layout: UInt8, capacity: Int = 192) {
        bytes = []
        bytes.reserveCapacity(capacity)
        bytes.append(layout)
    }

    public mutating func write(_ value: Int64) {
        var rest = UInt64(bitPattern: value << 1 ^ value >> 63)
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }

    public mutating func write(_ value: Int) { write(Int64(value)) }

    public mutating func write(_ value: Bool) { bytes.append(value ? 1 : 0) }

    /// Eight bytes, big-endian: for words that are random and would only grow.
    public mutating func write(word: UInt64) {
        unsafe withUnsafeBytes(of: word.bigEndian) { unsafe bytes.append(contentsOf: $0) }
    }

    public mutating func write(_ value: String) {
        let utf8 = value.utf8.span
        write(Int64(utf8.count))
        // SAFETY: the buffer is used inside the closure only.
        unsafe utf8.withUnsafeBufferPointer { unsafe bytes.append(contentsOf: $0) }
    }

    /// Presence, then the value.
    public mutating func write(_ value: String?) {
        write(value != nil)
        if let value { write(value) }
    }

    /// Presence, then the value.
    public mutating func write(_ value: Int64?) {
        write(value != nil)
        if let value { write(value) }
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
        var word: UInt64 = 0
        for _ in 0..<8 { word = word << 8 | UInt64(try byte()) }
        return word
    }

    public mutating func text() throws(RecordError) -> String {
        String(decoding: try textBytes(), as: UTF8.self)
    }

    /// A text's bytes, for values that are read from them.
    mutating func textBytes() throws(RecordError) -> ArraySlice<UInt8> {
        guard let length = Int(exactly: try integer()), length >= 0,
            length <= bytes.count - position
        else { throw .damaged(at: position) }
        defer { position += length }
        return bytes[position..<position + length]
    }

    public mutating func optionalText() throws(RecordError) -> String? {
        try flag() ? try text() : nil
    }

    public mutating func optionalInteger() throws(RecordError) -> Int64? {
        try flag() ? try integer() : nil
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
