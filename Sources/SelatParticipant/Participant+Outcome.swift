import SelatISO20022
import SelatLedger
import SelatMoney
import SelatNode
import SelatScheme
import SelatTime

/// M13 to M16: the payment system says how it ended. Source: Specs/States/Institutions.md.
extension Participant {
    /// The payment; then, where money may have to find another way, the accounts.
    func reportFacts(
        _ report: FIToFIPaymentStatusReport,
        _ known: Facts,
        _ keys: inout [FactKey]
    ) {
        let payment = FactKey.payment(instance, report.originalUETR)
        keys.append(payment)
        if case .payment(let row) = known[payment] { closingFacts(row, &keys) }
    }

    /// What the end of a payment may have to look at, besides the payment.
    func closingFacts(_ row: PaymentRow, _ keys: inout [FactKey]) {
        switch row.institutionState {
        case .credited:
            guard let provider = PaymentRecord.holders(stored: row).provider else { return }
            keys.append(.account(deposit(of: provider)))
        case .promised, .acceptedWithoutPosting:
            let holders = PaymentRecord.holders(stored: row)
            let customer = holders.customer ?? ""
            keys.append(.record(instance, .customer, customer))
            keys.append(.account(key(PaymentRecord.account(of: customer))))
            keys.append(.account(key("unapplied")))
            if let provider = holders.provider { keys.append(.account(deposit(of: provider))) }
        case .reserved, .accepted, .fundsReserved, .considering, .promisedBlocked, .completed,
            .blocked, .rejected, .reversed:
            break
        }
    }

    func receive(
        _ report: FIToFIPaymentStatusReport,
        _ event: Event,
        _ facts: Facts,
        _ decision: inout Decision
    ) {
        let uetr = report.originalUETR
        guard let row = facts.payment(instance, uetr) else {
            decision = .alert(.notice, uetr: uetr, "a status came for a payment never seen here")
            return
        }
        var record = PaymentRecord.stored(row)
        let status = PaymentStatus(report)
        guard concerns(report, status, record) else {
            decision = .alert(
                .notice,
                uetr: uetr,
                "\(status.text) is about another message than ours; nothing was changed"
            )
            return
        }
        switch Participant.step(on: status.status, in: row.institutionState) {
        case .stay: break
        case .notice(let text): decision = .alert(.notice, uetr: uetr, text)
        case .incident(let text): decision = .alert(.incident, uetr: uetr, text)
        case .interim: noteInterim(row, &record, uetr, &decision)
        case .end(let state, let closing):
            let position = Position(
                uetr: uetr,
                row: row,
                cause: record.capacity.reportName + " " + status.text
            )
            end(state, closing, status, position, &record, facts, &decision)
        }
    }

    /// A status counts for the message it names, or by its UETR where a peer names none. The
    /// refusal of a copy never ends a payment, not even under the right MsgId: an altered copy
    /// bears the original's. Source: Specs/States, rule 7.
    private func concerns(
        _ report: FIToFIPaymentStatusReport,
        _ status: PaymentStatus,
        _ record: PaymentRecord
    ) -> Bool {
        if status.reason == .du01 || status.reason == .du03 { return false }
        guard let original = report.originalMessageIdentification else { return true }
        return original == record.messageIdentification
    }

    private func noteInterim(
        _ row: PaymentRow,
        _ record: inout PaymentRecord,
        _ uetr: UUIDv4,
        _ decision: inout Decision
    ) {
        guard !record.isAcceptedWithoutPosting else { return }
        record.isAcceptedWithoutPosting = true
        decision.change(
            uetr,
            from: row,
            to: row.institutionState,
            due: row.due,
            record,
            cause: "M16 ACWP"
        )
    }

