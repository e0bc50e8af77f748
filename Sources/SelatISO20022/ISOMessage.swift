/// Which ISO 20022 message: its name with variant and version.
public enum MessageKind: String, Hashable, Sendable, CaseIterable {
    case creditTransfer = "pacs.008.001.13"
    case statusReport = "pacs.002.001.15"
    case verificationRequest = "acmt.023.001.04"
    case verificationReport = "acmt.024.001.04"

    /// `pacs.008.001.13`, as it stands in `OrgnlMsgNmId` and at the end of the namespace.
    public var messageNameIdentification: String { rawValue }
}

/// One message of the network.
public indirect enum ISOMessage: Hashable, Sendable {
    case creditTransfer(FIToFICustomerCreditTransfer)
    case statusReport(FIToFIPaymentStatusReport)
    case verificationRequest(IdentificationVerificationRequest)
    case verificationReport(IdentificationVerificationReport)

    /// Reads one XML document.
    ///
    /// Accepts every legal spelling of a message of the four kinds, and nothing else: throws a
    /// `MessageError` for what is no XML, no such message, or lacks what the network requires.
    public static func decode(_ bytes: [UInt8]) throws(MessageError) -> ISOMessage {
        throw MessageError(rejections: [
            Rejection(reason: .ff01, path: "/", expected: "a codec", found: "none yet")
        ])
    }

    /// The canonical document: one spelling for one value.
    public func encode() -> [UInt8] {
        var bytes: [UInt8] = []
        encode(into: &bytes)
        return bytes
    }

    /// Appends what `encode()` returns.
    public func encode(into bytes: inout [UInt8]) {}

    public var kind: MessageKind {
        switch self {
        case .creditTransfer: .creditTransfer
        case .statusReport: .statusReport
        case .verificationRequest: .verificationRequest
        case .verificationReport: .verificationReport
        }
    }

    /// The sender's id of this message on this hop.
    public var messageIdentification: String {
        switch self {
        case .creditTransfer(let message): message.messageIdentification
        case .statusReport(let message): message.messageIdentification
        case .verificationRequest(let message): message.messageIdentification
        case .verificationReport(let message): message.messageIdentification
        }
    }
}
