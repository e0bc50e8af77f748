import SelatISO20022
import SelatJSON
import SelatLedger
import SelatMoney
import SelatNode
import SelatScheme
import SelatTime

extension Hub {
    /// The requests the hub answers. Source: Specs/Protocol/Requests.md.
    package enum Operation: String, Hashable, Sendable, CaseIterable {
        case quotes
        case intermediaryAgents = "intermediary-agents"
        case feesAndAmounts = "fees-and-amounts"
        case countries
        case country
        case currencies
        case maxAmounts = "max-amounts"
        case addressTypesAndInputs = "address-types-and-inputs"
        case finInsts = "fin-insts"
        case finInst = "fin-inst"
        case schemeFeeFormula = "fee-formulas/nexus-scheme-fee"
        case creditorAgentFeeFormula = "fee-formulas/creditor-agent-fee"
        /// The operator's: the hub's book, account by account.
        case accounts
        /// The operator's: what stands open per provider and per system.
        case positions
        /// The operator's: one payment's state.
        case payment
    }

    func factsForRequest(
        _ request: Request,
        from sender: PartyID,
        event: Event,
        known: Facts
    ) -> [FactKey] {
        switch Operation(rawValue: request.operation) {
        case .quotes: return factsForQuotes(request.body, event, known: known)
        case .intermediaryAgents:
            guard let id = identification(request.body, "quoteId") else { return [] }
            return [.record(event.instance, .quote, id.description)]
        case .accounts, .positions:
            guard sender == .operatorChannel else { return [] }
            return chart(of: event.instance).map { .account($0.key) }
        case .payment:
            guard let uetr = identification(request.body, "uetr") else { return [] }
            return [.payment(event.instance, uetr)]
        case .feesAndAmounts, .countries, .country, .currencies, .maxAmounts,
            .addressTypesAndInputs, .finInsts, .finInst, .schemeFeeFormula,
            .creditorAgentFeeFormula, nil:
            return []
        }
    }

    func answer(
        _ request: Request,
        id: RequestID,
        from sender: PartyID,
        event: Event,
        facts: Facts
    ) -> Decision {
        do throws(RequestRefusal) {
            guard let operation = Operation(rawValue: request.operation) else {
                throw .unknown("the hub has no operation \(request.operation)")
            }
            guard isKnown(sender) else {
                throw .forbidden("\(sender) is not registered on this network")
            }
            if operation == .quotes {
                let asked = try quoteRequest(RequestBody(request.body), from: sender)
                guard !facts.isOverloaded, !facts.crowded.contains(asked.destination.system)
                else {
                    throw .busy(
                        "too many payments to \(asked.destination.code) are under way; ask again"
                    )
                }
                return quotes(id, asked, request.body, event: event, facts: facts)
            }
            var decision = Decision()
            let body = try reply(operation, request.body, from: sender, event, facts)
            decision.replies.append(Reply(request: id, status: 200, body: body))
            return decision
        } catch {
            var decision = Decision()
            decision.replies.append(error.reply(to: id))
            return decision
        }
    }

    private func reply(
        _ operation: Operation,
        _ json: JSONCursor,
        from sender: PartyID,
        _ event: Event,
        _ facts: Facts
    ) throws(RequestRefusal) -> JSONValue {
        let body = RequestBody(json)
        switch operation {
        case .quotes: preconditionFailure("quotes are answered where they are stored")
        case .intermediaryAgents:
            return try intermediaryAgents(json, from: sender, event, facts)
        case .feesAndAmounts: return try feesAndAmounts(body)
        case .countries:
            let one = try body.optionalText("countryCode") != nil
            let found = one ? [try country(body, "countryCode")] : reference.countries
            return ["countries": .array(found.map(summary))]
        case .country: return summary(try country(body, "countryCode"))
        case .currencies: return currencies()
        case .maxAmounts: return try maxAmounts(body)
        case .addressTypesAndInputs: return addressTypes(of: try country(body, "countryCode"))
        case .finInsts: return try institutions(body)
        case .finInst: return summary(try institution(body))
        case .schemeFeeFormula:
            let country = try country(body, "countryCode")
            try check(body, currencyOf: country)
            return schemeFeeFormula(of: country)
        case .creditorAgentFeeFormula:
            let country = try country(body, "countryCode")
            try check(body, currencyOf: country)
            return creditorAgentFeeFormula(of: country)
        case .accounts, .positions, .payment:
            guard sender == .operatorChannel else {
                throw .forbidden("\(operation.rawValue) is for the hub's operator")
            }
            return try operatorReply(operation, json, event, facts)
        }
    }

