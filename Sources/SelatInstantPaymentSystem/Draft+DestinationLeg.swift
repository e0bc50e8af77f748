import SelatISO20022
import SelatLedger
import SelatMoney
import SelatNode
import SelatScheme
import SelatTime

/// The destination leg. Each method is one or more rows of Specs/States/DestinationSystem.md.
extension Draft {
    // MARK: M5

    /// A first copy that could be read, from the hub.
    mutating func receiveM5(_ transfer: CreditTransfer, facts: Facts) {
        if let reason = refusalOfM5(transfer, facts: facts) { return refuseFirst(reason) }
        if payment.hasDomesticLeg {
            let asked = mint(.m6)
            payment.toAccessProvider = asked
            if let party = accessProvider { forward(transfer.message, as: asked, to: party) }
            move(
                to: .destination(.awaitingDestinationAccessProvider),
                due: event.at + times.destinationAccessProviderAnswer,
                cause: "M5",
                instruction: .event
            )
        } else {
            askCreditorAgent(transfer.message, cause: "M5", instruction: .event)
        }
    }

    /// The first rule that M5 breaks, in the order of the rulebook.
    private func refusalOfM5(_ transfer: CreditTransfer, facts: Facts) -> ReasonCode? {
        if let reason = system.refusalByContent(transfer) { return reason }
        if let reason = system.refusalByAge(transfer, at: event.at) { return reason }
        if transfer.isHighPriority, !configuration.model.supportsHighPriority { return .ag03 }
        guard let provider = system.member(transfer.instructingAgent),
            provider.isSettlementAccessProvider, provider.isOnNetwork
        else { return .agnt }
        guard let creditorAgent = system.member(transfer.instructedAgent) else { return .rc04 }
        guard creditorAgent.isOnNetwork, transfer.creditorAgent == transfer.instructedAgent else {
            return .agnt
        }
        let amount = transfer.settlementAmount
        guard amount.minorUnits <= configuration.maximumAmount.minorUnits else { return .am13 }
        if facts.congested.contains(provider.party) { return .ab10 }
        return facts.congested.contains(creditorAgent.party) ? .ab08 : nil
    }

    /// M8. In 5-step a deadline runs; in 4-step the D-PSP credits before it answers, so it is
    /// only ever asked again.
    private mutating func askCreditorAgent(
        _ instruction: FIToFICustomerCreditTransfer,
        cause: String,
        instruction source: InstructionSource? = nil
    ) {
        let onward = mint(.m8)
        payment.onward = onward
        payment.lastEnquiry = nil
        forward(instruction, as: onward, to: onwardParty)
        let wait =
            switch configuration.model {
            case .fourStep: times.backoff(times.creditorAgentEnquiry, attempt: 0)
            case .fiveStep: times.creditorAgentAnswer
            }
        move(
            to: .destination(.awaitingCreditorAgent),
            due: event.at + wait,
            cause: cause,
            instruction: source
        )
    }

    // MARK: M7

    /// The D-SAP's answer to M6.
    mutating func receiveM7(
        _ status: PaymentStatus,
        in state: InstantPaymentSystem.DestinationState,
        facts: Facts
    ) {
        switch state {
        case .awaitingDestinationAccessProvider:
            guard !isOverdue else { return expireDestinationAccessProvider() }
            decideOnM7(status, facts: facts)
        case .awaitingCreditorAgent, .awaitingConfirmation, .acceptedWithoutPosting:
            guard status.status != .acceptedTechnicalValidation else { return }
            alert(.incident, "the D-SAP answered \(status.text) after its ACTC")
        case .completed, .blocked:
            guard status.status == .acceptedTechnicalValidation else {
                return alert(.incident, "the D-SAP answered \(status.text) after its ACTC")
            }
            repeatAccessProviderNotice()
        case .rejected:
            switch status.status {
            case .acceptedTechnicalValidation: repeatAccessProviderNotice()
            case .rejected: break
            case .acceptedCreditSettlementCompleted, .blocked, .acceptedWithoutPosting:
                alert(.notice, "the D-SAP answered \(status.text) after the rejection")
            }
        }
    }

    private mutating func decideOnM7(_ status: PaymentStatus, facts: Facts) {
        switch status.status {
        case .acceptedTechnicalValidation: reserve(facts: facts)
        case .rejected:
            finishDestination(
                .rejected(reason(of: status, "M7")),
                cause: "M7 \(status.text)",
                telling: [.hub]
            )
        case .acceptedCreditSettlementCompleted, .blocked, .acceptedWithoutPosting:
            alert(.notice, "the D-SAP answered \(status.text); only ACTC or RJCT counts")
        }
    }

    /// The D-SAP's settlement balance decides whether the D-PSP hears of the payment.
    private mutating func reserve(facts: Facts) {
        guard case .iso(.creditTransfer(let kept))? = facts.instruction(configuration.id, uetr),
            let agents = payment.agents, let amount = payment.amount
        else { preconditionFailure("a payment under way has no kept instruction") }
        let account = facts.account(system.settlementAccount(agents.instructing))
        guard let account, account.covers(amount.minorUnits) else {
            return finishDestination(
                .rejected(.am04),
                cause: "M7 ACTC, RJCT AM04",
                telling: [.hub, .accessProvider]
            )
        }
        book(.pending)
        askCreditorAgent(kept, cause: "M7 ACTC")
    }

