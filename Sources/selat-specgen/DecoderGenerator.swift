/// Writes the functions that read a definition in the schema's order.
struct DecoderGenerator {
    let specification: Specification
    private(set) var lines: [String] = []
    /// Elements entered so far.
    private var opened = 0

    init(specification: Specification) { self.specification = specification }

    /// The `decode` function of one definition, as an extension's body.
    static func function(_ definition: Definition, in specification: Specification) -> [String] {
        var generator = DecoderGenerator(specification: specification)
        switch definition.kind {
        case .union: generator.union(definition)
        case .component, .message: generator.structure(definition)
        }
        return generator.lines
    }

    private mutating func emit(_ level: Int, _ text: String) {
        lines.append(String(repeating: "    ", count: level) + text)
    }

    /// Enters the element ahead, named so in the code; returns what leaves it.
    private mutating func open(_ tag: String, _ level: Int) -> String {
        opened += 1
        emit(level, "let element\(opened) = try decoder.open(\(tag))")
        return "try decoder.close(\(tag), element\(opened))"
    }

    /// Returns what leaves the element.
    private mutating func header(_ definition: Definition) -> String {
        let isMessage = definition.kind == .message
        let isOptional = !isMessage && specification.canBeIncomplete(definition.elements)
        let what = isMessage ? "the element below Document" : "the element ahead"
        emit(1, "/// Reads \(what)\(isOptional ? "; `nil` when a fault was deferred" : "").")
        emit(1, "static func decode(")
        if !isMessage { emit(2, "_ tag: XMLTag,") }
        emit(2, "_ decoder: inout MessageDecoder")
        emit(1, ") throws(MessageFault) -> \(definition.name)\(isOptional ? "?" : "") {")
        if isMessage { emit(2, "try decoder.require(.\(definition.tag))") }
        readAlone(definition)
        return open(isMessage ? ".\(definition.tag)" : "tag", 2)
    }

    /// A component nearly always holds just the one field that stands in the value itself; then that
    /// is read together with the elements around it.
    private mutating func readAlone(_ definition: Definition) {
        guard let inlined = definition.inlined, inlined.count == 1,
            let path = path(to: inlined[0], definition.elements), let field = path.last,
            case .type(let type) = field.content
        else { return }
        guard let union = specification.definition(type) else {
            readAlone(definition, inlined[0], path, 1) { $0 }
            return
        }
        for (index, alternative) in union.elements.enumerated() {
            let below = sequence(first: alternative) { $0.children.first }
            readAlone(definition, inlined[0], path + below, index + 1) { ".\($0)(\($0))" }
        }
    }

    private mutating func readAlone(
        _ definition: Definition,
        _ name: String,
        _ path: [Element],
        _ number: Int,
        _ value: (String) -> String
    ) {
        guard let leaf = path.last, case .type(let type) = leaf.content,
            let property = leaf.property, let simple = specification.types[type]
        else { return }
        let reading: String
        switch simple.reading {
        case .text, .code: reading = "text(tag, \(simple.facets[0]), in: nest\(number))"
        case .bic, .iban: reading = "\(simple.reading.rawValue)(tag, in: nest\(number))"
        case .digits, .values, .uuid, .lei, .country, .currency, .amount, .number, .instant, .date,
            .boolean, .closed, .listed:
            return
        }
        let opening = path.map { "<\($0.tag)>" }.joined()
        let closing = path.reversed().map { "</\($0.tag)>" }.joined()
        let nest = "XMLNest(\"\(opening)\", \"\(closing)\", depth: \(path.count))"
        emit(2, "let nest\(number) = \(nest)")
        emit(2, "if let \(property) = decoder.\(reading) {")
        emit(3, "return \(definition.name)(\(name): \(value(property)))")
        emit(2, "}")
    }

    /// The elements around the field of this name, and its own.
    private func path(to name: String, _ elements: [Element]) -> [Element]? {
        for element in elements {
            if element.property == name { return [element] }
            if let below = path(to: name, element.children) { return [element] + below }
        }
        return nil
    }

    private mutating func structure(_ definition: Definition) {
        let close = header(definition)
        let properties = specification.properties(definition.elements)
        for property in properties {
            emit(
                2,
                property.isRepeated
                    ? "var \(property.name): [\(property.type)] = []"
                    : "var \(property.name): \(property.type)?"
            )
        }
        // Behind these there is seldom anything.
        let inlined = definition.inlined ?? []
        let usual = definition.elements.prefix { inlined.contains($0.property ?? "") }
        for (index, element) in definition.elements.enumerated() {
            read(element, 2)
            guard usual.count == inlined.count, index + 1 == usual.count else { continue }
            emit(2, "if decoder.isAtEndTag {")
            emit(3, close)
            let arguments = usual.compactMap(\.property).map { "\($0): \($0)" }
            emit(3, "return \(definition.name)(\(arguments.joined(separator: ", ")))")
            emit(2, "}")
        }
        emit(2, close)
        let required = properties.filter { !$0.isRepeated && !$0.isOptional }.map(\.name)
        if !required.isEmpty {
            let isOptional =
                definition.kind == .component && specification.canBeIncomplete(definition.elements)
            let bindings = required.map { "let \($0)" }
            let exit = isOptional ? "return nil" : "throw .incomplete"
            let line = "guard \(bindings.joined(separator: ", ")) else { \(exit) }"
            if line.count <= 92 {
                emit(2, line)
            } else {
                emit(2, "guard \(bindings[0]),")
                for (index, binding) in bindings.enumerated().dropFirst() {
                    emit(3, binding + (index + 1 < bindings.count ? "," : ""))
                }
                emit(2, "else { \(exit) }")
            }
        }
        let arguments = properties.map { "\($0.name): \($0.name)" }
        let line = "return \(definition.name)(\(arguments.joined(separator: ", ")))"
        if line.count <= 92 {
            emit(2, line)
        } else {
            emit(2, "return \(definition.name)(")
            for (index, argument) in arguments.enumerated() {
                emit(3, argument + (index + 1 < arguments.count ? "," : ""))
            }
            emit(2, ")")
        }
        emit(1, "}")
    }

