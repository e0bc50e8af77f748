import SelatISO20022
import SelatLedger
import SelatNode
import SelatScheme
import SelatTime

/// Received pacs.002 and due timers. Source: Specs/States, rules 7, 9, 10 and 11.
extension InstantPaymentSystem {
    /// Which message a pacs.002 is, by who sent it about which payment.
    enum Answer: Hashable, Sendable, CaseIterable {
        /// The S-SAP's.
        case m3
        /// The D-SAP's.
        case m7
        /// The D-PSP's.
        case m9
        /// The hub's, about what it sent.
        case m11
        /// The hub's, about what it was sent.
        case m12
    }

    // MARK: Facts

    func factsForReport(
        _ report: FIToFIPaymentStatusReport,
        from: PartyID,
        known: Facts,
        _ keys: inout [FactKey]
    ) {
        let id = configuration.id
        let uetr = report.originalUETR
        let key = FactKey.payment(id, uetr)
        keys.append(key)
        guard case .payment(let row) = known[key] else { return }
        switch State(row) {
        case .source(.awaitingSourceAccessProvider): keys.append(.instruction(id, uetr))
        case .destination(.awaitingDestinationAccessProvider):
            keys.append(.instruction(id, uetr))
            guard let agents = Payment.agents(stored: row.content) else { return }
            keys.append(.account(settlementAccount(agents.instructing)))
        case .source(.sentToHub):
            // Only the reversal of a 4-step system looks at a balance.
            guard configuration.model == .fourStep, report.transactionStatus == .rejected,
                let agents = Payment.agents(stored: row.content)
            else { return }
            keys.append(.account(settlementAccount(agents.instructed)))
        case .source(.completed), .source(.blocked), .source(.rejected):
            if from == .hub { keys.append(.instruction(id, uetr)) }
        case .destination(.awaitingCreditorAgent), .destination(.awaitingConfirmation),
            .destination(.acceptedWithoutPosting), .destination(.completed),
            .destination(.blocked), .destination(.rejected):
            break
        }
    }

    func factsForTimer(
        _ uetr: UUIDv4,
        version: Int64,
        known: Facts,
        _ keys: inout [FactKey]
    ) {
        let id = configuration.id
        let key = FactKey.payment(id, uetr)
        keys.append(key)
        guard case .payment(let row) = known[key], row.version == version else { return }
        switch State(row) {
        case .source(.sentToHub): keys.append(.instruction(id, uetr))
        case .destination(.awaitingCreditorAgent):
            if configuration.model == .fourStep { keys.append(.instruction(id, uetr)) }
        case .source(.awaitingSourceAccessProvider), .source(.completed), .source(.blocked),
            .source(.rejected), .destination(.awaitingDestinationAccessProvider),
            .destination(.awaitingConfirmation), .destination(.acceptedWithoutPosting),
            .destination(.completed), .destination(.blocked), .destination(.rejected):
            break
        }
    }

    // MARK: Reports

    func receive(
        _ report: FIToFIPaymentStatusReport,
        from: PartyID,
        event: Event,
        facts: Facts,
        _ decision: inout Decision
    ) {
        let uetr = report.originalUETR
        guard let row = facts.payment(configuration.id, uetr) else {
            decision = receiveUnknown(report, from: from, event: event)
            return
        }
        let state = State(row)
        var draft = Draft(self, event, uetr, row)
        let status = PaymentStatus(report)
        guard let answer = answer(from: from, in: state, draft) else {
            decision = refuse(
                .security,
                uetr: uetr,
                "\(from) sent \(status.text) about a payment it was not asked about"
            )
            return
        }
        guard matches(report, answer, draft.payment) else {
            decision = refuse(
                .notice,
                uetr: uetr,
                "\(from) sent \(status.text) about a MsgId that is not this payment's"
            )
            return
        }
        swap(&draft.decision, &decision)
        switch (state, answer) {
        case (.source(let state), .m3): draft.receiveM3(status, in: state, facts: facts)
        case (.source(let state), .m12): draft.receiveM12(status, in: state, facts: facts)
        case (.destination(let state), .m7): draft.receiveM7(status, in: state, facts: facts)
        case (.destination(let state), .m9): draft.receiveM9(status, in: state)
        case (.destination(let state), .m11): draft.receiveM11(status, in: state)
        case (.source, .m7), (.source, .m9), (.source, .m11), (.destination, .m3),
            (.destination, .m12):
            preconditionFailure("an answer is of its own leg")
        }
        swap(&draft.decision, &decision)
    }

