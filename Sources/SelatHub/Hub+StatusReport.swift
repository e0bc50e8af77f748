import SelatISO20022
import SelatNode
import SelatScheme
import SelatTime

/// M10: the destination's answer, and what it ends. Source: Specs/States/Hub.md.
extension Hub {
    func receive(
        _ report: FIToFIPaymentStatusReport,
        from sender: PartyID,
        event: Event,
        facts: Facts,
        _ decision: inout Decision
    ) {
        let uetr = report.originalUETR
        guard let row = facts.payment(event.instance, uetr) else {
            decision = .alert(
                .notice,
                uetr,
                "\(sender) reported on a payment that is not known here"
            )
            return
        }
        let payment = Payment.stored(row.content)
        guard let route = payment.route, route.destination == sender else {
            decision = .alert(
                .security,
                uetr,
                "\(sender) answered for a payment it was not asked about"
            )
            return
        }
        if let objection = objection(to: report, route) {
            decision = .alert(.notice, uetr, objection)
            return
        }
        let answer = Answer(report)
        switch State(row) {
        case .forwarded:
            if route.isHighPriority, let due = row.due, event.at >= due {
                endLate(uetr, row, payment, route, answer, event: event, &decision)
            } else {
                forwarded(uetr, row, payment, route, answer, event: event, &decision)
            }
        case .acceptedWithoutPosting:
            acceptedWithoutPosting(uetr, row, payment, route, answer, event: event, &decision)
        case .completed:
            decision = afterFinal(uetr, payment, answer, agrees: answer.isAccepted)
        case .blocked: decision = afterFinal(uetr, payment, answer, agrees: answer.isBlocked)
        case .rejectedByDestination:
            decision = afterFinal(uetr, payment, answer, agrees: answer.isRejected)
        case .rejectedByDeadline: decision = afterDeadline(uetr, payment, answer)
        case .rejectedByHub: preconditionFailure("a payment refused by the hub has no route")
        }
    }

    /// Why a report of the right party is not about M5: `nil` when it is.
    private func objection(
        to report: FIToFIPaymentStatusReport,
        _ route: Payment.Route
    ) -> String? {
        if let original = report.originalMessageIdentification,
            original != route.onwardIdentification
        {
            return "\(route.destination) answered a message that was not sent for this payment"
        }
        // Refusals of copies. With the right MsgId too: an altered copy bears the original's.
        if report.transactionStatus == .rejected, let code = report.statusReason?.code,
            code == ReasonCode.du01.code || code == ReasonCode.du03.code
        {
            return "\(route.destination) refused a copy (\(code)); the payment stands as it was"
        }
        return nil
    }

    // MARK: Open payments

    private func forwarded(
        _ uetr: UUIDv4,
        _ row: PaymentRow,
        _ payment: Payment,
        _ route: Payment.Route,
        _ answer: Answer,
        event: Event,
        _ decision: inout Decision
    ) {
        switch answer {
        case .accepted, .blocked, .rejected:
            end(uetr, row, payment, route, Ending(answer), event: event, &decision)
        case .acceptedWithoutPosting where route.isHighPriority:
            decision = .alert(.incident, uetr, "ACWP for a HIGH payment; the deadline decides")
        case .acceptedWithoutPosting:
            decision.payments.append(
                PaymentChange(
                    uetr: uetr,
                    expectedVersion: row.version,
                    state: State.acceptedWithoutPosting.rawValue,
                    due: row.due,
                    content: row.content,
                    cause: "M10 ACWP"
                )
            )
            decision.messages.append(interimReport(of: payment, uetr: uetr, event: event))
        case .other(let status):
            decision = .alert(.incident, uetr, "\(status.rawValue) is no answer to the hub")
        }
    }

    private func acceptedWithoutPosting(
        _ uetr: UUIDv4,
        _ row: PaymentRow,
        _ payment: Payment,
        _ route: Payment.Route,
        _ answer: Answer,
        event: Event,
        _ decision: inout Decision
    ) {
        switch answer {
        case .accepted, .blocked, .rejected:
            end(uetr, row, payment, route, Ending(answer), event: event, &decision)
        case .acceptedWithoutPosting: break
        case .other(let status):
            decision = .alert(.incident, uetr, "\(status.rawValue) is no answer to the hub")
        }
    }

    /// Any answer that finds the deadline passed: first the deadline, then as after it.
    private func endLate(
        _ uetr: UUIDv4,
        _ row: PaymentRow,
        _ payment: Payment,
        _ route: Payment.Route,
        _ answer: Answer,
        event: Event,
        _ decision: inout Decision
    ) {
        end(uetr, row, payment, route, .deadline, event: event, &decision)
        // M11 leaves once: the deadline's own is the answer to the late one.
        decision.alerts += afterDeadline(uetr, payment, answer).alerts
    }

    // MARK: Ended payments

    /// The stored M11 again; whoever contradicts the stored outcome is also an incident.
    private func afterFinal(
        _ uetr: UUIDv4,
        _ payment: Payment,
        _ answer: Answer,
        agrees: Bool
    ) -> Decision {
        var decision = Decision()
        if let confirmation = confirmation(of: payment, uetr: uetr) {
            decision.messages.append(confirmation)
        }
        if !agrees {
            let stored = payment.outcome?.status.rawValue ?? "none"
            let text = "\(answer.text) after the final \(stored); the first stands"
            decision.alerts.append(Alert(answer.isFinal ? .incident : .notice, uetr: uetr, text))
        }
        return decision
    }

    /// The race the deadline has won: expected now and then, so no incident. No M12, no M17.
    private func afterDeadline(_ uetr: UUIDv4, _ payment: Payment, _ answer: Answer) -> Decision {
        var decision = Decision()
        if let confirmation = confirmation(of: payment, uetr: uetr) {
            decision.messages.append(confirmation)
        }
        if !answer.isRejected {
            let text = "\(answer.text) after the deadline; the rejection stands"
            decision.alerts.append(Alert(.notice, uetr: uetr, text))
        }
        return decision
    }
}

/// What a pacs.002 of the destination says.
enum Answer: Hashable {
    case accepted
    case blocked
    case acceptedWithoutPosting
    /// With the reason as it came; `nil` where there was none.
    case rejected(StatusReason?)
    /// Nothing a destination tells the hub.
    case other(TransactionStatus)

    init(_ report: FIToFIPaymentStatusReport) {
        switch report.transactionStatus {
        case .acceptedCreditSettlementCompleted: self = .accepted
        case .blocked: self = .blocked
        case .acceptedWithoutPosting: self = .acceptedWithoutPosting
        case .rejected: self = .rejected(report.statusReason)
        case .acceptedTechnicalValidation: self = .other(report.transactionStatus)
        }
    }

    var isAccepted: Bool { self == .accepted }
    var isBlocked: Bool { self == .blocked }

    var isRejected: Bool {
        if case .rejected = self { return true }
        return false
    }

    var isFinal: Bool { isAccepted || isBlocked || isRejected }

    /// The code.
    var text: String {
        switch self {
        case .accepted: TransactionStatus.acceptedCreditSettlementCompleted.rawValue
        case .blocked: TransactionStatus.blocked.rawValue
        case .acceptedWithoutPosting: TransactionStatus.acceptedWithoutPosting.rawValue
        case .rejected: TransactionStatus.rejected.rawValue
        case .other(let status): status.rawValue
        }
    }
}
