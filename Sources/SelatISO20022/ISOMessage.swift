internal import SelatXML

/// Which ISO 20022 message: its name with variant and version.
public enum MessageKind: String, Hashable, Sendable, CaseIterable {
    case creditTransfer = "pacs.008.001.13"
    case statusReport = "pacs.002.001.15"
    case verificationRequest = "acmt.023.001.04"
    case verificationReport = "acmt.024.001.04"

    /// `pacs.008.001.13`, as it stands in `OrgnlMsgNmId` and at the end of the namespace.
    public var messageNameIdentification: String { rawValue }

    /// The namespace of the document.
    public var namespace: String { "urn:iso:std:iso:20022:tech:xsd:" + rawValue }

    /// Each kind by the bytes of its namespace, the most frequent first.
    static let namespaces = [statusReport, creditTransfer, verificationRequest, verificationReport]
        .map { (bytes: Array($0.namespace.utf8), kind: $0) }

    /// What every document starts with.
    static let declaration: StaticString = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>"
}

/// One message of the network.
public enum ISOMessage: Hashable, Sendable {
    case creditTransfer(FIToFICustomerCreditTransfer)
    case statusReport(FIToFIPaymentStatusReport)
    case verificationRequest(IdentificationVerificationRequest)
    case verificationReport(IdentificationVerificationReport)

    /// Reads one XML document.
    ///
    /// Accepts every legal spelling of a message of the four kinds, and nothing else: throws a
    /// `MessageError` for what is no XML, no such message, or lacks what the network requires.
    public static func decode(_ bytes: [UInt8]) throws(MessageError) -> ISOMessage {
        var decoder: MessageDecoder
        do throws(XMLError) {
            decoder = try MessageDecoder(bytes)
        } catch {
            throw MessageReport(bytes, kind: nil).error([.document(error)])
        }
        let kind = decoder.kind
        do throws(MessageFault) {
            guard let kind else { throw .unsupported }
            let message = try decoder.message(kind)
            guard decoder.deferred.isEmpty else { throw .incomplete }
            return message
        } catch {
            let report = MessageReport(bytes, kind: kind)
            if case .incomplete = error { throw report.error(decoder.deferred) }
            throw report.error([error] + decoder.deferred)
        }
    }

    /// The canonical document: one spelling for one value.
    public func encode() -> [UInt8] {
        XMLWriter.bytes(capacity: usualLength) { encode(to: &$0) }
    }

    /// Bytes that are enough for nearly all documents of the kind, and not far too many.
    private var usualLength: Int {
        switch self {
        case .creditTransfer: 2528
        case .statusReport: 1248
        case .verificationRequest, .verificationReport: 992
        }
    }

    private func encode(to writer: inout XMLWriter) {
        switch self {
        case .creditTransfer(let message): message.storage.fields.encode(to: &writer)
        case .statusReport(let message): message.storage.fields.encode(to: &writer)
        case .verificationRequest(let message): message.storage.fields.encode(to: &writer)
        case .verificationReport(let message): message.storage.fields.encode(to: &writer)
        }
    }

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

extension MessageDecoder {
    /// By the namespace of the document element.
    fileprivate var kind: MessageKind? {
        for (bytes, kind) in MessageKind.namespaces where scanner.hasNamespace(bytes) {
            return kind
        }
        return nil
    }

    fileprivate mutating func message(_ kind: MessageKind) throws(MessageFault) -> ISOMessage {
        try require(.Document)
        let document = try open(.Document)
        let message: ISOMessage
        switch kind {
        case .creditTransfer:
            message = .creditTransfer(try FIToFICustomerCreditTransfer.decode(&self))
        case .statusReport:
            message = .statusReport(try FIToFIPaymentStatusReport.decode(&self))
        case .verificationRequest:
            message = .verificationRequest(try IdentificationVerificationRequest.decode(&self))
        case .verificationReport:
            message = .verificationReport(try IdentificationVerificationReport.decode(&self))
        }
        try close(.Document, document)
        try finish()
        return message
    }
}
