public import SelatTime

/// acmt.023.001.04, who stands behind an account or proxy? ISO: /Document/IdVrfctnReq
public struct IdentificationVerificationRequest: Hashable, Sendable {
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
    /// ISO: Vrfctn/Id
    public var verificationIdentification: String
    /// ISO: Vrfctn/PtyAndAcctId/Pty
    public var party: Party?
    /// ISO: Vrfctn/PtyAndAcctId/Acct
    public var account: Account?
    /// ISO: Vrfctn/PtyAndAcctId/Agt
    public var agent: Agent?

    public init(
        messageIdentification: String,
        creationDateTime: Instant,
        creator: Party? = nil,
        firstAgent: Agent,
        assigner: Agent,
        assignee: Agent,
        verificationIdentification: String,
        party: Party? = nil,
        account: Account? = nil,
        agent: Agent? = nil
    ) {
        self.messageIdentification = messageIdentification
        self.creationDateTime = creationDateTime
        self.creator = creator
        self.firstAgent = firstAgent
        self.assigner = assigner
        self.assignee = assignee
        self.verificationIdentification = verificationIdentification
        self.party = party
        self.account = account
        self.agent = agent
    }
}
