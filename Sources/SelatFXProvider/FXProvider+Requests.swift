import SelatJSON
import SelatLedger
import SelatMoney
import SelatNode
import SelatScheme
import SelatTime

/// The operator's requests. Source: Specs/Protocol/Requests.md.
extension FXProvider {
    private static let unknown = "an FX provider knows accounts, rate, fund and payment"

    func requestFacts(_ request: Request) -> [FactKey] {
        switch request.operation {
        case "accounts": return chart.map { .account($0) }
        case "rate":
            guard let corridor = corridor(request.body) else { return [] }
            return [.record(instance, .rate, corridor.key)]
        case "payment":
            guard let uetr = UUIDv4(text: request.body["uetr"]) else { return [] }
            return [.payment(instance, uetr)]
        default: return []
        }
    }

    func answer(_ request: Request, _ id: RequestID, _ event: Event, _ facts: Facts) -> Decision {
        do {
            switch request.operation {
            case "accounts":
                let accounts = chart.compactMap { facts.account($0)?.json }
                return .replying(.ok(id, ["accounts": .array(accounts)]))
            case "rate": return try setRate(request.body, id, event, facts)
            case "fund": return try fund(request.body, id, event)
            case "payment": return try describe(request.body, id, facts)
            default: return .replying(.error(id, 404, Self.unknown))
            }
        } catch {
            return .replying(.error(id, 400, "\(error)"))
        }
    }

    private func corridor(_ body: JSONCursor) -> StandingRate? {
        configuration.rates.first {
            body["sourceCountry"] == .string($0.sourceCountry)
                && body["destinationCountry"] == .string($0.destinationCountry)
        }
    }

    /// Replaces the offer and pushes it; without a rate the offer is withdrawn.
    private func setRate(
        _ body: JSONCursor,
        _ id: RequestID,
        _ event: Event,
        _ facts: Facts
    ) throws(JSONError) -> Decision {
        try body.allow(["sourceCountry", "destinationCountry", "rate"])
        _ = try body.string("sourceCountry")
        _ = try body.string("destinationCountry")
        guard let corridor = corridor(body) else {
            return .replying(.error(id, 404, "no offer for this corridor is configured"))
        }
        let rate: ExchangeRate?
        if let member = try body.optional("rate") {
            rate = try member.parsed("a positive rate of at most 11 digits", ExchangeRate.init)
        } else {
            rate = nil
        }
        let stored = facts.record(instance, .rate, corridor.key)
        let rateID = UUIDv4(event.seed.derived(0))
        var decision = Decision()
        decision.announce(rate, of: corridor, id: rateID)
        decision.records.append(
            RecordChange(
                kind: .rate,
                key: corridor.key,
                expectedVersion: stored?.version ?? 0,
                content: RateOffer(rate: rate, configured: corridor.rate).record
            )
        )
        decision.replies.append(.ok(id, ["rateId": .string(rateID.description)]))
        return decision
    }

    /// Books what the provider moved to an access provider outside this network.
    private func fund(
        _ body: JSONCursor,
        _ id: RequestID,
        _ event: Event
    ) throws(JSONError) -> Decision {
        try body.allow(["account", "amount", "currency"])
        let account = try body.string("account")
        let amount = try body.money("amount", "currency")
        guard amount.isBookable else {
            return .replying(
                .error(id, 400, "amount: expected more than zero, at most 10^15 units")
            )
        }
        let nostro = configuration.nostros.first {
            nostroAccount($0).name == account && $0.opening.currency == amount.currency
        }
        guard let nostro else {
            return .replying(.error(id, 404, "this provider has no such nostro account"))
        }
        let subject = UUIDv4(event.seed.derived(0))
        var decision = Decision()
        decision.journals.append(
            Journal(
                book: book,
                subject: subject,
                number: 1,
                purpose: .funding,
                action: .direct,
                transfers: [
                    Transfer(
                        debit: nostroAccount(nostro).name,
                        credit: positionAccount(amount.currency).name,
                        amount: amount
                    )
                ]
            )
        )
        decision.replies.append(.ok(id, ["journal": .string(subject.description)]))
        return decision
    }

    private func describe(
        _ body: JSONCursor,
        _ id: RequestID,
        _ facts: Facts
    ) throws(JSONError) -> Decision {
        let uetr = try body.member("uetr").parsed("a UUID version 4", UUIDv4.init)
        guard let row = facts.payment(instance, uetr) else {
            return .replying(.error(id, 404, "never notified of this payment"))
        }
        let payment: NotifiedPayment
        do {
            payment = try NotifiedPayment(record: row.content)
        } catch {
            preconditionFailure("\(error)")
        }
        return .replying(
            .ok(
                id,
                [
                    "uetr": .string(uetr.description),
                    "state": "notified",
                    "status": .string(payment.status),
                    "completed": .string(payment.completed.description),
                    "source": payment.source.json,
                    "destination": payment.destination.json,
                    "rate": .string(payment.rate.description),
                ]
            )
        )
    }
}

extension UUIDv4 {
    /// From a JSON text; `nil` for anything else.
    init?(text value: JSONValue?) {
        guard case .string(let text) = value else { return nil }
        self.init(text)
    }
}
