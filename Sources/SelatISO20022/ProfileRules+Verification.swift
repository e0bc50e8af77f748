extension IdentificationVerificationRequest {
    /// Every breach of the network's rules that the message alone shows, in rulebook order.
    /// Whether the country, the agent or the proxy exists is for those asked to say.
    public func violations() -> [Rejection] {
        var check = ProfileCheck(root: "/Document/IdVrfctnReq")
        check.demandText(messageIdentification, at: "Assgnmt/MsgId")
        check.demandText(verificationIdentification, at: "Vrfctn/Id")
        check.demandPresence(
            assignee.country != nil,
            at: "Assgnmt/Assgne/Agt/FinInstnId/PstlAdr/Ctry"
        )
        demandSubject(&check)
        check.demandReference(messageIdentification, at: "Assgnmt/MsgId")
        check.demandReference(verificationIdentification, at: "Vrfctn/Id")
        if let creator { check.demandParty(creator, at: "Assgnmt/Cretr/Pty") }
        check.demandAgent(firstAgent, .rc06, at: "Assgnmt/FrstAgt")
        check.demandAgent(assigner, .agnt, at: "Assgnmt/Assgnr/Agt")
        check.demandAgent(assignee, .agnt, at: "Assgnmt/Assgne/Agt")
        if let agent { check.demandAgent(agent, .rc07, at: "Vrfctn/PtyAndAcctId/Agt") }
        if let party { check.demandParty(party, at: "Vrfctn/PtyAndAcctId/Pty") }
        if let account {
            check.demandAccount(account, .ac01, proxy: .be23, at: "Vrfctn/PtyAndAcctId/Acct")
        }
        return check.rejections
    }

    /// One of IBAN, account number with its agent, proxy.
    private func demandSubject(_ check: inout ProfileCheck) {
        let path = "Vrfctn/PtyAndAcctId/Acct"
        check.demand(
            account?.identification != nil || account?.proxy != nil,
            .ch21,
            at: path,
            expected: "an account number or a proxy",
            found: "neither"
        )
        check.demand(
            account?.identification == nil || account?.proxy == nil,
            .ff01,
            at: path,
            expected: "an account number or a proxy",
            found: "both"
        )
        guard case .other = account?.identification else { return }
        check.demand(
            agent != nil,
            .ch21,
            at: "Vrfctn/PtyAndAcctId/Agt",
            expected: "the institution of the account number",
            found: "none"
        )
    }
}

extension IdentificationVerificationReport {
    /// Every breach of the network's rules that the message alone shows, in rulebook order.
    /// That the original block is an exact copy is for the role that kept the request.
    public func violations() -> [Rejection] {
        var check = ProfileCheck(root: "/Document/IdVrfctnRpt")
        check.demandText(messageIdentification, at: "Assgnmt/MsgId")
        check.demandText(originalIdentification, at: "Rpt/OrgnlId")
        demandOutcome(&check)
        check.demandReference(messageIdentification, at: "Assgnmt/MsgId")
        check.demandReference(originalIdentification, at: "Rpt/OrgnlId")
        if let creator { check.demandParty(creator, at: "Assgnmt/Cretr/Pty") }
        check.demandAgent(firstAgent, .rc06, at: "Assgnmt/FrstAgt")
        check.demandAgent(assigner, .agnt, at: "Assgnmt/Assgnr/Agt")
        check.demandAgent(assignee, .agnt, at: "Assgnmt/Assgne/Agt")
        demandUpdate(&check)
        return check.rejections
    }

    private func demandOutcome(_ check: inout ProfileCheck) {
        check.demandPresence(
            originalParty != nil || originalAccount != nil || originalAgent != nil,
            at: "Rpt/OrgnlPtyAndAcctId"
        )
        guard verification else {
            check.demand(
                reason != nil,
                .ch21,
                at: "Rpt/Rsn/Cd",
                expected: "a reason with false",
                found: "none"
            )
            // Reasons of payments are admitted as well: the list of verifications is too small.
            if reason.map(ExternalCodeSet.statusReason.contains) != true {
                check.demandCode(reason, in: .verificationReason, at: "Rpt/Rsn/Cd")
            }
            return
        }
        check.demand(
            reason == nil,
            .ff01,
            at: "Rpt/Rsn",
            expected: "no reason with true",
            found: "a reason"
        )
        check.demandPresence(
            updatedAccount?.identification != nil,
            at: "Rpt/UpdtdPtyAndAcctId/Acct/Id"
        )
        guard case .other = updatedAccount?.identification else { return }
        check.demandPresence(updatedAgent != nil, at: "Rpt/UpdtdPtyAndAcctId/Agt")
    }

    private func demandUpdate(_ check: inout ProfileCheck) {
        let path = "Rpt/UpdtdPtyAndAcctId"
        if let party = updatedParty {
            check.demand(
                !(party.name ?? "").utf8.contains(0x2A),
                .rr03,
                at: path + "/Pty/Nm",
                expected: "the full name; only Acct/Nm may be masked",
                found: "a masked name"
            )
            check.demandParty(party, at: path + "/Pty")
        }
        if let account = updatedAccount {
            check.demandAccount(account, .ac01, proxy: .be23, at: path + "/Acct")
        }
        if let agent = updatedAgent { check.demandAgent(agent, .rc07, at: path + "/Agt") }
    }
}

extension ISOMessage {
    /// Every breach of the network's rules that the message alone shows, in rulebook order;
    /// empty for an acceptable message.
    public func violations() -> [Rejection] {
        switch self {
        case .creditTransfer(let message): message.violations()
        case .statusReport(let message): message.violations()
        case .verificationRequest(let message): message.violations()
        case .verificationReport(let message): message.violations()
        }
    }
}
