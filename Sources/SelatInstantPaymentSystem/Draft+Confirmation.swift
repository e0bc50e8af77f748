import SelatISO20022
import SelatLedger
import SelatNode
import SelatScheme
import SelatTime

/// M11 and the ends of the destination leg. Source: Specs/States/DestinationSystem.md.
extension Draft {
    /// Who is told of an end, beside what is stored for those who ask again.
    enum Told {
        /// M10.
        case hub
        /// M13.
        case accessProvider
        /// M14; in a 4-step system there is none.
        case creditorAgent
    }

    /// The hub's word on a payment that it sent.
    mutating func receiveM11(
        _ status: PaymentStatus,
        in state: InstantPaymentSystem.DestinationState
    ) {
        switch state {
        case .awaitingDestinationAccessProvider: receiveEarlyM11(status)
        case .awaitingCreditorAgent:
            switch configuration.model {
            case .fourStep: brokenConfirmation(status)
            case .fiveStep: receiveEarlyM11(status)
            }
        case .awaitingConfirmation: confirm(status)
        case .acceptedWithoutPosting: brokenConfirmation(status)
        case .completed, .blocked: judgeLateM11(status)
        case .rejected:
            switch status.status {
            case .rejected: break
            case .acceptedCreditSettlementCompleted, .blocked, .acceptedWithoutPosting,
                .acceptedTechnicalValidation:
                contradict(status)
            }
        }
    }

    /// Before anything was promised the hub can only reject. A deadline that has passed comes
    /// first; what the hub says is then measured against that.
    private mutating func receiveEarlyM11(_ status: PaymentStatus) {
        let isRejection = status.status == .rejected
        if !isRejection { brokenConfirmation(status) }
        if isOverdue {
            return payment.onward == nil ? expireDestinationAccessProvider() : expireCreditorAgent()
        }
        guard isRejection else { return }
        let reason = reason(of: status, "M11")
        finishDestination(
            .rejected(reason),
            cause: "M11 RJCT \(reason)",
            telling: [.accessProvider, .creditorAgent]
        )
    }

    /// 5-step: what was promised is confirmed, or, for HIGH, overruled.
    private mutating func confirm(_ status: PaymentStatus) {
        guard let promised = payment.outcome else {
            preconditionFailure("a promise has an outcome")
        }
        if status.status == promised.status.status {
            return endDestination(promised, cause: "M11 \(promised.status.text)")
        }
        guard status.status == .rejected, payment.isHigh else { return brokenConfirmation(status) }
        let reason = reason(of: status, "M11")
        payment.answer = mint(.m10)
        endDestination(.rejected(reason), cause: "M11 RJCT \(reason)")
    }

    /// The end of a confirmed or overruled promise; the hub knows it already.
    private mutating func endDestination(_ outcome: Outcome, cause: String) {
        finishDestination(outcome, cause: cause, telling: [.accessProvider, .creditorAgent])
    }

    private mutating func judgeLateM11(_ status: PaymentStatus) {
        guard status.status != payment.outcome?.status.status else { return }
        brokenConfirmation(status)
    }

    /// M10 as stored, so that the hub learns what stands here; at most once per interval, or
    /// two nodes that disagree would answer each other for ever.
    private mutating func contradict(_ status: PaymentStatus) {
        brokenConfirmation(status)
        guard mayEnquire else { return }
        payment.lastEnquiry = event.at
        move(to: .destination(.rejected), due: nil, cause: "M11 \(status.text)")
        repeatAnswer()
    }

    private mutating func brokenConfirmation(_ status: PaymentStatus) {
        let known = payment.outcome.map(\.status.text) ?? "nothing was promised"
        alert(.incident, "the hub confirmed \(status.text); here: \(known)")
    }

    /// Every end of a payment that got past its first checks. The three notices are made in any
    /// case, so that whoever answers late can be told; `told` says who hears it now.
    mutating func finishDestination(_ outcome: Outcome, cause: String, telling told: [Told]) {
        payment.outcome = outcome
        if told.contains(.hub) || payment.answer == nil { payment.answer = mint(.m10) }
        payment.lastEnquiry = nil
        if payment.toAccessProvider != nil { payment.accessProviderNotice = mint(.m13) }
        if payment.onward != nil {
            switch outcome {
            case .completed, .blocked: book(.post(number: 1))
            case .rejected: book(.void(number: 1))
            }
            switch configuration.model {
            case .fourStep: break
            case .fiveStep: payment.creditorAgentNotice = mint(.m14)
            }
        }
        move(to: .destination(finalState(of: outcome)), due: nil, cause: cause)
        for party in told {
            switch party {
            case .hub: repeatAnswer()
            case .accessProvider: repeatAccessProviderNotice()
            case .creditorAgent: repeatCreditorAgentNotice()
            }
        }
    }

    private func finalState(of outcome: Outcome) -> InstantPaymentSystem.DestinationState {
        switch outcome {
        case .completed: .completed
        case .blocked: .blocked
        case .rejected: .rejected
        }
    }
}
