import SelatISO20022
import SelatLedger
import SelatMoney
import SelatNode
import SelatScheme
import SelatTime

/// The source leg. Each method is one or more rows of Specs/States/SourceSystem.md.
extension Draft {
    // MARK: M1

    /// A first copy that could be read, from the S-PSP itself.
    mutating func receiveM1(_ transfer: CreditTransfer, facts: Facts) {
        if let reason = refusalOfM1(transfer, facts: facts) { return refuseFirst(reason) }
        if transfer.message.clearingSystemReference == nil {
            payment.clearingSystemReference = mint(.clearingSystemReference).messageIdentification
        }
        if payment.hasDomesticLeg {
            let asked = mint(.m2)
            payment.toAccessProvider = asked
            book(.pending)
            if let party = accessProvider { forward(transfer.message, as: asked, to: party) }
            move(
                to: .source(.awaitingSourceAccessProvider),
                due: event.at + times.sourceAccessProviderAnswer,
                cause: "M1",
                instruction: .event
            )
        } else {
            sendToHub(transfer.message, cause: "M1", instruction: .event)
        }
    }

    /// The first rule that M1 breaks, in the order of the rulebook. The last ones are about this
    /// moment: the way to the hub and to the S-SAP, and the S-PSP's own balance.
    private func refusalOfM1(_ transfer: CreditTransfer, facts: Facts) -> ReasonCode? {
        if let reason = system.refusalByContent(transfer) { return reason }
        guard system.member(transfer.instructingAgent)?.isOnNetwork == true else { return .agnt }
        if let reason = system.refusalByAge(transfer, at: event.at) { return reason }
        guard let provider = system.member(transfer.instructedAgent),
            provider.isSettlementAccessProvider, provider.isOnNetwork,
            transfer.message.intermediaryAgent1?.bicfi == transfer.instructedAgent
        else { return .rc11 }
        let amount = transfer.settlementAmount
        guard amount.minorUnits <= configuration.maximumAmount.minorUnits else { return .am13 }
        if facts.isClosed(to: .hub) { return .ed06 }
        guard payment.hasDomesticLeg else { return nil }
        if facts.congested.contains(provider.party) { return .ed06 }
        let account = facts.account(system.settlementAccount(transfer.instructingAgent))
        guard let account, account.covers(amount.minorUnits) else { return .am04 }
        return nil
    }

    /// M4: from here on only the hub's answer ends the payment.
    private mutating func sendToHub(
        _ instruction: FIToFICustomerCreditTransfer,
        cause: String,
        instruction source: InstructionSource? = nil
    ) {
        let onward = mint(.m4)
        payment.onward = onward
        payment.lastEnquiry = nil
        forward(instruction, as: onward, to: .hub)
        move(
            to: .source(.sentToHub),
            due: event.at + times.backoff(times.enquiry, attempt: 0),
            cause: cause,
            instruction: source
        )
    }

    // MARK: M3

    /// The S-SAP's answer to M2.
    mutating func receiveM3(
        _ status: PaymentStatus,
        in state: InstantPaymentSystem.SourceState,
        facts: Facts
    ) {
        switch state {
        case .awaitingSourceAccessProvider:
            guard !isOverdue else { return expireSourceAccessProvider() }
            decideOnM3(status, facts: facts)
        case .sentToHub:
            guard status.status != .acceptedCreditSettlementCompleted else { return }
            alert(.incident, "the S-SAP answered \(status.text) after its ACCC")
        case .completed, .blocked:
            guard status.status == .acceptedCreditSettlementCompleted else {
                return alert(.incident, "the S-SAP answered \(status.text) after its ACCC")
            }
            repeatAccessProviderNoticeIfOwed()
        case .rejected:
            switch status.status {
            case .acceptedCreditSettlementCompleted: repeatAccessProviderNotice()
            case .rejected: break
            case .blocked, .acceptedWithoutPosting, .acceptedTechnicalValidation:
                alert(.notice, "the S-SAP answered \(status.text) after the rejection")
            }
        }
    }