    /// Anyone with a role on this network, and the operator.
    private func isKnown(_ sender: PartyID) -> Bool {
        if sender == .operatorChannel || reference.isProvider(sender) || reference.isSystem(sender)
        {
            return true
        }
        return BICFI(sender.name).flatMap { reference.institution($0) } != nil
    }

    /// A UUID in a member of a body; `nil` when there is none.
    private func identification(_ body: JSONCursor, _ member: String) -> UUIDv4? {
        guard case .string(let text) = body[member] else { return nil }
        return UUIDv4(text)
    }

    /// Only the quote's own requester may see it; for everyone else it does not exist.
    private func intermediaryAgents(
        _ body: JSONCursor,
        from sender: PartyID,
        _ event: Event,
        _ facts: Facts
    ) throws(RequestRefusal) -> JSONValue {
        guard let id = identification(body, "quoteId") else {
            throw .malformed("quoteId: expected a UUID version 4 in lower case")
        }
        guard let quote = quote(id, at: event.instance, facts)?.quote,
            PartyID(checked: quote.requester.code) == sender
        else { throw .unknown("no quote \(id)") }
        return intermediaryAgents(of: quote)
    }

    // MARK: Operator

    private func operatorReply(
        _ operation: Operation,
        _ body: JSONCursor,
        _ event: Event,
        _ facts: Facts
    ) throws(RequestRefusal) -> JSONValue {
        guard operation == .payment else {
            let accounts = chart(of: event.instance).compactMap { facts.account($0.key) }
            return operation == .positions
                ? positions(accounts) : ["accounts": .array(accounts.map(\.json))]
        }
        guard let uetr = identification(body, "uetr") else {
            throw .malformed("uetr: expected a UUID version 4 in lower case")
        }
        guard let row = facts.payment(event.instance, uetr) else {
            throw .unknown("no payment \(uetr) here")
        }
        return summary(uetr, row)
    }

    /// What stands open: per provider and currency, per system, and the fee each system owes.
    private func positions(_ accounts: [LedgerAccount]) -> JSONValue {
        func rows(_ prefix: String, _ owner: String) -> JSONValue {
            .array(
                accounts.filter { $0.key.name.hasPrefix(prefix) }.map { account in
                    [
                        owner: .string(String(account.key.name.dropFirst(prefix.count))),
                        "currency": .string(account.key.currency.code),
                        "posted": text(account.posted, account),
                        "pendingIn": text(inflow(account), account),
                        "pendingOut": text(account.posted - account.available, account),
                    ]
                }
            )
        }
        return [
            "positions": rows("position:", "provider"),
            "cleared": rows("cleared:", "system"),
            "receivable": rows("receivable:", "system"),
        ]
    }

    private func inflow(_ account: LedgerAccount) -> Int64 {
        account.kind.isDebitNormal
            ? account.balance.pendingDebits : account.balance.pendingCredits
    }

    private func text(_ minorUnits: Int64, _ account: LedgerAccount) -> JSONValue {
        .string(Money(minorUnits: minorUnits, currency: account.key.currency).amountText)
    }

    private func summary(_ uetr: UUIDv4, _ row: PaymentRow) -> JSONValue {
        let payment = Payment.stored(row.content)
        var members = [
            JSONMember("uetr", .string(uetr.description)),
            JSONMember("state", .string(State(row).name)),
            JSONMember("source", .string(payment.origin.system.name)),
        ]
        func add(_ name: String, _ value: JSONValue?) {
            if let value { members.append(JSONMember(name, value)) }
        }
        add("reason", payment.outcome?.reason.map { .string($0.code) })
        add("ended", payment.outcome.map { .string($0.at.description) })
        add("due", row.due.map { .string($0.description) })
        if let route = payment.route {
            add("destination", .string(route.destination.name))
            add("provider", .string(route.provider.name))
            add("quoteId", .string(route.quote.description))
            add("exchangeRate", .string(route.rate.description))
            add("sourceAmount", route.source.json)
            add("destinationAmount", route.converted.json)
            add("schemeFee", route.schemeFee.json)
            add("priority", route.isHighPriority ? "HIGH" : "NORM")
        }
        if case .open(_, let onward) = payment.stage {
            add("lastSent", .string(onward.last.description))
            add("enquiries", .integer(onward.enquiries))
        }
        return .object(members)
    }
}
