/// Elements of which each is all that the one before holds, down to a text.
public struct XMLNest: Sendable {
    let opening: StaticString
    let closing: StaticString
    let depth: Int

    /// - Parameters:
    ///   - opening: Their start tags.
    ///   - closing: Their end tags.
    ///   - depth: How many they are.
    @inline(__always)
    public init(_ opening: StaticString, _ closing: StaticString, depth: Int) {
        self.opening = opening
        self.closing = closing
        self.depth = depth
    }
}

extension XMLScanner {
    /// Reads the element ahead if all it holds is this nest, spelled as usual, and `read` makes
    /// something of the text; if not, nothing is read. Follows an `isAt` that found the tag.
    @inline(__always)
    public mutating func nested<Value>(
        _ tag: XMLTag,
        _ nest: XMLNest,
        _ read: (Span<UInt8>) -> Value?
    ) -> Value? {
        guard let text = nestedText(tag, nest), let value = read(document.span.extracting(text))
        else { return nil }
        arrivePlainly(
            at: text.upperBound &+ nest.closing.utf8CodeUnitCount &+ tag.length &+ 3
        )
        return value
    }

    /// The text in the nest.
    @inline(__always)
    private func nestedText(_ tag: XMLTag, _ nest: XMLNest) -> Range<Int>? {
        // The element and all of the nest but the innermost would be open at once.
        guard head != 0, depth + nest.depth <= limits.depth, let nameEnd = usualNameEnd(tag)
        else { return nil }
        let bytes = document.span
        let start = nameEnd &+ 1 &+ nest.opening.utf8CodeUnitCount
        guard XMLScanner.isSame(bytes, nest.opening, at: nameEnd &+ 1),
            let end = endOfPlainText(from: start), end - start <= limits.textBytes,
            XMLScanner.isSame(bytes, nest.closing, at: end)
        else { return nil }
        let last = end &+ nest.closing.utf8CodeUnitCount
        guard last &+ 2 <= bytes.count, bytes[last] == 0x3C, bytes[last + 1] == 0x2F,
            case .same = tag.comparison(bytes, at: last &+ 2)
        else { return nil }
        return start..<end
    }

    /// Whether these characters, eight or more, stand here.
    @inline(__always)
    private static func isSame(_ bytes: Span<UInt8>, _ literal: StaticString, at index: Int) -> Bool
    {
        let count = literal.utf8CodeUnitCount
        guard index >= 0, count >= 8, index &+ count <= bytes.count else { return false }
        // SAFETY: an ASCII literal of more than one scalar has a pointer to its characters, and as
        // many bytes are there from `index` on.
        let expected = unsafe UnsafeRawPointer(literal.utf8Start)
        func isSame(at offset: Int) -> Bool {
            let word = unsafe ByteWord(unchecked: bytes, at: index &+ offset).bits
            return unsafe word == expected.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
        }
        var offset = 0
        while offset < count &- 8 {
            guard isSame(at: offset) else { return false }
            offset &+= 8
        }
        // The last eight, with some before them.
        return isSame(at: count &- 8)
    }
}
