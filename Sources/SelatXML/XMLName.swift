/// A local element name of at most 18 ASCII characters, packed into two words: comparing a tag
/// with the one the schema expects costs two integer comparisons.
///
/// Seven bits a character, nine characters a word, so two different names never share a value.
/// Longer or non-ASCII names, which no message of the network has, are all `other`.
public struct XMLName: Hashable, Sendable, CustomStringConvertible {
    @usableFromInline let high: UInt64
    @usableFromInline let low: UInt64

    /// For generated code: the words as `selat-specgen` packed them.
    @inlinable
    public init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// No start tag ahead: an end tag, or the end of the document.
    @inlinable public static var none: XMLName { XMLName(high: 0, low: 0) }
    /// A name that cannot be packed, or one of a namespace that is not the document's.
    @inlinable public static var other: XMLName { XMLName(high: .max, low: .max) }

    /// The characters, as far as they are known.
    public var description: String {
        guard self != .none, self != .other else { return "" }
        var bytes: [UInt8] = []
        for word in [high, low] {
            for index in 0..<9 {
                let byte = UInt8(truncatingIfNeeded: word >> UInt64(56 - 7 * index) & 0x7F)
                if byte != 0 { bytes.append(byte) }
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
