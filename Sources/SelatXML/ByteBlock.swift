/// Sixteen bytes looked at together, where longer runs are passed over.
struct ByteBlock {
    static let count = 16

    private let bytes: SIMD16<UInt8>

    /// `nil` where fewer than sixteen bytes are left.
    @inline(__always)
    init?(_ bytes: Span<UInt8>, at index: Int) {
        guard index >= 0, index &+ ByteBlock.count <= bytes.count else { return nil }
        // SAFETY: the sixteen bytes are within the span, and any bits are a vector of them.
        self.bytes = unsafe bytes.bytes.unsafeLoadUnaligned(
            fromUncheckedByteOffset: index,
            as: SIMD16<UInt8>.self
        )
    }

    /// Where it is known that sixteen bytes are there.
    @unsafe
    @inline(__always)
    init(unchecked bytes: Span<UInt8>, at index: Int) {
        self.bytes = unsafe bytes.bytes.unsafeLoadUnaligned(
            fromUncheckedByteOffset: index,
            as: SIMD16<UInt8>.self
        )
    }

    /// Writes the sixteen bytes, for which there must be room.
    @unsafe
    @inline(__always)
    func store(to place: UnsafeMutablePointer<UInt8>) {
        unsafe UnsafeMutableRawPointer(place).storeBytes(of: bytes, as: SIMD16<UInt8>.self)
    }

    /// Where `byte` stands.
    @inline(__always)
    func places(of byte: UInt8) -> SIMDMask<SIMD16<Int8>> { bytes .== SIMD16(repeating: byte) }

    /// Where a byte is no ASCII character or below `byte`, which is ASCII.
    @inline(__always)
    func places(notFrom byte: UInt8) -> SIMDMask<SIMD16<Int8>> {
        // What is no ASCII character is negative here.
        SIMD16<Int8>(truncatingIfNeeded: bytes) .< SIMD16(repeating: Int8(byte))
    }

    /// Whether there is a place.
    @inline(__always)
    static func isAny(_ places: SIMDMask<SIMD16<Int8>>) -> Bool {
        // SAFETY: a mask has all bits of a place set or none, and any bits are words.
        let words = unsafe unsafeBitCast(places, to: SIMD2<UInt64>.self)
        return words[0] | words[1] != 0
    }

    /// How many bytes stand before the first place; `nil` where there is none.
    @inline(__always)
    static func first(_ places: SIMDMask<SIMD16<Int8>>) -> Int? {
        // SAFETY: a mask has all bits of a place set or none, and any bits are words.
        let words = unsafe unsafeBitCast(places, to: SIMD2<UInt64>.self)
        if words[0] != 0 { return words[0].littleEndian.trailingZeroBitCount >> 3 }
        if words[1] != 0 { return 8 + words[1].littleEndian.trailingZeroBitCount >> 3 }
        return nil
    }
}
