public import SelatTime

/// acmt.024.001.04, the answer to an acmt.023. ISO: /Document/IdVrfctnRpt
public struct IdentificationVerificationReport: Hashable, Sendable {
    /// ISO: Assgnmt/MsgId
    public var messageIdentification: String
    /// ISO: Assgnmt/CreDtTm
    public var creationDateTime: Instant
    /// ISO: Assgnmt/Cretr/Pty
    public var creator: Party?
    /// ISO: Assgnmt/FrstAgt
    public var firstAgent: Agent
    /// ISO: Assgnmt/Assgnr/Agt
    public var assigner: Agent
    /// ISO: Assgnmt/Assgne/Agt
    public var assignee: Agent
    /// ISO: OrgnlAssgnmt
    public var originalAssignment: OriginalAssignment?
    /// ISO: Rpt/OrgnlId
    public var originalIdentification: String
    /// ISO: Rpt/Vrfctn
    public var verification: Bool
    /// ISO: Rpt/Rsn/Cd
    public var reason: String?
    /// ISO: Rpt/OrgnlPtyAndAcctId/Pty
    public var originalParty: Party?
    /// ISO: Rpt/OrgnlPtyAndAcctId/Acct
    public var originalAccount: Account?
    /// ISO: Rpt/OrgnlPtyAndAcctId/Agt
    public var originalAgent: Agent?
    /// ISO: Rpt/UpdtdPtyAndAcctId/Pty
    public var updatedParty: Party?
    /// ISO: Rpt/UpdtdPtyAndAcctId/Acct
    public var updatedAccount: Account?
    /// ISO: Rpt/UpdtdPtyAndAcctId/Agt
    public var updatedAgent: Agent?

    public init(
        messageIdentification: String,
        creationDateTime: Instant,
        creator: Party? = nil,
        firstAgent: Agent,
        assigner: Agent,
        assignee: Agent,
        originalAssignment: OriginalAssignment? = nil,
        originalIdentification: String,
        verification: Bool,
        reason: String? = nil,
        originalParty: Party? = nil,
        originalAccount: Account? = nil,
        originalAgent: Agent? = nil,
        updatedParty: Party? = nil,
        updatedAccount: Account? = nil,
        updatedAgent: Agent? = nil
    ) {
        self.messageIdentification = messageIdentification
        self.creationDateTime = creationDateTime
        self.creator = creator
        self.firstAgent = firstAgent
        self.assigner = assigner
        self.assignee = assignee
        self.originalAssignment = originalAssignment
        self.originalIdentification = originalIdentification
        self.verification = verification
        self.reason = reason
        self.originalParty = originalParty
        self.originalAccount = originalAccount
        self.originalAgent = originalAgent
        self.updatedParty = updatedParty
        self.updatedAccount = updatedAccount
        self.updatedAgent = updatedAgent
    }
}
