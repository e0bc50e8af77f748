/// An ISO 4217 currency: three capital letters, packed so that comparing costs one instruction.
///
/// A value of this type is well-formed, not necessarily known: `minorUnitDigits` is `nil` for a
/// code outside the table below.
public struct Currency: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// The three ASCII letters, most significant first.
    public let packed: UInt32

    /// Parses exactly three capital ASCII letters; anything else is `nil`.
    @inlinable
    public init?(_ code: String) { self.init(ascii: code.utf8.span) }

    /// As `init(_:)`, over bytes.
    @inlinable
    public init?(ascii code: Span<UInt8>) {
        guard code.count == 3 else { return nil }
        var packed: UInt32 = 0
        for index in 0..<3 {
            guard code[index] >= 65, code[index] <= 90 else { return nil }
            packed = packed << 8 | UInt32(code[index])
        }
        self.packed = packed
    }

    @usableFromInline
    init(packed: UInt32) { self.packed = packed }

    /// The three-letter code.
    public var code: String {
        // Nearly always one of the region's: a literal costs nothing to make.
        switch self {
        case .sgd: "SGD"
        case .thb: "THB"
        case .myr: "MYR"
        case .php: "PHP"
        case .inr: "INR"
        case .idr: "IDR"
        default:
            String(
                decoding: [
                    UInt8(packed >> 16 & 0xFF), UInt8(packed >> 8 & 0xFF), UInt8(packed & 0xFF),
                ],
                as: UTF8.self
            )
        }
    }

    public var description: String { code }

    /// Appends the three letters.
    @inlinable
    public func append(to text: inout OutputSpan<UInt8>) {
        text.append(UInt8(truncatingIfNeeded: packed >> 16))
        text.append(UInt8(truncatingIfNeeded: packed >> 8))
        text.append(UInt8(truncatingIfNeeded: packed))
    }

    @inlinable
    public static func < (lhs: Currency, rhs: Currency) -> Bool { lhs.packed < rhs.packed }

    /// Decimal digits of the minor unit on the wire, or `nil` where the currency is not in the
    /// table. IDR is 0 on this network although ISO 4217 says 2: Specs/Decisions/0004.
    public var minorUnitDigits: Int? {
        switch self {
        case .sgd, .thb, .myr, .php, .inr, .eur, .usd, .hkd, .cny, .gbp, .aud: 2
        case .idr, .jpy, .krw, .vnd: 0
        default: nil
        }
    }

    public static let sgd = Currency(packed: 0x53_47_44)
    public static let thb = Currency(packed: 0x54_48_42)
    public static let myr = Currency(packed: 0x4D_59_52)
    public static let php = Currency(packed: 0x50_48_50)
    public static let inr = Currency(packed: 0x49_4E_52)
    public static let idr = Currency(packed: 0x49_44_52)
    public static let eur = Currency(packed: 0x45_55_52)
    public static let usd = Currency(packed: 0x55_53_44)
    public static let hkd = Currency(packed: 0x48_4B_44)
    public static let cny = Currency(packed: 0x43_4E_59)
    public static let gbp = Currency(packed: 0x47_42_50)
    public static let aud = Currency(packed: 0x41_55_44)
    public static let jpy = Currency(packed: 0x4A_50_59)
    public static let krw = Currency(packed: 0x4B_52_57)
    public static let vnd = Currency(packed: 0x56_4E_44)
}