    /// `nil` when `from` was not asked. Rule 9.
    private func answer(from: PartyID, in state: State, _ draft: borrowing Draft) -> Answer? {
        switch state {
        case .source:
            if from == .hub { return .m12 }
            return from == draft.accessProvider ? .m3 : nil
        case .destination:
            if from == .hub { return .m11 }
            if from == draft.accessProvider { return .m7 }
            let creditorAgent = draft.payment.agents.map { party($0.instructed) }
            return draft.payment.onward != nil && from == creditorAgent ? .m9 : nil
        }
    }

    /// The MsgId must be the one that crossed the same hop; where it is left out, the UETR alone
    /// matches. A refusal of a copy never counts, not even under the right MsgId: an altered copy
    /// bears the original's, and its refusal must not release the original. Rule 7.
    private func matches(
        _ report: FIToFIPaymentStatusReport,
        _ answer: Answer,
        _ payment: Payment
    ) -> Bool {
        guard !isRefusalOfCopy(report) else { return false }
        guard let original = report.originalMessageIdentification else { return true }
        switch answer {
        case .m3, .m7: return original == payment.toAccessProvider?.messageIdentification
        case .m9, .m12: return original == payment.onward?.messageIdentification
        case .m11:
            // A tombstone does not know the hub's MsgId yet.
            return payment.original == nil || original == payment.original
                || original == payment.answer?.messageIdentification
        }
    }

    private func isRefusalOfCopy(_ report: FIToFIPaymentStatusReport) -> Bool {
        let reason = report.statusReason.flatMap { ReasonCode($0.code) }
        return report.transactionStatus == .rejected && (reason == .du01 || reason == .du03)
    }

    /// A UETR never seen: the hub's rejection becomes a tombstone, anything else an alert.
    /// Rules 8 and 9.
    private func receiveUnknown(
        _ report: FIToFIPaymentStatusReport,
        from: PartyID,
        event: Event
    ) -> Decision {
        let status = PaymentStatus(report)
        guard from == .hub, status.status == .rejected, !isRefusalOfCopy(report) else {
            return refuse(
                from == .hub || member(from) != nil ? .notice : .security,
                uetr: report.originalUETR,
                "\(from) sent \(status.text) about an unknown payment"
            )
        }
        var draft = Draft(
            self,
            event,
            first: report.originalUETR,
            Payment(sender: .hub, original: nil)
        )
        let reason = draft.reason(of: status, "M11")
        draft.payment.outcome = .rejected(reason)
        draft.payment.answer = draft.mint(.m10)
        draft.move(
            to: .destination(.rejected),
            due: nil,
            cause: "M11 RJCT \(reason), unseen"
        )
        return draft.finish()
    }

    // MARK: Timers

    func timerFired(
        _ uetr: UUIDv4,
        version: Int64,
        event: Event,
        facts: Facts
    ) -> Decision {
        guard let row = facts.payment(configuration.id, uetr), row.version == version,
            let due = row.due, event.at >= due
        else { return .nothing }
        var draft = Draft(self, event, uetr, row)
        switch State(row) {
        case .source(.awaitingSourceAccessProvider): draft.expireSourceAccessProvider()
        case .source(.sentToHub): draft.enquireAtHub(facts: facts)
        case .destination(.awaitingDestinationAccessProvider):
            draft.expireDestinationAccessProvider()
        case .destination(.awaitingCreditorAgent):
            switch configuration.model {
            case .fourStep: draft.enquireAtCreditorAgent(facts: facts)
            case .fiveStep: draft.expireCreditorAgent()
            }
        case .destination(.awaitingConfirmation): draft.askForConfirmation()
        case .source(.completed), .source(.blocked), .source(.rejected),
            .destination(.acceptedWithoutPosting), .destination(.completed),
            .destination(.blocked), .destination(.rejected):
            break
        }
        return draft.finish()
    }
}
