import Foundation

/// Compares the specification with the official XSDs: every element must be there, in that order,
/// with that cardinality and type, and our own use may only be narrower.
struct SchemaComparison {
    private let specification: Specification
    private let schema: SchemaDocument
    private let message: String
    private var differences: [String] = []
    private var compared: Set<String> = []

    /// One sentence for each difference; empty when the specification restricts the schemas.
    static func differences(_ specification: Specification, schemas: URL) throws -> [String] {
        var differences: [String] = []
        for message in specification.definitions where message.kind == .message {
            let url = schemas.appending(path: message.source + ".xsd")
            guard let schema = SchemaDocument(url) else {
                differences.append("\(message.source): expected a schema at \(url.path)")
                continue
            }
            var comparison = SchemaComparison(specification, schema, message.source)
            comparison.compare(message)
            differences += comparison.differences
        }
        return differences
    }

    private init(_ specification: Specification, _ schema: SchemaDocument, _ message: String) {
        self.specification = specification
        self.schema = schema
        self.message = message
    }

    private mutating func note(_ path: String, _ sentence: String) {
        differences.append("\(message) \(path): \(sentence)")
    }

    private mutating func compare(_ definition: Definition) {
        let root = schema.complexTypes["Document"]?.members.first
        guard let root, root.name == definition.tag else {
            note("Document", "the schema's element is \(root?.name ?? "missing")")
            return
        }
        compare(definition.elements, with: root.type, isChoice: false, at: definition.tag)
    }

    private mutating func compare(
        _ elements: [Element],
        with typeName: String,
        isChoice: Bool,
        at path: String
    ) {
        guard let type = schema.complexTypes[typeName] else {
            note(path, "the schema has no complex type \(typeName)")
            return
        }
        if type.isChoice != isChoice {
            note(path, "\(typeName) is \(type.isChoice ? "a choice" : "a sequence")")
        }
        var position = 0
        for element in elements {
            let here = path + "/" + element.tag
            guard
                let index = type.members[position...].firstIndex(where: { $0.name == element.tag })
            else {
                note(here, "not in \(typeName), or not in this place")
                continue
            }
            let skipped = type.members[position..<index].filter { $0.minimum > 0 }
            if !type.isChoice, !skipped.isEmpty {
                note(here, "the schema demands \(skipped.map(\.name)) before it")
            }
            position = index + 1
            compare(element, with: type.members[index], at: here)
        }
        let rest = type.members[position...].filter { $0.minimum > 0 }
        if !type.isChoice, !rest.isEmpty {
            note(path, "the schema demands \(rest.map(\.name)) at the end")
        }
    }

    private mutating func compare(
        _ element: Element,
        with member: SchemaDocument.Member,
        at path: String
    ) {
        if element.schema.minimum != member.minimum || element.schema.maximum != member.maximum {
            let maximum = member.maximum.map(String.init) ?? "n"
            note(path, "the schema's cardinality is \(member.minimum)..\(maximum)")
        }
        if let network = element.network {
            let isNarrower =
                network.minimum >= element.schema.minimum
                && (element.schema.maximum.map { (network.maximum ?? .max) <= $0 } ?? true)
            if !isNarrower { note(path, "the network's cardinality is wider than the schema's") }
        }
        switch element.content {
        case .group(let children):
            compare(children, with: member.type, isChoice: false, at: path)
        case .choice(let children):
            compare(children, with: member.type, isChoice: true, at: path)
        case .type(let name):
            if let simple = specification.types[name] {
                if member.type != name { note(path, "the schema's type is \(member.type)") }
                compare(simple, at: path)
            } else if let definition = specification.definition(name) {
                if member.type != definition.source {
                    note(path, "the schema's type is \(member.type)")
                }
                guard compared.insert(name).inserted else { return }
                compare(
                    definition.elements,
                    with: member.type,
                    isChoice: definition.kind == .union,
                    at: path
                )
            }
        }
    }

    private mutating func compare(_ type: SimpleType, at path: String) {
        guard compared.insert(type.name).inserted else { return }
        let base: String
        let facets: [String: [String]]
        if type.reading == .amount {
            let complex = schema.complexTypes[type.name]
            guard let content = complex?.base, complex?.attributes == ["Ccy"],
                let simple = schema.simpleTypes[content]
            else {
                note(path, "\(type.name) is no decimal with the attribute Ccy")
                return
            }
            (base, facets) = (simple.base, simple.facets)
        } else {
            guard let simple = schema.simpleTypes[type.name] else {
                note(path, "the schema has no simple type \(type.name)")
                return
            }
            (base, facets) = (simple.base, simple.facets)
        }
        let expected = SchemaComparison.expectation(type)
        if base != expected.base || facets != expected.facets {
            note(path, "\(type.name) is a \(base) with \(facets), read as \(expected)")
        }
    }

    /// The XSD that each reading stands for.
    private static func expectation(
        _ type: SimpleType
    ) -> (base: String, facets: [String: [String]]) {
        let facets = type.facets
        switch type.reading {
        case .text, .code, .listed:
            return ("xs:string", ["minLength": ["1"], "maxLength": [facets[0]]])
        case .digits: return ("xs:string", ["pattern": ["[0-9]{1,\(facets[0])}"]])
        case .uuid:
            let tail = "4[a-f0-9]{3}-[89ab][a-f0-9]{3}-[a-f0-9]{12}"
            return ("xs:string", ["pattern": ["[a-f0-9]{8}-[a-f0-9]{4}-" + tail]])
        case .bic:
            let pattern = "[A-Z0-9]{4,4}[A-Z]{2,2}[A-Z0-9]{2,2}([A-Z0-9]{3,3}){0,1}"
            return ("xs:string", ["pattern": [pattern]])
        case .lei: return ("xs:string", ["pattern": ["[A-Z0-9]{18,18}[0-9]{2,2}"]])
        case .iban: return ("xs:string", ["pattern": ["[A-Z]{2,2}[0-9]{2,2}[a-zA-Z0-9]{1,30}"]])
        case .country: return ("xs:string", ["pattern": ["[A-Z]{2,2}"]])
        case .currency: return ("xs:string", ["pattern": ["[A-Z]{3,3}"]])
        case .amount:
            return (
                "xs:decimal",
                [
                    "fractionDigits": [facets[1]], "totalDigits": [facets[0]],
                    "minInclusive": ["0"],
                ]
            )
        case .number:
            return ("xs:decimal", ["fractionDigits": [facets[1]], "totalDigits": [facets[0]]])
        case .instant: return ("xs:dateTime", [:])
        case .date: return ("xs:date", [:])
        case .boolean: return ("xs:boolean", [:])
        case .values: return ("xs:string", ["enumeration": facets])
        case .closed:
            let codes = facets.dropFirst().map { String($0.prefix { $0 != "=" }) }
            return ("xs:string", ["enumeration": codes])
        }
    }
}
