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
    public func string(_ text: XMLText) -> String {
        guard isASCII, case .standing(let range) = text else {
            return String(decoding: bytes(of: text), as: UTF8.self)
        }
        let bytes = document.span.extracting(range)
        // SAFETY: ASCII is UTF-8.
        return String(copying: unsafe UTF8Span(unchecked: bytes, isKnownASCII: true))
    }
}
