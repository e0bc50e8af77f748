/// Appends a document to a buffer, in one canonical spelling: no declaration of its own, no
/// white space between elements, only the escapes that are needed.
public struct XMLWriter: Sendable {
    /// What has been written.
    public var bytes: [UInt8]

    /// Continues `bytes`.
    @inlinable
    public init(_ bytes: [UInt8] = []) { self.bytes = bytes }

    /// Appends markup as it is.
    @inline(never)
    public mutating func markup(_ literal: StaticString) {
        // SAFETY: a StaticString with a pointer representation lives as long as the program, and
        // its count is its own; an ASCII literal of more than one scalar always has one.
        unsafe bytes.append(
            contentsOf: UnsafeBufferPointer(
                start: literal.utf8Start,
                count: literal.utf8CodeUnitCount
            )
        )
    }

    /// Appends character data, escaping what would read as something else: `&`, `<`, `>` and the
    /// carriage return, which a reader would make a line feed.
    @inline(never)
    public mutating func text(_ text: String) {
        var text = text
        // SAFETY: the buffer is used inside the closure only.
        text.withUTF8 { buffer in
            var written = 0
            for index in 0..<buffer.count {
                let byte = unsafe buffer[index]
                guard byte == 0x26 || byte == 0x3C || byte == 0x3E || byte == 0x0D else { continue }
                unsafe bytes.append(
                    contentsOf: UnsafeBufferPointer(rebasing: buffer[written..<index])
                )
                escape(byte)
                written = index + 1
            }
            unsafe bytes.append(contentsOf: UnsafeBufferPointer(rebasing: buffer[written...]))
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
}
