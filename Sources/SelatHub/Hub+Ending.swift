import SelatISO20022
import SelatLedger
import SelatNode
import SelatScheme
import SelatTime

/// How an open payment ends: by the destination's answer or, HIGH only, by the deadline.
struct Ending {
    let state: Hub.State
    let status: TransactionStatus
    let reason: StatusReason?
    let cause: String
    var alerts: [String] = []

    private init(
        _ state: Hub.State,
        _ status: TransactionStatus,
        _ reason: StatusReason? = nil,
        cause: String
    ) {
        self.state = state
        self.status = status
        self.reason = reason
        self.cause = cause
    }

    /// The hub's deadline has passed.
    static let deadline = Ending(
        .rejectedByDeadline,
        .rejected,
        StatusReason(
            originatorName: "hub",
            code: ReasonCode.ab03.code,
            additionalInformation: ["HIGH deadline passed"]
        ),
        cause: "deadline AB03"
    )

    /// A final answer of the destination. A rejection whose reason is missing or not on the list
    /// becomes NARR: a final must not be lost for its form. Specs/Decisions/0008.
    init(_ answer: Answer) {
        switch answer {
        case .accepted:
            self.init(.completed, .acceptedCreditSettlementCompleted, cause: "M10 ACCC")
        case .blocked: self.init(.blocked, .blocked, cause: "M10 BLCK")
        case .rejected(let reason?) where StatusReasons.isComplete(reason):
            self.init(
                .rejectedByDestination,
                .rejected,
                reason,
                cause: "M10 RJCT \(reason.code)"
            )
        case .rejected(let reason):
            self.init(
                .rejectedByDestination,
                .rejected,
                StatusReason(
                    originatorName: "hub",
                    code: ReasonCode.narr.code,
                    additionalInformation: ["The destination gave no listed reason"]
                ),
                cause: "M10 RJCT NARR"
            )
            alerts = [
                reason == nil
                    ? "RJCT without a reason; told as NARR"
                    : "RJCT with a reason outside the list; told as NARR"
            ]
        case .acceptedWithoutPosting, .other:
            preconditionFailure("only a final answer ends a payment")
        }
    }
}

extension Hub {
    /// Posts or voids, confirms to the destination, tells the source and, when money moved, the
    /// provider.
    func end(
        _ uetr: UUIDv4,
        _ row: PaymentRow,
        _ payment: Payment,
        _ route: Payment.Route,
        _ ending: Ending,
        event: Event,
        _ decision: inout Decision
    ) {
        let payment = Payment(
            origin: payment.origin,
            stage: .closed(
                route,
                Payment.Outcome(
                    status: ending.status,
                    reason: ending.reason,
                    at: event.at,
                    outcomeIdentification: identification(event, Purpose.outcome),
                    confirmationIdentification: identification(event, Purpose.confirmation)
                )
            )
        )
        decision.payments.append(
            PaymentChange(
                uetr: uetr,
                expectedVersion: row.version,
                state: ending.state.rawValue,
                due: nil,
                content: payment.record,
                cause: ending.cause
            )
        )
        let moves = ending.status != .rejected
        decision.journals.append(
            journal(
                2,
                moves ? .post(number: 1) : .void(number: 1),
                of: payment,
                uetr: uetr,
                instance: event.instance
            )
        )
        if let confirmation = confirmation(of: payment, uetr: uetr) {
            decision.messages.append(confirmation)
        }
        if let report = outcomeReport(of: payment, uetr: uetr) { decision.messages.append(report) }
        if moves, let notification = notification(of: payment, uetr: uetr) {
            decision.messages.append(notification)
        }
        for text in ending.alerts {
            decision.alerts.append(Alert(.incident, uetr: uetr, text))
        }
    }

    /// HIGH: the deadline has passed, in whatever order inbox and timers stood.
    func endByDeadline(
        _ uetr: UUIDv4,
        _ row: PaymentRow,
        _ payment: Payment,
        _ route: Payment.Route,
        event: Event
    ) -> Decision {
        var decision = Decision()
        end(uetr, row, payment, route, .deadline, event: event, &decision)
        return decision
    }

    // MARK: Timer

    func factsForTimer(
        _ uetr: UUIDv4,
        version: Int64,
        event: Event,
        known: Facts
    ) -> [FactKey] {
        let payment = FactKey.payment(event.instance, uetr)
        if case .payment(let row) = known[payment], row.version == version {
            return [payment, .instruction(event.instance, uetr)]
        }
        return [payment]
    }

    /// The payment's one timer: a HIGH payment's deadline, a NORM payment's next enquiry.
    func timerFired(
        _ uetr: UUIDv4,
        version: Int64,
        event: Event,
        facts: Facts
    ) -> Decision {
        guard let row = facts.payment(event.instance, uetr), row.version == version,
            let due = row.due, event.at >= due
        else { return .nothing }
        let payment = Payment.stored(row.content)
        switch payment.stage {
        case .refused, .closed: return .nothing
        case .open(let route, var onward):
            if route.isHighPriority {
                return endByDeadline(uetr, row, payment, route, event: event)
            }
            onward.enquiries += 1
            var asked = payment
            asked.stage = .open(route, onward)
            let next = event.at + times.backoff(times.enquiry, attempt: onward.enquiries)
            return repeatOnward(
                uetr,
                row,
                asked,
                due: next,
                cause: "timer enquiry",
                event: event,
                facts: facts
            )
        }
    }

    /// M5 as stored. `due` is the next enquiry's; without one no timer is moved.
    func repeatOnward(
        _ uetr: UUIDv4,
        _ row: PaymentRow,
        _ payment: Payment,
        due: Instant? = nil,
        cause: String = "M4 again",
        event: Event,
        facts: Facts
    ) -> Decision {
        guard case .open(let route, var onward) = payment.stage,
            let instruction = facts.instruction(event.instance, uetr)
        else { preconditionFailure("an open payment keeps its M5") }
        var payment = payment
        onward.last = event.at
        payment.stage = .open(route, onward)
        var decision = Decision()
        decision.payments.append(
            PaymentChange(
                uetr: uetr,
                expectedVersion: row.version,
                state: row.state,
                due: due ?? row.due,
                content: payment.record,
                cause: cause
            )
        )
        decision.messages.append(Outgoing(to: route.destination, instruction))
        return decision
    }
}
