import SelatISO20022
import SelatLedger
import SelatMoney
import SelatNode
import SelatScheme
import SelatTime

/// What an institution answers to an instruction, what that reserves or moves, and the pacs.002
/// that says so. Source: Specs/Rulebook/Bookings.md §5, steps 3, 6 and 8.
extension Participant {
    enum Verdict: Equatable {
        case accept
        /// Creditor agent: hold the funds.
        case block
        /// Creditor agent: accept, post later; `due` is when the later answer is given.
        case acceptWithoutPosting(due: Instant?, ReasonCode?)
        case reject(ReasonCode)
        /// No answer yet, and none before `due`.
        case consider(due: Instant?)
    }

    /// A payment at the moment of an answer.
    struct Position {
        let uetr: UUIDv4
        /// `nil` for a first copy.
        let row: PaymentRow?
        let cause: String
    }

    // MARK: Judging

    /// Scripted first, then on the merits.
    func judge(
        _ record: PaymentRecord,
        _ event: Event,
        _ facts: Facts,
        _ decision: inout Decision
    ) -> Verdict {
        // Nearly always: nothing is scripted.
        guard let row = facts.record(instance, .script, Script.key) else {
            return judge(record, facts)
        }
        var script = Script(row)
        let keys: [String]
        switch record.capacity {
        case .sourceAccessProvider: keys = ["source-access-provider"]
        case .destinationAccessProvider: keys = ["destination-access-provider"]
        case .creditorAgent: keys = ["creditor:\(record.customer ?? "")", "creditor"]
        case .unnamed, .debtorAgent: keys = []
        }
        let before = script
        guard let outcome = script.take(keys) else { return judge(record, facts) }
        if script != before {
            decision.records.append(
                RecordChange(
                    kind: .script,
                    key: Script.key,
                    expectedVersion: row.version,
                    content: script.bytes
                )
            )
        }
        let scripted = verdict(outcome, record, event.at) ?? judge(record, facts)
        switch scripted {
        case .block, .acceptWithoutPosting:
            // They reserve as an acceptance does; no script makes a deposit larger. Law I12.
            return covers(record, facts) ? scripted : .reject(.am04)
        case .accept, .reject, .consider: return scripted
        }
    }

    private func verdict(
        _ outcome: ScriptedOutcome,
        _ record: PaymentRecord,
        _ now: Instant
    ) -> Verdict? {
        let due = outcome.milliseconds.map { now + .milliseconds($0) }
        switch outcome.kind {
        case .accept: return nil
        case .reject: return .reject(outcome.reason ?? .ms03)
        case .block: return .block
        case .acceptWithoutPosting:
            // The scheme knows it for NORM only.
            return record.isHighPriority ? nil : .acceptWithoutPosting(due: due, outcome.reason)
        case .silent: return .consider(due: nil)
        case .delay: return .consider(due: due ?? now)
        }
    }

    /// On the merits: the provider's funds, the creditor's account.
    func judge(_ record: PaymentRecord, _ facts: Facts) -> Verdict {
        switch record.capacity {
        case .unnamed, .debtorAgent: return .reject(.agnt)
        case .sourceAccessProvider: return .accept
        case .destinationAccessProvider:
            return covers(record, facts) ? .accept : .reject(.am04)
        case .creditorAgent:
            guard let row = facts.record(instance, .customer, record.customer ?? "") else {
                return .reject(.be06)
            }
            switch CustomerRecord.status(row) {
            case .open: break
            case .closed: return .reject(.ac04)
            case .blocked: return .reject(.ac06)
            }
            return covers(record, facts) ? .accept : .reject(.am04)
        }
    }

    /// Whether the deposit that pays for it suffices; true where nothing is taken from one, or
    /// where it is reserved already.
    private func covers(_ record: PaymentRecord, _ facts: Facts) -> Bool {
        guard let provider = record.provider, record.reservation == .nowhere else { return true }
        guard let account = facts.account(deposit(of: provider)) else { return false }
        return account.covers(record.settlement.minorUnits)
    }

