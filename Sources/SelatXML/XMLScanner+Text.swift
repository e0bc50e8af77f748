// The slower path: text with references, CDATA, comments; and what stands between elements.
extension XMLScanner {
    /// The text of the element ahead, whatever its spelling; leaves the element.
    @inline(never)
    mutating func spelledOutText() throws(XMLError) -> XMLText {
        var text: [UInt8] = []
        var index = contentStart
        while true {
            guard index < document.count else { throw .unexpectedEnd(at: index) }
            guard text.count <= limits.textBytes else {
                throw .tooMuch(.text, limit: limits.textBytes, at: contentStart)
            }
            let byte = document[index]
            switch byte {
            case 0x3C where follows("</", at: index):
                guard text.count <= limits.textBytes else {
                    throw .tooMuch(.text, limit: limits.textBytes, at: contentStart)
                }
                leave(at: try endOfEndTag(at: index, nameStart, nameEnd))
                return .spelledOut(text)
            case 0x3C:
                if let (content, end) = try section(at: index) {
                    appendNormalised(content, to: &text)
                    index = end
                } else if let end = try endOfCommentOrInstruction(at: index) {
                    index = end
                } else {
                    throw .unexpectedElement(at: index)
                }
            case 0x26:
                let (scalar, end) = try reference(at: index)
                XMLCharacters.append(scalar, to: &text)
                index = end
            case 0x5D where follows("]]>", at: index): throw .malformed(.text, at: index)
            case 0x0D:
                text.append(0x0A)
                index += follows("\r\n", at: index) ? 2 : 1
            default:
                text.append(byte)
                index += 1
            }
        }
    }

    /// Line ends in CDATA are line feeds too.
    private func appendNormalised(_ range: Range<Int>, to text: inout [UInt8]) {
        var index = range.lowerBound
        while index < range.upperBound {
            let byte = document[index]
            index += 1
            if byte == 0x0D {
                text.append(0x0A)
                if index < range.upperBound, document[index] == 0x0A { index += 1 }
            } else {
                text.append(byte)
            }
        }
    }

    /// Content and end of the CDATA section at `index`; `nil` when none starts there.
    private func section(at index: Int) throws(XMLError) -> (content: Range<Int>, end: Int)? {
        guard follows("<![CDATA[", at: index) else { return nil }
        var end = index + 9
        while !follows("]]>", at: end) {
            guard end < document.count else { throw .unexpectedEnd(at: end) }
            end += 1
        }
        return ((index + 9)..<end, end + 3)
    }

    /// Where the comment or processing instruction at `index` ends; `nil` when none starts there.
    ///
    /// Throws for a document type declaration, which is refused wherever it stands.
    func endOfCommentOrInstruction(at index: Int) throws(XMLError) -> Int? {
        if follows("<!--", at: index) {
            var end = index + 4
            while !follows("--", at: end) {
                guard end < document.count else { throw .unexpectedEnd(at: end) }
                end += 1
            }
            guard follows("-->", at: end) else { throw .malformed(.comment, at: end) }
            return end + 3
        }
        if follows("<?", at: index) {
            let nameEnd = try endOfName(at: index + 2)
            let name = document[(index + 2)..<nameEnd].map { $0 | 0x20 }
            guard !name.elementsEqual("xml".utf8) else { throw .malformed(.instruction, at: index) }
            guard follows("?>", at: nameEnd) || endOfSpace(at: nameEnd) > nameEnd else {
                throw .malformed(.instruction, at: nameEnd)
            }
            var end = nameEnd
            while !follows("?>", at: end) {
                guard end < document.count else { throw .unexpectedEnd(at: end) }
                end += 1
            }
            return end + 2
        }
        if follows("<!DOCTYPE", at: index) { throw .documentType(at: index) }
        return nil
    }

    /// Between elements: where a comment, an instruction, or CDATA of white space ends.
    func endOfIgnorable(at index: Int) throws(XMLError) -> Int {
        if let end = try endOfCommentOrInstruction(at: index) { return end }
        guard depth > 0, let (content, end) = try section(at: index) else {
            throw .malformed(.tag, at: index)
        }
        guard content.allSatisfy({ XMLCharacters.isSpace(document[$0]) }) else {
            throw .unexpectedText(at: index)
        }
        return end
    }

    /// Between elements: where a reference to white space ends.
    func endOfSpaceReference(at index: Int) throws(XMLError) -> Int {
        guard depth > 0, document[index] == 0x26 else { throw .unexpectedText(at: index) }
        let (scalar, end) = try reference(at: index)
        guard scalar < 0x80, XMLCharacters.isSpace(UInt8(scalar)) else {
            throw .unexpectedText(at: index)
        }
        return end
    }

    /// The scalar the reference at `index` stands for, and where the reference ends.
    func reference(at index: Int) throws(XMLError) -> (scalar: UInt32, end: Int) {
        if follows("&#", at: index) { return try characterReference(at: index) }
        let entities: [(StaticString, UInt32)] = [
            ("&amp;", 0x26), ("&lt;", 0x3C), ("&gt;", 0x3E), ("&quot;", 0x22), ("&apos;", 0x27),
        ]
        for (entity, scalar) in entities where follows(entity, at: index) {
            return (scalar, index + entity.utf8CodeUnitCount)
        }
        throw .unknownEntity(at: index)
    }

    private func characterReference(
        at index: Int
    ) throws(XMLError) -> (scalar: UInt32, end: Int) {
        let isHexadecimal = follows("&#x", at: index)
        let start = index + (isHexadecimal ? 3 : 2)
        var end = start
        var scalar: UInt32 = 0
        while end < document.count, document[end] != 0x3B {
            let byte = document[end]
            let digit: UInt32
            switch byte {
            case 0x30...0x39: digit = UInt32(byte - 0x30)
            case 0x41...0x46 where isHexadecimal: digit = UInt32(byte - 0x41 + 10)
            case 0x61...0x66 where isHexadecimal: digit = UInt32(byte - 0x61 + 10)
            default: throw .malformed(.reference, at: index)
            }
            scalar = scalar * (isHexadecimal ? 16 : 10) + digit
            guard scalar <= 0x10_FFFF else { throw .forbiddenCharacter(at: index) }
            end += 1
        }
        guard end < document.count else { throw .unexpectedEnd(at: end) }
        guard end > start else { throw .malformed(.reference, at: index) }
        guard XMLCharacters.isAllowed(scalar) else { throw .forbiddenCharacter(at: index) }
        return (scalar, end + 1)
    }

    /// Whether the document continues with these ASCII characters.
    @inline(__always)
    func follows(_ literal: StaticString, at index: Int) -> Bool {
        XMLScanner.follows(document.span, literal, at: index)
    }

    /// Over the bytes alone, as for a call with all of the scanner a copy of it would be made.
    @inline(never)
    private static func follows(
        _ document: Span<UInt8>,
        _ literal: StaticString,
        at index: Int
    ) -> Bool {
        let end = index + literal.utf8CodeUnitCount
        guard end <= document.count else { return false }
        let document = document.extracting(index..<end)
        return literal.withUTF8Buffer {
            unsafe ByteWord.areSame(document, Span(_unsafeElements: $0))
        }
    }
}
