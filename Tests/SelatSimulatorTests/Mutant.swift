import SelatISO20022
import SelatLedger
import SelatMoney
import SelatNode
import SelatScheme
import SelatSimulator
import SelatTime

/// One guard taken out of the product, by wrapping a role or standing between core and disk.
struct Mutant: CustomStringConvertible, Sendable {
    /// What is wrong, in words.
    let name: String
    let saboteur: Saboteur
    var description: String { name }

    init(_ name: String, _ change: (inout Saboteur) -> Void) {
        self.name = name
        var saboteur = Saboteur()
        change(&saboteur)
        self.saboteur = saboteur
    }

    /// A role whose decisions are changed afterwards.
    static func decision(
        _ name: String,
        of isVictim: @escaping @Sendable (PartyID) -> Bool,
        _ change: @escaping @Sendable (inout Decision, Event) -> Void
    ) -> Mutant {
        Mutant(name) { saboteur in
            saboteur.role = { party, role in
                guard isVictim(party) else { return role }
                return Altered(
                    base: role,
                    decision: { decision, event, _ in change(&decision, event) }
                )
            }
        }
    }

    /// A role that hears something else than what was said.
    static func event(
        _ name: String,
        of isVictim: @escaping @Sendable (PartyID) -> Bool,
        _ change: @escaping @Sendable (Event) -> Event
    ) -> Mutant {
        Mutant(name) { saboteur in
            saboteur.role = { party, role in
                guard isVictim(party) else { return role }
                return Altered(base: role, event: change)
            }
        }
    }

    /// A hub that is told something else of a quote than what is stored, and stores the quote as it
    /// was, but for its use.
    static func quote(
        _ name: String,
        _ change: @escaping @Sendable (inout Quote, CreditTransfer, Event) -> Void
    ) -> Mutant {
        Mutant(name) { saboteur in
            saboteur.role = { party, role in
                guard isHub(party) else { return role }
                return Altered(
                    base: role,
                    facts: { event, facts in facts.quoting(event, change) },
                    decision: { decision, event, facts in decision.restoreQuote(event, facts) }
                )
            }
        }
    }

    /// Something else reaches the disk than what was decided.
    static func commit(
        _ name: String,
        _ change: @escaping @Sendable (inout CommitBatch) -> Void
    ) -> Mutant {
        Mutant(name) { saboteur in
            saboteur.commit = { batch in
                var batch = batch
                change(&batch)
                return batch
            }
        }
    }

    private struct Altered: Role {
        let base: any Role
        var event: @Sendable (Event) -> Event = { $0 }
        var facts: @Sendable (Event, Facts) -> Facts = { $1 }
        var decision: @Sendable (inout Decision, Event, Facts) -> Void = { _, _, _ in }

        func facts(for event: Event, known: Facts, _ keys: inout [FactKey]) {
            base.facts(for: self.event(event), known: known, &keys)
        }

        func decide(_ event: Event, given facts: Facts, _ decision: inout Decision) {
            let event = self.event(event)
            base.decide(event, given: self.facts(event, facts), &decision)
            self.decision(&decision, event, facts)
        }
    }
}

// Who is meant.
extension Mutant {
    @Sendable static func isAnyone(_: PartyID) -> Bool { true }
    @Sendable static func isHub(_ party: PartyID) -> Bool { party == .hub }
    @Sendable static func isSystem(_ party: PartyID) -> Bool {
        ["sg", "th", "my"].contains(party.name)
    }
    @Sendable static func isProvider(_ party: PartyID) -> Bool { party.name.hasPrefix("fx-") }
    @Sendable static func isParticipant(_ party: PartyID) -> Bool {
        !isHub(party) && !isSystem(party) && !isProvider(party)
            && !party.name.hasSuffix(".directory")
    }
}

// What is changed.
extension Event {
    /// The same event with another pacs.002, where it brings one.
    func reporting(_ change: (inout FIToFIPaymentStatusReport) -> Void) -> Event {
        guard case .message(let from, .iso(.statusReport(var report))) = body else { return self }
        change(&report)
        return with(.message(from: from, .iso(.statusReport(report))))
    }

    /// The same event with another pacs.008, where it brings one.
    func instructing(_ change: (inout FIToFICustomerCreditTransfer) -> Void) -> Event {
        guard case .message(let from, .iso(.creditTransfer(var transfer))) = body else {
            return self
        }
        change(&transfer)
        return with(.message(from: from, .iso(.creditTransfer(transfer))))
    }

    func with(_ body: Body, at instant: Instant? = nil) -> Event {
        Event(at: instant ?? at, seed: seed, instance: instance, body: body)
    }
}

extension Facts {
    /// The same facts with another quote, where the event's instruction names one.
    func quoting(
        _ event: Event,
        _ change: (inout Quote, CreditTransfer, Event) -> Void
    ) -> Facts {
        guard case .message(_, .iso(.creditTransfer(let message))) = event.body,
            let id = message.agreedRate.quoteIdentification
        else { return self }
        let key = FactKey.record(event.instance, .quote, id.description)
        guard case .record(var row) = self[key] else { return self }
        do {
            var quote = try Quote(record: row.content)
            change(&quote, try CreditTransfer(parsing: message), event)
            row.content = quote.record
        } catch {
            return self
        }
        var facts = self
        facts.set(.record(row), at: key)
        return facts
    }
}

extension Decision {
    /// Stores every quote as it was, but for its use.
    mutating func restoreQuote(_ event: Event, _ facts: Facts) {
        records = records.map { change in
            let key = FactKey.record(event.instance, change.kind, change.key)
            guard change.kind == .quote, case .record(let row) = facts[key],
                let content = change.content
            else { return change }
            do {
                var quote = try Quote(record: row.content)
                quote.usedBy = try Quote(record: content).usedBy
                return RecordChange(
                    kind: change.kind,
                    key: change.key,
                    expectedVersion: change.expectedVersion,
                    content: quote.record
                )
            } catch {
                return change
            }
        }
    }

    mutating func changeReports(_ change: (inout FIToFIPaymentStatusReport) -> Void) {
        messages = messages.map { outgoing in
            guard case .iso(.statusReport(var report)) = outgoing.message else { return outgoing }
            change(&report)
            return Outgoing(to: outgoing.to, .iso(.statusReport(report)))
        }
    }

    mutating func changeInstructions(_ change: (inout FIToFICustomerCreditTransfer) -> Void) {
        messages = messages.map { outgoing in
            guard case .iso(.creditTransfer(var transfer)) = outgoing.message else {
                return outgoing
            }
            change(&transfer)
            return Outgoing(to: outgoing.to, .iso(.creditTransfer(transfer)))
        }
    }

    /// Books every journal that fulfils `condition` otherwise.
    mutating func rebook(_ change: (Journal) -> [Journal]) {
        journals = journals.flatMap { $0.purpose == .payment ? change($0) : [$0] }
    }
}

extension Journal {
    func with(
        number: Int? = nil,
        action: Action? = nil,
        transfers: [Transfer]? = nil
    ) -> Journal {
        Journal(
            book: book,
            subject: subject,
            number: number ?? self.number,
            purpose: purpose,
            action: action ?? self.action,
            transfers: transfers ?? self.transfers
        )
    }
}
