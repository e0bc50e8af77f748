/// Eight bytes of a document looked at together, the first in the lowest place.
///
/// The masks have the high bit of each byte that answers; the lowest set bit is exact, those above
/// it need not be.
struct ByteWord {
    let bits: UInt64

    /// `nil` where fewer than eight bytes are left.
    @inline(__always)
    init?(_ bytes: Span<UInt8>, at index: Int) {
        guard index >= 0, index &+ 8 <= bytes.count else { return nil }
        // SAFETY: the eight bytes are within the span.
        bits = unsafe bytes.bytes.unsafeLoadUnaligned(
            fromUncheckedByteOffset: index,
            as: UInt64.self
        )
    }

    /// Where it is known that eight bytes are there.
    @unsafe
    @inline(__always)
    init(unchecked bytes: Span<UInt8>, at index: Int) {
        bits = unsafe bytes.bytes.unsafeLoadUnaligned(
            fromUncheckedByteOffset: index,
            as: UInt64.self
        )
    }

    @inline(__always)
    private static func repeating(_ byte: UInt8) -> UInt64 { UInt64(byte) &* 0x0101_0101_0101_0101 }

    /// Where `byte` stands.
    @inline(__always)
    func places(of byte: UInt8) -> UInt64 {
        let difference = bits ^ ByteWord.repeating(byte)
        return (difference &- 0x0101_0101_0101_0101) & ~difference & 0x8080_8080_8080_8080
    }

    /// How many bytes stand before the first place of a mask that has one.
    @inline(__always)
    static func first(_ mask: UInt64) -> Int { mask.trailingZeroBitCount >> 3 }

    /// Only the first `count` bytes, 0...8; zero behind them.
    @inline(__always)
    func prefix(_ count: Int) -> UInt64 {
        count >= 8 ? bits : bits & ((1 &<< UInt64(truncatingIfNeeded: count &* 8)) &- 1)
    }

    /// True when the first `count` bytes are ASCII letters and digits.
    @inline(__always)
    func isName(_ count: Int) -> Bool {
        let high: UInt64 = 0x8080_8080_8080_8080
        let bytes = bits | high
        let lower = bytes | 0x2020_2020_2020_2020
        // With its high bit set no byte borrows from the next, and keeps the bit if it is not less.
        let digit =
            (bytes &- ByteWord.repeating(0x30)) & ~(bytes &- ByteWord.repeating(0x3A))
        let letter =
            (lower &- ByteWord.repeating(0x61)) & ~(lower &- ByteWord.repeating(0x7B))
        let wanted = count >= 8 ? high : high & ((1 &<< UInt64(count &* 8)) &- 1)
        return (digit | letter) & ~bits & wanted == wanted
    }

    /// Seven bits of each of eight ASCII bytes, the first byte's highest.
    @inline(__always)
    static func packed(_ bytes: UInt64) -> UInt64 {
        var word = bytes.byteSwapped
        word = (word & 0x7F00_7F00_7F00_7F00) &>> 1 | (word & 0x007F_007F_007F_007F)
        word = (word & 0x3FFF_0000_3FFF_0000) &>> 2 | (word & 0x0000_3FFF_0000_3FFF)
        return (word & 0x0FFF_FFFF_0000_0000) &>> 4 | (word & 0x0000_0000_0FFF_FFFF)
    }

    /// Whether two texts are the same bytes.
    static func areSame(_ one: Span<UInt8>, _ other: Span<UInt8>) -> Bool {
        guard one.count == other.count else { return false }
        var index = 0
        while let word = ByteWord(one, at: index) {
            guard word.bits == ByteWord(other, at: index)?.bits else { return false }
            index += 8
        }
        while index < one.count {
            guard one[index] == other[index] else { return false }
            index += 1
        }
        return true
    }
}
