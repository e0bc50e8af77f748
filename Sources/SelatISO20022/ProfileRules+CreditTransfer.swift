internal import SelatMoney
internal import SelatTime

extension FIToFICustomerCreditTransfer {
    /// Every breach of the network's rules that the message alone shows, in rulebook order:
    /// compulsory elements and codes (CH21), characters, amounts (AM03, CH20, AM06), corridor
    /// (CURR, AB04), agents and accounts. Empty for an acceptable message.
    ///
    /// Rules that need to know the link, the quote, the clock or the directory are the roles'.
    /// `allowingAbsentUETR` is for the source system, which fills in what its PSP left out.
    public func violations(allowingAbsentUETR: Bool = false) -> [Rejection] {
        storage.fields.violations(allowingAbsentUETR: allowingAbsentUETR)
    }
}

// On the fields, so that nothing of a message is copied to be looked at.
extension FIToFICustomerCreditTransfer.Fields {
    fileprivate func violations(allowingAbsentUETR: Bool) -> [Rejection] {
        var check = ProfileCheck(root: "/Document/FIToFICstmrCdtTrf")
        demandElements(&check, allowingAbsentUETR)
        demandCodes(&check)
        demandCharacters(&check)
        demandAmounts(&check)
        demandCorridor(&check)
        demandAgents(&check)
        demandAccounts(&check)
        return check.rejections
    }

    private func demandElements(_ check: inout ProfileCheck, _ allowingAbsentUETR: Bool) {
        check.demandText(messageIdentification, at: "GrpHdr/MsgId")
        switch clearingSystem {
        case .code(let code): check.demandText(code, at: "GrpHdr/SttlmInf/ClrSys/Cd")
        case .proprietary(let name): check.demandText(name, at: "GrpHdr/SttlmInf/ClrSys/Prtry")
        }
        check.demandText(endToEndIdentification, at: "CdtTrfTxInf/PmtId/EndToEndId")
        check.demandPresence(allowingAbsentUETR || uetr != nil, at: "CdtTrfTxInf/PmtId/UETR")
        check.demand(
            chargesInformation.count == 2,
            .ch21,
            at: "CdtTrfTxInf/ChrgsInf",
            expected: "the fees of debtor agent and creditor agent",
            found: "\(chargesInformation.count)"
        )
        check.demandText(debtor.name, at: "CdtTrfTxInf/Dbtr/Nm")
        check.demandPresence(debtorAccount.identification != nil, at: "CdtTrfTxInf/DbtrAcct/Id")
        check.demandText(creditor.name, at: "CdtTrfTxInf/Cdtr/Nm")
        check.demandPresence(creditorAccount.identification != nil, at: "CdtTrfTxInf/CdtrAcct/Id")
    }

    private func demandCodes(_ check: inout ProfileCheck) {
        check.demandCode(
            categoryPurpose,
            in: .categoryPurpose,
            at: "CdtTrfTxInf/PmtTpInf/CtgyPurp/Cd"
        )
        check.demandCode(purpose, in: .purpose, at: "CdtTrfTxInf/Purp/Cd")
        let takesServiceLevel = agreedRate.quoteIdentification == nil
        check.demand(
            chargeBearer == .shared || takesServiceLevel && chargeBearer == .followingServiceLevel,
            .ff01,
            at: "CdtTrfTxInf/ChrgBr",
            expected: takesServiceLevel ? "SHAR or SLEV" : "SHAR",
            found: chargeBearer.rawValue
        )
    }

    private func demandCharacters(_ check: inout ProfileCheck) {
        check.demandReference(messageIdentification, at: "GrpHdr/MsgId")
        switch clearingSystem {
        case .code(let code): check.demandReference(code, at: "GrpHdr/SttlmInf/ClrSys/Cd")
        case .proprietary(let name): check.demandReference(name, at: "GrpHdr/SttlmInf/ClrSys/Prtry")
        }
        check.demandReference(instructionIdentification, at: "CdtTrfTxInf/PmtId/InstrId")
        check.demandReference(endToEndIdentification, at: "CdtTrfTxInf/PmtId/EndToEndId")
        check.demandReference(transactionIdentification, at: "CdtTrfTxInf/PmtId/TxId")
        check.demandReference(clearingSystemReference, at: "CdtTrfTxInf/PmtId/ClrSysRef")
        check.demandParty(debtor, at: "CdtTrfTxInf/Dbtr")
        check.demandParty(creditor, at: "CdtTrfTxInf/Cdtr")
        if let ultimateDebtor { check.demandParty(ultimateDebtor, at: "CdtTrfTxInf/UltmtDbtr") }
        if let ultimateCreditor { check.demandParty(ultimateCreditor, at: "CdtTrfTxInf/UltmtCdtr") }
        guard let remittance = remittanceInformation else { return }
        check.demandCharacters(remittance.unstructured, at: "CdtTrfTxInf/RmtInf/Ustrd")
        for structured in remittance.structured {
            check.demandReference(
                structured.creditorReference,
                at: "CdtTrfTxInf/RmtInf/Strd/CdtrRefInf/Ref"
            )
            for line in structured.additionalRemittanceInformation {
                check.demandCharacters(line, at: "CdtTrfTxInf/RmtInf/Strd/AddtlRmtInf")
            }
        }
    }

