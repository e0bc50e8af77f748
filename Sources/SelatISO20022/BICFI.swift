public import SelatTime

/// A business identifier code of a financial institution: 8 or 11 capital letters and digits,
/// packed into words so that routing compares numbers, not strings.
///
/// A value of this type is well-formed; whether its country is assigned is a profile rule and
/// whether the bank exists is reference data. ISO: BICFIDec2014Identifier (ISO 9362).
public struct BICFI: WordHashable, Sendable, Comparable, CustomStringConvertible {
    /// The first eight characters, ASCII, most significant first.
    @usableFromInline let head: UInt64
    /// The branch's three characters likewise, in the lowest bytes; 0 where there is none.
    @usableFromInline let branch: UInt32

    /// Parses `[A-Z0-9]{4}[A-Z]{2}[A-Z0-9]{2}([A-Z0-9]{3})?`; anything else is `nil`.
    public init?(_ text: String) {
        let bytes = text.utf8.span
        self.init(ascii: bytes)
    }

    /// As `init(_:)`, over bytes.
    public init?(ascii bytes: Span<UInt8>) {
        guard bytes.count == 8 || bytes.count == 11 else { return nil }
        // SAFETY: eight bytes are there, and any bits are a word.
        let word = unsafe bytes.bytes.unsafeLoadUnaligned(as: UInt64.self)
        let head = UInt64(bigEndian: word)
        let (letters, digits) = ASCIIWord.classes(head)
        // The country's two letters are the fifth and the sixth.
        guard letters | digits & 0x8080_8080_0000_8080 == 0x8080_8080_8080_8080 else { return nil }
        var branch: UInt32 = 0
        for index in 8..<bytes.count { branch = branch << 8 | UInt32(bytes[index]) }
        if bytes.count == 11 {
            let (letters, digits) = ASCIIWord.classes(UInt64(branch))
            guard (letters | digits) & 0x80_8080 == 0x80_8080 else { return nil }
        }
        self.init(head: head, branch: branch)
    }

    @usableFromInline
    init(head: UInt64, branch: UInt32) {
        self.head = head
        self.branch = branch
    }

    @inlinable
    public func feed(_ hasher: inout WordHasher) {
        hasher.combine(head)
        hasher.combine(UInt64(branch))
    }

    /// The 8 or 11 characters.
    public var code: String { String(atMost: 11) { append(to: &$0) } }

    public var description: String { code }

    /// ISO 3166 letters at positions 5 and 6: the country the institution is registered in.
    public var countryCode: String {
        let (first, second) = countryLetters
        return String(decoding: [first, second], as: UTF8.self)
    }

    var countryLetters: (UInt8, UInt8) {
        (UInt8(truncatingIfNeeded: head >> 24), UInt8(truncatingIfNeeded: head >> 16))
    }

    /// The characters as big-endian ASCII: the first eight, and the branch's three in the lowest
    /// bytes, or 0 where there is none.
    public var words: (head: UInt64, branch: UInt64) { (head, UInt64(branch)) }

    /// The institution without its branch: the first eight characters.
    public var institution: BICFI { BICFI(head: head, branch: 0) }

    /// Appends the 8 or 11 characters.
    public func append(to text: inout OutputSpan<UInt8>) {
        text.append(ascii: head)
        guard branch != 0 else { return }
        text.append(ascii: UInt16(truncatingIfNeeded: branch >> 8))
        text.append(UInt8(truncatingIfNeeded: branch))
    }

    /// Alphabetical, digits before letters.
    @inlinable
    public static func < (lhs: BICFI, rhs: BICFI) -> Bool {
        (lhs.head, lhs.branch) < (rhs.head, rhs.branch)
    }
}
