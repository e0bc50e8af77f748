/// A text that a scanner read, without a copy where it stands for itself.
public enum XMLText: Sendable {
    /// Where it stands in the document.
    case standing(Range<Int>)
    /// What the document spells otherwise: with references, CDATA, comments or carriage returns.
    case spelledOut([UInt8])
}

extension XMLScanner {
    /// Hands the bytes of a text that this scanner read to `body`.
    @inlinable
    @inline(__always)
    public func read<Value>(_ text: XMLText, _ body: (Span<UInt8>) -> Value) -> Value {
        switch text {
        case .standing(let range): body(document.span.extracting(range))
        case .spelledOut(let bytes): body(bytes.span)
        }
    }

    /// The bytes of a text that this scanner read.
    public func bytes(of text: XMLText) -> ArraySlice<UInt8> {
        switch text {
        case .standing(let range): document[range]
        case .spelledOut(let bytes): bytes[...]
        }
    }

    /// A text that this scanner read.
    @inlinable
    @inline(__always)
    public func string(_ text: XMLText) -> String {
        switch text {
        case .standing(let range):
            XMLScanner.string(document.span.extracting(range), isASCII: isASCII)
        case .spelledOut(let bytes): String(decoding: bytes, as: UTF8.self)
        }
    }

    /// The characters of these bytes, which are UTF-8.
    public static func string(_ bytes: Span<UInt8>, isASCII: Bool) -> String {
        guard isASCII else {
            return unsafe bytes.withUnsafeBufferPointer {
                unsafe String(decoding: $0, as: UTF8.self)
            }
        }
        // SAFETY: ASCII is UTF-8.
        return String(copying: unsafe UTF8Span(unchecked: bytes, isKnownASCII: true))
    }
}