    /// The D-SAP did not answer in time.
    mutating func expireDestinationAccessProvider() {
        finishDestination(
            .rejected(.ab06),
            cause: "timer AB06",
            telling: [.hub, .accessProvider]
        )
    }

    // MARK: M9

    /// The D-PSP's answer to M8.
    mutating func receiveM9(
        _ status: PaymentStatus,
        in state: InstantPaymentSystem.DestinationState
    ) {
        switch state {
        case .awaitingDestinationAccessProvider:
            alert(.security, "the D-PSP answered \(status.text) to what it was not sent")
        case .awaitingCreditorAgent:
            switch configuration.model {
            case .fourStep: break
            case .fiveStep: guard !isOverdue else { return expireCreditorAgent() }
            }
            decideOnM9(status, in: state)
        case .acceptedWithoutPosting: decideOnM9(status, in: state)
        case .awaitingConfirmation: judgeSecondM9(status, isFinal: false)
        case .completed, .blocked: judgeSecondM9(status, isFinal: true)
        case .rejected: judgeLateM9(status)
        }
    }

    private mutating func decideOnM9(
        _ status: PaymentStatus,
        in state: InstantPaymentSystem.DestinationState
    ) {
        switch status.status {
        case .acceptedCreditSettlementCompleted: promise(.completed, cause: "M9 ACCC")
        case .blocked: promise(.blocked, cause: "M9 BLCK")
        case .rejected:
            let reason = reason(of: status, "M9")
            promise(.rejected(reason), cause: "M9 RJCT \(reason)")
        case .acceptedWithoutPosting: acceptWithoutPosting(in: state)
        case .acceptedTechnicalValidation:
            alert(.notice, "the D-PSP answered \(status.text), which is no answer of a D-PSP")
        }
    }

    /// 4-step: the answer is the end. 5-step: it is a promise, except that a HIGH payment's
    /// rejection needs nobody's consent.
    private mutating func promise(_ outcome: Outcome, cause: String) {
        switch configuration.model {
        case .fourStep:
            return finishDestination(outcome, cause: cause, telling: [.hub, .accessProvider])
        case .fiveStep: break
        }
        if case .rejected = outcome, payment.isHigh {
            return finishDestination(
                outcome,
                cause: cause,
                telling: [.hub, .accessProvider, .creditorAgent]
            )
        }
        payment.outcome = outcome
        payment.answer = mint(.m10)
        payment.enquiries = 0
        move(
            to: .destination(.awaitingConfirmation),
            due: event.at + times.backoff(times.confirmation, attempt: 0),
            cause: cause
        )
        repeatAnswer()
    }

    /// ACWP: everything stays reserved and no timer runs. NORM only.
    private mutating func acceptWithoutPosting(in state: InstantPaymentSystem.DestinationState) {
        guard state == .awaitingCreditorAgent else { return }
        guard !payment.isHigh else {
            return alert(.notice, "the D-PSP answered ACWP to a HIGH payment; the timer decides")
        }
        move(to: .destination(.acceptedWithoutPosting), due: nil, cause: "M9 ACWP")
        report(
            .acceptedWithoutPosting,
            as: mint(.interim),
            to: payment.sender,
            original: payment.original
        )
    }

    /// The first answer stands.
    private mutating func judgeSecondM9(_ status: PaymentStatus, isFinal: Bool) {
        guard let outcome = payment.outcome else {
            preconditionFailure("an answered payment has an outcome")
        }
        guard status.status == outcome.status.status else {
            return alert(
                .incident,
                "the D-PSP answered \(status.text) after \(outcome.status.text)"
            )
        }
        if isFinal { repeatCreditorAgentNotice() }
    }

    private mutating func judgeLateM9(_ status: PaymentStatus) {
        switch (configuration.model, status.status) {
        case (_, .rejected): break
        case (.fiveStep, .acceptedCreditSettlementCompleted), (.fiveStep, .blocked),
            (.fiveStep, .acceptedWithoutPosting):
            repeatCreditorAgentNotice()
        case (.fourStep, .acceptedCreditSettlementCompleted), (.fourStep, .blocked),
            (.fourStep, .acceptedWithoutPosting), (_, .acceptedTechnicalValidation):
            alert(.incident, "the D-PSP answered \(status.text) after the rejection")
        }
    }

    /// 5-step: the D-PSP did not answer in time.
    mutating func expireCreditorAgent() {
        finishDestination(
            .rejected(.ab05),
            cause: "timer AB05",
            telling: [.hub, .accessProvider, .creditorAgent]
        )
    }

    // MARK: Timers

    /// 4-step: M8 as stored. It never releases.
    mutating func enquireAtCreditorAgent(facts: Facts) {
        sendOnward(facts: facts)
        payment.enquiries += 1
        payment.lastEnquiry = event.at
        let wait = times.backoff(times.creditorAgentEnquiry, attempt: payment.enquiries)
        move(
            to: .destination(.awaitingCreditorAgent),
            due: event.at + wait,
            cause: "timer enquiry"
        )
    }

    /// 5-step: M10 as stored, until the hub confirms. It never releases.
    mutating func askForConfirmation() {
        payment.enquiries += 1
        move(
            to: .destination(.awaitingConfirmation),
            due: event.at + times.backoff(times.confirmation, attempt: payment.enquiries),
            cause: "timer confirmation"
        )
        repeatAnswer()
    }
}
