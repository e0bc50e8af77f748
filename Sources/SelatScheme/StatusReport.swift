public import SelatISO20022
public import SelatTime

/// A final or interim answer to one pacs.008, in the words of pacs.002.
public struct PaymentStatus: Hashable, Sendable {
    public let status: TransactionStatus
    /// Always with RJCT, never otherwise.
    public let reason: ReasonCode?

    public static let accepted = PaymentStatus(.acceptedCreditSettlementCompleted)
    public static let blocked = PaymentStatus(.blocked)
    public static let acceptedWithoutPosting = PaymentStatus(.acceptedWithoutPosting)
    /// Between D-SAP and D-IPS: the provider's funds are reserved, you may settle.
    /// Specs/Decisions/0005.
    public static let fundsReserved = PaymentStatus(.acceptedTechnicalValidation)

    public static func rejected(_ reason: ReasonCode) -> PaymentStatus {
        PaymentStatus(.rejected, reason)
    }

    private init(_ status: TransactionStatus, _ reason: ReasonCode? = nil) {
        self.status = status
        self.reason = reason
    }

    /// From a received report: `nil` reason on RJCT is left for the receiver to judge.
    public init(_ report: FIToFIPaymentStatusReport) {
        status = report.transactionStatus
        reason = report.statusReason.flatMap { ReasonCode($0.code) }
    }

    /// For causes and traces: `ACCC`, `RJCT AC04`.
    public var text: String {
        guard let reason else { return status.rawValue }
        return "\(status.rawValue) \(reason)"
    }
}

/// Everything that makes one pacs.002; building it again gives the same bytes, so a stored
/// report is resent byte for byte.
public struct StatusReport: Hashable, Sendable {
    public var messageIdentification: String
    public var created: Instant
    public var status: PaymentStatus
    public var uetr: UUIDv4
    /// The MsgId of the pacs.008 that the receiver of this report sent.
    public var originalMessageIdentification: String?
    public var originalEndToEndIdentification: String?
    public var instructingAgent: Agent
    public var instructedAgent: Agent

    @inlinable
    @inline(__always)
    public init(
        messageIdentification: String,
        created: Instant,
        status: PaymentStatus,
        uetr: UUIDv4,
        originalMessageIdentification: String?,
        originalEndToEndIdentification: String?,
        instructingAgent: Agent,
        instructedAgent: Agent
    ) {
        self.messageIdentification = messageIdentification
        self.created = created
        self.status = status
        self.uetr = uetr
        self.originalMessageIdentification = originalMessageIdentification
        self.originalEndToEndIdentification = originalEndToEndIdentification
        self.instructingAgent = instructingAgent
        self.instructedAgent = instructedAgent
    }

    /// The wire message, times at millisecond precision.
    @inlinable
    @inline(__always)
    public var message: FIToFIPaymentStatusReport {
        FIToFIPaymentStatusReport(
            messageIdentification: messageIdentification,
            creationDateTime: created.wholeMilliseconds,
            originalMessageIdentification: originalMessageIdentification,
            originalMessageNameIdentification: originalMessageIdentification == nil
                ? nil : "pacs.008.001.13",
            originalEndToEndIdentification: originalEndToEndIdentification,
            originalUETR: uetr,
            transactionStatus: status.status,
            statusReason: status.reason.map { reason in
                // NARR announces a narrative, and the profile demands it.
                StatusReason(
                    code: reason.code,
                    additionalInformation: reason == .narr ? ["No listed reason was given"] : []
                )
            },
            instructingAgent: instructingAgent,
            instructedAgent: instructedAgent
        )
    }
}
