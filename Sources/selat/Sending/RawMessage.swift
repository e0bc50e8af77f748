package import SelatISO20022
package import SelatNode
package import SelatTime

/// A file that is to be sent as it is: what kind of message it wants to be, and by what an answer
/// could name it.
package struct RawMessage: Hashable, Sendable {
    package let bytes: [UInt8]
    package let kind: MessageKind
    /// `nil` where none can be read.
    package let messageIdentification: String?
    /// `nil` where none can be read; a pacs.008 may lawfully have none.
    package let uetr: UUIDv4?
    private let isReadable: Bool

    /// - Parameters:
    ///   - bytes: The file, well formed or not.
    ///   - kind: What the frame is to announce; `nil` lets the document say.
    package init(_ bytes: [UInt8], kind: MessageKind?) {
        self.bytes = bytes
        do throws(MessageError) {
            let message = try ISOMessage.decode(bytes)
            self.kind = kind ?? message.kind
            messageIdentification = message.messageIdentification
            uetr = Message.iso(message).uetr
            isReadable = true
        } catch {
            self.kind = kind ?? error.kind ?? RawMessage.name(in: bytes) ?? .creditTransfer
            messageIdentification = error.messageIdentification
            uetr = error.uetr
            isReadable = false
        }
    }

    /// The byte in the frame.
    package var frameKind: UInt8 {
        switch kind {
        case .creditTransfer: Message.Kind.creditTransfer
        case .statusReport: Message.Kind.statusReport
        case .verificationRequest: Message.Kind.verificationRequest
        case .verificationReport: Message.Kind.verificationReport
        }
    }

    /// Whether anybody answers: a pacs.008 that names a payment or can be read, a pacs.002 that can
    /// be read (with the confirmation), a question that can be read.
    package var isAnswered: Bool {
        switch kind {
        case .creditTransfer: isReadable || uetr != nil
        case .statusReport, .verificationRequest: isReadable
        case .verificationReport: false
        }
    }

    /// The answer to this message, if `message` is one.
    package func answer(_ message: RetainedMessage) -> Answer? {
        guard isAnswered,
            case .message(.iso(let decoded)) = Message.decode(kind: message.kind, message.bytes)
        else { return nil }
        switch (kind, decoded) {
        case (.creditTransfer, .statusReport(let report)):
            let isOurs =
                report.originalMessageIdentification == nil
                || messageIdentification == nil
                || report.originalMessageIdentification == messageIdentification
            guard isOurs, uetr == nil || report.originalUETR == uetr else { return nil }
            return .status(report, text: message.bytes)
        case (.statusReport, .statusReport(let report)):
            return report.originalUETR == uetr ? .status(report, text: message.bytes) : nil
        case (.verificationRequest, .verificationReport(let report)):
            let original = report.originalAssignment?.messageIdentification
            return original == messageIdentification
                ? .verification(report, text: message.bytes) : nil
        case (.creditTransfer, _), (.statusReport, _), (.verificationRequest, _),
            (.verificationReport, _):
            return nil
        }
    }

    /// What came back.
    package enum Answer: Hashable, Sendable {
        case status(FIToFIPaymentStatusReport, text: [UInt8])
        case verification(IdentificationVerificationReport, text: [UInt8])
    }

    /// `pacs.002` and its like near the beginning, for bytes that are no document.
    private static func name(in bytes: [UInt8]) -> MessageKind? {
        let head = String(decoding: bytes.prefix(1024), as: UTF8.self)
        return MessageKind.allCases.first { head.contains($0.shortName) }
    }
}

extension MessageKind {
    /// `pacs.008`: the name without variant and version.
    package var shortName: String { String(rawValue.prefix(8)) }
}
