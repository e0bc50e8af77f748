public import SelatTime

/// pacs.008.001.13, the payment instruction. ISO: /Document/FIToFICstmrCdtTrf
public struct FIToFICustomerCreditTransfer: Hashable, Sendable {
    /// ISO: GrpHdr/MsgId
    public var messageIdentification: String
    /// ISO: GrpHdr/CreDtTm
    public var creationDateTime: Instant
    /// ISO: GrpHdr/SttlmInf/ClrSys
    public var clearingSystem: ClearingSystem
    /// ISO: CdtTrfTxInf/PmtId/InstrId
    public var instructionIdentification: String?
    /// ISO: CdtTrfTxInf/PmtId/EndToEndId
    public var endToEndIdentification: String
    /// ISO: CdtTrfTxInf/PmtId/TxId
    public var transactionIdentification: String?
    /// ISO: CdtTrfTxInf/PmtId/UETR
    public var uetr: UUIDv4?
    /// ISO: CdtTrfTxInf/PmtId/ClrSysRef
    public var clearingSystemReference: String?
    /// ISO: CdtTrfTxInf/PmtTpInf/InstrPrty
    public var instructionPriority: Priority
    /// ISO: CdtTrfTxInf/PmtTpInf/SvcLvl/Cd
    public var serviceLevel: String?
    /// ISO: CdtTrfTxInf/PmtTpInf/CtgyPurp/Cd
    public var categoryPurpose: String?
    /// ISO: CdtTrfTxInf/IntrBkSttlmAmt
    public var interbankSettlementAmount: CurrencyAndAmount
    /// ISO: CdtTrfTxInf/IntrBkSttlmDt
    public var interbankSettlementDate: CalendarDate
    /// ISO: CdtTrfTxInf/AddtlDtTm/AccptncDtTm
    public var acceptanceDateTime: Instant
    /// ISO: CdtTrfTxInf/InstdAmt
    public var instructedAmount: CurrencyAndAmount
    /// ISO: CdtTrfTxInf/AgrdRate
    public var agreedRate: AgreedRate
    /// ISO: CdtTrfTxInf/ChrgBr
    public var chargeBearer: ChargeBearer
    /// ISO: CdtTrfTxInf/ChrgsInf
    public var chargesInformation: [Charges]
    /// ISO: CdtTrfTxInf/PrvsInstgAgt1
    public var previousInstructingAgent1: Agent?
    /// ISO: CdtTrfTxInf/PrvsInstgAgt1Acct
    public var previousInstructingAgent1Account: Account?
    /// ISO: CdtTrfTxInf/InstgAgt
    public var instructingAgent: Agent
    /// ISO: CdtTrfTxInf/InstdAgt
    public var instructedAgent: Agent
    /// ISO: CdtTrfTxInf/IntrmyAgt1
    public var intermediaryAgent1: Agent?
    /// ISO: CdtTrfTxInf/IntrmyAgt1Acct
    public var intermediaryAgent1Account: Account?
    /// ISO: CdtTrfTxInf/IntrmyAgt2
    public var intermediaryAgent2: Agent?
    /// ISO: CdtTrfTxInf/IntrmyAgt2Acct
    public var intermediaryAgent2Account: Account?
    /// ISO: CdtTrfTxInf/UltmtDbtr
    public var ultimateDebtor: Party?
    /// ISO: CdtTrfTxInf/Dbtr
    public var debtor: Party
    /// ISO: CdtTrfTxInf/DbtrAcct
    public var debtorAccount: Account
    /// ISO: CdtTrfTxInf/DbtrAgt
    public var debtorAgent: Agent
    /// ISO: CdtTrfTxInf/CdtrAgt
    public var creditorAgent: Agent
    /// ISO: CdtTrfTxInf/Cdtr
    public var creditor: Party
    /// ISO: CdtTrfTxInf/CdtrAcct
    public var creditorAccount: Account
    /// ISO: CdtTrfTxInf/UltmtCdtr
    public var ultimateCreditor: Party?
    /// ISO: CdtTrfTxInf/Purp/Cd
    public var purpose: String?
    /// ISO: CdtTrfTxInf/RmtInf
    public var remittanceInformation: RemittanceInformation?

    public init(
        messageIdentification: String,
        creationDateTime: Instant,
        clearingSystem: ClearingSystem,
        instructionIdentification: String? = nil,
        endToEndIdentification: String,
        transactionIdentification: String? = nil,
        uetr: UUIDv4? = nil,
        clearingSystemReference: String? = nil,
        instructionPriority: Priority,
        serviceLevel: String? = nil,
        categoryPurpose: String? = nil,
        interbankSettlementAmount: CurrencyAndAmount,
        interbankSettlementDate: CalendarDate,
        acceptanceDateTime: Instant,
        instructedAmount: CurrencyAndAmount,
        agreedRate: AgreedRate,
        chargeBearer: ChargeBearer,
        chargesInformation: [Charges],
        previousInstructingAgent1: Agent? = nil,
        previousInstructingAgent1Account: Account? = nil,
        instructingAgent: Agent,
        instructedAgent: Agent,
        intermediaryAgent1: Agent? = nil,
        intermediaryAgent1Account: Account? = nil,
        intermediaryAgent2: Agent? = nil,
        intermediaryAgent2Account: Account? = nil,
        ultimateDebtor: Party? = nil,
        debtor: Party,
        debtorAccount: Account,
        debtorAgent: Agent,
        creditorAgent: Agent,
        creditor: Party,
        creditorAccount: Account,
        ultimateCreditor: Party? = nil,
        purpose: String? = nil,
        remittanceInformation: RemittanceInformation? = nil
    ) {
        self.messageIdentification = messageIdentification
        self.creationDateTime = creationDateTime
        self.clearingSystem = clearingSystem
        self.instructionIdentification = instructionIdentification
        self.endToEndIdentification = endToEndIdentification
        self.transactionIdentification = transactionIdentification
        self.uetr = uetr
        self.clearingSystemReference = clearingSystemReference
        self.instructionPriority = instructionPriority
        self.serviceLevel = serviceLevel
        self.categoryPurpose = categoryPurpose
        self.interbankSettlementAmount = interbankSettlementAmount
        self.interbankSettlementDate = interbankSettlementDate
        self.acceptanceDateTime = acceptanceDateTime
        self.instructedAmount = instructedAmount
        self.agreedRate = agreedRate
        self.chargeBearer = chargeBearer
        self.chargesInformation = chargesInformation
        self.previousInstructingAgent1 = previousInstructingAgent1
        self.previousInstructingAgent1Account = previousInstructingAgent1Account
        self.instructingAgent = instructingAgent
        self.instructedAgent = instructedAgent
        self.intermediaryAgent1 = intermediaryAgent1
        self.intermediaryAgent1Account = intermediaryAgent1Account
        self.intermediaryAgent2 = intermediaryAgent2
        self.intermediaryAgent2Account = intermediaryAgent2Account
        self.ultimateDebtor = ultimateDebtor
        self.debtor = debtor
        self.debtorAccount = debtorAccount
        self.debtorAgent = debtorAgent
        self.creditorAgent = creditorAgent
        self.creditor = creditor
        self.creditorAccount = creditorAccount
        self.ultimateCreditor = ultimateCreditor
        self.purpose = purpose
        self.remittanceInformation = remittanceInformation
    }
}
