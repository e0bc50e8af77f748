/// Writes the structs and enums.
struct TypeGenerator {
    let specification: Specification

    private static let initializerComment =
        "    /// All fields in the schema's order; what may be absent is, unless given."

    /// The declarations of one definition.
    func declaration(_ definition: Definition) -> [String] {
        switch definition.kind {
        case .message: message(definition)
        case .component:
            definition.inlined.map { sharing(definition, Set($0)) } ?? structure(definition)
        case .union: union(definition)
        }
    }

    private func documentation(_ definition: Definition) -> [String] {
        switch definition.kind {
        case .message:
            wrapped(
                "\(definition.source). \(definition.documentation) "
                    + "ISO: /Document/\(definition.tag)",
                indent: ""
            )
        case .component, .union:
            wrapped("\(definition.documentation) ISO: \(definition.source)", indent: "")
        }
    }

    private func structure(_ definition: Definition) -> [String] {
        var lines = documentation(definition)
        lines += ["public struct \(definition.name): Hashable, Sendable {"]
        lines += fields(definition) + ["", TypeGenerator.initializerComment]
        return lines + initializer(definition) + ["}"]
    }

    /// A message's fields live in one object that its copies share: a message is passed through
    /// events, decisions and facts far more often than it is changed.
    private func message(_ definition: Definition) -> [String] {
        var lines = documentation(definition)
        lines += ["public struct \(definition.name): Hashable, Sendable {"]
        lines += ["    /// The fields themselves, for changing several at once."]
        lines += ["    public struct Fields: Hashable, Sendable {"]
        lines += fields(definition).map { "    " + $0 } + ["    }", ""]
        lines += TypeGenerator.storage + ["    @usableFromInline var storage: Storage"]
        for property in specification.properties(definition.elements) {
            lines += ["", "    /// ISO: \(property.path)"]
            lines += [
                "    @inlinable public var \(property.name): \(property.declaredType) {",
                "        get { storage.fields.\(property.name) }",
                "        set { change { $0.\(property.name) = newValue } }",
                "    }",
            ]
        }
        lines += ["", TypeGenerator.initializerComment]
        lines += initializer(definition, isOfMessage: true)
        return lines + [
            "",
            "    init(_ fields: consuming Fields) { storage = Storage(fields) }",
            "",
            "    /// Changes several fields with one copy of them.",
            "    @inlinable",
            "    public mutating func change(_ edit: (inout Fields) -> Void) {",
            "        var fields = storage.fields",
            "        edit(&fields)",
            "        storage = Storage(fields)",
            "    }",
            "",
            "    @inlinable",
            "    public static func == (lhs: Self, rhs: Self) -> Bool {",
            "        lhs.storage === rhs.storage || lhs.storage.fields == rhs.storage.fields",
            "    }",
            "",
            "    @inlinable",
            "    public func hash(into hasher: inout Hasher) { storage.fields.hash(into: &hasher) }",
            "}",
        ]
    }

    /// Built by the initialiser that the compiler writes: through one written out it would copy
    /// every field once more.
    private static let storage = [
        "    /// Never changed: whoever changes a copy gives it another.",
        "    @usableFromInline",
        "    final class Storage: Sendable {",
        "        @usableFromInline let fields: Fields",
        "",
        "        @usableFromInline",
        "        init(_ fields: consuming Fields) { self.fields = fields }",
        "    }",
        "",
    ]

