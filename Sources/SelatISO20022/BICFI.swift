/// A business identifier code of a financial institution: 8 or 11 capital letters and digits,
/// packed into one word so that routing compares a number, not a string.
///
/// A value of this type is well-formed; whether its country is assigned is a profile rule and
/// whether the bank exists is reference data. ISO: BICFIDec2014Identifier (ISO 9362).
public struct BICFI: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// Eleven digits of base 37, most significant first; 0 stands for "no character".
    @usableFromInline let packed: UInt64

    /// Parses `[A-Z0-9]{4}[A-Z]{2}[A-Z0-9]{2}([A-Z0-9]{3})?`; anything else is `nil`.
    public init?(_ text: String) {
        self.init(ascii: text.utf8)
    }

    /// As `init(_:)`, over bytes.
    @inlinable
    public init?(ascii bytes: some Collection<UInt8>) {
        var packed: UInt64 = 0
        var count = 0
        for byte in bytes {
            switch byte {
            case 0x41...0x5A: packed = packed &* 37 &+ UInt64(byte &- 0x41 &+ 11)
            case 0x30...0x39 where count != 4 && count != 5:
                packed = packed &* 37 &+ UInt64(byte &- 0x30 &+ 1)
            default: return nil
            }
            count += 1
            guard count <= 11 else { return nil }
        }
        guard count == 8 || count == 11 else { return nil }
        self.packed = count == 8 ? packed &* (37 * 37 * 37) : packed
    }

    /// The 8 or 11 characters.
    public var code: String {
        let (head, branch) = words
        // SAFETY: as many bytes are written as counted, within the 11 asked for.
        return unsafe String(unsafeUninitializedCapacity: 11) { bytes in
            for index in 0..<8 {
                unsafe bytes[index] = UInt8(truncatingIfNeeded: head >> UInt64(56 - 8 * index))
            }
            guard branch != 0 else { return 8 }
            for index in 0..<3 {
                unsafe bytes[8 + index] = UInt8(
                    truncatingIfNeeded: branch >> UInt64(16 - 8 * index)
                )
            }
            return 11
        }
    }

    public var description: String { code }

    /// ISO 3166 letters at positions 5 and 6: the country the institution is registered in.
    public var countryCode: String {
        let (first, second) = countryLetters
        return String(decoding: [first, second], as: UTF8.self)
    }

    var countryLetters: (UInt8, UInt8) {
        // 37 to the 6th and 5th: the places of the two letters, which are never digits.
        (
            BICFI.character(packed / 2_565_726_409 % 37),
            BICFI.character(packed / 69_343_957 % 37)
        )
    }

    /// The characters as big-endian ASCII: the first eight, and the branch's three in the lowest
    /// bytes, or 0 where there is none.
    public var words: (head: UInt64, branch: UInt64) {
        let (head, branch) = packed.quotientAndRemainder(dividingBy: 37 * 37 * 37)
        return (BICFI.word(head, 8), branch == 0 ? 0 : BICFI.word(branch, 3))
    }

    private static func word(_ digits: UInt64, _ count: Int) -> UInt64 {
        var rest = digits
        var word: UInt64 = 0
        for place in 0..<count {
            word |= UInt64(character(rest % 37)) << UInt64(8 * place)
            rest /= 37
        }
        return word
    }

    private static func character(_ digit: UInt64) -> UInt8 {
        let digit = UInt8(truncatingIfNeeded: digit)
        return digit > 10 ? digit &- 11 &+ 0x41 : digit &- 1 &+ 0x30
    }

    /// The institution without its branch: the first eight characters.
    public var institution: BICFI {
        BICFI(packed: packed - packed % (37 * 37 * 37))
    }

    /// Appends the 8 or 11 characters.
    public func append(to bytes: inout [UInt8]) {
        let (head, branch) = words
        unsafe withUnsafeBytes(of: head.bigEndian) { unsafe bytes.append(contentsOf: $0) }
        guard branch != 0 else { return }
        for shift in [16, 8, 0] as [UInt64] {
            bytes.append(UInt8(truncatingIfNeeded: branch >> shift))
        }
    }

    private init(packed: UInt64) { self.packed = packed }

    /// Alphabetical, digits before letters.
    @inlinable
    public static func < (lhs: BICFI, rhs: BICFI) -> Bool { lhs.packed < rhs.packed }
}
