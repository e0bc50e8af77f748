package import ArgumentParser
import SelatISO20022
package import SelatJSON
import SelatTime

/// What came of a raw message: for people, for programs, and as an exit code.
package struct SendReply: Hashable, Sendable {
    /// How the wait ended.
    package enum Ending: Hashable, Sendable {
        case answered
        /// Acknowledged, and nobody answers such a message.
        case taken
        /// Why it is not known.
        case unknown(String)
    }

    private let message: RawMessage
    private let answer: RawMessage.Answer?
    private let ending: Ending

    /// - Parameters:
    ///   - message: What was sent.
    ///   - answer: The last answer.
    ///   - ending: How the wait ended.
    package init(_ message: RawMessage, _ answer: RawMessage.Answer?, ending: Ending) {
        self.message = message
        self.answer = answer
        self.ending = ending
    }

    /// False for an interim status: another follows.
    package var isFinal: Bool {
        switch answer {
        case .status(let report, _):
            switch report.transactionStatus {
            case .acceptedCreditSettlementCompleted, .blocked, .rejected: true
            case .acceptedWithoutPosting, .acceptedTechnicalValidation: false
            }
        case .verification: true
        case nil: false
        }
    }

    /// Specs/Protocol/CommandLine.md.
    package var code: ExitCode {
        switch ending {
        case .unknown: return Exit.unknown
        // An answer to a question is delivered; what cannot be read is refused by silence.
        case .taken: return message.kind == .verificationReport ? Exit.accepted : Exit.rejected
        case .answered: break
        }
        switch answer {
        case .status(let report, _):
            switch report.transactionStatus {
            case .acceptedCreditSettlementCompleted: return Exit.accepted
            case .blocked: return Exit.blocked
            case .rejected: return Exit.rejected
            case .acceptedWithoutPosting, .acceptedTechnicalValidation: return Exit.unknown
            }
        case .verification(let report, _):
            return report.verification ? Exit.accepted : Exit.rejected
        case nil: return Exit.unknown
        }
    }

    private var reason: String? {
        switch answer {
        case .status(let report, _): report.statusReason?.code
        case .verification(let report, _): report.reason
        case nil: nil
        }
    }

    private var reply: String? {
        switch answer {
        case .status(_, let text), .verification(_, let text): String(decoding: text, as: UTF8.self)
        case nil: nil
        }
    }

    /// For people: the reply, then what it means.
    package var text: String {
        var lines = reply.map { [$0] } ?? []
        let why = reason.map { " " + ReasonWords.sentence($0) } ?? ""
        switch (ending, answer) {
        case (.unknown(let text), _):
            lines.append("outcome unknown: \(text); send the same file again")
        case (.taken, _):
            lines.append("taken; nobody answers such a message")
        case (.answered, .status(let report, _)):
            lines.append(report.transactionStatus.rawValue + why)
        case (.answered, .verification(let report, _)):
            lines.append((report.verification ? "verified" : "not verified") + why)
        case (.answered, nil): break
        }
        return lines.joined(separator: "\n")
    }

    /// The document's members.
    package var members: [JSONMember] {
        var status: JSONValue = .null
        var verified: JSONValue = .null
        var kind: JSONValue = .null
        switch answer {
        case .status(let report, _):
            status = .string(report.transactionStatus.rawValue)
            kind = .string(MessageKind.statusReport.shortName)
        case .verification(let report, _):
            verified = .bool(report.verification)
            kind = .string(MessageKind.verificationReport.shortName)
        case nil: break
        }
        return [
            JSONMember("kind", kind),
            JSONMember("status", status),
            JSONMember("verified", verified),
            JSONMember("reason", reason.map { .string($0) } ?? .null),
            JSONMember("reply", reply.map { .string($0) } ?? .null),
            JSONMember("uetr", message.uetr.map { .string($0.description) } ?? .null),
        ]
    }
}
