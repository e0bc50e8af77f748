import SelatISO20022
import SelatJSON
import SelatLedger
import SelatMoney
import SelatNode
import SelatScheme
import SelatTime

/// What the local operator may ask: the balances, one payment, and to fund a participant.
/// Source: Specs/Protocol/Requests.md.
extension InstantPaymentSystem {
    /// A request that was understood.
    private enum Operation {
        case accounts
        case payment(UUIDv4)
        case fund(Configuration.Member, Money)
    }

    /// Why a request is not carried out.
    private struct Refusal: Error {
        let status: UInt16
        let sentence: String
    }

    func factsForRequest(_ request: Request, from: PartyID) -> [FactKey] {
        do throws(Refusal) {
            switch try operation(request, from: from) {
            case .accounts: return chartOfAccounts.map { .account($0.key) }
            case .payment(let uetr): return [.payment(configuration.id, uetr)]
            case .fund(let member, _): return [.account(settlementAccount(member.bicfi))]
            }
        } catch {
            return []
        }
    }

    func answer(
        _ request: Request,
        id: RequestID,
        from: PartyID,
        event: Event,
        facts: Facts
    ) -> Decision {
        var decision = Decision()
        do throws(Refusal) {
            let body: JSONValue
            switch try operation(request, from: from) {
            case .accounts: body = accountsBody(facts)
            case .payment(let uetr): body = try paymentBody(uetr, facts)
            case .fund(let member, let amount):
                guard facts.account(settlementAccount(member.bicfi)) != nil else {
                    throw Refusal(status: 503, sentence: "the books are not open yet")
                }
                let journal = funding(member, amount, event: event)
                decision.journals.append(journal)
                body = ["journal": .string(journal.subject.description)]
            }
            decision.replies.append(.ok(id, body))
        } catch {
            decision.replies.append(
                Reply(
                    request: id,
                    status: error.status,
                    body: ["error": .string(error.sentence)]
                )
            )
        }
        return decision
    }

    private func operation(_ request: Request, from: PartyID) throws(Refusal) -> Operation {
        guard from == .operatorChannel else {
            throw Refusal(status: 403, sentence: "only the local operator may ask this system")
        }
        do throws(JSONError) {
            let body = request.body
            switch request.operation {
            case "accounts":
                try body.allow([])
                return .accounts
            case "payment":
                try body.allow(["uetr"])
                guard let uetr = UUIDv4(try body.string("uetr")) else {
                    throw try body.member("uetr").mismatch(expected: "a UETR in lower case")
                }
                return .payment(uetr)
            case "fund": return try funding(body)
            default: break
            }
        } catch {
            throw Refusal(status: 400, sentence: error.description)
        }
        throw Refusal(
            status: 404,
            sentence: "a payment system knows accounts, payment and fund, not this operation"
        )
    }

    private func funding(_ body: JSONCursor) throws(JSONError) -> Operation {
        try body.allow(["participant", "amount"])
        let participant = try body.string("participant")
        guard let bicfi = BICFI(participant), let member = member(bicfi) else {
            throw try body.member("participant").mismatch(expected: "a participant's BICFI")
        }
        let text = try body.string("amount")
        guard let amount = bookableAmount(text) else {
            throw try body.member("amount").mismatch(
                expected: "a positive amount of \(configuration.currency)"
            )
        }
        return .fund(member, amount)
    }

    private func bookableAmount(_ text: String) -> Money? {
        guard let decimal = Decimal(text) else { return nil }
        do throws(MoneyError) {
            let amount = try Money(decimal, currency: configuration.currency)
            return amount.isBookable ? amount : nil
        } catch {
            return nil
        }
    }

    /// Creates money: tagged so. Specs/Rulebook/Bookings.md §2.
    private func funding(
        _ member: Configuration.Member,
        _ amount: Money,
        event: Event
    ) -> Journal {
        Journal(
            book: book,
            subject: UUIDv4(event.seed.derived(Draft.Purpose.journal.rawValue)),
            number: 1,
            purpose: .funding,
            action: .direct,
            transfers: [
                Transfer(
                    debit: Self.centralBankName,
                    credit: settlementAccount(member.bicfi).name,
                    amount: amount
                )
            ]
        )
    }

    private func accountsBody(_ facts: Facts) -> JSONValue {
        let accounts = chartOfAccounts.compactMap { facts.account($0.key) }
        return ["accounts": .array(accounts.map(body(of:)))]
    }

    /// As every role shows it, with the floor that guards it.
    private func body(of account: LedgerAccount) -> JSONValue {
        guard case .object(var members) = account.json, let floor = account.floor else {
            return account.json
        }
        let amount = Money(minorUnits: floor, currency: account.key.currency)
        members.append(JSONMember("floor", .string(amount.amountText)))
        return .object(members)
    }

    private func paymentBody(_ uetr: UUIDv4, _ facts: Facts) throws(Refusal) -> JSONValue {
        guard let row = facts.payment(configuration.id, uetr) else {
            throw Refusal(status: 404, sentence: "no payment of this UETR")
        }
        let payment = Payment.stored(row.content)
        let state = State(row)
        let leg =
            switch state {
            case .source: "source"
            case .destination: "destination"
            }
        var members = [
            JSONMember("uetr", .string(uetr.description)),
            JSONMember("leg", .string(leg)),
            JSONMember("state", .string(state.name)),
            JSONMember("isFinal", .bool(state.isFinal)),
        ]
        func add(_ name: String, _ value: JSONValue?) {
            if let value { members.append(JSONMember(name, value)) }
        }
        let status = payment.outcome?.status
        add(state.isFinal ? "status" : "promised", status.map { .string($0.status.rawValue) })
        add("reason", status?.reason.map { .string($0.code) })
        add("interbankSettlementAmount", payment.amount?.json)
        add("priority", payment.isHigh ? "HIGH" : "NORM")
        add("instructingAgent", payment.agents.map { .string($0.instructing.code) })
        add("instructedAgent", payment.agents.map { .string($0.instructed.code) })
        add("due", row.due.map { .string($0.description) })
        return .object(members)
    }
}
