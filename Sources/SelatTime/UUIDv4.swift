/// A version 4 UUID in two words: the shape of every UETR and quote id.
///
/// Wire form is lower case with hyphens; nothing else is accepted. ISO: UUIDv4Identifier.
public struct UUIDv4: WordHashable, Sendable, Comparable, CustomStringConvertible {
    public let high: UInt64
    public let low: UInt64

    @inlinable
    public func feed(_ hasher: inout WordHasher) {
        hasher.combine(high)
        hasher.combine(low)
    }

    /// Derived from a seed: version and variant bits are set.
    public init(_ seed: Seed) {
        high = seed.high & 0xFFFF_FFFF_FFFF_0FFF | 0x0000_0000_0000_4000
        low = seed.low & 0x3FFF_FFFF_FFFF_FFFF | 0x8000_0000_0000_0000
    }

    /// From the two words of its 16 bytes, big-endian; `nil` unless version 4, variant 8-b.
    public init?(high: UInt64, low: UInt64) {
        guard high & 0xF000 == 0x4000, low >> 62 == 0b10 else { return nil }
        self.high = high
        self.low = low
    }

    /// Parses 36 characters, lower case; anything else is `nil`.
    public init?(_ text: String) {
        self.init(ascii: text.utf8.span)
    }

    /// As `init(_:)`, over bytes.
    public init?(ascii text: Span<UInt8>) {
        guard text.count == 36, text[8] == 0x2D, text[13] == 0x2D, text[18] == 0x2D,
            text[23] == 0x2D
        else { return nil }
        // The 32 digits, eight at a time: a group of four stands on either side of a hyphen.
        // SAFETY: the bytes of a UInt8 are all initialised.
        let bytes = unsafe text.bytes
        guard let first = Hexadecimal.word(bytes, at: 0, and: 4),
            let second = Hexadecimal.word(bytes, at: 9, and: 14),
            let third = Hexadecimal.word(bytes, at: 19, and: 24),
            let fourth = Hexadecimal.word(bytes, at: 28, and: 32)
        else { return nil }
        self.init(
            high: UInt64(first) << 32 | UInt64(second),
            low: UInt64(third) << 32 | UInt64(fourth)
        )
    }

    /// Appends the 36 characters of `description`.
    public func append(to text: inout OutputSpan<UInt8>) {
        // Eight digits a word; a group of four stands on either side of a hyphen.
        let second = Hexadecimal.digits(UInt32(truncatingIfNeeded: high))
        let third = Hexadecimal.digits(UInt32(truncatingIfNeeded: low >> 32))
        text.append(ascii: Hexadecimal.digits(UInt32(truncatingIfNeeded: high >> 32)))
        text.append(0x2D)
        text.append(ascii: UInt32(truncatingIfNeeded: second >> 32))
        text.append(0x2D)
        text.append(ascii: UInt32(truncatingIfNeeded: second))
        text.append(0x2D)
        text.append(ascii: UInt32(truncatingIfNeeded: third >> 32))
        text.append(0x2D)
        text.append(ascii: UInt32(truncatingIfNeeded: third))
        text.append(ascii: Hexadecimal.digits(UInt32(truncatingIfNeeded: low)))
    }

    /// `21508c8f-9cc3-4e33-8722-0ebb2abd15cf`.
    public var description: String { String(atMost: 36) { append(to: &$0) } }

    public static func < (lhs: UUIDv4, rhs: UUIDv4) -> Bool {
        (lhs.high, lhs.low) < (rhs.high, rhs.low)
    }
}
