import SelatISO20022
import SelatLedger
import SelatNode
import SelatScheme
import SelatTime

/// A payment's own timer: the debtor agent's enquiry, and answers scripted to come later.
/// No timer here ever releases a reservation. Source: Specs/Rulebook/Bookings.md §7.
extension Participant {
    func timerFacts(_ uetr: UUIDv4, _ known: Facts, _ keys: inout [FactKey]) {
        let payment = FactKey.payment(instance, uetr)
        keys.append(payment)
        guard case .payment(let row) = known[payment] else { return }
        switch row.institutionState {
        case .reserved: keys.append(.instruction(instance, uetr))
        case .considering: keys += merits(PaymentRecord.stored(row))
        case .acceptedWithoutPosting: closingFacts(row, &keys)
        case .accepted, .credited, .fundsReserved, .promised, .promisedBlocked, .completed,
            .blocked, .rejected, .reversed:
            break
        }
    }

    /// What `judge(_:_:)` reads.
    private func merits(_ record: PaymentRecord) -> [FactKey] {
        var keys: [FactKey] = []
        if let provider = record.provider { keys.append(.account(deposit(of: provider))) }
        if record.capacity == .creditorAgent {
            keys.append(.record(instance, .customer, record.customer ?? ""))
        }
        return keys
    }

    func fire(_ uetr: UUIDv4, _ version: Int64, _ event: Event, _ facts: Facts) -> Decision {
        guard let row = facts.payment(instance, uetr), row.version == version, row.due != nil
        else { return .nothing }
        var record = PaymentRecord.stored(row)
        switch row.institutionState {
        case .reserved: return enquire(row, record, uetr, event, facts)
        case .considering:
            var decision = Decision()
            conclude(
                judge(record, facts),
                Position(uetr: uetr, row: row, cause: "timer"),
                &record,
                event,
                &decision
            )
            return decision
        case .acceptedWithoutPosting: return answerLater(row, record, uetr, event, facts)
        case .accepted, .credited, .fundsReserved, .promised, .promisedBlocked, .completed,
            .blocked, .rejected, .reversed:
            return .nothing
        }
    }

    /// No M16 yet: the identical M1 again, never a new UETR.
    private func enquire(
        _ row: PaymentRow,
        _ record: PaymentRecord,
        _ uetr: UUIDv4,
        _ event: Event,
        _ facts: Facts
    ) -> Decision {
        guard let instruction = facts.instruction(instance, uetr) else {
            preconditionFailure("a debtor agent keeps the M1 of every payment it reserved for")
        }
        var record = record
        record.enquiries += 1
        var decision = Decision()
        decision.messages.append(Outgoing(to: configuration.system, instruction))
        let wait = configuration.times.backoff(
            configuration.times.enquiry,
            attempt: record.enquiries
        )
        decision.change(
            uetr,
            from: row,
            to: .reserved,
            due: event.at + wait,
            record,
            cause: "timer enquiry"
        )
        return decision
    }

    /// The answer after ACWP. In a 5-step system it is a promise, and the system's M14 moves the
    /// money; in a 4-step system it is the end.
    private func answerLater(
        _ row: PaymentRow,
        _ record: PaymentRecord,
        _ uetr: UUIDv4,
        _ event: Event,
        _ facts: Facts
    ) -> Decision {
        var record = record
        var decision = Decision()
        let verdict = record.laterReason.map { Verdict.reject($0) } ?? judge(record, facts)
        let isFourStep = configuration.model == .fourStep
        let state: State
        var cause = "timer"
        switch verdict {
        case .accept, .block, .acceptWithoutPosting, .consider:
            if isFourStep { keepPromise(&record, uetr, facts, &decision) }
            state = isFourStep ? .completed : .promised
            record.answer(.accepted, instance, event)
        case .reject(let reason):
            if isFourStep { close(.void, &record, uetr, facts, &decision) }
            state = isFourStep ? .rejected : .acceptedWithoutPosting
            record.reason = reason
            record.answer(.rejected(reason), instance, event)
            cause += " \(reason)"
        }
        decision.change(uetr, from: row, to: state, due: nil, record, cause: cause)
        report(record, uetr, &decision)
        return decision
    }
}
