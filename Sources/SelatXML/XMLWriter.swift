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
    /// The room is no longer that of the array to be, which was too small.
    private var ownsRoom = false

    private init(in room: UnsafeMutablePointer<UInt8>, capacity: Int) {
        unsafe start = room
        self.capacity = capacity
    }

    deinit { if ownsRoom { unsafe start.deallocate() } }

    /// What `write` writes; `capacity` is about as many bytes, 1 or more.
    public static func bytes(
        capacity: Int,
        _ write: (inout XMLWriter) -> Void
    ) -> [UInt8] {
        var outgrown: [UInt8]?
        // SAFETY: the writer stays inside the closure, and the first `written` bytes of its room
        // are initialised.
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: capacity) { room, count in
            guard let start = room.baseAddress else { return }
            var writer = unsafe XMLWriter(in: start, capacity: capacity)
            write(&writer)
            if writer.ownsRoom {
                outgrown = unsafe Array(
                    UnsafeBufferPointer(start: writer.start, count: writer.written)
                )
            } else {
                count = writer.written
            }
        }
        return outgrown ?? bytes
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
        let bytes = text.utf8.span
        if written + bytes.count > capacity { grow(to: written + bytes.count) }
        let plain = copyPlainText(bytes)
        written += plain
        if plain < bytes.count { escape(bytes.extracting(plain...)) }
    }

    /// Copies the bytes behind what is written, which has room for them, up to one to escape or
    /// some before it; returns how many that are. The last of a block or a word are looked at and
    /// copied together with those before them.
    @inline(__always)
    private func copyPlainText(_ bytes: Span<UInt8>) -> Int {
        let end = unsafe start + written
        var index = 0
        while index < bytes.count {
            let blockStart = min(index, bytes.count &- ByteBlock.count)
            if let block = ByteBlock(bytes, at: blockStart) {
                let ends =
                    block.places(of: 0x26) .| block.places(of: 0x3C) .| block.places(of: 0x3E)
                    .| block.places(of: 0x0D)
                if ByteBlock.isAny(ends) { break }
                // SAFETY: within the room for all of the bytes.
                unsafe block.store(to: end + blockStart)
                index = blockStart &+ ByteBlock.count
                continue
            }
            let wordStart = min(index, bytes.count &- 8)
            if let word = ByteWord(bytes, at: wordStart) {
                let ends =
                    word.places(of: 0x26) | word.places(of: 0x3C) | word.places(of: 0x3E)
                    | word.places(of: 0x0D)
                if ends != 0 { break }
                // SAFETY: as above.
                unsafe UnsafeMutableRawPointer(end + wordStart)
                    .storeBytes(of: word.bits, as: UInt64.self)
                index = wordStart &+ 8
                continue
            }
            let byte = bytes[index]
            if byte == 0x26 || byte == 0x3C || byte == 0x3E || byte == 0x0D { break }
            // SAFETY: as above.
            unsafe (end + index).initialize(to: byte)
            index += 1
        }
        return index
    }

    /// As `text`, byte by byte.
    @inline(never)
    private mutating func escape(_ bytes: Span<UInt8>) {
        for index in bytes.indices {
            switch bytes[index] {
            case 0x26: markup("&amp;")
            case 0x3C: markup("&lt;")
            case 0x3E: markup("&gt;")
            case 0x0D: markup("&#13;")
            case let byte: value(atMost: 1) { $0.append(byte) }
            }
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
        if ownsRoom { unsafe start.deallocate() }
        ownsRoom = true
        unsafe start = grown
        self.capacity = capacity
    }
}
