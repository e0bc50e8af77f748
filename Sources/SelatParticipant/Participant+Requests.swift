import SelatISO20022
import SelatJSON
import SelatLedger
import SelatMoney
import SelatNode
import SelatScheme
import SelatTime

/// The operator's requests. Source: Specs/Protocol/Requests.md.
extension Participant {
    func facts(for request: Request, _ event: Event) -> [FactKey] {
        let body = request.body
        switch request.operation {
        case "pay": return paymentFacts(body)
        case "resend":
            guard let uetr = UUIDv4(text: body["uetr"]) else { return [] }
            return [.payment(instance, uetr), .instruction(instance, uetr)]
        case "payment":
            return UUIDv4(text: body["uetr"]).map { [.payment(instance, $0)] } ?? []
        case "accounts": return chart.map { .account(key($0.name)) }
        case "resolve": return resolveFacts(body, event)
        case "resolution": return resolutionAnswerFacts(body)
        case "script": return [.record(instance, .script, Script.key)]
        case "account-status":
            guard case .string(let account) = body["account"] else { return [] }
            return [.record(instance, .customer, account)]
        default: return []
        }
    }

    func answer(_ request: Request, _ id: RequestID, _ event: Event, _ facts: Facts) -> Decision {
        let body = request.body
        do {
            switch request.operation {
            case "fee": return try quoteFee(body, id)
            case "pay": return try pay(body, id, event, facts)
            case "resend": return try resend(body, id, facts)
            case "payment": return try describe(body, id, facts)
            case "accounts":
                let accounts = chart.compactMap { facts.account(key($0.name))?.json }
                return .replying(.ok(id, ["accounts": .array(accounts)]))
            case "resolve": return try resolve(body, id, event, facts)
            case "resolution": return try describeResolution(body, id, facts)
            case "script": return try script(body, id, facts)
            case "account-status": return try setStatus(body, id, facts)
            case "fund": return try fund(body, id, event)
            default:
                return .replying(
                    .error(
                        id,
                        404,
                        "an institution knows fee, resolve, resolution, pay, resend, payment, "
                            + "accounts, account-status, fund and script"
                    )
                )
            }
        } catch {
            return .replying(.error(id, 400, "\(error)"))
        }
    }

    private func quoteFee(_ body: JSONCursor, _ id: RequestID) throws(JSONError) -> Decision {
        try body.allow(["amount", "currency"])
        let amount = try body.amount()
        guard amount.currency == configuration.currency, amount.isBookable else {
            return .replying(
                .error(id, 400, "amount: expected one of \(configuration.currency), more than zero")
            )
        }
        return .replying(.ok(id, ["sourceFee": configuration.sourceFee.fee(on: amount).json]))
    }

    /// The identical M1 once more: an enquiry, whatever the payment's state.
    private func resend(
        _ body: JSONCursor,
        _ id: RequestID,
        _ facts: Facts
    ) throws(JSONError) -> Decision {
        try body.allow(["uetr"])
        let uetr = try body.member("uetr").parsed("a UUID version 4", UUIDv4.init)
        guard let row = facts.payment(instance, uetr),
            PaymentRecord.stored(row).capacity == .debtorAgent,
            let instruction = facts.instruction(instance, uetr)
        else { return .replying(.error(id, 404, "no payment of this institution")) }
        var decision = Decision.replying(
            .ok(
                id,
                [
                    "uetr": .string(uetr.description),
                    "messageIdentification": .string(
                        PaymentRecord.stored(row).messageIdentification
                    ),
                ]
            )
        )
        decision.messages.append(Outgoing(to: configuration.system, instruction))
        return decision
    }

    private func describe(
        _ body: JSONCursor,
        _ id: RequestID,
        _ facts: Facts
    ) throws(JSONError) -> Decision {
        let uetr = try body.member("uetr").parsed("a UUID version 4", UUIDv4.init)
        guard let row = facts.payment(instance, uetr) else {
            return .replying(.error(id, 404, "no payment under this UETR"))
        }
        let record = PaymentRecord.stored(row)
        var members = [
            JSONMember("uetr", .string(uetr.description)),
            JSONMember("capacity", .string("\(record.capacity)")),
            JSONMember("state", .string("\(row.institutionState)")),
            JSONMember("isFinal", .bool(row.institutionState.isFinal)),
        ]
        if let reason = record.reason {
            members.append(JSONMember("reason", .string(reason.code)))
        }
        if record.isAcceptedWithoutPosting, !row.institutionState.isFinal {
            members.append(JSONMember("interim", "ACWP"))
        }
        members.append(JSONMember("interbankSettlementAmount", record.settlement.json))
        switch record.capacity {
        case .debtorAgent:
            members.append(JSONMember("sourceFee", record.fee.json))
            members.append(JSONMember("debtorAccountAmount", record.customerAmount.json))
        case .creditorAgent:
            members.append(JSONMember("destinationFee", record.fee.json))
            members.append(JSONMember("creditorAccountAmount", record.customerAmount.json))
        case .unnamed, .sourceAccessProvider, .destinationAccessProvider: break
        }
        return .replying(.ok(id, .object(members)))
    }

