/// Writes a document in one canonical spelling: no declaration of its own, no white space between
/// elements, only the escapes that are needed.
///
/// It owns its buffer and is never copied: a message is a hundred short appends, and an array would
/// be checked for other owners at each.
@safe
public struct XMLWriter: ~Copyable {
    private var start: UnsafeMutablePointer<UInt8>
    private var capacity: Int
    /// Bytes written.
    public private(set) var count = 0
    /// For values that know how to append themselves to an array.
    private var scratch: [UInt8] = []

    /// - Parameter capacity: Bytes to set aside at once, 1 or more.
    public init(capacity: Int = 4096) {
        self.capacity = capacity
        unsafe start = .allocate(capacity: capacity)
    }

    deinit { unsafe start.deallocate() }

    /// What has been written.
    public var bytes: [UInt8] {
        // SAFETY: the first `count` bytes are initialised.
        unsafe Array(UnsafeBufferPointer(start: start, count: count))
    }

    /// Appends markup as it is.
    @inline(never)
    public mutating func markup(_ literal: StaticString) {
        // SAFETY: a StaticString with a pointer representation lives as long as the program, and
        // its count is its own; an ASCII literal of more than one scalar always has one.
        unsafe append(literal.utf8Start, literal.utf8CodeUnitCount)
    }

    /// Appends what `write` appends to an array.
    public mutating func value(_ write: (inout [UInt8]) -> Void) {
        scratch.removeAll(keepingCapacity: true)
        write(&scratch)
        let count = scratch.count
        // SAFETY: the buffer is used inside the closure only.
        unsafe scratch.withUnsafeBufferPointer { buffer in
            guard let base = buffer.baseAddress else { return }
            unsafe append(base, count)
        }
    }

    /// Appends character data, escaping what would read as something else: `&`, `<`, `>` and the
    /// carriage return, which a reader would make a line feed.
    @inline(never)
    public mutating func text(_ text: String) {
        var text = text
        // SAFETY: the buffer is used inside the closure only.
        text.withUTF8 { buffer in
            guard let base = buffer.baseAddress else { return }
            var written = 0
            for index in 0..<buffer.count {
                let byte = unsafe buffer[index]
                guard byte == 0x26 || byte == 0x3C || byte == 0x3E || byte == 0x0D else { continue }
                unsafe append(base + written, index - written)
                escape(byte)
                written = index + 1
            }
            unsafe append(base + written, buffer.count - written)
        }
    }

    private mutating func escape(_ byte: UInt8) {
        switch byte {
        case 0x26: markup("&amp;")
        case 0x3C: markup("&lt;")
        case 0x3E: markup("&gt;")
        default: markup("&#13;")
        }
    }

    @inline(__always)
    private mutating func append(_ bytes: UnsafePointer<UInt8>, _ added: Int) {
        if count + added > capacity { grow(to: count + added) }
        // SAFETY: `capacity` covers them, and nobody else has a pointer into the buffer.
        unsafe (start + count).initialize(from: bytes, count: added)
        count += added
    }

    @inline(never)
    private mutating func grow(to needed: Int) {
        let capacity = max(needed, self.capacity * 2)
        let grown = UnsafeMutablePointer<UInt8>.allocate(capacity: capacity)
        // SAFETY: the first `count` bytes are initialised, and `grown` is larger.
        unsafe grown.initialize(from: start, count: count)
        unsafe start.deallocate()
        unsafe start = grown
        self.capacity = capacity
    }
}