    private mutating func decideOnM3(_ status: PaymentStatus, facts: Facts) {
        switch status.status {
        case .acceptedCreditSettlementCompleted:
            guard case .iso(.creditTransfer(let kept))? = facts.instruction(configuration.id, uetr)
            else { preconditionFailure("a payment under way has no kept instruction") }
            switch configuration.model {
            case .fourStep: book(.post(number: 1))
            case .fiveStep: break
            }
            sendToHub(kept, cause: "M3 ACCC")
        case .rejected:
            finishSource(
                .rejected(reason(of: status, "M3")),
                cause: "M3 \(status.text)",
                booking: .void(number: 1),
                tellsAccessProvider: false
            )
        case .blocked, .acceptedWithoutPosting, .acceptedTechnicalValidation:
            alert(.notice, "the S-SAP answered \(status.text); only ACCC or RJCT counts")
        }
    }

    /// The S-SAP did not answer in time; the hub is not told.
    mutating func expireSourceAccessProvider() {
        finishSource(
            .rejected(.ab06),
            cause: "timer AB06",
            booking: .void(number: 1),
            tellsAccessProvider: true
        )
    }

    // MARK: M12

    /// The hub's answer to M4.
    mutating func receiveM12(
        _ status: PaymentStatus,
        in state: InstantPaymentSystem.SourceState,
        facts: Facts
    ) {
        switch state {
        case .awaitingSourceAccessProvider:
            alert(.incident, "the hub answered \(status.text) to what it was not sent")
        case .sentToHub: decideOnM12(status, facts: facts)
        case .completed: judgeSecondM12(status, after: .completed, facts: facts)
        case .blocked: judgeSecondM12(status, after: .blocked, facts: facts)
        case .rejected:
            guard let outcome = payment.outcome else {
                preconditionFailure("a final payment has an outcome")
            }
            judgeSecondM12(status, after: outcome, facts: facts)
        }
    }

    private mutating func decideOnM12(_ status: PaymentStatus, facts: Facts) {
        switch status.status {
        case .acceptedCreditSettlementCompleted: settleSource(.completed, cause: "M12 ACCC")
        case .blocked: settleSource(.blocked, cause: "M12 BLCK")
        case .rejected: releaseSource(reason(of: status, "M12"), facts: facts)
        case .acceptedWithoutPosting:
            report(
                .acceptedWithoutPosting,
                as: mint(.interim),
                to: payment.sender,
                original: payment.original
            )
        case .acceptedTechnicalValidation:
            alert(.notice, "the hub answered \(status.text), which never leaves a country")
        }
    }

    private mutating func settleSource(_ outcome: Outcome, cause: String) {
        switch configuration.model {
        case .fourStep:
            finishSource(outcome, cause: cause, booking: nil, tellsAccessProvider: false)
        case .fiveStep:
            finishSource(
                outcome,
                cause: cause,
                booking: .post(number: 1),
                tellsAccessProvider: true
            )
        }
    }

    private mutating func releaseSource(_ reason: ReasonCode, facts: Facts) {
        switch configuration.model {
        case .fourStep:
            warnBelowFloor(facts: facts)
            finishSource(
                .rejected(reason),
                cause: "M12 RJCT \(reason)",
                booking: .reverse(number: 2),
                tellsAccessProvider: true
            )
        case .fiveStep:
            finishSource(
                .rejected(reason),
                cause: "M12 RJCT \(reason)",
                booking: .void(number: 1),
                tellsAccessProvider: true
            )
        }
    }

    /// The scheme demands the reversal whatever the S-SAP's balance; a person must see it.
    private mutating func warnBelowFloor(facts: Facts) {
        guard payment.hasDomesticLeg, let agents = payment.agents, let amount = payment.amount,
            let account = facts.account(system.settlementAccount(agents.instructed)),
            !account.covers(amount.minorUnits)
        else { return }
        alert(.notice, "reversing a rejected payment takes \(agents.instructed) below its floor")
    }

