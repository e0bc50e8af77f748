import Foundation

/// Reads the files that Specs/ISO20022/README.md describes.
struct SpecificationParser {
    private(set) var specification = Specification()

    /// Reads a whole directory, files in alphabetical order.
    static func read(_ directory: URL) throws -> Specification {
        var parser = SpecificationParser()
        try parser.readTypes(directory.appending(path: "Types.spec"))
        try parser.readDefinitions(directory.appending(path: "Components.spec"))
        let names = try FileManager.default.contentsOfDirectory(atPath: directory.path).sorted()
        for name in names where name.hasSuffix(".spec") && name.contains(".001.") {
            try parser.readDefinitions(directory.appending(path: name))
        }
        let sets = directory.appending(path: "CodeSets")
        for name in try FileManager.default.contentsOfDirectory(atPath: sets.path).sorted()
        where name.hasSuffix(".codes") {
            try parser.readCodeSet(sets.appending(path: name))
        }
        return parser.specification
    }

    private struct Line {
        let file: String
        let number: Int
        let words: [Substring]
        let text: String

        func fault(_ expected: String) -> SpecificationError {
            SpecificationError(file: file, line: number, expected: expected)
        }
    }

    private func lines(_ url: URL) throws -> [Line] {
        let text = try String(contentsOf: url, encoding: .utf8)
        var lines: [Line] = []
        for (index, raw) in text.split(separator: "\n", omittingEmptySubsequences: false)
            .enumerated()
        {
            let trimmed = raw.trimmingCharacters(in: .whitespaces)
            guard !trimmed.isEmpty, !trimmed.hasPrefix("#") else { continue }
            let words = trimmed.split(separator: " ", omittingEmptySubsequences: true)
            lines.append(
                Line(file: url.lastPathComponent, number: index + 1, words: words, text: trimmed)
            )
        }
        return lines
    }

    private mutating func readTypes(_ url: URL) throws {
        for line in try lines(url) {
            guard line.words.count >= 3, line.words[0] == "type",
                let reading = SimpleType.Reading(rawValue: String(line.words[2]))
            else { throw line.fault("type <ISO name> <reading> <facets>") }
            let name = String(line.words[1])
            specification.types[name] = SimpleType(
                name: name,
                reading: reading,
                facets: line.words.dropFirst(3).map(String.init)
            )
            specification.typeNames.append(name)
        }
    }

    private mutating func readCodeSet(_ url: URL) throws {
        let lines = try lines(url)
        guard lines.count > 3, lines[0].words.count == 3, lines[0].words[0] == "set",
            lines[1].words.count == 2, lines[1].words[0] == "version", lines[2].words[0] == "doc"
        else {
            throw SpecificationError(
                file: url.lastPathComponent,
                line: 1,
                expected: "set <name> <ISO name>, version <version>, doc <sentence>, then codes"
            )
        }
        let codes = lines.dropFirst(3).flatMap { $0.words.map(String.init) }
        guard codes == Array(Set(codes)).sorted(), codes.allSatisfy({ $0.utf8.count <= 4 }) else {
            throw lines[3].fault("codes of at most four letters, in order, each once")
        }
        specification.codeSets.append(
            CodeSet(
                name: String(lines[0].words[1]),
                source: String(lines[0].words[2]),
                version: String(lines[1].words[1]),
                documentation: String(lines[2].text.dropFirst(4)),
                codes: codes
            )
        )
    }

    private mutating func readDefinitions(_ url: URL) throws {
        var rest = try lines(url)[...]
        while let header = rest.popFirst() {
            guard let kind = Definition.Kind(rawValue: String(header.words[0])),
                header.words.count == (kind == .message ? 4 : 3)
            else { throw header.fault("message, component or union with its names") }
            guard let doc = rest.popFirst(), doc.words[0] == "doc" else {
                throw header.fault("a doc line after the header")
            }
            let isShared = rest.first?.words[0] == "inline"
            let inlined = isShared ? rest.popFirst()?.words.dropFirst().map(String.init) : nil
            let elements = try readElements(&rest, until: "end", header)
            let shared = specification.properties(elements).filter {
                inlined?.contains($0.name) == false
            }
            guard shared.allSatisfy({ $0.isRepeated || $0.isOptional }) else {
                throw header.fault("every field that may not be absent behind inline")
            }
            let isMessage = kind == .message
            specification.definitions.append(
                Definition(
                    kind: kind,
                    name: String(header.words[isMessage ? 3 : 1]),
                    source: String(header.words[isMessage ? 1 : 2]),
                    tag: isMessage ? String(header.words[2]) : "",
                    documentation: String(doc.text.dropFirst(4)),
                    inlined: inlined,
                    elements: elements
                )
            )
        }
    }

    private func readElements(
        _ rest: inout ArraySlice<Line>,
        until end: String,
        _ opening: Line
    ) throws -> [Element] {
        var elements: [Element] = []
        while let line = rest.popFirst() {
            if line.words[0] == end { return elements }
            elements.append(try readElement(line, &rest))
        }
        throw opening.fault("a closing \(end)")
    }

    private func readElement(_ line: Line, _ rest: inout ArraySlice<Line>) throws -> Element {
        let words = line.words
        guard words.count >= 4, let schema = Cardinality(words[1]),
            words[2] == "-" || Cardinality(words[2]) != nil
        else { throw line.fault("<tag> <schema> <network> <type> <name>") }
        let content: Element.Content
        var tail = words.dropFirst(4)
        if words[3] == "{" {
            content = .group(try readElements(&rest, until: "}", line))
        } else if words[3] == "choice" {
            tail = tail.dropFirst()
            content = .choice(try readElements(&rest, until: "}", line))
        } else {
            let type = String(words[3])
            guard specification.types[type] != nil || specification.definition(type) != nil else {
                throw line.fault("a type or component defined before (\(type) is not)")
            }
            content = .type(type)
        }
        let isConstant = tail.first == "="
        let property = isConstant ? nil : tail.first.map(String.init)
        let fallback = tail.dropFirst().first == "??" ? tail.last.map(String.init) : nil
        if case .type = content, words[2] != "-", property == nil, !isConstant {
            throw line.fault("a Swift name, or = and a value, behind the type")
        }
        return Element(
            tag: String(words[0]),
            schema: schema,
            network: Cardinality(words[2]),
            content: content,
            property: property,
            constant: isConstant ? tail.last.map(String.init) : nil,
            fallback: fallback
        )
    }
}
