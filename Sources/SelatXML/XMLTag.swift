/// A name that a schema expects, ready to be compared with the bytes of a tag.
public struct XMLTag: Sendable {
    public let name: XMLName
    /// The characters, eight a word, the first in the lowest place; zero behind them.
    let first: UInt64
    let second: UInt64
    let third: UInt64
    /// 1...18 characters.
    let length: Int

    /// For generated code: the words as `selat-specgen` made them.
    @inline(__always)
    public init(_ name: XMLName, _ first: UInt64, _ second: UInt64, _ third: UInt64, length: Int) {
        self.name = name
        self.first = first
        self.second = second
        self.third = third
        self.length = length
    }
}

extension XMLScanner {
    /// Whether the element ahead has this name.
    ///
    /// A tag spelled as it nearly always is gets compared where it stands; any other is looked at.
    @inline(never)
    public mutating func isAt(_ tag: XMLTag) throws(XMLError) -> Bool {
        if !isPeeked {
            switch comparison(tag) {
            case .other: return false
            case .same:
                stand(before: tag, contentStart: position &+ tag.length &+ 2)
                return true
            case .beginning:
                let nameEnd = position &+ 1 &+ tag.length
                if let value = usualAttribute(at: nameEnd) {
                    stand(before: tag, contentStart: value.upperBound &+ 2)
                    attributeValue = AttributeValue(bytes: document[value])
                    return true
                }
                try look()
            case .unclear: try look()
            }
        }
        return next == tag.name
    }

    private mutating func stand(before tag: XMLTag, contentStart: Int) {
        next = tag.name
        nameStart = position &+ 1
        nameEnd = nameStart &+ tag.length
        self.contentStart = contentStart
        isEmpty = false
        attributeValue = nil
        isPeeked = true
    }

    private enum Comparison {
        case same
        case other
        /// The name, and then no `>`: a longer name, an attribute, white space, no content.
        case beginning
        case unclear
    }

    /// What the bytes alone say. While the default namespace is the only one that is bound, a name
    /// of other bytes is another name.
    @inline(__always)
    private func comparison(_ tag: XMLTag) -> Comparison {
        let bytes = document.span
        let start = position &+ 1
        guard defaultNamespaceMatches, bindings.count == 1,
            let first = ByteWord(bytes, at: start), bytes[position] == 0x3C
        else { return .unclear }
        guard XMLCharacters.isLetter(UInt8(truncatingIfNeeded: first.bits)) else {
            return first.bits & 0xFF == 0x2F ? .other : .unclear
        }
        guard first.prefix(tag.length) == tag.first else { return .other }
        if tag.length > 8 {
            guard let second = ByteWord(bytes, at: start &+ 8) else { return .unclear }
            guard second.prefix(tag.length &- 8) == tag.second else { return .other }
            if tag.length > 16 {
                guard let third = ByteWord(bytes, at: start &+ 16) else { return .unclear }
                guard third.prefix(tag.length &- 16) == tag.third else { return .other }
            }
        }
        let end = start &+ tag.length
        guard end < bytes.count, bytes[end] == 0x3E else { return .beginning }
        return .same
    }
}