    /// Rule 10: the same final again is nothing new; another one is an incident, and the hub is
    /// asked once more, at most once per interval.
    private mutating func judgeSecondM12(
        _ status: PaymentStatus,
        after outcome: Outcome,
        facts: Facts
    ) {
        switch status.status {
        case outcome.status.status: return
        case .acceptedCreditSettlementCompleted, .blocked, .rejected:
            alert(.incident, "the hub answered \(status.text) after \(outcome.status.text)")
            guard payment.onward != nil, mayEnquire else { return }
            sendOnward(facts: facts)
            payment.lastEnquiry = event.at
            move(to: .source(finalState(of: outcome)), due: nil, cause: "M12 \(status.text)")
        case .acceptedWithoutPosting, .acceptedTechnicalValidation:
            alert(.notice, "the hub answered \(status.text) after \(outcome.status.text)")
        }
    }

    // MARK: Timer

    /// The enquiry: M4 as stored. It never releases and never rejects.
    mutating func enquireAtHub(facts: Facts) {
        sendOnward(facts: facts)
        payment.enquiries += 1
        payment.lastEnquiry = event.at
        move(
            to: .source(.sentToHub),
            due: event.at + times.backoff(times.enquiry, attempt: payment.enquiries),
            cause: "timer enquiry"
        )
    }

    // MARK: Ending

    private func finalState(of outcome: Outcome) -> InstantPaymentSystem.SourceState {
        switch outcome {
        case .completed: .completed
        case .blocked: .blocked
        case .rejected: .rejected
        }
    }

    /// Every end of a payment that got past its first checks. M15 is made in any case, so that
    /// a contradicting S-SAP can be told later; whether it is sent now is the table's business.
    private mutating func finishSource(
        _ outcome: Outcome,
        cause: String,
        booking: Journal.Action?,
        tellsAccessProvider: Bool
    ) {
        payment.outcome = outcome
        payment.lastEnquiry = nil
        payment.answer = mint(.m16)
        if payment.toAccessProvider != nil { payment.accessProviderNotice = mint(.m15) }
        if let booking { book(booking) }
        move(to: .source(finalState(of: outcome)), due: nil, cause: cause)
        if tellsAccessProvider { repeatAccessProviderNotice() }
        repeatAnswer()
    }

    /// M15 to an S-SAP that answers twice: only where one was owed.
    private mutating func repeatAccessProviderNoticeIfOwed() {
        switch configuration.model {
        case .fourStep: return
        case .fiveStep: repeatAccessProviderNotice()
        }
    }

    /// A RJCT without a reason goes on with NARR: a final must not be lost for its form.
    /// Specs/Decisions/0008.
    mutating func reason(of status: PaymentStatus, _ name: String) -> ReasonCode {
        if let reason = status.reason { return reason }
        alert(.notice, "\(name) RJCT came without a reason")
        return .narr
    }
}

extension InstantPaymentSystem {
    /// This clearing system, its currency, and an amount above zero.
    func refusalByContent(_ transfer: CreditTransfer) -> ReasonCode? {
        switch transfer.message.clearingSystem {
        case .code(let id), .proprietary(let id):
            guard id == configuration.clearingSystem else { return .ff01 }
        }
        guard transfer.settlementAmount.currency == configuration.currency else { return .curr }
        return transfer.settlementAmount.isPositive ? nil : .am06
    }

    /// TM01: accepted too long ago, or in the future. Only ever asked of a first copy.
    func refusalByAge(_ transfer: CreditTransfer, at now: Instant) -> ReasonCode? {
        let times = configuration.times
        let accepted = transfer.message.acceptanceDateTime
        let limit = transfer.isHighPriority ? times.highAge : times.normalAge
        // Sums saturate, differences of what a peer sends could leave the range.
        let isTooOld = accepted + limit < now
        let isAhead = now + times.clockTolerance < accepted
        return isTooOld || isAhead ? .tm01 : nil
    }
}
