/// How far a string's text goes on without anything that a JSON text escapes.
///
/// Nearly all of a body stands in strings, nearly all of them plain ASCII: they are looked at eight
/// bytes at a time.
struct PlainText {
    /// The first byte that a JSON text escapes (`"`, `\`, a control character), or the end.
    let end: Int
    /// Whether all before it is ASCII.
    let isASCII: Bool

    /// Looks from `start` on; `start` is within `text`, or its end.
    @inline(__always)
    init(_ text: Span<UInt8>, from start: Int) {
        var index = start
        var union: UInt64 = 0
        while index + 8 <= text.count {
            // SAFETY: eight bytes from here on are within the text.
            let word = unsafe UInt64(
                littleEndian: text.bytes.unsafeLoadUnaligned(
                    fromUncheckedByteOffset: index,
                    as: UInt64.self
                )
            )
            let found = PlainText.special(word)
            if found != 0 {
                let plain = found.trailingZeroBitCount & ~7
                union |= word & ((1 << UInt64(plain)) - 1)
                end = index + plain >> 3
                isASCII = union & PlainText.each(0x80) == 0
                return
            }
            union |= word
            index += 8
        }
        while index < text.count {
            let byte = text[index]
            if byte < 0x20 || byte == 0x22 || byte == 0x5C { break }
            union |= UInt64(byte)
            index += 1
        }
        end = index
        isASCII = union & PlainText.each(0x80) == 0
    }

    /// The eight bytes from `index` on, the first one lowest; traps beyond the text.
    @inline(__always)
    static func word(_ text: Span<UInt8>, at index: Int) -> UInt64 {
        // SAFETY: the bytes of a UInt8 are all initialised, and any bits are a word.
        unsafe UInt64(
            littleEndian: text.bytes.unsafeLoadUnaligned(fromByteOffset: index, as: UInt64.self)
        )
    }

    /// The high bit of a byte is set where it is special; whatever stands above the first is void.
    @inline(__always)
    private static func special(_ word: UInt64) -> UInt64 {
        let quote = word ^ each(0x22)
        let backslash = word ^ each(0x5C)
        let control = (word &- each(0x20)) & ~word
        let found =
            control | ((quote &- each(1)) & ~quote) | ((backslash &- each(1)) & ~backslash)
        return found & each(0x80)
    }

    @inline(__always)
    private static func each(_ byte: UInt64) -> UInt64 { byte &* 0x0101_0101_0101_0101 }
}
