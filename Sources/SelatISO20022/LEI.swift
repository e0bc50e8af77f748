internal import SelatTime

/// A legal entity identifier: 18 capital letters or digits and two check digits, in two words.
///
/// A value of this type is well-formed; `hasValidCheckDigits` tells whether it is also right.
/// ISO: LEIIdentifier (ISO 17442).
public struct LEI: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// Characters 1...10 in base 36.
    @usableFromInline let high: UInt64
    /// Characters 11...20 in base 36.
    @usableFromInline let low: UInt64

    /// Parses `[A-Z0-9]{18}[0-9]{2}`; anything else is `nil`.
    public init?(_ text: String) {
        self.init(ascii: text.utf8.span)
    }

    /// As `init(_:)`, over bytes.
    @inlinable
    public init?(ascii bytes: Span<UInt8>) {
        var high: UInt64 = 0
        var low: UInt64 = 0
        var count = 0
        for index in bytes.indices {
            let byte = bytes[index]
            let digit: UInt64
            switch byte {
            case 0x30...0x39: digit = UInt64(byte &- 0x30)
            case 0x41...0x5A where count < 18: digit = UInt64(byte &- 0x41 &+ 10)
            default: return nil
            }
            if count < 10 { high = high &* 36 &+ digit } else { low = low &* 36 &+ digit }
            count += 1
            guard count <= 20 else { return nil }
        }
        guard count == 20 else { return nil }
        self.high = high
        self.low = low
    }

    /// ISO 7064 mod 97-10 over the whole code.
    public var hasValidCheckDigits: Bool {
        // From the last character, each with the weight of the digits behind it.
        var (remainder, weight): (UInt64, UInt64) = (0, 1)
        func take(_ word: UInt64) {
            var rest = word
            for _ in 0..<10 {
                let digit = rest % 36
                remainder = (remainder + digit * weight) % 97
                weight = weight * (digit < 10 ? 10 : 100) % 97
                rest /= 36
            }
        }
        take(low)
        take(high)
        return remainder == 1
    }

    /// The 20 characters.
    public var code: String { String(atMost: 20) { append(to: &$0) } }

    public var description: String { code }

    /// Appends the 20 characters.
    public func append(to text: inout OutputSpan<UInt8>) {
        LEI.append(high, to: &text)
        LEI.append(low, to: &text)
    }

    private static func append(_ word: UInt64, to text: inout OutputSpan<UInt8>) {
        // From the last character back, so that 36 is the only divisor.
        var rest = word
        text.append(repeating: 0, count: 10)
        for index in (text.count - 10..<text.count).reversed() {
            let digit = UInt8(truncatingIfNeeded: rest % 36)
            text[index] = digit < 10 ? digit + 0x30 : digit - 10 + 0x41
            rest /= 36
        }
    }

    /// Alphabetical, digits before letters.
    @inlinable
    public static func < (lhs: LEI, rhs: LEI) -> Bool { (lhs.high, lhs.low) < (rhs.high, rhs.low) }
}
