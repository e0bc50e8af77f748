import SelatISO20022
import SelatLedger
import SelatNode
import SelatScheme
import SelatTime

/// M4: copies first, then the rulebook's checks, then M5.
extension Hub {
    func factsForInstruction(
        _ message: FIToFICustomerCreditTransfer,
        from sender: PartyID,
        event: Event,
        known: Facts,
        _ keys: inout [FactKey]
    ) {
        guard let uetr = message.uetr, reference.isSystem(sender) else { return }
        let payment = FactKey.payment(event.instance, uetr)
        keys.append(payment)
        keys.append(
            .receipt(
                event.instance,
                sender: sender,
                messageIdentification: message.messageIdentification
            )
        )
        if let quote = message.agreedRate.quoteIdentification {
            keys.append(.record(event.instance, .quote, quote.description))
        }
        // A resend of what is still open repeats M5, which is the kept instruction.
        if case .payment(let row) = known[payment], !State(row).isFinal {
            keys.append(.instruction(event.instance, uetr))
        }
    }

    func receive(
        _ message: FIToFICustomerCreditTransfer,
        from sender: PartyID,
        event: Event,
        facts: Facts,
        _ decision: inout Decision
    ) {
        guard let source = reference.country(of: sender) else {
            decision = .alert(
                .security,
                message.uetr,
                "\(sender) sent a pacs.008 and is no system"
            )
            return
        }
        guard let uetr = message.uetr else {
            decision = .alert(
                .incident,
                nil,
                "\(sender) sent a pacs.008 without UETR: no answer can be"
            )
            return
        }
        let copy = Copy(message, uetr: uetr, from: sender, of: source)
        if let decided = decideCopy(copy, event: event, facts: facts) {
            decision = decided
            return
        }
        do throws(Refusal) {
            let approval = try approve(
                message,
                as: copy.reading,
                from: source,
                event: event,
                facts: facts
            )
            forward(approval, copy, event: event, facts: facts, &decision)
        } catch {
            decision = refuse(copy, error, event: event, facts: facts)
        }
    }

    // MARK: First copies

    /// A first copy that broke a rule: the refusal is this UETR's final state, so that a late
    /// or repeated copy gets the same answer. The quote is not used up.
    func refuse(_ copy: Copy, _ refusal: Refusal, event: Event, facts: Facts) -> Decision {
        let payment = Payment(
            origin: copy.origin,
            stage: .refused(
                Payment.Outcome(
                    status: .rejected,
                    reason: refusal.statusReason,
                    at: event.at,
                    outcomeIdentification: identification(event, Purpose.outcome),
                    confirmationIdentification: nil
                )
            )
        )
        var decision = Decision()
        decision.payments.append(
            PaymentChange(
                uetr: copy.uetr,
                expectedVersion: 0,
                state: State.rejectedByHub.rawValue,
                due: nil,
                content: payment.record,
                cause: "M4 \(refusal.rule.number) RJCT \(refusal.reason)"
            )
        )
        remember(copy, event: event, facts: facts, &decision)
        if let answer = outcomeReport(of: payment, uetr: copy.uetr) {
            decision.messages.append(answer)
        }
        if refusal.rule == .senderSpeaksForInstructingAgent {
            let text = "\(copy.origin.system) spoke for an instructing agent that is not its own"
            decision.alerts.append(Alert(.security, uetr: copy.uetr, text))
        }
        return decision
    }

    /// Past every check: books, uses up the quote, sends M5.
    private func forward(
        _ approval: consuming Approval,
        _ copy: Copy,
        event: Event,
        facts: Facts,
        _ decision: inout Decision
    ) {
        let onward = onwardMessage(approval, event: event)
        let payment = Payment(
            origin: copy.origin,
            stage: .open(
                Payment.Route(approval, onwardIdentification: onward.messageIdentification),
                Payment.Onward(last: event.at, enquiries: 0)
            )
        )
        decision.messages.append(
            Outgoing(to: approval.destination.system, .iso(.creditTransfer(onward)))
        )
        decision.payments.append(
            PaymentChange(
                uetr: copy.uetr,
                expectedVersion: 0,
                state: State.forwarded.rawValue,
                due: approval.deadline ?? event.at + times.backoff(times.enquiry, attempt: 0),
                content: payment.record,
                cause: "M4",
                instruction: .outgoing(0)
            )
        )
        remember(copy, event: event, facts: facts, &decision)
        approval.quote.usedBy = copy.uetr
        decision.records.append(
            RecordChange(
                kind: .quote,
                key: approval.quote.id.description,
                expectedVersion: approval.quoteVersion,
                content: approval.quote.record
            )
        )
        decision.journals.append(
            journal(1, .pending, of: payment, uetr: copy.uetr, instance: event.instance)
        )
    }
}

extension Payment.Route {
    init(_ approval: borrowing Approval, onwardIdentification: String) {
        self.init(
            destination: approval.destination.system,
            provider: approval.quote.provider,
            quote: approval.quote.id,
            rateID: approval.quote.rateID,
            rate: approval.quote.rate,
            source: approval.quote.amounts.sourceSettlement,
            converted: approval.quote.amounts.destinationSettlement,
            schemeFee: approval.quote.schemeFee,
            destinationAccessProvider: approval.quote.intermediaryAgent2.accessProvider,
            creditorAgent: approval.transfer.creditorAgent,
            isHighPriority: approval.transfer.isHighPriority,
            onwardIdentification: onwardIdentification
        )
    }
}
