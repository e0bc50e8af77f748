extension OutputSpan<UInt8> {
    /// Appends the bytes of a word together, the highest first.
    @inlinable
    @inline(__always)
    public mutating func append(ascii word: some FixedWidthInteger & UnsignedInteger) {
        let length = word.bitWidth / 8
        precondition(freeCapacity >= length, "the bytes of a word need room")
        // SAFETY: so much room is behind the bytes that are initialised, and then it is, too.
        unsafe withUnsafeMutableBufferPointer { room, count in
            if let start = room.baseAddress {
                unsafe UnsafeMutableRawPointer(start + count)
                    .storeBytes(of: word.bigEndian, as: type(of: word))
            }
            count += length
        }
    }

}

extension UInt64 {
    /// The two last digits of a number that is 0 or more, in the two lowest bytes.
    @inline(__always)
    init(digits value: Int64) {
        let value = UInt64(truncatingIfNeeded: value) % 100
        self = 0x3030 &+ (value / 10) &<< 8 &+ value % 10
    }
}

extension String {
    /// ASCII text of at most `count` characters, which `write` appends.
    package init(atMost count: Int, _ write: (inout OutputSpan<UInt8>) -> Void) {
        // SAFETY: the span is used inside the closure only, and says how much it initialised.
        unsafe self.init(unsafeUninitializedCapacity: count) { buffer in
            var text = unsafe OutputSpan(buffer: buffer, initializedCount: 0)
            write(&text)
            return unsafe text.finalize(for: buffer)
        }
    }
}

/// Eight hexadecimal digits in lower case at once, each in a byte of a word, the first the highest.
enum Hexadecimal {
    /// The number that eight digits of `text` write, four from each of two places; `nil` when one
    /// is none. Both places have four bytes.
    @inline(__always)
    static func word(_ text: RawSpan, at first: Int, and second: Int) -> UInt32? {
        // SAFETY: the caller's places are within the text, and any bits are a word.
        let high = unsafe text.unsafeLoadUnaligned(fromByteOffset: first, as: UInt32.self)
        let low = unsafe text.unsafeLoadUnaligned(fromByteOffset: second, as: UInt32.self)
        let word = UInt64(UInt32(bigEndian: high)) << 32 | UInt64(UInt32(bigEndian: low))
        let letters = word >> 6 & 0x0101_0101_0101_0101
        var nibbles = (word & 0x0F0F_0F0F_0F0F_0F0F) + letters * 9
        // What is no digit comes out above fifteen or is written otherwise.
        guard nibbles & 0xF0F0_F0F0_F0F0_F0F0 == 0, characters(nibbles) == word else { return nil }
        nibbles = (nibbles | nibbles >> 4) & 0x00FF_00FF_00FF_00FF
        nibbles = (nibbles | nibbles >> 8) & 0x0000_FFFF_0000_FFFF
        return UInt32(truncatingIfNeeded: nibbles | nibbles >> 16)
    }

    /// The digits that write a word.
    @inline(__always)
    static func digits(_ word: UInt32) -> UInt64 { characters(nibbles(word)) }

    /// The nibbles of a word, each in a byte of its own.
    @inline(__always)
    private static func nibbles(_ word: UInt32) -> UInt64 {
        var nibbles = UInt64(word)
        nibbles = (nibbles | nibbles << 16) & 0x0000_FFFF_0000_FFFF
        nibbles = (nibbles | nibbles << 8) & 0x00FF_00FF_00FF_00FF
        return (nibbles | nibbles << 4) & 0x0F0F_0F0F_0F0F_0F0F
    }

    /// How eight nibbles are written.
    @inline(__always)
    private static func characters(_ nibbles: UInt64) -> UInt64 {
        // 1 in each byte that holds ten or more: those are letters.
        let letters = (nibbles + 0x0606_0606_0606_0606) >> 4 & 0x0101_0101_0101_0101
        return nibbles + 0x3030_3030_3030_3030 + letters * 0x27
    }
}
