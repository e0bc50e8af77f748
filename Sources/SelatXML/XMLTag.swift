/// A name that a schema expects, ready to be compared with the bytes of a tag.
public struct XMLTag: Sendable {
    public let name: XMLName
    /// The characters, eight a word, the first in the lowest place; zero behind them.
    @usableFromInline let first: UInt64
    let second: UInt64
    let third: UInt64
    /// 1...18 characters.
    @usableFromInline let length: Int

    /// For generated code: the words as `selat-specgen` made them.
    @inline(__always)
    public init(_ name: XMLName, _ first: UInt64, _ second: UInt64, _ third: UInt64, length: Int) {
        self.name = name
        self.first = first
        self.second = second
        self.third = third
        self.length = length
    }

    /// The places of `first` that the name has.
    @inlinable
    @inline(__always)
    var places: UInt64 { length >= 8 ? .max : (1 &<< UInt64(length &* 8)) &- 1 }
}

extension XMLScanner {
    /// Whether the element ahead has this name.
    ///
    /// A tag spelled as it nearly always is gets compared where it stands; any other is looked at.
    @inlinable
    @inline(__always)
    public mutating func isAt(_ tag: XMLTag) throws(XMLError) -> Bool {
        if head != 0, (head ^ tag.first) & tag.places != 0 { return false }
        return try stands(tag)
    }

    /// As `isAt`, where the bytes looked at so far do not tell: what they show of the name is so.
    @usableFromInline
    @inline(never)
    mutating func stands(_ tag: XMLTag) throws(XMLError) -> Bool {
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
                    attribute = .standing(value)
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
        if attribute != nil { attribute = nil }
        isPeeked = true
    }

    private enum Comparison {
        case same
        case other
        /// The name, and then no `>`: a longer name, an attribute, white space, no content.
        case beginning
        case unclear
    }

    /// What the bytes behind those of `head` say.
    @inline(__always)
    private func comparison(_ tag: XMLTag) -> Comparison {
        guard head != 0 else { return .unclear }
        let bytes = document.span
        let start = position &+ 1
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
