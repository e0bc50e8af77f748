/// 128 bits over a message's decoded business fields. It tells a resend from an altered copy:
/// a guard against mistakes; against others stands the transport's identity.
public struct ContentDigest: Hashable, Sendable {
    public let high: UInt64
    public let low: UInt64

    public init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }
}

/// Feeds fields into a digest, each closed off from the next.
///
/// The mixing is a 64 by 64 to 128 bit multiplication per word, folded; the constants are
/// arbitrary odd words. Deterministic on every machine.
public struct DigestWriter: Sendable {
    @usableFromInline var first: UInt64 = 0x9E37_79B9_7F4A_7C15
    @usableFromInline var second: UInt64 = 0xC2B2_AE3D_27D4_EB4F

    @inlinable
    public init() {}

    @inlinable
    public mutating func feed(_ word: UInt64) {
        let product = (first ^ word).multipliedFullWidth(by: 0xA076_1D64_78BD_642F)
        first = product.high ^ product.low ^ second
        let other = (second ^ word).multipliedFullWidth(by: 0xE703_7ED1_A0B4_28DB)
        second = other.high ^ other.low &+ first
    }

    /// Eight bytes to a word, the rest in one of its own, then the length. Lets go of no object.
    @_effects(releasenone)
    public mutating func feed(_ text: String) {
        let span = text.utf8.span
        unsafe feed(span.bytes)
    }

    /// As a text's, for bytes.
    public mutating func feed(_ bytes: [UInt8]) {
        let span = bytes.span
        unsafe feed(span.bytes)
    }

    private mutating func feed(_ bytes: RawSpan) {
        var index = 0
        while index &+ 8 <= bytes.byteCount {
            // SAFETY: eight bytes from `index` on are within the span.
            let word = unsafe bytes.unsafeLoadUnaligned(fromByteOffset: index, as: UInt64.self)
            feed(word.bigEndian)
            index &+= 8
        }
        var rest: UInt64 = 0
        if index > 0, index < bytes.byteCount {
            // The last eight bytes, without those that were fed before.
            // SAFETY: at least eight bytes are within the span.
            let last = unsafe bytes.unsafeLoadUnaligned(
                fromByteOffset: bytes.byteCount &- 8,
                as: UInt64.self
            )
            let left = UInt64(bytes.byteCount &- index)
            rest = last.bigEndian & (1 << (8 * left) - 1)
            index = bytes.byteCount
        }
        while index < bytes.byteCount {
            // SAFETY: `index` is within the span.
            rest =
                rest << 8 | UInt64(unsafe bytes.unsafeLoad(fromByteOffset: index, as: UInt8.self))
            index &+= 1
        }
        feed(rest)
        feed(UInt64(bytes.byteCount))
    }

    public mutating func feed(_ text: String?) {
        guard let text else { return feed(UInt64.max) }
        feed(text)
    }

    public var digest: ContentDigest { ContentDigest(high: first, low: second) }
}