    private func end(
        _ state: State,
        _ closing: Closing,
        _ status: PaymentStatus,
        _ position: Position,
        _ record: inout PaymentRecord,
        _ facts: Facts,
        _ decision: inout Decision
    ) {
        if status.status == .rejected {
            record.reason = status.reason ?? .narr
            if status.reason == nil {
                decision.alerts.append(
                    Alert(.notice, uetr: position.uetr, "RJCT came without a reason")
                )
            }
        }
        close(closing, &record, position.uetr, facts, &decision)
        decision.change(
            position.uetr,
            from: position.row,
            to: state,
            due: nil,
            record,
            cause: position.cause
        )
    }

    // MARK: Money

    /// Posts, releases or undoes journal 1. It can not be refused.
    func close(
        _ closing: Closing,
        _ record: inout PaymentRecord,
        _ uetr: UUIDv4,
        _ facts: Facts,
        _ decision: inout Decision
    ) {
        switch closing {
        case .nothing: break
        case .post:
            let reserved = record.transfers(record.reservation)
            decision.journals.append(record.journal(book, uetr, .post(number: 1), reserved))
        case .void:
            let reserved = record.transfers(record.reservation)
            decision.journals.append(record.journal(book, uetr, .void(number: 1), reserved))
        case .reverse:
            let mirrored = record.transfers(record.reservation).map {
                Transfer(debit: $0.credit, credit: $0.debit, amount: $0.amount)
            }
            decision.journals.append(record.journal(book, uetr, .reverse(number: 1), mirrored))
            alertBelowFloor(record, uetr, facts, &decision)
        case .keepPromise: keepPromise(&record, uetr, facts, &decision)
        }
    }

    /// A reversal may take the deposit below its floor; then somebody must call the provider.
    private func alertBelowFloor(
        _ record: PaymentRecord,
        _ uetr: UUIDv4,
        _ facts: Facts,
        _ decision: inout Decision
    ) {
        guard let provider = record.provider,
            let account = facts.account(deposit(of: provider)),
            !account.covers(record.settlement.minorUnits)
        else { return }
        decision.alerts.append(
            Alert(.notice, uetr: uetr, "a demanded reversal took a deposit below its floor")
        )
    }

    /// ACCC after a promise. The credit may stand on `unapplied` (after ACWP), and the account
    /// may have been closed meanwhile: then it ends on `unapplied`.
    /// Source: Specs/Rulebook/Bookings.md §3 and §6.
    func keepPromise(
        _ record: inout PaymentRecord,
        _ uetr: UUIDv4,
        _ facts: Facts,
        _ decision: inout Decision
    ) {
        let row = facts.record(instance, .customer, record.customer ?? "")
        let isClosed = row.map { CustomerRecord.status($0) == .closed } ?? true
        let reserved = record.transfers(record.reservation)
        if record.reservation == .applied {
            decision.journals.append(record.journal(book, uetr, .post(number: 1), reserved))
        } else if isDepositSound(record, facts) {
            decision.journals.append(record.journal(book, uetr, .void(number: 1), reserved))
            let intended = record.transfers(.applied)
            decision.journals.append(record.journal(book, uetr, .direct, intended))
        } else {
            // Taking from the deposit anew could be refused; what is reserved can not.
            decision.journals.append(record.journal(book, uetr, .post(number: 1), reserved))
            let onward = record.transfers(.applied).map {
                Transfer(debit: "unapplied", credit: $0.credit, amount: $0.amount)
            }
            decision.journals.append(record.journal(book, uetr, .direct, onward))
        }
        record.reservation = .applied
        guard isClosed else { return }
        let aside = Transfer(
            debit: record.customerAccount,
            credit: "unapplied",
            amount: record.customerAmount
        )
        decision.journals.append(record.journal(book, uetr, .direct, [aside]))
        decision.alerts.append(
            Alert(
                .incident,
                uetr: uetr,
                "a promised credit met a closed account; it is on unapplied, pay it out by hand"
            )
        )
    }

    private func isDepositSound(_ record: PaymentRecord, _ facts: Facts) -> Bool {
        guard let provider = record.provider else { return true }
        return facts.account(deposit(of: provider))?.covers(0) ?? false
    }
}
