/// An exact decimal number: `mantissa / 10^scale`.
///
/// Range: at most 18 digits in all, scale 0...18. Two decimals are equal when they are
/// the same number, however they were written (`25.4137` equals `25.41370`).
public struct Decimal: Hashable, Sendable, CustomStringConvertible {
    /// The digits without the point, trailing zeros of the fraction removed.
    public let mantissa: Int64
    /// Digits after the point.
    public let scale: Int

    /// Normalises: trailing zeros of the fraction are dropped, so that equality is numeric.
    @inlinable
    public init(mantissa: Int64, scale: Int) {
        precondition(scale >= 0 && scale <= 18, "a decimal's scale is 0...18")
        var mantissa = mantissa
        var scale = scale
        while scale > 0, mantissa % 10 == 0 {
            mantissa /= 10
            scale -= 1
        }
        self.mantissa = mantissa
        self.scale = scale
    }

    /// Parses an `xs:decimal` without white space: optional sign, digits, optional point.
    ///
    /// `nil` when it is not one, or when it has more than 18 significant digits.
    public init?(_ text: String) {
        self.init(ascii: text.utf8.span)
    }

    /// As `init(_:)`, over bytes.
    @inlinable
    public init?(ascii bytes: Span<UInt8>) {
        var negative = false
        var mantissa: Int64 = 0
        var digits = 0
        var significant = 0
        var scale = 0
        var pendingZeros = 0
        var seenPoint = false
        for index in bytes.indices {
            let byte = bytes[index]
            switch byte {
            case 0x2B where index == 0: continue
            case 0x2D where index == 0: negative = true
            case 0x2E where !seenPoint: seenPoint = true
            case 0x30...0x39:
                digits += 1
                if seenPoint, byte == 0x30 {
                    // Trailing zeros of the fraction do not count, so they wait.
                    pendingZeros += 1
                    continue
                }
                if seenPoint {
                    for _ in 0..<pendingZeros {
                        if significant > 0 { significant += 1 }
                        scale += 1
                        guard significant <= 18, scale <= 18 else { return nil }
                        mantissa *= 10
                    }
                    pendingZeros = 0
                    scale += 1
                }
                if significant > 0 || byte != 0x30 { significant += 1 }
                guard significant <= 18, scale <= 18 else { return nil }
                mantissa = mantissa * 10 + Int64(byte - 0x30)
            default: return nil
            }
        }
        guard digits > 0 else { return nil }
        self.init(mantissa: negative ? -mantissa : mantissa, scale: scale)
    }

    /// Canonical text: no sign when positive, no trailing zeros, `0.5` and not `.5`.
    public var description: String { Decimal.text(mantissa: mantissa, scale: scale) }

    /// Writes `mantissa / 10^scale` with exactly `scale` digits after the point.
    public static func text(mantissa: Int64, scale: Int) -> String {
        // SAFETY: the span is used inside the closure only, and says how much it initialised.
        unsafe String(unsafeUninitializedCapacity: maximumLength(scale: scale)) { buffer in
            var text = unsafe OutputSpan(buffer: buffer, initializedCount: 0)
            append(mantissa: mantissa, scale: scale, to: &text)
            return unsafe text.finalize(for: buffer)
        }
    }

    /// Most characters that a number with `scale` digits after the point has.
    public static func maximumLength(scale: Int) -> Int {
        // A sign and a point; an Int64 has at most 19 digits.
        2 + max(19, scale + 1)
    }

    /// Appends what `text(mantissa:scale:)` returns, without a `String` in between.
    public static func append(mantissa: Int64, scale: Int, to text: inout OutputSpan<UInt8>) {
        if mantissa < 0 { text.append(0x2D) }
        var rest = mantissa.magnitude
        var digits = 1
        var power: UInt64 = 10
        while rest >= power {
            digits += 1
            power *= 10
        }
        let whole = max(digits - scale, 1)
        unsafe text.withUnsafeMutableBufferPointer { buffer, count in
            let length = whole + (scale > 0 ? scale + 1 : 0)
            guard let start = buffer.baseAddress, scale >= 0, buffer.count - count >= length else {
                preconditionFailure("text has room for the longest number")
            }
            // From the last digit.
            // SAFETY: `length` bytes are free behind the first `count`; as many are written.
            var place = unsafe start + count + length
            func write(digits: Int) {
                for _ in 0..<digits {
                    unsafe place -= 1
                    unsafe place.initialize(to: 0x30 &+ UInt8(truncatingIfNeeded: rest % 10))
                    rest /= 10
                }
            }
            write(digits: scale)
            if scale > 0 {
                unsafe place -= 1
                unsafe place.initialize(to: 0x2E)
            }
            write(digits: whole)
            count += length
        }
    }
}
