import SelatISO20022
import SelatLedger
import SelatMoney
import SelatNode
import SelatScheme
import SelatStorage
import SelatTime

/// Laws I9, I14 and I16: what two places say about one thing.
extension Audit {
    func quoteViolations(_ evidence: Evidence) -> [Violation] {
        var violations: [Violation] = []
        for payment in evidence.payments {
            let uetr = payment.uetr
            guard let atHub = payment.holdings.first(where: { $0.instance == .hub }),
                atHub.state?.isForwarded ?? false, let source = payment.source,
                let destination = payment.destination
            else { continue }
            func broken(_ text: String) {
                violations.append(Violation(.rate, at: "hub", uetr: uetr, text))
            }
            guard let quote = evidence.quote(of: source) else {
                broken("was forwarded without a known quote")
                continue
            }
            if quote.usedBy != uetr { broken("its quote is not marked as used by it") }
            if let reached = payment.reachedHub, quote.isExpired(at: reached) {
                broken("its quote had expired when it came")
            }
            if source.settlementAmount != quote.amounts.sourceSettlement {
                broken("source settlement amount unlike the quote's")
            }
            if destination.settlementAmount != quote.amounts.destinationSettlement {
                broken("destination settlement amount unlike the quote's")
            }
            if source.rate != quote.rate { broken("rate unlike the quote's") }
            if source.destinationFee != quote.amounts.destinationFee {
                broken("destination charge unlike the quote's")
            }
            if source.debtorAgent != quote.requester { broken("its quote is another PSP's") }
            if destination.creditorAccountAmount != quote.amounts.creditorAccount {
                broken("creditor amount unlike the quote's")
            }
            let matches = PaymentAmounts.areLawful(quote)
            if !matches { broken("its quote's amounts do not follow from its rate") }
        }
        return violations
    }

    /// The same payment, told alike by everyone who holds it.
    func agreementViolations(_ payment: Evidence.Payment, _ evidence: Evidence) -> [Violation] {
        let uetr = payment.uetr
        var violations: [Violation] = []
        let outcomes = payment.holdings.map { ($0.instance, $0.state?.outcome) }
        let hub = outcomes.first { $0.0 == .hub }?.1
        let involved = parties(of: payment, evidence)
        for (instance, outcome) in outcomes {
            // What the source refused never reached the hub; whoever holds it holds it rejected.
            // So does one who was sent somebody else's payment by a party that has no part in it.
            let isInvolved = involved?.contains(instance) ?? true
            let expected = isInvolved ? hub ?? .rejected : .rejected
            if let outcome, !outcome.agrees(with: expected) {
                violations.append(
                    Violation(
                        .agreement,
                        at: instance.name,
                        uetr: uetr,
                        "is \(outcome) here and \(expected) at the hub"
                    )
                )
            }
        }
        if let source = payment.source, let destination = payment.destination {
            let same =
                source.rate == destination.rate && source.sourceFee == destination.sourceFee
                && source.destinationFee == destination.destinationFee
                && source.message.debtor == destination.message.debtor
                && source.message.creditor == destination.message.creditor
                && source.message.debtorAccount == destination.message.debtorAccount
                && source.message.creditorAccount == destination.message.creditorAccount
                && source.message.endToEndIdentification
                    == destination.message.endToEndIdentification
                && source.message.remittanceInformation == destination.message.remittanceInformation
                && source.instructedAmount == destination.instructedAmount
            if !same {
                violations.append(
                    Violation(
                        .agreement,
                        at: "hub",
                        uetr: uetr,
                        "the two legs tell different payments"
                    )
                )
            }
        }
        return violations
    }

    /// Accepted, and a party with a part in it does not hold it yet. While the region runs each dump
    /// is a snapshot of its own: one was taken before the payment began, the other after it had
    /// ended.
    func isSeenInPart(_ payment: Evidence.Payment, _ evidence: Evidence) -> Bool {
        let isAccepted = payment.holdings.contains { holding in
            [.completed, .blocked, .credited].contains(holding.state?.outcome)
        }
        guard isAccepted else { return false }
        let holders = Set(payment.holdings.map(\.instance))
        return (parties(of: payment, evidence) ?? [.hub]).contains { party in
            let isProvider = topology.kinds[party] == .provider
            return !isProvider && topology.nodes[party] != nil && !holders.contains(party)
        }
    }

    /// Who has a part in a payment, by the messages that the hub took and sent; `nil` when it never
    /// sent one on.
    private func parties(
        of payment: Evidence.Payment,
        _ evidence: Evidence
    ) -> Set<PartyID>? {
        guard let source = payment.source, let destination = payment.destination else { return nil }
        var parties: Set<PartyID> = [.hub]
        for agent in [
            source.debtorAgent, source.instructedAgent, destination.instructingAgent,
            destination.creditorAgent,
        ] {
            let party = PartyID(checked: agent.code)
            parties.insert(party)
            if case .participant(let system) = topology.kinds[party] { parties.insert(system) }
        }
        if let quote = evidence.quote(of: source) { parties.insert(quote.provider) }
        return parties
    }

