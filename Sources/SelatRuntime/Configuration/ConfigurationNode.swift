import Yams

/// One value in a configuration file. It knows its file, line and key, so that whatever is wrong
/// with it can be said exactly.
struct ConfigurationNode {
    let file: String
    /// From the top: `countries[0].schemeFee`.
    let key: String
    let node: Node

    /// Reads a whole file; its top must be a mapping.
    init(file: String, text: String) throws(RuntimeError) {
        self.file = file
        key = ""
        do {
            guard let node = try Yams.compose(yaml: text) else {
                throw RuntimeError.file(
                    file,
                    line: 0,
                    got: "the file is empty",
                    remedy: "start from one of Nodes/*.yaml"
                )
            }
            self.node = node
        } catch let error as RuntimeError {
            throw error
        } catch {
            let (line, problem) = ConfigurationNode.explain(error)
            throw .file(file, line: line, got: "no YAML: \(problem)", remedy: "correct the line")
        }
    }

    private init(file: String, key: String, node: Node) {
        self.file = file
        self.key = key
        self.node = node
    }

    var line: Int { node.mark?.line ?? 1 }

    /// The mistake of this very value.
    func mistake(expected: String, got: String, remedy: String) -> RuntimeError {
        .configuration(
            ConfigurationMistake(
                file: file,
                line: line,
                key: key,
                expected: expected,
                got: got,
                remedy: remedy
            )
        )
    }

    /// The members of a mapping. Any other key than the named ones is refused.
    func fields(
        required: [String],
        optional: [String] = []
    ) throws(RuntimeError) -> ConfigurationFields {
        guard case .mapping(let mapping) = node else {
            throw mistake(
                expected: "a mapping with " + required.joined(separator: ", "),
                got: form,
                remedy: "write 'key: value' lines below it"
            )
        }
        let known = required + optional
        var members: [String: ConfigurationNode] = [:]
        for (name, value) in mapping {
            guard let text = name.scalar?.string, known.contains(text) else {
                let text = name.scalar?.string ?? "a key that is no word"
                throw .configuration(
                    ConfigurationMistake(
                        file: file,
                        line: name.mark?.line ?? line,
                        key: join(text),
                        expected: "one of " + known.joined(separator: ", "),
                        got: "an unknown key",
                        remedy: remedy(for: text, among: known)
                    )
                )
            }
            members[text] = ConfigurationNode(file: file, key: join(text), node: value)
        }
        for name in required where members[name] == nil {
            throw .configuration(
                ConfigurationMistake(
                    file: file,
                    line: line,
                    key: join(name),
                    expected: "a value",
                    got: "nothing",
                    remedy: "add the key '\(name)'"
                )
            )
        }
        return ConfigurationFields(owner: self, members: members)
    }

    /// The elements of a list.
    func elements() throws(RuntimeError) -> [ConfigurationNode] {
        guard case .sequence(let sequence) = node else {
            throw mistake(
                expected: "a list",
                got: form,
                remedy: "write each element on a line with '- '"
            )
        }
        return sequence.enumerated().map { index, element in
            ConfigurationNode(file: file, key: "\(key)[\(index)]", node: element)
        }
    }

    /// The text of a scalar, quoted or not.
    func text(expected: String) throws(RuntimeError) -> String {
        guard case .scalar(let scalar) = node, !scalar.string.isEmpty else {
            throw mistake(expected: expected, got: form, remedy: "write one value")
        }
        return scalar.string
    }

    /// What kind of thing stands here.
    private var form: String {
        switch node {
        case .scalar(let scalar): scalar.string.isEmpty ? "nothing" : "a single value"
        case .mapping: "a mapping"
        case .sequence: "a list"
        case .alias: "an alias"
        }
    }

    private func join(_ name: String) -> String { key.isEmpty ? name : "\(key).\(name)" }

    private func remedy(for text: String, among known: [String]) -> String {
        let nearest = known.min { distance($0, text) < distance($1, text) }
        guard let nearest, distance(nearest, text) <= 2 else { return "remove it" }
        return "write '\(nearest)' if that is meant, else remove it"
    }

    /// Levenshtein's: letters to insert, remove or replace.
    private func distance(_ one: String, _ other: String) -> Int {
        let other = Array(other.lowercased())
        var row = Array(0...other.count)
        for (index, letter) in one.lowercased().enumerated() {
            var diagonal = row[0]
            row[0] = index + 1
            for column in other.indices {
                let replaced = diagonal + (letter == other[column] ? 0 : 1)
                diagonal = row[column + 1]
                row[column + 1] = min(replaced, diagonal + 1, row[column] + 1)
            }
        }
        return row[other.count]
    }

    private static func explain(_ error: any Error) -> (line: Int, problem: String) {
        guard let error = error as? YamlError else { return (0, "\(error)") }
        switch error {
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
            .composer(_, let problem, let mark, _):
            return (mark.line, problem)
        case .duplicatedKeysInMapping(let duplicates, let context):
            return (context.mark.line, "a key stands twice: \(duplicates)")
        case .reader(let problem, _, _, _): return (0, problem)
        case .no, .memory, .writer, .emitter, .representer, .dataCouldNotBeDecoded:
            return (0, "\(error)")
        }
    }
}

/// The members of one mapping; only keys named to `fields` may be asked for.
struct ConfigurationFields {
    let owner: ConfigurationNode
    private let members: [String: ConfigurationNode]

    init(owner: ConfigurationNode, members: [String: ConfigurationNode]) {
        self.owner = owner
        self.members = members
    }

    /// A required member.
    subscript(name: String) -> ConfigurationNode {
        guard let member = members[name] else {
            preconditionFailure("the key '\(name)' is read without being declared as required")
        }
        return member
    }

    /// An optional member.
    func optional(_ name: String) -> ConfigurationNode? { members[name] }

    /// The elements of an optional list; none when it is absent.
    func elements(_ name: String) throws(RuntimeError) -> [ConfigurationNode] {
        guard let member = members[name] else { return [] }
        return try member.elements()
    }
}
