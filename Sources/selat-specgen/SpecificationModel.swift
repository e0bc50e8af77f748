/// How many times an element may stand: `0..1`, `2..2`, `0..n`.
struct Cardinality: Equatable {
    let minimum: Int
    /// `nil` for n.
    let maximum: Int?

    init?(_ text: Substring) {
        let parts = text.split(separator: ".", omittingEmptySubsequences: true)
        guard parts.count == 2, let minimum = Int(parts[0]) else { return nil }
        guard parts[1] == "n" || Int(parts[1]) != nil else { return nil }
        self.minimum = minimum
        maximum = Int(parts[1])
    }

    var isRepeated: Bool { maximum.map { $0 > 1 } ?? true }
    var isRequired: Bool { minimum > 0 }
}

/// One element of a message or component, with what the network makes of it.
struct Element {
    let tag: String
    /// As the XSD has it.
    let schema: Cardinality
    /// As the network uses it; `nil` when the element is refused (CH21).
    let network: Cardinality?
    let content: Content
    /// The Swift name, for elements that are not flattened away.
    let property: String?
    /// The only value the network takes.
    let constant: String?
    /// Written where the schema demands the element and the value has none.
    let fallback: String?

    indirect enum Content {
        case type(String)
        case group([Element])
        case choice([Element])
    }

    var children: [Element] {
        switch content {
        case .type: []
        case .group(let children), .choice(let children): children
        }
    }
}

/// A message, a component with a Swift struct of its own, or a choice with a Swift enum.
struct Definition {
    enum Kind: String { case message, component, union }
    let kind: Kind
    /// The Swift name.
    let name: String
    /// The XSD type of a component; the message name of a message.
    let source: String
    /// The tag below Document, for messages.
    let tag: String
    let documentation: String
    /// Of a component that shares the rest: the fields that stand in the value itself.
    let inlined: [String]?
    let elements: [Element]
}

/// A simple type: how its text is read, and the facets of that reading.
struct SimpleType {
    enum Reading: String {
        case text, digits, uuid, bic, lei, iban, country, currency, amount, number, instant, date
        case boolean, closed, values, listed, code
    }
    let name: String
    let reading: Reading
    let facets: [String]
}

/// A list of codes kept outside the schemas.
struct CodeSet {
    let name: String
    let source: String
    let version: String
    let documentation: String
    let codes: [String]
}

/// Everything under `Specs/ISO20022`.
struct Specification {
    var types: [String: SimpleType] = [:]
    var typeNames: [String] = []
    var definitions: [Definition] = []
    var codeSets: [CodeSet] = []

    func definition(_ name: String) -> Definition? { definitions.first { $0.name == name } }
}

/// Why a specification cannot be used.
struct SpecificationError: Error, CustomStringConvertible {
    let file: String
    let line: Int
    let expected: String

    var description: String { "\(file):\(line): expected \(expected)" }
}