    /// No step of a payment follows from the message of a party that has no part in it. Between
    /// hosted parties nothing is kept; but what they do follows from another message or a timer.
    func intrusionViolations(
        _ dumps: [String: NodeDump],
        _ evidence: Evidence
    ) -> [Violation] {
        struct Moment: WordHashable {
            let uetr: UUIDv4
            let at: Instant

            func feed(_ hasher: inout WordHasher) {
                uetr.feed(&hasher)
                hasher.combine(UInt64(bitPattern: at.nanoseconds))
            }
        }
        var violations: [Violation] = []
        // By payment: asked for at each of its steps.
        var known: [UUIDv4: Set<PartyID>?] = [:]
        for (node, dump) in dumps.sorted(by: { $0.key < $1.key }) {
            // Mostly one message per moment; the others of the same moment stand apart.
            var first: [Moment: PartyID] = [:]
            var others: [Moment: Set<PartyID>] = [:]
            for message in dump.messages where message.direction == .received {
                guard let hop = message.hop, let uetr = message.uetr else { continue }
                let moment = Moment(uetr: uetr, at: message.at)
                if let before = first.updateValue(hop.from, forKey: moment) {
                    others[moment, default: []].insert(before)
                }
            }
            for step in dump.history where step.row.from != nil && step.row.from != step.row.to {
                let row = step.row
                let moment = Moment(uetr: row.uetr, at: row.at)
                guard let sender = first[moment] else { continue }
                if known[row.uetr] == nil {
                    let payment = evidence.payment(row.uetr)
                    known[row.uetr] = .some(payment.flatMap { parties(of: $0, evidence) })
                }
                guard let involved = known[row.uetr], let parties = involved,
                    parties.contains(row.instance), !parties.contains(sender)
                else { continue }
                let found = (others[moment] ?? []).union([sender])
                guard parties.isDisjoint(with: found) else { continue }
                // What was held is let in with a tick, and what comes while a clock stands still
                // shares one moment: a payment's own timer may be due in it too, and then its
                // steps rest on no message.
                let isTimed = dump.history.contains { other in
                    other.row.uetr == row.uetr && other.row.at == row.at
                        && other.row.cause.hasPrefix("timer")
                }
                guard !isTimed else { continue }
                violations.append(
                    Violation(
                        .authority,
                        at: "\(node) \(row.instance)",
                        uetr: row.uetr,
                        "took the step \(row.cause) on a message of \(found.sorted()[0]), who has "
                            + "no part in it"
                    )
                )
            }
        }
        return violations
    }

    /// Accounts that two institutions keep of the same money; equal at rest.
    func mirrorViolations(_ surveys: [NodeSurvey]) -> [Violation] {
        var posted: [AccountKey: Int64] = [:]
        for survey in surveys {
            for account in survey.standing.accounts { posted[account.key] = account.posted }
        }
        var violations: [Violation] = []
        for (key, amount) in posted.sorted(by: { $0.key < $1.key }) {
            guard let mirror = mirror(of: key), let other = posted[mirror] else { continue }
            if amount != other {
                violations.append(
                    Violation(
                        .mirrors,
                        at: key.book.name,
                        "\(key.name) holds \(amount), \(mirror.book) keeps \(other) for it"
                    )
                )
            }
        }
        return violations
    }

    private func mirror(of key: AccountKey) -> AccountKey? {
        let party = PartyID(checked: key.book.name)
        if key.name == "settlement", case .participant(let system) = topology.kinds[party] {
            return AccountKey(
                book: BookID(system.name),
                name: "participant:\(party)",
                currency: key.currency
            )
        }
        if key.name.hasPrefix("nostro:"), topology.kinds[party] == .provider {
            return AccountKey(
                book: BookID(String(key.name.dropFirst("nostro:".count))),
                name: "fxp:\(party)",
                currency: key.currency
            )
        }
        return nil
    }
}

extension PaymentAmounts {
    /// Whether a quote's amounts follow from its rate, each rounded once.
    static func areLawful(_ quote: Quote) -> Bool {
        let amounts = quote.amounts
        guard amounts.creditorAccount.isPositive,
            amounts.creditorAccount == amounts.destinationSettlement - amounts.destinationFee
        else { return false }
        switch quote.fixed {
        case .source:
            return quote.rate.convert(
                amounts.sourceSettlement,
                to: amounts.destinationSettlement.currency,
                rounding: .halfUp
            ) == amounts.destinationSettlement
        case .destination:
            return quote.rate.invert(
                amounts.destinationSettlement,
                to: amounts.sourceSettlement.currency,
                rounding: .halfUp
            ) == amounts.sourceSettlement
        }
    }
}
