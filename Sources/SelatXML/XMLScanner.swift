/// A pull reader over the bytes of one document, for decoders that know the schema's order.
///
/// The scanner always stands before a tag. The decoder asks with `isAt` for the names that the
/// schema allows there and calls `open` or `text` for the one that it found, or `close` for none;
/// who has no schema calls `look` and reads `next`, and `open`, `text` or `close` without a tag.
///
/// Canonical spelling (`<Tag>text</Tag>`, default namespace) takes a path without allocations;
/// every other legal spelling (prefixes, comments, instructions, CDATA, references, any white
/// space) takes a slower one to the same result.
///
/// Refused: document types, encodings other than UTF-8, all attributes but the one named at
/// `init`, `xmlns...` and `xsi:schemaLocation` (never followed), and whatever exceeds the limits.
/// All names belong to the namespace of the document element; others read as `XMLName.other`.
public struct XMLScanner: Sendable {
    /// The whole document, a byte order mark included.
    public let document: [UInt8]
    /// Once `isAt` or `look` has looked, the offset of the `<` ahead; after the document element,
    /// of what follows it.
    public internal(set) var position = 0
    /// Once looked at: the start tag ahead, or `none` before an end tag and at the end.
    public internal(set) var next = XMLName.none
    /// Value of the named attribute of the start tag ahead, if `look` has found one.
    public internal(set) var attribute: XMLText?
    /// True when all characters of the document are ASCII.
    public let isASCII: Bool

    let limits: XMLLimits
    let attributeName: StaticString
    /// ` name="`, as the named attribute begins where it is spelled as usual.
    let usualAttributeStart: AttributeStart?
    /// The eight bytes behind the `<` at `position`, the first in the lowest place, where names of
    /// other bytes are other names; 0 where they are not, where no tag is known to stand, and once
    /// it is looked at. Where it is not 0, the document element is open and `isPlain` holds.
    @usableFromInline var head: UInt64 = 0
    /// The tag ahead is known; if not, `position` is behind the last one and `next` is `none`.
    var isPeeked = false
    // The start tag ahead.
    var nameStart = 0
    var nameEnd = 0
    var contentStart = 0
    var isEmpty = false
    // What is open around it.
    @usableFromInline var depth = 0
    /// Of the document element: the namespace all recognised names are in.
    var namespace = XMLText.standing(0..<0)
    /// The document element is spelled as usual, and `bindings` says nothing of it yet.
    var isUsual = false
    var bindings: [NamespaceBinding] = []
    var defaultNamespaceMatches = false
    /// The default namespace is the document element's, and no other is bound.
    var isPlain = false

    /// What `close` needs to know of an element that was entered.
    public struct OpenElement: Sendable {
        let nameStart: Int
        let nameEnd: Int
        let isEmpty: Bool
    }

    struct NamespaceBinding: Sendable {
        let prefix: ArraySlice<UInt8>
        let namespace: [UInt8]
        let depth: Int
    }

    /// Reads up to the document element's start tag.
    public init(
        _ document: [UInt8],
        attribute: StaticString = "",
        limits: XMLLimits = XMLLimits()
    ) throws(XMLError) {
        guard document.count <= limits.documentBytes else {
            throw .tooLong(limit: limits.documentBytes, got: document.count)
        }
        self.init(
            unread: document,
            isASCII: try XMLCharacters.check(document),
            attribute: attribute,
            limits: limits
        )
        try begin()
    }

    /// Before anything is read.
    private init(
        unread document: [UInt8],
        isASCII: Bool,
        attribute: StaticString,
        limits: XMLLimits
    ) {
        self.document = document
        self.isASCII = isASCII
        self.limits = limits
        attributeName = attribute
        usualAttributeStart = AttributeStart(attribute)
    }

    /// Reads up to the document element's start tag; apart from the initialiser, which would make a
    /// copy of what it has made.
    @inline(never)
    private mutating func begin() throws(XMLError) {
        position = try endOfDeclaration()
        try look()
        guard nameEnd > 0 else { throw .malformed(.tag, at: position) }
    }

    /// Looks at the tag ahead, unless that was done.
    public mutating func look() throws(XMLError) {
        guard !isPeeked else { return }
        try advance()
        isPeeked = true
        head = 0
    }

    /// Enters the element ahead: afterwards its first child, or its end, is ahead.
    @inline(never)
    public mutating func open() throws(XMLError) -> OpenElement {
        precondition(isPeeked && next != .none, "open follows a look at what is ahead")
        guard attribute == nil else { throw .unexpectedAttribute(at: position) }
        return try push()
    }

