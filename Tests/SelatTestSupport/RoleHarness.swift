package import SelatISO20022
package import SelatJSON
package import SelatLedger
import SelatMoney
package import SelatNode
package import SelatScheme
package import SelatTime

/// Drives one role without a node: keeps its durable facts in memory, feeds it events, applies
/// what it decides, and watches the rules that every decision must obey.
///
///     var harness = RoleHarness(Hub(reference: region, times: SchemeTimes()), as: .hub)
///     harness.open()
///     let decision = harness.receive(.iso(.creditTransfer(m4)), from: sg)
///     #expect(harness.violations.isEmpty)
package struct RoleHarness<Subject: Role> {
    package let role: Subject
    package let instance: PartyID
    /// The instant of the next event; tests move it.
    package var now: Instant
    /// Parties whose outbox counts as over quota.
    package var congested: Set<PartyID> = []
    /// Parties to whom it is nearly too much.
    package var crowded: Set<PartyID> = []
    /// Nothing new begins.
    package var isOverloaded = false
    /// Everything durable, as a store would hold it.
    package private(set) var stored: [FactKey: Fact] = [:]
    /// Every decision so far, in order; the last one is what `receive` and the others returned.
    package private(set) var decisions: [Decision] = []
    /// What a decision did that none may do. Empty at the end of every test.
    package private(set) var violations: [String] = []
    /// One line per step of a payment: `1 -> 2 M10 ACCC`.
    package private(set) var history: [UUIDv4: [String]] = [:]
    private var journals: [JournalKey: Journal] = [:]
    private var closed: Set<JournalKey> = []
    private var generator: SeededGenerator
    private let limits = NodeLimits()

    private struct JournalKey: Hashable {
        let book: BookID
        let subject: UUIDv4
        let number: Int
    }

    /// A role with nothing stored, at 2026-11-23T04:00:00Z unless said otherwise.
    package init(
        _ role: Subject,
        as instance: PartyID,
        now: Instant = Instant(nanoseconds: 1_795_406_400_000_000_000),
        seed: UInt64 = 1
    ) {
        self.role = role
        self.instance = instance
        self.now = now
        generator = SeededGenerator(seed: seed, stream: instance.name)
    }

    // MARK: Events

    /// The opening event of a start.
    @discardableResult
    package mutating func open() -> Decision { feed(.opening) }

    /// A message at `now`.
    @discardableResult
    package mutating func receive(_ message: Message, from sender: PartyID) -> Decision {
        feed(.message(from: sender, message))
    }

    /// A message that could not be read, at `now`.
    @discardableResult
    package mutating func receive(_ malformed: MalformedMessage, from sender: PartyID) -> Decision {
        feed(.malformed(from: sender, malformed))
    }

    /// A request at `now`; the reply, or `nil` when the role gave none.
    @discardableResult
    package mutating func request(
        _ operation: String,
        _ body: JSONValue,
        from sender: PartyID
    ) -> Reply? {
        let id = RequestID(UInt64(decisions.count + 1))
        let request = Request(operation: operation, body: body)
        return feed(.request(id, from: sender, request)).replies.first { $0.request == id }
    }

    /// The payment's timer, now, with the version it was armed with (the row's own by default).
    @discardableResult
    package mutating func timer(_ uetr: UUIDv4, version: Int64? = nil) -> Decision {
        feed(.timer(payment: uetr, version: version ?? payment(uetr)?.version ?? 0))
    }

    /// Moves `now` to the payment's due time and lets its timer fire; `nil` when none is armed.
    @discardableResult
    package mutating func fireTimer(_ uetr: UUIDv4) -> Decision? {
        guard let due = payment(uetr)?.due else { return nil }
        now = max(now, due)
        return timer(uetr)
    }

    /// Decides and applies. Each event gets a fresh seed.
    @discardableResult
    package mutating func feed(_ body: Event.Body) -> Decision {
        let event = Event(at: now, seed: generator.nextSeed(), instance: instance, body: body)
        return feed(event)
    }

    /// As `feed(_:)`, with an event made elsewhere.
    @discardableResult
    package mutating func feed(_ event: Event) -> Decision {
        let facts = gather(for: event)
        let decision = role.decide(event, given: facts)
        if decision != role.decide(event, given: facts) {
            violations.append("deciding again from the same facts gave another decision")
        }
        apply(decision, of: event, given: facts)
        decisions.append(decision)
        return decision
    }

    // MARK: Looking

    /// The payment's row; `nil` when the role never heard of it.
    package func payment(_ uetr: UUIDv4) -> PaymentRow? {
        guard case .payment(let row) = stored[.payment(instance, uetr)] else { return nil }
        return row
    }

    /// A record of the role; `nil` when there is none.
    package func record(_ kind: RecordKind, _ key: String) -> RecordRow? {
        guard case .record(let row) = stored[.record(instance, kind, key)] else { return nil }
        return row
    }

    /// The receipt of a message; `nil` when there is none.
    package func receipt(from sender: PartyID, _ messageIdentification: String) -> Receipt? {
        let key = FactKey.receipt(
            instance,
            sender: sender,
            messageIdentification: messageIdentification
        )
        guard case .receipt(let receipt) = stored[key] else { return nil }
        return receipt
    }

    /// An account of the role's own book; `nil` when it was never opened.
    package func account(_ name: String, _ currency: String) -> LedgerAccount? {
        for case .account(let account) in stored.values
        where account.key.name == name && account.key.currency.code == currency
            && account.key.book.name == instance.name
        {
            return account
        }
        return nil
    }

    /// All accounts of the role's book, sorted by name.
    package var accounts: [LedgerAccount] {
        stored.values.compactMap { fact in
            guard case .account(let account) = fact else { return nil }
            return account
        }.sorted { $0.key < $1.key }
    }

    /// All journals so far, by subject and number.
    package func journals(of subject: UUIDv4) -> [Journal] {
        journals.filter { $0.key.subject == subject }.values.sorted { $0.number < $1.number }
    }

    /// Puts a fact in place as if it had been decided earlier, for the middle of a story.
    package mutating func store(_ fact: Fact, at key: FactKey) { stored[key] = fact }

    // MARK: Facts

    private mutating func gather(for event: Event) -> Facts {
        var facts = Facts(congested: congested, crowded: crowded, isOverloaded: isOverloaded)
        for _ in 0...limits.factRounds {
            let missing = role.facts(for: event, known: facts).filter { !facts.isKnown($0) }
            if missing.isEmpty { return facts }
            for key in missing { facts.set(stored[key] ?? .absent, at: key) }
        }
        violations.append("asked for facts more than \(limits.factRounds) times for one event")
        return facts
    }

    // MARK: Applying

    private mutating func apply(_ decision: Decision, of event: Event, given facts: Facts) {
        for change in decision.payments { apply(change, of: event, decision, facts) }
        for insertion in decision.receipts { apply(insertion) }
        for change in decision.records { apply(change, facts) }
        for account in decision.accounts {
            if stored[.account(account.key)] != nil {
                violations.append("opened \(account.key) twice")
            }
            stored[.account(account.key)] = .account(account)
        }
        for journal in decision.journals { apply(journal, facts) }
        for alert in decision.alerts where alert.text.isEmpty {
            violations.append("an alert says nothing")
        }
    }

    private mutating func apply(
        _ change: PaymentChange,
        of event: Event,
        _ decision: Decision,
        _ facts: Facts
    ) {
        let key = FactKey.payment(instance, change.uetr)
        let before = payment(change.uetr)
        if !facts.isKnown(key) { violations.append("changed a payment it had not asked for") }
        if (before?.version ?? 0) != change.expectedVersion {
            violations.append("changed version \(change.expectedVersion) of a payment")
        }
        if change.cause.isEmpty || change.cause.utf8.count > 35 {
            violations.append("cause '\(change.cause)' has not 1...35 characters")
        }
        stored[key] = .payment(
            PaymentRow(
                version: change.expectedVersion + 1,
                state: change.state,
                due: change.due,
                content: change.content
            )
        )
        let from = before.map { "\($0.state)" } ?? "-"
        history[change.uetr, default: []].append("\(from) -> \(change.state) \(change.cause)")
        guard let source = change.instruction else { return }
        if before != nil { violations.append("kept an instruction later than at insertion") }
        let kept = FactKey.instruction(instance, change.uetr)
        switch source {
        case .event:
            guard case .message(_, let message) = event.body else {
                return violations.append("kept the instruction of an event that is no message")
            }
            stored[kept] = .instruction(message)
        case .outgoing(let index):
            guard decision.messages.indices.contains(index) else {
                return violations.append("kept message \(index) of \(decision.messages.count)")
            }
            stored[kept] = .instruction(decision.messages[index].message)
        }
    }

    private mutating func apply(_ insertion: ReceiptInsertion) {
        let key = FactKey.receipt(
            instance,
            sender: insertion.sender,
            messageIdentification: insertion.messageIdentification
        )
        if stored[key] != nil {
            violations.append("two receipts for \(insertion.messageIdentification)")
        }
        stored[key] = .receipt(insertion.receipt)
    }

    private mutating func apply(_ change: RecordChange, _ facts: Facts) {
        let key = FactKey.record(instance, change.kind, change.key)
        if !facts.isKnown(key) {
            violations.append("changed record \(change.kind) without having asked for it")
        }
        if (record(change.kind, change.key)?.version ?? 0) != change.expectedVersion {
            violations.append("changed version \(change.expectedVersion) of record \(change.kind)")
        }
        stored[key] = change.content.map {
            .record(RecordRow(version: change.expectedVersion + 1, content: $0))
        }
    }

    private mutating func apply(_ journal: Journal, _ facts: Facts) {
        let key = JournalKey(book: journal.book, subject: journal.subject, number: journal.number)
        if journals[key] != nil {
            violations.append("journal \(journal.number) of \(journal.subject) booked twice")
        }
        if journal.book.name != instance.name {
            violations.append("booked in \(journal.book), the book of another")
        }
        journals[key] = journal
        check(journal, closing: key)
        journal.forEachDelta { accountKey, delta, isGuarded in
            guard case .account(var account) = stored[.account(accountKey)] else {
                violations.append("booked on \(accountKey), which is not open")
                return
            }
            let before = account.available
            account.balance += delta
            stored[.account(accountKey)] = .account(account)
            guard isGuarded, let floor = account.floor, account.available < before else { return }
            if account.available < floor { violations.append("\(accountKey) fell below its floor") }
            if !facts.isKnown(.account(accountKey)), journal.purpose == .payment {
                violations.append("took from \(accountKey) without having asked for it")
            }
        }
    }

    /// What a closing journal closes must be there, open, and the same.
    private mutating func check(_ journal: Journal, closing key: JournalKey) {
        let number: Int
        switch journal.action {
        case .pending, .direct: return
        case .post(let reserved), .void(let reserved), .reverse(let reserved): number = reserved
        }
        let original = JournalKey(book: key.book, subject: key.subject, number: number)
        guard let reserved = journals[original] else {
            return violations.append(
                "journal \(journal.number) closes \(number), which is not there"
            )
        }
        if case .reverse = journal.action {
            let mirrored = reserved.transfers.map {
                Transfer(debit: $0.credit, credit: $0.debit, amount: $0.amount)
            }
            if mirrored != journal.transfers { violations.append("a reversal is no mirror image") }
            return
        }
        if reserved.transfers != journal.transfers {
            violations.append("journal \(journal.number) does not repeat what \(number) reserved")
        }
        if !closed.insert(original).inserted { violations.append("journal \(number) closed twice") }
    }
}

extension Decision {
    /// Whom it sends to, in order: a table of a story reads better with these.
    package var recipients: [PartyID] { messages.map(\.to) }

    /// The pacs.002 it sends to `party`, in order.
    package func reports(to party: PartyID) -> [FIToFIPaymentStatusReport] {
        messages.compactMap { outgoing in
            guard outgoing.to == party, case .iso(.statusReport(let report)) = outgoing.message
            else { return nil }
            return report
        }
    }

    /// The pacs.008 it sends to `party`, in order.
    package func creditTransfers(to party: PartyID) -> [FIToFICustomerCreditTransfer] {
        messages.compactMap { outgoing in
            guard outgoing.to == party, case .iso(.creditTransfer(let message)) = outgoing.message
            else { return nil }
            return message
        }
    }
}

extension FIToFIPaymentStatusReport {
    /// `ACCC`, `RJCT AC04`.
    package var statusText: String {
        guard let reason = statusReason else { return transactionStatus.rawValue }
        return "\(transactionStatus.rawValue) \(reason.code)"
    }
}