    /// A component of many fields that are seldom given: those stand in one object, and there is
    /// none while none of them is given. A message holds a dozen such components.
    private func sharing(_ definition: Definition, _ inlined: Set<String>) -> [String] {
        let properties = specification.properties(definition.elements)
        let shared = properties.filter { !inlined.contains($0.name) }
        var lines = documentation(definition)
        lines += ["public struct \(definition.name): Hashable, Sendable {"]
        for property in properties where inlined.contains(property.name) {
            lines += field(property)
        }
        if !inlined.isEmpty { lines.append("") }
        lines += ["    @usableFromInline", "    struct Fields: Hashable, Sendable {"]
        lines += shared.map { "        @usableFromInline var \($0.name): \($0.declaredType)" }
        let absence = shared.map { $0.isRepeated ? "\($0.name).isEmpty" : "\($0.name) == nil" }
        lines += ["", "        @usableFromInline var isAbsent: Bool {"]
        lines += joined(absence, level: 3) + ["        }", "    }", ""]
        lines += TypeGenerator.storage
        lines += ["    /// `nil` while nothing of it is given."]
        lines += ["    @usableFromInline var storage: Storage?"]
        for property in shared {
            let none = property.isRepeated ? " ?? []" : ""
            lines += ["", "    /// ISO: \(property.path)"]
            lines += [
                "    @inlinable public var \(property.name): \(property.declaredType) {",
                "        get { storage?.fields.\(property.name)\(none) }",
                "        set { change { $0.\(property.name) = newValue } }",
                "    }",
            ]
        }
        lines += ["", TypeGenerator.initializerComment]
        lines += initializer(definition)
        lines += [
            "",
            "    @usableFromInline",
            "    mutating func change(_ edit: (inout Fields) -> Void) {",
            "        var fields = storage?.fields ?? .absent",
            "        edit(&fields)",
            "        storage = fields.isAbsent ? nil : Storage(fields)",
            "    }",
            "",
            "    @inlinable",
            "    public static func == (lhs: Self, rhs: Self) -> Bool {",
        ]
        let equal = properties.filter { inlined.contains($0.name) }
            .map { "lhs.\($0.name) == rhs.\($0.name)" }
        let same = "(lhs.storage === rhs.storage || lhs.storage?.fields == rhs.storage?.fields)"
        lines += joined(equal + [same], level: 2)
        lines += [
            "    }", "", "    @inlinable", "    public func hash(into hasher: inout Hasher) {",
        ]
        lines += properties.filter { inlined.contains($0.name) }
            .map { "        hasher.combine(\($0.name))" }
        lines += ["        hasher.combine(storage?.fields)", "    }", "}", ""]
        lines += ["extension \(definition.name).Fields {", "    @usableFromInline"]
        lines += ["    static let absent = Self("]
        let nothing = shared.map { "        \($0.name): \($0.isRepeated ? "[]" : "nil")" }
        lines += [nothing.joined(separator: ",\n"), "    )", "}"]
        return lines
    }

    /// Conditions that must all hold, one a line; those behind the first `indent` spaces further.
    private func joined(_ conditions: [String], level: Int, indent: Int = 4) -> [String] {
        let start = String(repeating: "    ", count: level)
        let next = start + String(repeating: " ", count: indent)
        return conditions.enumerated().map { index, condition in
            index == 0 ? start + condition : "\(next)&& \(condition)"
        }
    }

    private func fields(_ definition: Definition) -> [String] {
        specification.properties(definition.elements).flatMap(field)
    }

    private func field(_ property: Property) -> [String] {
        wrapped("ISO: \(property.path) (\(property.isoType))", indent: "    ")
            + ["    public var \(property.name): \(property.declaredType)"]
    }

    /// The initialiser of a struct; of a message, the one that makes its fields.
    private func initializer(_ definition: Definition, isOfMessage: Bool = false) -> [String] {
        let properties = specification.properties(definition.elements)
        let parameters = properties.map { property -> String in
            let isFree = property.isRepeated && !isDemanded(property, in: definition)
            let initial =
                property.isRepeated
                ? (isFree ? " = []" : "")
                : (property.isOptional ? " = nil" : "")
            return "\(property.name): \(property.declaredType)\(initial)"
        }
        var lines: [String] = []
        let line = "    public init(\(parameters.joined(separator: ", "))) {"
        // Those of a message's fields are nested one level deeper.
        if line.count <= (definition.kind == .message ? 96 : 100) {
            lines.append(line)
        } else {
            lines.append("    public init(")
            lines += parameters.dropLast().map { "        \($0)," }
            lines += parameters.suffix(1).map { "        \($0)" }
            lines.append("    ) {")
        }
        if isOfMessage {
            lines += ["        self.init(", "            Fields("]
            lines += properties.dropLast().map { "                \($0.name): \($0.name)," }
            lines += properties.suffix(1).map { "                \($0.name): \($0.name)" }
            lines += ["            )", "        )"]
        } else if let inlined = definition.inlined {
            lines += inlined.map { "        self.\($0) = \($0)" }
            let shared = properties.filter { !inlined.contains($0.name) }
            let absence = shared.map { $0.isRepeated ? "\($0.name).isEmpty" : "\($0.name) == nil" }
            lines += ["        let isAbsent ="] + joined(absence, level: 3, indent: 0)
            lines += ["        guard !isAbsent else {", "            storage = nil"]
            lines += ["            return", "        }", "        storage = Storage("]
            lines += ["            Fields("]
            lines += [
                shared.map { "                \($0.name): \($0.name)" }
                    .joined(separator: ",\n")
            ]
            lines += ["            )", "        )"]
        } else {
            lines += properties.map { "        self.\($0.name) = \($0.name)" }
        }
        return lines + ["    }"]
    }

