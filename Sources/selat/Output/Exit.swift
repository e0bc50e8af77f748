package import ArgumentParser
import SelatRuntime
import SelatTLS

/// What a command's exit code says. Source: Specs/Protocol/CommandLine.md.
package enum Exit {
    package static let accepted = ExitCode(0)
    package static let rejected = ExitCode(1)
    package static let usage = ExitCode(2)
    package static let unreachable = ExitCode(3)
    package static let unknown = ExitCode(4)
    package static let blocked = ExitCode(5)
}

/// Why a command ends without having done what it was asked: a sentence that says what was
/// expected, what was found and what to do, and the exit code.
package struct CommandFailure: Error, Hashable, Sendable, CustomStringConvertible {
    package let code: ExitCode
    package let description: String

    /// - Parameters:
    ///   - code: One of `Exit`.
    ///   - description: The sentence, without a full stop.
    package init(_ code: ExitCode, _ description: String) {
        self.code = code
        self.description = description
    }

    /// The failure that an error of the modules below is to the command line; `nil` for the
    /// parser's own errors.
    package init?(_ error: any Error) {
        switch error {
        case let failure as CommandFailure: self = failure
        case let error as RuntimeError: self.init(error.code, error.description)
        case let error as TLSError: self.init(error.code, error.description)
        default: return nil
        }
    }
}

extension CommandFailure {
    package static func == (lhs: CommandFailure, rhs: CommandFailure) -> Bool {
        lhs.code.rawValue == rhs.code.rawValue && lhs.description == rhs.description
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(code.rawValue)
        hasher.combine(description)
    }
}

extension RuntimeError {
    fileprivate var code: ExitCode {
        switch self {
        case .file, .configuration, .topology, .crashPoint, .store: Exit.usage
        case .credentials(let error): error.code
        case .listen, .operatorChannel, .link, .ended: Exit.unreachable
        }
    }
}

extension TLSError {
    fileprivate var code: ExitCode {
        switch self {
        case .credentials, .authority: Exit.usage
        case .refused, .truncated, .brokenRecord, .closed: Exit.unreachable
        case .library: Exit.rejected
        }
    }
}