    /// Reads the element ahead, which holds text only, and returns the text. The named attribute
    /// may stand in its start tag where the schema has it: `takesAttribute`.
    @inline(never)
    public mutating func text(takesAttribute: Bool = false) throws(XMLError) -> XMLText {
        precondition(isPeeked && next != .none, "text follows a look at what is ahead")
        guard takesAttribute || attribute == nil else { throw .unexpectedAttribute(at: position) }
        guard !isEmpty else {
            leave(at: contentStart)
            return .standing(contentStart..<contentStart)
        }
        guard let index = endOfPlainText(from: contentStart) else { return try spelledOutText() }
        guard index - contentStart <= limits.textBytes else {
            throw .tooMuch(.text, limit: limits.textBytes, at: contentStart)
        }
        let text = contentStart..<index
        leave(at: try endOfEndTag(at: index, nameStart, nameEnd))
        return .standing(text)
    }

    /// Where the end tag after text that stands for itself begins; `nil` where anything else comes.
    @inline(__always)
    func endOfPlainText(from start: Int) -> Int? {
        let bytes = document.span
        var index = start
        while let block = ByteBlock(bytes, at: index) {
            let ends =
                block.places(of: 0x3C) .| block.places(of: 0x26) .| block.places(of: 0x0D)
                .| block.places(of: 0x5D)
            if let first = ByteBlock.first(ends) {
                index += first
                break
            }
            index += ByteBlock.count
        }
        while index < bytes.count {
            let byte = bytes[index]
            if byte == 0x3C { break }
            // `&`, a carriage return or the start of `]]>`
            if byte == 0x26 || byte == 0x0D || byte == 0x5D { return nil }
            index += 1
        }
        guard index + 1 < bytes.count, bytes[index + 1] == 0x2F else { return nil }
        return index
    }

    /// Leaves the innermost open element, whose end tag must be ahead.
    @inline(never)
    public mutating func close(_ element: OpenElement) throws(XMLError) {
        if !isPeeked, !isAtEndTag { try look() }
        guard next == .none else { throw .unexpectedElement(at: position) }
        precondition(depth > 0, "close matches an open")
        depth -= 1
        leave(
            at: element.isEmpty
                ? position : try endOfEndTag(at: position, element.nameStart, element.nameEnd)
        )
    }

    /// Whether an end tag is ahead, as far as it is known without a look.
    @inlinable
    @inline(__always)
    public var isAtEndTag: Bool { UInt8(truncatingIfNeeded: head) == 0x2F }

    /// After the document element: checks that nothing but comments and space follows.
    public mutating func finish() throws(XMLError) {
        precondition(depth == 0 && next == .none, "finish follows the last close")
        while position < document.count {
            if XMLCharacters.isSpace(document[position]) {
                position += 1
            } else if let end = try endOfCommentOrInstruction(at: position) {
                position = end
            } else {
                throw .contentAfterRoot(at: position)
            }
        }
    }

    /// As `open`, whatever attribute there is.
    @inline(__always)
    mutating func push() throws(XMLError) -> OpenElement {
        guard depth < limits.depth else { throw .tooDeep(limit: limits.depth, at: position) }
        depth += 1
        if isEmpty {
            // Before the end that an empty element has without a tag.
            rest(at: contentStart)
        } else {
            arrive(at: contentStart)
        }
        return OpenElement(nameStart: nameStart, nameEnd: nameEnd, isEmpty: isEmpty)
    }

    /// Behind an element: forgets its namespaces.
    @inline(__always)
    mutating func leave(at index: Int) {
        if let last = bindings.last, last.depth > depth { dropBindings() }
        // Behind the document element there is no tag.
        if depth == 0 { rest(at: index) } else { arrive(at: index) }
    }

    /// Behind a tag, with another to come.
    @inline(__always)
    private mutating func arrive(at index: Int) {
        next = .none
        attribute = nil
        isPeeked = false
        position = index
        head = isPlain ? tellingBytes(behind: index) : 0
    }

    /// As `arrive`, from one tag in its usual spelling to the next: of neither anything was noted.
    @inline(__always)
    mutating func arrivePlainly(at index: Int) {
        position = index
        head = tellingBytes(behind: index)
    }

    /// Where no tag is to come.
    @inline(__always)
    private mutating func rest(at index: Int) {
        position = index
        next = .none
        attribute = nil
        isPeeked = true
        head = 0
    }

    /// The bytes behind `<` or `</` at `index` where that is what stands there, with a letter.
    @inline(__always)
    private func tellingBytes(behind index: Int) -> UInt64 {
        let bytes = document.span
        guard let word = ByteWord(bytes, at: index &+ 1), bytes[index] == 0x3C else { return 0 }
        let first = UInt8(truncatingIfNeeded: word.bits)
        return first == 0x2F || XMLCharacters.isLetter(first) ? word.bits : 0
    }

