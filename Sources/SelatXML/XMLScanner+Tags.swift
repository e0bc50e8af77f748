// The slower path: start tags with prefixes, attributes, white space, or no content.
extension XMLScanner {
    static let schemaInstance = Array("http://www.w3.org/2001/XMLSchema-instance".utf8)
    static let xmlNamespace = Array("http://www.w3.org/XML/1998/namespace".utf8)
    static let xmlnsNamespace = Array("http://www.w3.org/2000/xmlns/".utf8)

    /// One attribute as it stands in the tag.
    struct Attribute {
        let name: QualifiedName
        let value: XMLText
    }

    /// The bytes that stand before the value of an attribute spelled as usual: ` name="`.
    struct AttributeStart {
        /// The first in the lowest place; zero behind the last.
        let bits: UInt64
        let length: Int

        /// `nil` for no name, and for one of more than five characters.
        init?(_ name: StaticString) {
            length = name.utf8CodeUnitCount + 3
            guard 4...8 ~= length else { return nil }
            bits = name.withUTF8Buffer { name in
                let end: UInt64 = 0x223D
                return unsafe name.reversed().reduce(end) { $0 << 8 | UInt64($1) } << 8 | 0x20
            }
        }
    }

    /// `prefix:local`, as ranges of the document; the prefix may be empty.
    struct QualifiedName {
        let start: Int
        let localStart: Int
        let end: Int
    }

    /// Reads any legal start tag at `start` and makes it the one ahead.
    @inline(never)
    mutating func readStartTag(_ start: Int) throws(XMLError) {
        if depth == 0, readUsualDocumentTag(start) { return }
        bindUsualNamespace()
        let (name, afterName) = try qualifiedName(at: start + 1)
        let (attributes, contentStart, isEmpty) = try readAttributes(at: afterName)
        let depth = depth + 1
        for attribute in attributes { try declareNamespace(attribute, depth: depth) }
        if depth == 1 {
            namespace = .spelledOut(try resolve(name))
            refreshDefaultNamespace()
        } else if bindings.last?.depth == depth {
            refreshDefaultNamespace()
        }
        attribute = nil
        try checkAttributes(attributes)
        position = start
        next = hasNamespace(try resolve(name)) ? packed(name) : .other
        nameStart = name.start
        nameEnd = name.end
        self.contentStart = contentStart
        self.isEmpty = isEmpty
    }

    /// The document element as it is nearly always spelled: `<Name xmlns="...">`.
    private mutating func readUsualDocumentTag(_ start: Int) -> Bool {
        guard let (nameEnd, valueEnd) = usualDocumentTag(start) else { return false }
        namespace = .standing((nameEnd + 8)..<valueEnd)
        guard !hasNamespace(XMLScanner.xmlNamespace), !hasNamespace(XMLScanner.xmlnsNamespace)
        else { return false }
        isUsual = true
        isPlain = true
        defaultNamespaceMatches = true
        position = start
        next = name(from: start + 1, to: nameEnd)
        nameStart = start + 1
        self.nameEnd = nameEnd
        contentStart = valueEnd + 2
        isEmpty = false
        attribute = nil
        return true
    }

    /// Before another namespace can be bound: notes the one that the usual document element binds.
    private mutating func bindUsualNamespace() {
        guard isUsual else { return }
        isUsual = false
        bindings.append(
            NamespaceBinding(prefix: [], namespace: Array(bytes(of: namespace)), depth: 1)
        )
    }

    /// Whether the document element is in this namespace.
    public func hasNamespace(_ other: [UInt8]) -> Bool {
        read(namespace) { ByteWord.areSame($0, other.span) }
    }

    /// The value of the one attribute the schema knows where it follows a name as ` Ccy="SGD">`.
    @inline(__always)
    func usualAttribute(at nameEnd: Int) -> Range<Int>? {
        let bytes = document.span
        guard limits.attributes > 0, limits.nameBytes >= 18, let start = usualAttributeStart,
            let opening = ByteWord(bytes, at: nameEnd), opening.prefix(start.length) == start.bits,
            let value = ByteWord(bytes, at: nameEnd &+ start.length)
        else { return nil }
        let quotes = value.places(of: 0x22)
        let valueStart = nameEnd + start.length
        let end = valueStart + ByteWord.first(quotes)
        guard quotes != 0, end > valueStart, end - valueStart < limits.textBytes,
            value.isName(end - valueStart), end + 1 < bytes.count, bytes[end + 1] == 0x3E
        else { return nil }
        return valueStart..<end
    }

