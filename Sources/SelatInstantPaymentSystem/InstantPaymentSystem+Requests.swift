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

    /// The most that one funding may bring, in minor units: a slip of the keyboard must not
    /// reach the ends of the book.
    private static let largestFunding: Int64 = 1_000_000_000_000_000

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
            decision.replies.append(Reply(request: id, status: 200, body: body))
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
            let body = request.body.cursor
            switch request.operation {
            case "accounts": return .accounts
            case "payment":
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
        let participant = try body.string("participant")
        guard let bicfi = BICFI(participant), let member = member(bicfi) else {
            throw try body.member("participant").mismatch(expected: "a participant's BICFI")
        }
        let text = try body.string("amount")
        guard let amount = positiveAmount(text),
            amount.minorUnits <= Self.largestFunding
        else {
            throw try body.member("amount").mismatch(
                expected: "a positive amount of \(configuration.currency)"
            )
        }
        return .fund(member, amount)
    }

    private func positiveAmount(_ text: String) -> Money? {
        guard let decimal = Decimal(text) else { return nil }
        do throws(MoneyError) {
            let amount = try Money(decimal, currency: configuration.currency)
            return amount.isPositive ? amount : nil
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
                    credit: Self.settlementAccountName(member.bicfi),
                    amount: amount
                )
            ]
        )
    }

    private func accountsBody(_ facts: Facts) -> JSONValue {
        let accounts = chartOfAccounts.compactMap { facts.account($0.key) }
        return ["accounts": .array(accounts.map(body(of:)))]
    }

    /// `pending` is what is reserved to flow out.
    private func body(of account: LedgerAccount) -> JSONValue {
        func text(_ minorUnits: Int64) -> JSONValue {
            .string(Money(minorUnits: minorUnits, currency: account.key.currency).amountText)
        }
        return [
            "account": .string(account.key.name),
            "currency": .string(account.key.currency.code),
            "posted": text(account.posted),
            "pending": text(account.posted - account.available),
            "available": text(account.available),
            "floor": account.floor.map(text) ?? .null,
        ]
    }

    private func paymentBody(_ uetr: UUIDv4, _ facts: Facts) throws(Refusal) -> JSONValue {
        guard let row = facts.payment(configuration.id, uetr) else {
            throw Refusal(status: 404, sentence: "no payment of this UETR")
        }
        let payment = Payment(stored: row.content)
        let state = State(row)
        let leg =
            switch state {
            case .source: "source"
            case .destination: "destination"
            }
        func text(_ value: String?) -> JSONValue { value.map(JSONValue.string) ?? .null }
        return [
            "uetr": .string(uetr.description),
            "leg": .string(leg),
            "state": .string(state.name),
            "isFinal": .bool(state.isFinal),
            "status": text(payment.outcome?.status.status.rawValue),
            "reason": text(payment.outcome?.status.reason?.code),
            "amount": text(payment.amount?.amountText),
            "currency": text(payment.amount?.currency.code),
            "instructingAgent": text(payment.agents?.instructing.code),
            "instructedAgent": text(payment.agents?.instructed.code),
            "due": text(row.due?.description),
        ]
    }
}
