/// Reads what `BatchWriter` wrote. Whatever the bytes are, it throws and never traps.
struct BatchReader {
    private let bytes: [UInt8]
    private(set) var position: Int

    init(_ bytes: [UInt8], at position: Int = 0) {
        self.bytes = bytes
        self.position = position
    }

    var isAtEnd: Bool { position == bytes.count }

    var damage: BatchError { .damaged(at: position) }

    /// What was read since `start`.
    func withBytes(from start: Int, _ body: (UnsafeRawBufferPointer) -> Void) {
        unsafe bytes.withUnsafeBytes { bytes in
            unsafe body(UnsafeRawBufferPointer(rebasing: bytes[start..<position]))
        }
    }

    mutating func byte() throws(BatchError) -> UInt8 {
        guard position < bytes.count else { throw damage }
        defer { position += 1 }
        return bytes[position]
    }

    mutating func flag() throws(BatchError) -> Bool { try byte() != 0 }

    private mutating func variable() throws(BatchError) -> UInt64 {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while true {
            let byte = try byte()
            guard shift < 64 else { throw damage }
            value |= UInt64(byte & 0x7F) << shift
            if byte < 0x80 { return value }
            shift += 7
        }
    }

    mutating func integer() throws(BatchError) -> Int64 {
        let value = try variable()
        return Int64(bitPattern: value >> 1) ^ -Int64(value & 1)
    }

    /// A length or a number of elements: never more than there are bytes left.
    mutating func count() throws(BatchError) -> Int {
        let value = try variable()
        guard value <= UInt64(bytes.count - position) else { throw damage }
        return Int(value)
    }

    /// A place among so many elements.
    mutating func index(below end: Int) throws(BatchError) -> Int {
        let value = try variable()
        guard value < UInt64(end) else { throw damage }
        return Int(value)
    }

    mutating func word() throws(BatchError) -> UInt64 {
        guard bytes.count - position >= 8 else { throw damage }
        var word: UInt64 = 0
        for index in position..<position + 8 { word = word << 8 | UInt64(bytes[index]) }
        position += 8
        return word
    }

    mutating func text() throws(BatchError) -> String {
        let count = try count()
        defer { position += count }
        return String(decoding: bytes[position..<position + count], as: UTF8.self)
    }

    mutating func blob() throws(BatchError) -> [UInt8] {
        let count = try count()
        defer { position += count }
        return Array(bytes[position..<position + count])
    }

    mutating func optional<Value>(
        _ body: (inout BatchReader) throws(BatchError) -> Value
    ) throws(BatchError) -> Value? {
        try flag() ? try body(&self) : nil
    }

    mutating func each<Element>(
        _ body: (inout BatchReader) throws(BatchError) -> Element
    ) throws(BatchError) -> [Element] {
        let count = try count()
        var elements: [Element] = []
        elements.reserveCapacity(count)
        for _ in 0..<count { elements.append(try body(&self)) }
        return elements
    }

    /// A byte as a value of a closed set.
    mutating func parsed<Value>(_ parse: (UInt8) -> Value?) throws(BatchError) -> Value {
        guard let value = parse(try byte()) else { throw damage }
        return value
    }
}

/// Stored bytes that cannot be read: the database is damaged or of another version.
package enum BatchError: Error, Hashable, CustomStringConvertible {
    case layout(expected: UInt8, got: UInt8?)
    case damaged(at: Int)

    package var description: String {
        switch self {
        case .layout(let expected, let got):
            "it has layout \(got.map(String.init) ?? "none"), expected \(expected)"
        case .damaged(let position): "it ends or is damaged at byte \(position)"
        }
    }
}