    private func demandAmounts(_ check: inout ProfileCheck) {
        check.demandAmount(interbankSettlementAmount, at: "CdtTrfTxInf/IntrBkSttlmAmt")
        check.demandAmount(instructedAmount, at: "CdtTrfTxInf/InstdAmt")
        for index in chargesInformation.indices {
            let amount = chargesInformation[index].amount
            check.demandAmount(amount, at: "CdtTrfTxInf/ChrgsInf[\(index + 1)]/Amt")
            check.demand(
                amount.amount.mantissa >= 0,
                .ff01,
                at: "CdtTrfTxInf/ChrgsInf[\(index + 1)]/Amt",
                expected: "a fee, or 0",
                found: "less than 0"
            )
        }
        check.demand(
            interbankSettlementAmount.amount.mantissa > 0,
            .am06,
            at: "CdtTrfTxInf/IntrBkSttlmAmt",
            expected: "more than 0",
            found: "0 or less"
        )
        check.demand(
            instructedAmount.amount.mantissa > 0,
            .am06,
            at: "CdtTrfTxInf/InstdAmt",
            expected: "more than 0",
            found: "0 or less"
        )
    }

    /// The currencies are those of one corridor: source and destination, from the rate where it
    /// names them, else from the fees.
    private func demandCorridor(_ check: inout ProfileCheck) {
        check.demand(
            ExchangeRate(agreedRate.preAgreedExchangeRate) != nil,
            .ab04,
            at: "CdtTrfTxInf/AgrdRate/PreAgrdXchgRate",
            expected: "a rate above 0",
            found: "0 or less"
        )
        guard chargesInformation.count == 2 else { return }
        let source = chargesInformation[0].amount.currency
        let destination = chargesInformation[1].amount.currency
        check.demand(
            source != destination,
            .curr,
            at: "CdtTrfTxInf/ChrgsInf[2]/Amt",
            expected: "another currency than the first fee's",
            found: "the same"
        )
        check.demand(
            agreedRate.unitCurrency ?? source == source,
            .curr,
            at: "CdtTrfTxInf/AgrdRate/UnitCcy",
            expected: "the currency of the debtor agent's fee",
            found: "another"
        )
        check.demand(
            agreedRate.quotedCurrency ?? destination == destination,
            .curr,
            at: "CdtTrfTxInf/AgrdRate/QtdCcy",
            expected: "the currency of the creditor agent's fee",
            found: "another"
        )
        check.demand(
            interbankSettlementAmount.currency == source
                || interbankSettlementAmount.currency == destination,
            .curr,
            at: "CdtTrfTxInf/IntrBkSttlmAmt",
            expected: "a currency of the corridor",
            found: "another"
        )
        check.demand(
            instructedAmount.currency == source || instructedAmount.currency == destination,
            .curr,
            at: "CdtTrfTxInf/InstdAmt",
            expected: "a currency of the corridor",
            found: "another"
        )
    }

    private func demandAgents(_ check: inout ProfileCheck) {
        for index in chargesInformation.indices {
            check.demandAgent(
                chargesInformation[index].agent,
                .agnt,
                at: "CdtTrfTxInf/ChrgsInf[\(index + 1)]/Agt"
            )
        }
        check.demandAgent(instructingAgent, .agnt, at: "CdtTrfTxInf/InstgAgt")
        check.demandAgent(instructedAgent, .agnt, at: "CdtTrfTxInf/InstdAgt")
        check.demandAgent(debtorAgent, .agnt, at: "CdtTrfTxInf/DbtrAgt")
        check.demandAgent(creditorAgent, .rc07, at: "CdtTrfTxInf/CdtrAgt")
        if let agent = agreedRate.fxAgent {
            check.demandAgent(agent, .agnt, at: "CdtTrfTxInf/AgrdRate/FXAgt")
        }
        if let agent = previousInstructingAgent1 {
            check.demandAgent(agent, .rc11, at: "CdtTrfTxInf/PrvsInstgAgt1")
        }
        if let agent = intermediaryAgent1 {
            check.demandAgent(agent, .rc11, at: "CdtTrfTxInf/IntrmyAgt1")
        }
        if let agent = intermediaryAgent2 {
            check.demandAgent(agent, .rc11, at: "CdtTrfTxInf/IntrmyAgt2")
        }
        guard agreedRate.quoteIdentification == nil else { return }
        // No quote: the debtor agent is its own FX provider, so only the message says where.
        check.demand(
            intermediaryAgent2 != nil,
            .rc11,
            at: "CdtTrfTxInf/IntrmyAgt2",
            expected: "the destination's settlement access provider",
            found: "none, and no quote"
        )
        check.demand(
            intermediaryAgent2Account?.identification != nil,
            .rc11,
            at: "CdtTrfTxInf/IntrmyAgt2Acct",
            expected: "the account there",
            found: "none, and no quote"
        )
    }

    private func demandAccounts(_ check: inout ProfileCheck) {
        if let account = previousInstructingAgent1Account {
            let path = "CdtTrfTxInf/PrvsInstgAgt1Acct"
            check.demandAccount(account, .rc11, proxy: .ff01, at: path)
        }
        if let account = intermediaryAgent1Account {
            let path = "CdtTrfTxInf/IntrmyAgt1Acct"
            check.demandAccount(account, .rc11, proxy: .ff01, at: path)
        }
        if let account = intermediaryAgent2Account {
            let path = "CdtTrfTxInf/IntrmyAgt2Acct"
            check.demandAccount(account, .rc11, proxy: .ff01, at: path)
        }
        check.demandAccount(debtorAccount, .ff01, proxy: .ff01, at: "CdtTrfTxInf/DbtrAcct")
        check.demandAccount(creditorAccount, .ch11, proxy: .ff01, at: "CdtTrfTxInf/CdtrAcct")
    }
}
