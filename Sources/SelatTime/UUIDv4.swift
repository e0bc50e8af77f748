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
        self.init(ascii: text.utf8)
    }

    /// As `init(_:)`, over bytes.
    @inlinable
    public init?(ascii bytes: some Collection<UInt8>) {
        guard bytes.count == 36 else { return nil }
        var words: (UInt64, UInt64) = (0, 0)
        var nibbles = 0
        var position = 0
        for byte in bytes {
            defer { position += 1 }
            if position == 8 || position == 13 || position == 18 || position == 23 {
                guard byte == 0x2D else { return nil }
                continue
            }
            let nibble: UInt64
            switch byte {
            case 0x30...0x39: nibble = UInt64(byte - 0x30)
            case 0x61...0x66: nibble = UInt64(byte - 0x61 + 10)
            default: return nil
            }
            if nibbles < 16 {
                words.0 = words.0 << 4 | nibble
            } else {
                words.1 = words.1 << 4 | nibble
            }
            nibbles += 1
        }
        self.init(high: words.0, low: words.1)
    }

    /// Appends the 36 characters of `description`.
    public func append(to bytes: inout [UInt8]) {
        bytes.append(count: 36) { text in
            text.hexadecimal(UInt32(truncatingIfNeeded: high >> 32), digits: 8, at: 0)
            text.hexadecimal(UInt32(truncatingIfNeeded: high >> 16) << 16, digits: 4, at: 9)
            text.hexadecimal(UInt32(truncatingIfNeeded: high) << 16, digits: 4, at: 14)
            text.hexadecimal(UInt32(truncatingIfNeeded: low >> 48) << 16, digits: 4, at: 19)
            text.hexadecimal(UInt32(truncatingIfNeeded: low >> 16), digits: 8, at: 24)
            text.hexadecimal(UInt32(truncatingIfNeeded: low) << 16, digits: 4, at: 32)
        }
    }

    /// `21508c8f-9cc3-4e33-8722-0ebb2abd15cf`.
    public var description: String {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(36)
        append(to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    public static func < (lhs: UUIDv4, rhs: UUIDv4) -> Bool {
        (lhs.high, lhs.low) < (rhs.high, rhs.low)
    }
}
