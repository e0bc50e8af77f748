public import SelatTime

/// pacs.002.001.15, the status of one payment. ISO: /Document/FIToFIPmtStsRpt
public struct FIToFIPaymentStatusReport: Hashable, Sendable {
    /// ISO: GrpHdr/MsgId
    public var messageIdentification: String
    /// ISO: GrpHdr/CreDtTm
    public var creationDateTime: Instant
    /// ISO: TxInfAndSts/StsId
    public var statusIdentification: String?
    /// ISO: TxInfAndSts/OrgnlGrpInf/OrgnlMsgId
    public var originalMessageIdentification: String?
    /// ISO: TxInfAndSts/OrgnlGrpInf/OrgnlMsgNmId
    public var originalMessageNameIdentification: String?
    /// ISO: TxInfAndSts/OrgnlGrpInf/OrgnlCreDtTm
    public var originalCreationDateTime: Instant?
    /// ISO: TxInfAndSts/OrgnlInstrId
    public var originalInstructionIdentification: String?
    /// ISO: TxInfAndSts/OrgnlEndToEndId
    public var originalEndToEndIdentification: String?
    /// ISO: TxInfAndSts/OrgnlTxId
    public var originalTransactionIdentification: String?
    /// ISO: TxInfAndSts/OrgnlUETR
    public var originalUETR: UUIDv4
    /// ISO: TxInfAndSts/TxSts
    public var transactionStatus: TransactionStatus
    /// ISO: TxInfAndSts/StsRsnInf
    public var statusReason: StatusReason?
    /// ISO: TxInfAndSts/AccptncDtTm
    public var acceptanceDateTime: Instant?
    /// ISO: TxInfAndSts/PrcgDt/DtTm
    public var processingDateTime: Instant?
    /// ISO: TxInfAndSts/ClrSysRef
    public var clearingSystemReference: String?
    /// ISO: TxInfAndSts/InstgAgt
    public var instructingAgent: Agent
    /// ISO: TxInfAndSts/InstdAgt
    public var instructedAgent: Agent

    public init(
        messageIdentification: String,
        creationDateTime: Instant,
        statusIdentification: String? = nil,
        originalMessageIdentification: String? = nil,
        originalMessageNameIdentification: String? = nil,
        originalCreationDateTime: Instant? = nil,
        originalInstructionIdentification: String? = nil,
        originalEndToEndIdentification: String? = nil,
        originalTransactionIdentification: String? = nil,
        originalUETR: UUIDv4,
        transactionStatus: TransactionStatus,
        statusReason: StatusReason? = nil,
        acceptanceDateTime: Instant? = nil,
        processingDateTime: Instant? = nil,
        clearingSystemReference: String? = nil,
        instructingAgent: Agent,
        instructedAgent: Agent
    ) {
        self.messageIdentification = messageIdentification
        self.creationDateTime = creationDateTime
        self.statusIdentification = statusIdentification
        self.originalMessageIdentification = originalMessageIdentification
        self.originalMessageNameIdentification = originalMessageNameIdentification
        self.originalCreationDateTime = originalCreationDateTime
        self.originalInstructionIdentification = originalInstructionIdentification
        self.originalEndToEndIdentification = originalEndToEndIdentification
        self.originalTransactionIdentification = originalTransactionIdentification
        self.originalUETR = originalUETR
        self.transactionStatus = transactionStatus
        self.statusReason = statusReason
        self.acceptanceDateTime = acceptanceDateTime
        self.processingDateTime = processingDateTime
        self.clearingSystemReference = clearingSystemReference
        self.instructingAgent = instructingAgent
        self.instructedAgent = instructedAgent
    }
}