    // MARK: Concluding

    /// Books, remembers and sends what `verdict` says.
    func conclude(
        _ verdict: Verdict,
        _ position: Position,
        _ record: inout PaymentRecord,
        _ event: Event,
        _ decision: inout Decision
    ) {
        let state: State
        var due: Instant?
        var cause = position.cause
        switch verdict {
        case .accept:
            let status: PaymentStatus =
                record.capacity == .destinationAccessProvider ? .fundsReserved : .accepted
            state = book(.applied, &record, position.uetr, &decision)
            record.answer(status, instance, event)
        case .block:
            state = book(.blocked, &record, position.uetr, &decision)
            record.answer(.blocked, instance, event)
        case .acceptWithoutPosting(let later, let reason):
            state = book(.unapplied, &record, position.uetr, &decision)
            record.laterReason = reason
            record.answer(.acceptedWithoutPosting, instance, event)
            due = later
        case .reject(let reason):
            state = .rejected
            record.reason = reason
            record.answer(.rejected(reason), instance, event)
            cause += " \(reason)"
        case .consider(let later):
            state = .considering
            due = later
        }
        decision.change(
            position.uetr,
            from: position.row,
            to: state,
            due: due,
            record,
            cause: cause,
            instruction: position.row == nil && isMessage(event) ? .event : nil
        )
        if record.answer != nil { report(record, position.uetr, &decision) }
    }

    private func isMessage(_ event: Event) -> Bool {
        if case .message = event.body { return true }
        return false
    }

    /// Reserves, or moves at once where the system's model has the institution post before it
    /// answers; returns the state that follows.
    private func book(
        _ reservation: PaymentRecord.Reservation,
        _ record: inout PaymentRecord,
        _ uetr: UUIDv4,
        _ decision: inout Decision
    ) -> State {
        let isFourStep = configuration.model == .fourStep
        let state: State
        let action: Journal.Action
        switch record.capacity {
        case .unnamed, .debtorAgent:
            preconditionFailure("only an access provider or the creditor agent answers")
        case .sourceAccessProvider:
            state = isFourStep ? .credited : .accepted
            action = isFourStep ? .direct : .pending
        case .destinationAccessProvider:
            state = .fundsReserved
            action = .pending
        case .creditorAgent:
            switch reservation {
            case .nowhere: preconditionFailure("an acceptance reserves something")
            case .applied: state = isFourStep ? .completed : .promised
            case .blocked: state = isFourStep ? .blocked : .promisedBlocked
            case .unapplied: state = .acceptedWithoutPosting
            }
            action = isFourStep && reservation != .unapplied ? .direct : .pending
        }
        record.reservation = reservation
        decision.journals.append(
            record.journal(book, uetr, action, record.transfers(reservation))
        )
        return state
    }

    /// The stored answer as pacs.002; building it again gives the same bytes.
    func report(_ record: PaymentRecord, _ uetr: UUIDv4, _ decision: inout Decision) {
        guard let answer = record.answer else { return }
        let report = StatusReport(
            messageIdentification: answer.messageIdentification,
            created: answer.created,
            status: answer.status,
            uetr: uetr,
            originalMessageIdentification: record.messageIdentification,
            originalEndToEndIdentification: record.endToEndIdentification,
            instructingAgent: ownAgent,
            instructedAgent: Agent(bicfi: record.reportsTo)
        )
        decision.messages.append(
            Outgoing(to: configuration.system, .iso(.statusReport(report.message)))
        )
    }
}

extension PaymentRecord {
    /// Remembers an answer under an id of its own.
    mutating func answer(_ status: PaymentStatus, _ sender: PartyID, _ event: Event) {
        answer = Answer(
            messageIdentification: MessageIdentification.derive(
                sender: sender,
                at: event.at,
                seed: event.seed,
                purpose: 2
            ),
            created: event.at,
            status: status
        )
    }
}
