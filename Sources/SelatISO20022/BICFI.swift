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
        var bytes: [UInt8] = []
        bytes.reserveCapacity(11)
        append(to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    public var description: String { code }

    /// ISO 3166 letters at positions 5 and 6: the country the institution is registered in.
    public var countryCode: String {
        // 37 to the 6th and 5th: the places of the two letters, which are never digits.
        let letters = [packed / 2_565_726_409 % 37, packed / 69_343_957 % 37]
        return String(decoding: letters.map { UInt8($0 - 11 + 0x41) }, as: UTF8.self)
    }

    /// The institution without its branch: the first eight characters.
    public var institution: BICFI {
        BICFI(packed: packed - packed % (37 * 37 * 37))
    }

    /// Appends the 8 or 11 characters.
    public func append(to bytes: inout [UInt8]) {
        var divisor: UInt64 = 4_808_584_372_417_849  // 37 to the 10th
        var rest = packed
        while divisor > 0, rest > 0 {
            let digit = UInt8(rest / divisor)
            bytes.append(digit > 10 ? digit - 11 + 0x41 : digit - 1 + 0x30)
            rest %= divisor
            divisor /= 37
        }
    }

    private init(packed: UInt64) { self.packed = packed }

    /// Alphabetical, digits before letters.
    @inlinable
    public static func < (lhs: BICFI, rhs: BICFI) -> Bool { lhs.packed < rhs.packed }
}
