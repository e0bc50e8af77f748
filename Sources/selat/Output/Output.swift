import ArgumentParser
import Glibc
package import SelatJSON

/// Where a command speaks: results to standard output, everything else to standard error.
///
/// With `--json` standard output is one document, and what a person would have read there goes to
/// standard error instead.
package struct Output: Sendable {
    package let isJSON: Bool
    /// Whether colour and progress make sense.
    package let isTerminal: Bool

    /// - Parameter isJSON: Whether standard output is to be one document.
    package init(isJSON: Bool) {
        self.isJSON = isJSON
        isTerminal = isatty(isJSON ? STDERR_FILENO : STDOUT_FILENO) == 1
    }

    /// True when somebody can be asked: standard input and standard error are a terminal.
    package static var canAsk: Bool { isatty(STDIN_FILENO) == 1 && isatty(STDERR_FILENO) == 1 }

    /// What the command is there for, in words.
    package func result(_ text: String) {
        Output.write(text + "\n", to: isJSON ? STDERR_FILENO : STDOUT_FILENO)
    }

    /// Logs, warnings, advice.
    package func note(_ text: String) { Output.write(text + "\n", to: STDERR_FILENO) }

    /// What is only of interest while it happens: shown on a terminal, else nowhere.
    package func progress(_ text: String) {
        guard isatty(STDERR_FILENO) == 1 else { return }
        note(text)
    }

    /// The command's one document, or one line of its stream.
    ///
    /// - Parameters:
    ///   - schema: Without the version: `pay` becomes `selat.pay/1`.
    ///   - members: camelCase; they are sorted here, at every depth.
    package func document(_ schema: String, _ members: [JSONMember]) {
        guard isJSON else { return }
        Output.write(Output.text(schema, members) + "\n", to: STDOUT_FILENO)
    }

    /// The text of a document, without the line's end.
    package static func text(_ schema: String, _ members: [JSONMember]) -> String {
        let all = [JSONMember("schema", .string("selat.\(schema)/1"))] + members
        return String(
            decoding: JSONValue.object(all).canonicalBytes(sortedKeys: true),
            as: UTF8.self
        )
    }

    /// Says why the command could not do what it was asked.
    package func fail(_ failure: CommandFailure) {
        note("selat: \(failure)")
        document(
            "error",
            [
                JSONMember("error", .string(failure.description)),
                JSONMember("exitCode", .integer(failure.code.rawValue)),
            ]
        )
    }

    /// Asks a yes-or-no question on the terminal; only an explicit yes is one.
    package func confirm(_ question: String) -> Bool {
        Output.write(question + " [y/N] ", to: STDERR_FILENO)
        let answer = readLine(strippingNewline: true)?.lowercased()
        return answer == "y" || answer == "yes"
    }

    /// One write for each line or block, so that lines of several threads never mix.
    private static func write(_ text: String, to descriptor: Int32) {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = unsafe rest.withUnsafeBytes { bytes in
                unsafe Glibc.write(descriptor, bytes.baseAddress, bytes.count)
            }
            if count < 0, errno == EINTR { continue }
            // Nobody reads any more: there is nobody to tell either.
            guard count > 0 else { return }
            rest = rest.dropFirst(count)
        }
    }
}