    // MARK: Changing

    private func script(
        _ body: JSONCursor,
        _ id: RequestID,
        _ facts: Facts
    ) throws(JSONError) -> Decision {
        try body.allow(["key", "outcome"])
        let key = try body.string("key")
        let isCreditor = key == "creditor" || key.hasPrefix("creditor:")
        guard isCreditor || key == "source-access-provider" || key == "destination-access-provider"
        else {
            return .replying(
                .error(
                    id,
                    400,
                    "key: expected creditor, creditor:<account>, source-access-provider or "
                        + "destination-access-provider"
                )
            )
        }
        let outcome = try ScriptedOutcome(reading: try body.member("outcome"))
        guard isCreditor || (outcome.kind != .block && outcome.kind != .acceptWithoutPosting) else {
            return .replying(.error(id, 400, "only a creditor's outcome can be \(outcome.kind)"))
        }
        let row = facts.record(instance, .script, Script.key)
        var script = Script(row)
        script.set(outcome, for: key)
        var decision = Decision.replying(.ok(id, ["key": .string(key)]))
        decision.records.append(
            RecordChange(
                kind: .script,
                key: Script.key,
                expectedVersion: row?.version ?? 0,
                content: script.bytes
            )
        )
        return decision
    }

    private func setStatus(
        _ body: JSONCursor,
        _ id: RequestID,
        _ facts: Facts
    ) throws(JSONError) -> Decision {
        try body.allow(["account", "status"])
        let account = try body.string("account")
        let status = try body.member("status").parsed(
            "open, closed or blocked",
            AccountStatus.init(rawValue:)
        )
        guard let row = facts.record(instance, .customer, account) else {
            return .replying(.error(id, 404, "no such account here"))
        }
        var customer = CustomerRecord.stored(row)
        customer.status = status
        var decision = Decision.replying(.ok(id, ["status": .string(status.rawValue)]))
        decision.records.append(
            RecordChange(
                kind: .customer,
                key: account,
                expectedVersion: row.version,
                content: customer.bytes
            )
        )
        return decision
    }

    /// Money from outside the network, tagged as such. Source: Specs/Rulebook/Bookings.md §2.
    private func fund(
        _ body: JSONCursor,
        _ id: RequestID,
        _ event: Event
    ) throws(JSONError) -> Decision {
        try body.allow(["account", "amount", "currency"])
        let account = try body.string("account")
        let amount = try body.amount()
        guard amount.currency == configuration.currency, amount.isBookable else {
            return .replying(
                .error(id, 400, "amount: expected one of \(configuration.currency), more than zero")
            )
        }
        let isFundable = account == "settlement" || account.contains(":")
        guard isFundable, !account.hasPrefix("fee-income"),
            chart.contains(where: { $0.name == account })
        else {
            return .replying(
                .error(id, 404, "expected settlement, fxp:<provider> or customer:<account>")
            )
        }
        let subject = UUIDv4(event.seed.derived(0))
        var decision = Decision.replying(.ok(id, ["journal": .string(subject.description)]))
        decision.journals.append(
            Journal(
                book: book,
                subject: subject,
                number: 1,
                purpose: .funding,
                action: .direct,
                transfers: [funding(account, amount)]
            )
        )
        return decision
    }
}

extension ScriptedOutcome {
    fileprivate init(reading body: JSONCursor) throws(JSONError) {
        try body.allow(["kind", "reason", "milliseconds", "times"])
        let kind = try body.member("kind").parsed(
            "reject, block, acceptWithoutPosting, silent, delay or accept",
            Kind.init(rawValue:)
        )
        let milliseconds: Int64? = try body.optional("milliseconds")?.integer()
        let times: Int64? = try body.optional("times")?.integer()
        for (name, number) in [("milliseconds", milliseconds), ("times", times)] {
            guard let number else { continue }
            guard number > 0, number <= 86_400_000 else {
                throw try body.member(name).mismatch(expected: "1...86400000")
            }
        }
        self.init(
            kind: kind,
            reason: try body.optional("reason")?.parsed("a status reason other than NARR") { text in
                guard ExternalCodeSet.statusReason.contains(text), text != "NARR" else {
                    return nil
                }
                return ReasonCode(text)
            },
            milliseconds: milliseconds,
            times: times
        )
    }
}
