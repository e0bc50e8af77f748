/// Writes a document in one canonical spelling: no declaration of its own, no white space between
/// elements, only the escapes that are needed.
///
/// It owns its buffer and is never copied: a message is a hundred short appends, and an array would
/// be checked for other owners at each. Writing a text lets go of no object, and says so
/// (`releasenone`): then a caller need not take hold of each text that it hands over.
@safe
public struct XMLWriter: ~Copyable {
    @usableFromInline var start: UnsafeMutablePointer<UInt8>
    @usableFromInline var capacity: Int
    @usableFromInline var written = 0

    /// - Parameter capacity: Bytes to set aside at once, 1 or more.
    public init(capacity: Int = 4096) {
        self.capacity = capacity
        unsafe start = .allocate(capacity: capacity)
    }

    deinit { unsafe start.deallocate() }

    /// Bytes written.
    public var count: Int { written }

    /// What has been written.
    public var bytes: [UInt8] {
        // SAFETY: the first `written` bytes are initialised.
        unsafe Array(UnsafeBufferPointer(start: start, count: written))
    }

    /// Appends markup as it is. Inlined, a literal is a few stores.
    @inlinable
    @inline(__always)
    public mutating func markup(_ literal: StaticString) {
        // SAFETY: a StaticString with a pointer representation lives as long as the program, and
        // its count is its own; an ASCII literal of more than one scalar always has one.
        unsafe append(literal.utf8Start, literal.utf8CodeUnitCount)
    }

    /// Appends what `write` appends: `length` bytes at most.
    @inlinable
    @inline(__always)
    public mutating func value(atMost length: Int, _ write: (inout OutputSpan<UInt8>) -> Void) {
        if written + length > capacity { grow(to: written + length) }
        // SAFETY: `capacity` covers the bytes, the span does not leave, and it says how many of
        // them it initialised.
        let room = unsafe UnsafeMutableBufferPointer(start: start + written, count: length)
        var text = unsafe OutputSpan(buffer: room, initializedCount: 0)
        write(&text)
        written += unsafe text.finalize(for: room)
    }

    /// Appends character data, escaping what would read as something else: `&`, `<`, `>` and the
    /// carriage return, which a reader would make a line feed.
    @_effects(releasenone)
    @inline(never)
    public mutating func text(_ text: String) {
        var rest = text.utf8.span
        while true {
            let plain = XMLWriter.endOfPlainText(rest)
            // SAFETY: the buffer is used inside the closure only, and the end is within it.
            unsafe rest.extracting(0..<plain).withUnsafeBufferPointer { run in
                if let base = run.baseAddress { unsafe append(base, run.count) }
            }
            guard plain < rest.count else { return }
            escape(rest[plain])
            rest = rest.extracting((plain + 1)...)
        }
    }

    /// Where the first byte to escape stands, or the end. The last of a block or a word are looked
    /// at together with those before them.
    @inline(__always)
    private static func endOfPlainText(_ bytes: Span<UInt8>) -> Int {
        var index = 0
        while index < bytes.count {
            let blockStart = min(index, bytes.count &- ByteBlock.count)
            if let block = ByteBlock(bytes, at: blockStart) {
                let ends =
                    block.places(of: 0x26) .| block.places(of: 0x3C) .| block.places(of: 0x3E)
                    .| block.places(of: 0x0D)
                if let first = ByteBlock.first(ends) { return blockStart &+ first }
                index = blockStart &+ ByteBlock.count
                continue
            }
            let wordStart = min(index, bytes.count &- 8)
            if let word = ByteWord(bytes, at: wordStart) {
                let ends =
                    word.places(of: 0x26) | word.places(of: 0x3C) | word.places(of: 0x3E)
                    | word.places(of: 0x0D)
                guard ends == 0 else { return wordStart &+ ByteWord.first(ends) }
                index = wordStart &+ 8
                continue
            }
            let byte = bytes[index]
            if byte == 0x26 || byte == 0x3C || byte == 0x3E || byte == 0x0D { break }
            index += 1
        }
        return index
    }

    private mutating func escape(_ byte: UInt8) {
        switch byte {
        case 0x26: markup("&amp;")
        case 0x3C: markup("&lt;")
        case 0x3E: markup("&gt;")
        default: markup("&#13;")
        }
    }

    @inlinable
    @inline(__always)
    mutating func append(_ bytes: UnsafePointer<UInt8>, _ added: Int) {
        if written + added > capacity { grow(to: written + added) }
        // SAFETY: `capacity` covers them, and nobody else has a pointer into the buffer.
        unsafe (start + written).initialize(from: bytes, count: added)
        written += added
    }

    @_effects(releasenone)
    @usableFromInline
    @inline(never)
    mutating func grow(to needed: Int) {
        let capacity = max(needed, self.capacity * 2)
        let grown = UnsafeMutablePointer<UInt8>.allocate(capacity: capacity)
        // SAFETY: the first `written` bytes are initialised, and `grown` is larger.
        unsafe grown.initialize(from: start, count: written)
        unsafe start.deallocate()
        unsafe start = grown
        self.capacity = capacity
    }
}