    private mutating func union(_ definition: Definition) {
        let close = header(definition)
        emit(2, "let value: \(definition.name)")
        for (index, element) in definition.elements.enumerated() {
            emit(2, "\(index == 0 ? "if" : "} else if") try decoder.isAt(.\(element.tag)) {")
            unionAlternative(element, 3)
        }
        emit(2, "} else {")
        emit(3, "throw decoder.noAlternative(.\(definition.elements[0].tag))")
        emit(2, "}")
        emit(2, close)
        emit(2, "return value")
        emit(1, "}")
    }

    private mutating func unionAlternative(_ element: Element, _ level: Int) {
        if case .type(let type) = element.content {
            emit(level, "value = .\(element.property ?? "")(\(reading(type, element)))")
            return
        }
        let close = open(".\(element.tag)", level)
        for child in element.children {
            emit(level, "try decoder.require(.\(child.tag))")
            unionAlternative(child, level)
        }
        emit(level, close)
    }

    private mutating func read(_ element: Element, _ level: Int) {
        let isRepeated = element.network?.isRepeated ?? false
        if isRepeated {
            readRepeated(element, level)
        } else if element.schema.isRequired {
            emit(level, "try decoder.require(.\(element.tag))")
            readContent(element, level)
        } else {
            emit(level, "if try decoder.isAt(.\(element.tag)) {")
            readContent(element, level + 1)
            if element.network?.isRequired ?? false {
                emit(level, "} else {")
                emit(level + 1, "decoder.miss(.\(element.tag))")
            }
            emit(level, "}")
        }
    }

    private mutating func readRepeated(_ element: Element, _ level: Int) {
        guard case .type(let type) = element.content, let name = element.property,
            let network = element.network
        else { return }
        let bound = network.maximum.map { ", \(name).count < \($0)" } ?? ""
        if network.minimum > 1 {
            emit(level, "\(name).reserveCapacity(\(network.minimum))")
        }
        emit(level, "while try decoder.isAt(.\(element.tag))\(bound) {")
        let isFallible = specification.definition(type).map {
            specification.canBeIncomplete($0.elements)
        }
        if isFallible ?? false {
            emit(level + 1, "if let next = \(reading(type, element)) { \(name).append(next) }")
        } else {
            emit(level + 1, "\(name).append(\(reading(type, element)))")
        }
        emit(level, "}")
        if network.isRequired {
            emit(
                level,
                "if \(name).count < \(network.minimum) { decoder.miss(.\(element.tag)) }"
            )
        }
    }

    private mutating func readContent(_ element: Element, _ level: Int) {
        switch element.content {
        case .type(let type):
            if let constant = element.constant {
                emit(level, self.constant(constant, type, element))
            } else if element.network == nil {
                let maximum = specification.types[type]?.facets[0] ?? "0"
                emit(level, "try decoder.refuse(.\(element.tag), \(maximum))")
            } else {
                emit(level, "\(element.property ?? "") = \(reading(type, element))")
            }
        case .group(let children):
            let close = open(".\(element.tag)", level)
            for child in children { read(child, level) }
            emit(level, close)
        case .choice(let children):
            let close = open(".\(element.tag)", level)
            if children.count == 1 {
                emit(level, "try decoder.require(.\(children[0].tag))")
                readContent(children[0], level)
                emit(level, close)
                return
            }
            for (index, child) in children.enumerated() {
                emit(level, "\(index == 0 ? "if" : "} else if") try decoder.isAt(.\(child.tag)) {")
                readContent(child, level + 1)
            }
            emit(level, "} else {")
            emit(level + 1, "throw decoder.noAlternative(.\(children[0].tag))")
            emit(level, "}")
            emit(level, close)
        }
    }

    private func constant(_ value: String, _ type: String, _ element: Element) -> String {
        guard let simple = specification.types[type], simple.reading == .values else {
            return "try decoder.constant(.\(element.tag), number: \"\(value)\")"
        }
        let values = simple.facets.map { "\"\($0)\"" }.joined(separator: ", ")
        return "try decoder.constant(.\(element.tag), \"\(value)\", of: [\(values)])"
    }

    private func reading(_ type: String, _ element: Element) -> String {
        let tag = ".\(element.tag)"
        guard let simple = specification.types[type] else {
            return "try \(type).decode(\(tag), &decoder)"
        }
        let facets = simple.facets
        switch simple.reading {
        case .text, .code: return "try decoder.text(\(tag), \(facets[0]))"
        case .amount: return "try decoder.amount(\(tag), \(facets[0]), \(facets[1]))"
        case .number: return "try decoder.number(\(tag), \(facets[0]), \(facets[1]))"
        case .closed: return "try decoder.closed(\(tag), \(facets[0]).self)"
        case .listed: return "try decoder.listed(\(tag), \(facets[1]).self, \(facets[0]))"
        case .digits, .values, .uuid, .bic, .lei, .iban, .country, .currency, .instant, .date,
            .boolean:
            return "try decoder.\(simple.reading.rawValue)(\(tag))"
        }
    }
}
