/// Writes the functions that append a value in the schema's order. Markup that stands together
/// whatever the value becomes one literal.
struct EncoderGenerator {
    let specification: Specification
    private(set) var lines: [String] = []
    private var pending = ""

    init(specification: Specification) { self.specification = specification }

    /// The `encode` function of one definition, as an extension's body.
    static func function(_ definition: Definition, in specification: Specification) -> [String] {
        var generator = EncoderGenerator(specification: specification)
        generator.emit(1, "/// Appends the content of the element.")
        if definition.kind == .message {
            generator.lines[0] = "    /// Appends the document."
        }
        generator.emit(1, "func encode(to writer: inout XMLWriter) {")
        switch definition.kind {
        case .union: generator.union(definition)
        case .component:
            for element in definition.elements { generator.write(element, 2, key: nil) }
        case .message:
            let namespace = "urn:iso:std:iso:20022:tech:xsd:\(definition.source)"
            generator.emit(2, "writer.markup(MessageKind.declaration)")
            generator.pending = "<Document xmlns=\"\(namespace)\"><\(definition.tag)>"
            for element in definition.elements { generator.write(element, 2, key: nil) }
            generator.pending += "</\(definition.tag)></Document>"
        }
        generator.flush(2)
        generator.emit(1, "}")
        return generator.lines
    }

    private mutating func emit(_ level: Int, _ text: String) {
        lines.append(String(repeating: "    ", count: level) + text)
    }

    private mutating func flush(_ level: Int) {
        // Broken at tags, so that lines stay short; each literal is one append.
        while !pending.isEmpty {
            var piece = pending
            let width = 78 - 4 * level
            if escaped(piece).count > width {
                var end = piece.startIndex
                var next = piece.startIndex
                while let close = piece[next...].firstIndex(of: ">") {
                    next = piece.index(after: close)
                    guard escaped(String(piece[..<next])).count <= width || end == piece.startIndex
                    else { break }
                    end = next
                }
                if end > piece.startIndex { piece = String(piece[..<end]) }
            }
            pending.removeFirst(piece.count)
            emit(level, "writer.markup(\"\(escaped(piece))\")")
        }
    }

    private func escaped(_ text: String) -> String {
        text.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\\\"")
    }

    private mutating func union(_ definition: Definition) {
        emit(2, "switch self {")
        for element in definition.elements {
            var path: [Element] = [element]
            while let last = path.last, let child = last.children.first { path.append(child) }
            guard let leaf = path.last, case .type(let type) = leaf.content else { continue }
            emit(2, "case .\(leaf.property ?? "")(let value):")
            pending = path.map { "<\($0.tag)>" }.joined()
            writeValue("value", type, 3)
            pending = path.reversed().map { "</\($0.tag)>" }.joined()
            flush(3)
        }
        emit(2, "}")
    }

    /// `key` is the property already known to be there.
    private mutating func write(_ element: Element, _ level: Int, key: String?) {
        guard let network = element.network else { return }
        if let constant = element.constant {
            pending += "<\(element.tag)>\(constant)</\(element.tag)>"
            return
        }
        switch element.content {
        case .type(let type):
            guard let name = element.property else { return }
            if network.isRepeated {
                flush(level)
                emit(level, "for value in \(name) {")
                writeElement(element.tag, "value", type, level + 1)
                flush(level + 1)
                emit(level, "}")
            } else if network.isRequired || name == key {
                let fallback = element.fallback.map { " ?? \"\($0)\"" } ?? ""
                writeElement(element.tag, name + fallback, type, level)
            } else {
                flush(level)
                emit(level, "if let \(name) {")
                writeElement(element.tag, name, type, level + 1)
                flush(level + 1)
                emit(level, "}")
            }
        case .group(let children), .choice(let children):
            writeGroup(element, children, level, key: key)
        }
    }

    private mutating func writeGroup(
        _ element: Element,
        _ children: [Element],
        _ level: Int,
        key: String?
    ) {
        guard element.network?.isRequired == false else {
            pending += "<\(element.tag)>"
            for child in children { write(child, level, key: key) }
            pending += "</\(element.tag)>"
            return
        }
        flush(level)
        let ownKey = self.key(children)
        let condition =
            ownKey.map { "let \($0)" }
            ?? specification.properties(children).map {
                $0.isRepeated ? "!\($0.name).isEmpty" : "\($0.name) != nil"
            }.joined(separator: " || ")
        emit(level, "if \(condition) {")
        pending += "<\(element.tag)>"
        for child in children { write(child, level + 1, key: ownKey) }
        pending += "</\(element.tag)>"
        flush(level + 1)
        emit(level, "}")
    }

    /// The first field without which the group would break the network's rules.
    private func key(_ children: [Element]) -> String? {
        for child in children {
            guard let network = child.network, network.isRequired, !network.isRepeated else {
                continue
            }
            if let name = child.property { return name }
            if let name = key(child.children) { return name }
        }
        return nil
    }

    private mutating func writeElement(
        _ tag: String,
        _ value: String,
        _ type: String,
        _ level: Int
    ) {
        let isAmount = specification.types[type]?.reading == .amount
        pending += isAmount ? "<\(tag)" : "<\(tag)>"
        writeValue(value, type, level)
        pending += "</\(tag)>"
    }

    private mutating func writeValue(_ value: String, _ type: String, _ level: Int) {
        flush(level)
        guard let simple = specification.types[type] else {
            emit(level, "\(value).encode(to: &writer)")
            return
        }
        switch simple.reading {
        case .text, .digits, .iban, .country, .code, .values:
            emit(level, "writer.text(\(value))")
        case .closed, .listed: emit(level, "writer.text(\(value).rawValue)")
        case .uuid, .bic, .lei, .currency, .amount, .number, .instant, .date, .boolean:
            emit(level, "writer.\(simple.reading.rawValue)(\(value))")
        }
    }
}
