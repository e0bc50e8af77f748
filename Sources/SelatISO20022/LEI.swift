internal import SelatTime

/// A legal entity identifier: 18 capital letters or digits and two check digits, in three words.
///
/// A value of this type is well-formed; `hasValidCheckDigits` tells whether it is also right.
/// ISO: LEIIdentifier (ISO 17442).
public struct LEI: Hashable, Sendable, Comparable, CustomStringConvertible {
    // ASCII, most significant first: characters 1...8, 9...16 and 17...20.
    @usableFromInline let first: UInt64
    @usableFromInline let second: UInt64
    @usableFromInline let last: UInt32

    /// Parses `[A-Z0-9]{18}[0-9]{2}`; anything else is `nil`.
    public init?(_ text: String) {
        let bytes = text.utf8.span
        self.init(ascii: bytes)
    }

    /// As `init(_:)`, over bytes.
    public init?(ascii bytes: Span<UInt8>) {
        guard bytes.count == 20 else { return nil }
        // SAFETY: twenty bytes are there, and any bits are a word.
        let words = unsafe (
            bytes.bytes.unsafeLoadUnaligned(as: UInt64.self),
            bytes.bytes.unsafeLoadUnaligned(fromByteOffset: 8, as: UInt64.self),
            bytes.bytes.unsafeLoadUnaligned(fromByteOffset: 16, as: UInt32.self)
        )
        first = UInt64(bigEndian: words.0)
        second = UInt64(bigEndian: words.1)
        last = UInt32(bigEndian: words.2)
        let (head, middle, tail) = (
            ASCIIWord.classes(first), ASCIIWord.classes(second), ASCIIWord.classes(UInt64(last))
        )
        let all = (head.letters | head.digits) & (middle.letters | middle.digits)
        // The last two are digits.
        guard all == 0x8080_8080_8080_8080,
            tail.letters & 0x8080_0000 | tail.digits & 0x8080_8080 == 0x8080_8080
        else { return nil }
    }

    /// ISO 7064 mod 97-10 over the whole code.
    public var hasValidCheckDigits: Bool {
        var remainder: UInt64 = 0
        // What is left of 97, and two digits for each of at most eight characters, fit a word.
        func take(_ word: UInt64, _ characters: UInt64) {
            for place in 1...characters {
                let byte = word >> (8 * (characters - place)) & 0xFF
                remainder =
                    byte < 0x40 ? remainder * 10 + byte - 0x30 : remainder * 100 + byte - 0x37
            }
            remainder %= 97
        }
        take(first, 8)
        take(second, 8)
        take(UInt64(last), 4)
        return remainder == 1
    }

    /// The 20 characters.
    public var code: String { String(atMost: 20) { append(to: &$0) } }

    public var description: String { code }

    /// Appends the 20 characters.
    public func append(to text: inout OutputSpan<UInt8>) {
        text.append(ascii: first)
        text.append(ascii: second)
        text.append(ascii: last)
    }

    /// Alphabetical, digits before letters.
    @inlinable
    public static func < (lhs: LEI, rhs: LEI) -> Bool {
        (lhs.first, lhs.second, lhs.last) < (rhs.first, rhs.second, rhs.last)
    }
}
