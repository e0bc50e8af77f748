extension FIToFIPaymentStatusReport {
    /// Every breach of the network's rules that the message alone shows, in rulebook order.
    /// Who may send which status, and when, are the roles' rules.
    public func violations() -> [Rejection] {
        var check = ProfileCheck(root: "/Document/FIToFIPmtStsRpt")
        check.demandText(messageIdentification, at: "GrpHdr/MsgId")
        demandReason(&check)
        check.demandReference(messageIdentification, at: "GrpHdr/MsgId")
        check.demandReference(statusIdentification, at: "TxInfAndSts/StsId")
        check.demandReference(
            originalMessageIdentification,
            at: "TxInfAndSts/OrgnlGrpInf/OrgnlMsgId"
        )
        check.demandReference(
            originalMessageNameIdentification,
            at: "TxInfAndSts/OrgnlGrpInf/OrgnlMsgNmId"
        )
        check.demandReference(originalInstructionIdentification, at: "TxInfAndSts/OrgnlInstrId")
        check.demandReference(originalEndToEndIdentification, at: "TxInfAndSts/OrgnlEndToEndId")
        check.demandReference(originalTransactionIdentification, at: "TxInfAndSts/OrgnlTxId")
        check.demandReference(clearingSystemReference, at: "TxInfAndSts/ClrSysRef")
        check.demandAgent(instructingAgent, .agnt, at: "TxInfAndSts/InstgAgt")
        check.demandAgent(instructedAgent, .agnt, at: "TxInfAndSts/InstdAgt")
        return check.rejections
    }

    private func demandReason(_ check: inout ProfileCheck) {
        let path = "TxInfAndSts/StsRsnInf"
        check.demand(
            transactionStatus != .rejected || statusReason != nil,
            .ch21,
            at: path + "/Rsn/Cd",
            expected: "a reason with RJCT",
            found: "none"
        )
        guard let statusReason else { return }
        check.demandCode(statusReason.code, in: .statusReason, at: path + "/Rsn/Cd")
        check.demand(
            statusReason.code != "NARR" || !statusReason.additionalInformation.isEmpty,
            .ch21,
            at: path + "/AddtlInf",
            expected: "the narrative that NARR announces",
            found: "none"
        )
        check.demandCharacters(statusReason.originatorName, at: path + "/Orgtr/Nm")
        for line in statusReason.additionalInformation {
            check.demandCharacters(line, at: path + "/AddtlInf")
        }
    }
}