    private func usualDocumentTag(_ start: Int) -> (nameEnd: Int, valueEnd: Int)? {
        let bytes = document.span
        var nameEnd = start + 1
        if let word = ByteWord(bytes, at: nameEnd), word.isName(8) { nameEnd += 8 }
        while nameEnd < bytes.count, XMLCharacters.isLetter(bytes[nameEnd]) { nameEnd += 1 }
        guard (2...19).contains(nameEnd - start), follows(" xmlns=\"", at: nameEnd) else {
            return nil
        }
        var end = nameEnd + 8
        while let block = ByteBlock(bytes, at: end) {
            let stops =
                block.places(of: 0x22) .| block.places(of: 0x26) .| block.places(of: 0x3C)
                .| block.places(notFrom: 0x21)
            if let first = ByteBlock.first(stops) {
                end += first
                break
            }
            end += ByteBlock.count
        }
        while end < bytes.count, bytes[end] != 0x22 {
            // What may be in a URN, and nothing that reads as something else.
            guard bytes[end] > 0x20, bytes[end] != 0x26, bytes[end] != 0x3C else { return nil }
            end += 1
        }
        guard end > nameEnd + 8, end - nameEnd < limits.textBytes, limits.nameBytes >= 18,
            limits.attributes > 0, end + 1 < bytes.count, bytes[end + 1] == 0x3E
        else { return nil }
        return (nameEnd, end)
    }

    /// A name without a prefix.
    private func name(from start: Int, to end: Int) -> XMLName {
        guard end - start <= 8, let word = ByteWord(document.span, at: start),
            word.isName(end - start)
        else { return XMLName(document[start..<end]) }
        return XMLName(high: ByteWord.packed(word.prefix(end - start)) &<< 7, low: 0)
    }

    /// Everything up to `>` or `/>`.
    private func readAttributes(
        at start: Int
    ) throws(XMLError) -> (attributes: [Attribute], end: Int, isEmpty: Bool) {
        var attributes: [Attribute] = []
        var index = start
        while true {
            let beforeSpace = index
            index = endOfSpace(at: index)
            guard index < document.count else { throw .unexpectedEnd(at: index) }
            if document[index] == 0x3E { return (attributes, index + 1, false) }
            if document[index] == 0x2F {
                guard index + 1 < document.count else { throw .unexpectedEnd(at: index) }
                guard document[index + 1] == 0x3E else { throw .malformed(.tag, at: index) }
                return (attributes, index + 2, true)
            }
            guard index > beforeSpace else { throw .malformed(.tag, at: index) }
            guard attributes.count < limits.attributes else {
                throw .tooMuch(.attribute, limit: limits.attributes, at: index)
            }
            let (name, afterName) = try qualifiedName(at: index)
            index = endOfSpace(at: afterName)
            guard index < document.count else { throw .unexpectedEnd(at: index) }
            guard document[index] == 0x3D else { throw .malformed(.attribute, at: index) }
            let (value, afterValue) = try attributeValue(at: endOfSpace(at: index + 1))
            attributes.append(Attribute(name: name, value: value))
            index = afterValue
        }
    }

    /// A quoted value with its references replaced and its white space made spaces.
    private func attributeValue(
        at start: Int
    ) throws(XMLError) -> (value: XMLText, end: Int) {
        guard start < document.count else { throw .unexpectedEnd(at: start) }
        let quote = document[start]
        guard quote == 0x22 || quote == 0x27 else { throw .malformed(.attribute, at: start) }
        var decoded: [UInt8] = []
        var copiedUpTo = start + 1
        var index = start + 1
        while index < document.count, document[index] != quote {
            let byte = document[index]
            guard byte != 0x3C else { throw .malformed(.attribute, at: index) }
            if byte == 0x26 {
                decoded += document[copiedUpTo..<index]
                let (scalar, end) = try reference(at: index)
                XMLCharacters.append(scalar, to: &decoded)
                index = end
                copiedUpTo = end
            } else if byte < 0x20 {
                decoded += document[copiedUpTo..<index]
                decoded.append(0x20)
                if byte == 0x0D, index + 1 < document.count, document[index + 1] == 0x0A {
                    index += 1
                }
                index += 1
                copiedUpTo = index
            } else {
                index += 1
            }
            guard index - start <= limits.textBytes else {
                throw .tooMuch(.attribute, limit: limits.textBytes, at: start)
            }
        }
        guard index < document.count else { throw .unexpectedEnd(at: index) }
        guard copiedUpTo > start + 1 else { return (.standing((start + 1)..<index), index + 1) }
        decoded += document[copiedUpTo..<index]
        return (.spelledOut(decoded), index + 1)
    }

