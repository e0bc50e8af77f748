/// A name that a schema expects, ready to be compared with the bytes of a tag.
public struct XMLTag: Sendable {
    /// The characters, eight a word, the first in the lowest place; zero behind them.
    @usableFromInline let first: UInt64
    let second: UInt64
    let third: UInt64
    /// 1...18 characters.
    @usableFromInline let length: Int

    /// For generated code: the words as `selat-specgen` made them.
    @inline(__always)
    public init(_ first: UInt64, _ second: UInt64, _ third: UInt64, length: Int) {
        self.first = first
        self.second = second
        self.third = third
        self.length = length
    }

    /// As a scanner has it: nine characters a word.
    public var name: XMLName {
        XMLName(
            high: ByteWord.packed(first) &<< 7 | second & 0xFF,
            low: ByteWord.packed(second &>> 8 | third &<< 56) &<< 7 | third &>> 8
        )
    }

    /// The places of `first` that the name has.
    @inlinable
    @inline(__always)
    var places: UInt64 { length >= 8 ? .max : (1 &<< UInt64(length &* 8)) &- 1 }

    /// Whether these first bytes behind a `<` are the whole name with the `>`; `false` also where
    /// the name is too long to tell.
    @inlinable
    @inline(__always)
    func isAll(of head: UInt64) -> Bool {
        guard length < 8 else { return false }
        let end = UInt64(length &* 8)
        return head & (places | 0xFF &<< end) == first | 0x3E &<< end
    }

    /// As `isAll(of:)`, of an end tag.
    @inlinable
    @inline(__always)
    func isEnd(_ head: UInt64) -> Bool {
        guard length < 7 else { return false }
        let end = UInt64(length &* 8 &+ 8)
        return head & (1 &<< (end &+ 8) &- 1) == 0x2F | first &<< 8 | 0x3E &<< end
    }

    /// What the bytes at `index` say.
    @inline(__always)
    func comparison(_ bytes: Span<UInt8>, at index: Int) -> Comparison {
        guard var word = ByteWord(bytes, at: index) else { return .unclear }
        var expected = first
        if length > 8 {
            guard word.bits == first else { return .other }
            guard let second = ByteWord(bytes, at: index &+ 8) else { return .unclear }
            (word, expected) = (second, self.second)
            if length > 16 {
                guard word.bits == expected else { return .other }
                guard let third = ByteWord(bytes, at: index &+ 16) else { return .unclear }
                (word, expected) = (third, self.third)
            }
        }
        // Of the last word what is behind the name, modulo a word's bits, is shifted out.
        let behind = UInt64(truncatingIfNeeded: length &* -8)
        guard (word.bits ^ expected) &<< behind == 0 else { return .other }
        let end = index &+ length
        guard end < bytes.count, bytes[end] == 0x3E else { return .beginning }
        return .same
    }

    enum Comparison {
        case same
        case other
        /// The name, and then no `>`: a longer name, an attribute, white space, no content.
        case beginning
        case unclear
    }
}

// A tag spelled as it nearly always is gets compared where it stands, and nothing of it is noted;
// any other is looked at.
extension XMLScanner {
    /// Whether the element ahead has this name.
    @inlinable
    @inline(__always)
    public mutating func isAt(_ tag: XMLTag) throws(XMLError) -> Bool {
        if tag.isAll(of: head) { return true }
        if head != 0, (head ^ tag.first) & tag.places != 0 { return false }
        return try stands(tag)
    }

    /// As `isAt`, where the bytes looked at so far do not tell: what they show of the name is so.
    @usableFromInline
    @inline(never)
    mutating func stands(_ tag: XMLTag) throws(XMLError) -> Bool {
        if head != 0 {
            switch tag.comparison(document.span, at: position &+ 1) {
            case .same: return true
            case .other: return false
            // With the one attribute, if that is spelled as usual, it is no other name either.
            case .beginning:
                if usualAttribute(at: position &+ 1 &+ tag.length) != nil { return true }
            case .unclear: break
            }
        }
        try look()
        return next == tag.name
    }

    /// Enters the element ahead: afterwards its first child, or its end, is ahead. Follows an
    /// `isAt` that found the tag.
    @inline(never)
    public mutating func open(_ tag: XMLTag) throws(XMLError) -> OpenElement {
        guard head != 0, let nameEnd = usualNameEnd(tag) else {
            try look()
            return try open()
        }
        guard depth < limits.depth else { throw .tooDeep(limit: limits.depth, at: position) }
        depth += 1
        let element = OpenElement(nameStart: position &+ 1, nameEnd: nameEnd, isEmpty: false)
        arrivePlainly(at: nameEnd &+ 1)
        return element
    }

    /// Reads the element ahead, which holds text only, and returns the text. Follows an `isAt` that
    /// found the tag.
    @inline(never)
    public mutating func text(_ tag: XMLTag) throws(XMLError) -> XMLText {
        guard head != 0, let nameEnd = usualNameEnd(tag),
            let text = usualText(tag, from: nameEnd &+ 1)
        else {
            try look()
            return try text()
        }
        return .standing(text)
    }

    /// As `text`, of an element that may have the named attribute, with its value.
    @inline(never)
    public mutating func attributedText(
        _ tag: XMLTag
    ) throws(XMLError) -> (attribute: XMLText?, text: XMLText) {
        guard head != 0, let value = usualAttribute(at: position &+ 1 &+ tag.length),
            let text = usualText(tag, from: value.upperBound &+ 2)
        else {
            try look()
            let attribute = self.attribute
            return (attribute, try text(takesAttribute: true))
        }
        return (.standing(value), .standing(text))
    }

    /// The text that starts here, if it and the end tag behind it are spelled as usual; then they
    /// are read.
    @inline(__always)
    private mutating func usualText(_ tag: XMLTag, from start: Int) -> Range<Int>? {
        guard let end = endOfPlainText(from: start), end - start <= limits.textBytes,
            case .same = tag.comparison(document.span, at: end &+ 2)
        else { return nil }
        arrivePlainly(at: end &+ tag.length &+ 3)
        return start..<end
    }

    /// Leaves the innermost open element, which has this tag and whose end tag must be ahead.
    @inlinable
    @inline(__always)
    public mutating func close(_ tag: XMLTag, _ element: OpenElement) throws(XMLError) {
        if tag.isEnd(head), depth > 1 {
            leavePlainly(tag.length)
        } else {
            try leave(tag, element)
        }
    }

    /// Behind an end tag spelled as usual, with the document element still open.
    @usableFromInline
    @inline(never)
    mutating func leavePlainly(_ length: Int) {
        depth &-= 1
        arrivePlainly(at: position &+ length &+ 3)
    }

    /// As `close`, where the bytes looked at so far do not tell.
    @usableFromInline
    @inline(never)
    mutating func leave(_ tag: XMLTag, _ element: OpenElement) throws(XMLError) {
        guard depth > 1, UInt8(truncatingIfNeeded: head) == 0x2F,
            case .same = tag.comparison(document.span, at: position &+ 2)
        else {
            try close(element)
            return
        }
        leavePlainly(tag.length)
    }

    /// Where the name of the start tag ahead ends, if at its `>`.
    @inline(__always)
    func usualNameEnd(_ tag: XMLTag) -> Int? {
        let nameEnd = position &+ 1 &+ tag.length
        return document[nameEnd] == 0x3E ? nameEnd : nil
    }
}
