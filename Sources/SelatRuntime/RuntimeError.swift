package import SelatNode
package import SelatTLS

/// What keeps a node from starting, or an operator's call from being made. Each says what was
/// expected, what was found and what to do; none repeats a name, an account or a payload.
package enum RuntimeError: Error, Hashable, Sendable, CustomStringConvertible {
    /// A file is missing, unreadable or not of its format. `line` is 0 where there is none.
    case file(String, line: Int, got: String, remedy: String)
    /// A configuration file says something that cannot be.
    case configuration(ConfigurationMistake)
    /// Files that belong together contradict each other.
    case topology([ConfigurationMistake])
    /// The address cannot be listened on.
    case listen(address: String, got: String)
    /// The node's own socket, or the way to it.
    case operatorChannel(path: String, got: String, remedy: String)
    /// The link of an attached participant, or the way to its country.
    case link(node: String, got: String, remedy: String)
    /// `SELAT_CRASH_AT` cannot be read.
    case crashPoint(got: String)
    /// The node ended before it was ready.
    case ended(node: String, why: String)
    /// The store does not open or does not answer.
    case store(StoreError)
    /// Certificates and keys.
    case credentials(TLSError)

    package var description: String {
        switch self {
        case .file(let path, let line, let got, let remedy):
            (line > 0 ? "\(path):\(line): " : "\(path): ") + "\(got); \(remedy)"
        case .configuration(let mistake): mistake.description
        case .topology(let mistakes): mistakes.map(\.description).joined(separator: "\n")
        case .listen(let address, let got):
            "cannot listen on \(address): \(got); end what holds it, or choose another port"
        case .operatorChannel(let path, let got, let remedy): "\(path): \(got); \(remedy)"
        case .link(let node, let got, let remedy): "link to \(node): \(got); \(remedy)"
        case .crashPoint(let got):
            "SELAT_CRASH_AT: expected name:count such as 'before-commit:1', got '\(got)'; "
                + "'selat run --list-crash-points' lists the names"
        case .ended(let node, let why): "node \(node) ended before it was ready: \(why)"
        case .store(let error): error.description
        case .credentials(let error): error.description
        }
    }
}

/// One mistake in a configuration file: where, what was expected, what stood there, what to do.
package struct ConfigurationMistake: Hashable, Sendable, CustomStringConvertible {
    /// The file's path as it was given.
    package let file: String
    /// From 1; 0 for a contradiction between files.
    package let line: Int
    /// From the top: `countries[0].schemeFee.nominal`; empty for the file as a whole.
    package let key: String
    package let expected: String
    package let got: String
    package let remedy: String

    /// - Parameters:
    ///   - file: The file's path as it was given.
    ///   - line: From 1; 0 for none.
    ///   - key: From the top.
    ///   - expected: What may stand there.
    ///   - got: What stands there.
    ///   - remedy: What to do.
    package init(
        file: String,
        line: Int,
        key: String,
        expected: String,
        got: String,
        remedy: String
    ) {
        self.file = file
        self.line = line
        self.key = key
        self.expected = expected
        self.got = got
        self.remedy = remedy
    }

    package var description: String {
        let place = key.isEmpty ? "" : "\(key): "
        let line = line > 0 ? ":\(line)" : ""
        return "\(file)\(line): \(place)expected \(expected), got \(got); \(remedy)"
    }
}