    /// An attribute that binds a prefix is noted; others are left to `checkAttributes`.
    private mutating func declareNamespace(
        _ attribute: Attribute,
        depth: Int
    ) throws(XMLError) {
        guard let prefix = declaredPrefix(attribute.name) else { return }
        let namespace = Array(bytes(of: attribute.value))
        let at = attribute.name.start
        guard !bindings.contains(where: { $0.depth == depth && $0.prefix == prefix }) else {
            throw .repeatedAttribute(at: at)
        }
        let isXML = prefix.elementsEqual("xml".utf8)
        guard isXML == (namespace == XMLScanner.xmlNamespace),
            namespace != XMLScanner.xmlnsNamespace, !prefix.elementsEqual("xmlns".utf8),
            prefix.isEmpty || !namespace.isEmpty
        else { throw .malformed(.namespace, at: at) }
        bindings.append(NamespaceBinding(prefix: prefix, namespace: namespace, depth: depth))
    }

    /// The prefix bound by `xmlns` (empty) or `xmlns:p`; `nil` for other attributes.
    private func declaredPrefix(_ name: QualifiedName) -> ArraySlice<UInt8>? {
        if document[name.start..<name.end].elementsEqual("xmlns".utf8) { return [] }
        guard name.localStart - name.start == 6,
            document[name.start..<(name.start + 5)].elementsEqual("xmlns".utf8)
        else { return nil }
        return document[name.localStart..<name.end]
    }

    /// Keeps the value of the one attribute the schema knows and refuses what is not tolerated.
    private mutating func checkAttributes(_ attributes: [Attribute]) throws(XMLError) {
        var locations: [ArraySlice<UInt8>] = []
        for attribute in attributes where declaredPrefix(attribute.name) == nil {
            let name = attribute.name
            let local = document[name.localStart..<name.end]
            if name.localStart == name.start {
                guard local.count == attributeName.utf8CodeUnitCount,
                    follows(attributeName, at: name.start)
                else { throw .unexpectedAttribute(at: name.start) }
                guard self.attribute == nil else { throw .repeatedAttribute(at: name.start) }
                self.attribute = attribute.value
            } else {
                guard try resolve(name) == XMLScanner.schemaInstance,
                    local.elementsEqual("schemaLocation".utf8)
                        || local.elementsEqual("noNamespaceSchemaLocation".utf8)
                else { throw .unexpectedAttribute(at: name.start) }
                guard !locations.contains(local) else { throw .repeatedAttribute(at: name.start) }
                locations.append(local)
            }
        }
    }

    /// The namespace a name is in, by the bindings in scope.
    private func resolve(_ name: QualifiedName) throws(XMLError) -> [UInt8] {
        let prefix =
            name.localStart == name.start ? [] : document[name.start..<(name.localStart - 1)]
        if let binding = bindings.last(where: { $0.prefix == prefix }) { return binding.namespace }
        if prefix.isEmpty { return [] }
        guard prefix.elementsEqual("xml".utf8) else { throw .unknownPrefix(at: name.start) }
        return XMLScanner.xmlNamespace
    }

    mutating func dropBindings() {
        while let last = bindings.last, last.depth > depth { bindings.removeLast() }
        refreshDefaultNamespace()
    }

    private mutating func refreshDefaultNamespace() {
        let binding = bindings.last { $0.prefix.isEmpty }
        defaultNamespaceMatches = hasNamespace(binding?.namespace ?? [])
        isPlain = defaultNamespaceMatches && bindings.count == 1
    }

    private func packed(_ name: QualifiedName) -> XMLName {
        XMLName(document[name.localStart..<name.end])
    }

    /// Reads `prefix:local` or `local`; returns it and where it ends.
    private func qualifiedName(
        at start: Int
    ) throws(XMLError) -> (name: QualifiedName, end: Int) {
        let end = try endOfName(at: start)
        guard end < document.count, document[end] == 0x3A else {
            return (QualifiedName(start: start, localStart: start, end: end), end)
        }
        let localEnd = try endOfName(at: end + 1)
        guard localEnd - start <= limits.nameBytes else {
            throw .tooMuch(.name, limit: limits.nameBytes, at: start)
        }
        return (QualifiedName(start: start, localStart: end + 1, end: localEnd), localEnd)
    }

    /// Where the name without colons that starts here ends.
    func endOfName(at start: Int) throws(XMLError) -> Int {
        var index = start
        while index < document.count,
            let (scalar, length) = XMLCharacters.decodeScalar(document, at: index),
            index == start ? XMLCharacters.isNameStart(scalar) : XMLCharacters.isName(scalar)
        {
            index += length
            guard index - start <= limits.nameBytes else {
                throw .tooMuch(.name, limit: limits.nameBytes, at: start)
            }
        }
        guard index > start else {
            throw index < document.count
                ? .malformed(.name, at: index) : .unexpectedEnd(at: index)
        }
        return index
    }

    func endOfSpace(at start: Int) -> Int {
        var index = start
        while index < document.count, XMLCharacters.isSpace(document[index]) { index += 1 }
        return index
    }
}