    private func isDemanded(_ property: Property, in definition: Definition) -> Bool {
        func find(_ elements: [Element]) -> Bool {
            elements.contains {
                $0.property == property.name && $0.network?.isRequired == true || find($0.children)
            }
        }
        return find(definition.elements)
    }

    private func union(_ definition: Definition) -> [String] {
        var lines = documentation(definition)
        lines.append("public enum \(definition.name): Hashable, Sendable {")
        for property in specification.properties(definition.elements) {
            lines += wrapped("ISO: \(property.path) (\(property.isoType))", indent: "    ")
            lines.append("    case \(property.name)(\(property.type))")
        }
        return lines + ["}"]
    }

    /// The enums of lists that the schema or the network closes.
    func enumerations() -> [String] {
        var lines: [String] = []
        for name in specification.typeNames {
            guard let type = specification.types[name] else { continue }
            let facets: ArraySlice<String>
            switch type.reading {
            case .closed: facets = type.facets[...]
            case .listed: facets = type.facets.dropFirst()
            default: continue
            }
            let note = type.reading == .listed ? "The codes this network knows. " : ""
            lines += wrapped("\(note)ISO: \(name)", indent: "")
            lines.append(
                "public enum \(facets.first ?? ""): String, Hashable, Sendable, CaseIterable {"
            )
            for facet in facets.dropFirst() {
                let parts = facet.split(separator: "=")
                lines.append("    case \(parts[1]) = \"\(parts[0])\"")
            }
            lines += ["}", ""]
            lines += codeReading(of: facets)
        }
        return Array(lines.dropLast())
    }

    /// How the codes of an enumeration are told from each other, word by word.
    private func codeReading(of facets: ArraySlice<String>) -> [String] {
        var lines = ["extension \(facets.first ?? ""): EnumeratedCode {"]
        lines += ["    init?(word: UInt32) {", "        switch word {"]
        for facet in facets.dropFirst() {
            let parts = facet.split(separator: "=")
            precondition(parts[0].utf8.count == 4, "a code has four ASCII characters")
            let word = parts[0].utf8.reduce(0) { $0 << 8 | UInt64($1) }
            let digits = String(word, radix: 16, uppercase: true)
            lines.append(
                "        case 0x\(digits.prefix(4))_\(digits.suffix(4)): self = .\(parts[1])"
            )
        }
        return lines + ["        default: return nil", "        }", "    }", "}", ""]
    }

    /// The external code sets, as sorted words of four ASCII characters.
    func codeSets() -> [String] {
        var lines = ["extension ExternalCodeSet {"]
        for set in specification.codeSets {
            let name = set.name.prefix(1).lowercased() + set.name.dropFirst()
            lines += wrapped(
                "\(set.documentation) ISO: \(set.source), \(set.codes.count) codes.",
                indent: "    "
            )
            lines.append("    public static let \(name) = ExternalCodeSet(")
            lines.append("        name: \"\(set.source)\",")
            lines.append("        version: \"\(set.version)\",")
            let words = set.codes.joined(separator: " ")
            lines.append("        codes: \"\"\"")
            lines += folded(words, width: 84).map { "            \($0)" }
            lines.append("            \"\"\"")
            lines += ["    )", ""]
        }
        return lines.dropLast() + ["}"]
    }
}

/// A doc comment, folded at 100 columns.
func wrapped(_ text: String, indent: String) -> [String] {
    folded(text, width: 96 - indent.count).map { "\(indent)/// \($0)" }
}

/// Lines of at most `width` characters, broken between words.
func folded(_ text: String, width: Int) -> [String] {
    var lines: [String] = []
    for word in text.split(separator: " ") {
        if let last = lines.last, last.count + 1 + word.count <= width {
            lines[lines.count - 1] = last + " " + word
        } else {
            lines.append(String(word))
        }
    }
    return lines
}