    /// Looks at the tag ahead, over white space and what else may stand between elements.
    @inline(never)
    mutating func advance() throws(XMLError) {
        var index = position
        while index < document.count {
            let byte = document[index]
            if XMLCharacters.isSpace(byte) {
                index += 1
            } else if byte == 0x3C {
                guard index + 1 < document.count else { throw .unexpectedEnd(at: index + 1) }
                let second = document[index + 1]
                if XMLCharacters.isLetter(second) {
                    try lookAtStartTag(index)
                    return
                }
                if second == 0x2F {
                    guard depth > 0 else { throw .malformed(.tag, at: index) }
                    position = index
                    next = .none
                    return
                }
                if second != 0x21, second != 0x3F {
                    try readStartTag(index)
                    return
                }
                index = try endOfIgnorable(at: index)
            } else {
                index = try endOfSpaceReference(at: index)
            }
        }
        throw .unexpectedEnd(at: index)
    }

    @inline(__always)
    private mutating func lookAtStartTag(_ start: Int) throws(XMLError) {
        guard defaultNamespaceMatches, let (name, end) = plainName(at: start + 1) else {
            try readStartTag(start)
            return
        }
        position = start
        next = name
        nameStart = start + 1
        nameEnd = end
        contentStart = end + 1
        isEmpty = false
        attribute = nil
    }

    /// A name of at most 18 letters and digits that the `>` follows, and where it ends.
    @inline(__always)
    private func plainName(at start: Int) -> (name: XMLName, end: Int)? {
        let bytes = document.span
        var index = start
        var high: UInt64 = 0
        var low: UInt64 = 0
        var shift: UInt64 = 63
        if let word = ByteWord(bytes, at: start) {
            let end = word.places(of: 0x3E)
            let count = end == 0 ? 8 : ByteWord.first(end)
            guard word.isName(count) else { return nil }
            high = ByteWord.packed(word.prefix(count)) &<< 7
            guard end == 0 else { return (XMLName(high: high, low: 0), start + count) }
            index = start + 8
            shift = 7
        }
        while index < bytes.count {
            let byte = bytes[index]
            guard XMLCharacters.isLetter(byte) || XMLCharacters.isDigit(byte) else { break }
            if shift > 0 {
                shift &-= 7
                high |= UInt64(byte) &<< shift
            } else {
                let length = UInt64(index - start + 1)
                guard length <= 18 else { return nil }
                low |= UInt64(byte) &<< (126 &- 7 &* length)
            }
            index += 1
        }
        guard index < bytes.count, bytes[index] == 0x3E else { return nil }
        return (XMLName(high: high, low: low), index)
    }

    /// Checks the end tag at `index` against the name of its start tag; returns where it ends.
    @inline(__always)
    func endOfEndTag(at index: Int, _ nameStart: Int, _ nameEnd: Int) throws(XMLError) -> Int {
        let bytes = document.span
        let length = nameEnd &- nameStart
        let end = index &+ 2 &+ length
        // As nearly every one is spelled: the name in two words that may overlap, or in one.
        if 0 <= nameStart, 0 <= length, length <= 16, nameEnd <= index, end &+ 8 <= bytes.count,
            bytes[end] == 0x3E
        {
            // SAFETY: of the words none begins before `nameStart`, which is none before the first
            // byte, or ends behind the eight bytes from `end` on, which are there.
            let opened = unsafe ByteWord(unchecked: bytes, at: nameStart)
            let closed = unsafe ByteWord(unchecked: bytes, at: index &+ 2)
            if length <= 8 {
                if opened.prefix(length) == closed.prefix(length) { return end &+ 1 }
            } else if opened.bits == closed.bits {
                // SAFETY: as above, for a name of more than eight bytes.
                let opened = unsafe ByteWord(unchecked: bytes, at: nameEnd &- 8)
                let closed = unsafe ByteWord(unchecked: bytes, at: end &- 8)
                if opened.bits == closed.bits { return end &+ 1 }
            }
        }
        return try XMLScanner.endOfUnusualEndTag(bytes, at: index, nameStart, nameEnd)
    }

    /// As `endOfEndTag`, byte by byte; over the bytes alone, as for a call with all of the scanner
    /// a copy of it would be made.
    @inline(never)
    private static func endOfUnusualEndTag(
        _ bytes: Span<UInt8>,
        at index: Int,
        _ nameStart: Int,
        _ nameEnd: Int
    ) throws(XMLError) -> Int {
        var index = index + 2
        guard index + (nameEnd - nameStart) < bytes.count else {
            throw .unexpectedEnd(at: bytes.count)
        }
        for position in nameStart..<nameEnd {
            guard bytes[index] == bytes[position] else { throw .mismatchedEndTag(at: index) }
            index += 1
        }
        while index < bytes.count, XMLCharacters.isSpace(bytes[index]) { index += 1 }
        guard index < bytes.count else { throw .unexpectedEnd(at: index) }
        guard bytes[index] == 0x3E else { throw .mismatchedEndTag(at: index) }
        return index + 1
    }
}
