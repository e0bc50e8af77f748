public import SelatTime

/// Where in a message something stands: `/Document/FIToFICstmrCdtTrf/CdtTrfTxInf/PmtId/UETR`.
///
/// Names are the schema's tags; a repeated element carries its position, from 1, in brackets.
public struct ElementPath: Hashable, Sendable, CustomStringConvertible, ExpressibleByStringLiteral {
    /// The path, starting with `/`.
    public let text: String

    /// Takes the path as it is.
    public init(_ text: String) { self.text = text }

    public init(stringLiteral value: StaticString) { text = value.description }

    public var description: String { text }
}

/// A business "no": why a message is refused, where, and what would have been accepted.
///
/// A value, not a fault of this program; it becomes `TxSts` RJCT with this reason. Expectation
/// and finding describe shapes ("at most 35 characters", "36"), never names, accounts or texts.
public struct Rejection: Error, Hashable, Sendable, CustomStringConvertible {
    public let reason: ReasonCode
    public let path: ElementPath
    /// What the schema or the profile asks for.
    public let expected: String
    /// What was there instead, without personal data.
    public let found: String

    public init(reason: ReasonCode, path: ElementPath, expected: String, found: String) {
        self.reason = reason
        self.path = path
        self.expected = expected
        self.found = found
    }

    /// `CH21 at /Document/...: expected an element, found none`.
    public var description: String {
        "\(reason) at \(path): expected \(expected), found \(found)"
    }
}

/// Bytes that are no message of this network: the refusals in order of precedence (the schema's
/// before the profile's), and what could be saved for the answer.
public struct MessageError: Error, Hashable, Sendable, CustomStringConvertible {
    /// At least one; the first is the one to answer with.
    public let rejections: [Rejection]
    /// `nil` when the bytes name no message this network uses.
    public let kind: MessageKind?
    /// The refused message's own id, for `OrgnlMsgId`, where one could be read.
    public let messageIdentification: String?
    /// The payment's UETR, for `OrgnlUETR`, where one could be read.
    public let uetr: UUIDv4?

    public init(
        rejections: [Rejection],
        kind: MessageKind? = nil,
        messageIdentification: String? = nil,
        uetr: UUIDv4? = nil
    ) {
        precondition(!rejections.isEmpty, "a message error says at least one thing")
        self.rejections = rejections
        self.kind = kind
        self.messageIdentification = messageIdentification
        self.uetr = uetr
    }

    /// The refusal that goes into the answer.
    public var first: Rejection { rejections[0] }

    public var description: String {
        rejections.map(\.description).joined(separator: "; ")
    }
}
