import SelatISO20022
import SelatJSON
import SelatLedger
import SelatMoney
import SelatNode
import SelatScheme
import SelatTime

/// `pay`: the Sender has approved. Checks, reserves, sends M1.
/// Source: Specs/Rulebook/Bookings.md, step 1; messages: pacs.008, source leg.
extension Participant {
    /// Why a payment is refused before any message leaves.
    struct Refusal: Error, Equatable {
        let reason: ReasonCode
        let text: String
    }

    func paymentFacts(_ body: JSONCursor) -> [FactKey] {
        guard let uetr = UUIDv4(text: body["uetr"]),
            case .string(let account) = body["debtorAccount"]
        else { return [] }
        return [
            .payment(instance, uetr),
            .record(instance, .customer, account),
            .account(key("customer:" + account)),
        ]
    }

    func pay(
        _ body: JSONCursor,
        _ id: RequestID,
        _ event: Event,
        _ facts: Facts
    ) throws(JSONError) -> Decision {
        let order = try PaymentOrder(reading: body)
        guard facts.payment(instance, order.uetr) == nil else {
            return .replying(.error(id, 409, "this UETR has a payment already"))
        }
        guard !facts.isClosed(to: configuration.system) else {
            return .replying(
                Reply(
                    request: id,
                    status: 503,
                    body: [
                        "error": .string(
                            "too much is under way to \(configuration.system); try again later"
                        ),
                        "reason": .string(ReasonCode.ed06.code),
                        "retryAfterMilliseconds": 1000,
                    ]
                )
            )
        }
        do {
            return try instruct(order, id, event, facts)
        } catch {
            return .replying(
                Reply(
                    request: id,
                    status: 422,
                    body: ["error": .string(error.text), "reason": .string(error.reason.code)]
                )
            )
        }
    }

    private func instruct(
        _ order: PaymentOrder,
        _ id: RequestID,
        _ event: Event,
        _ facts: Facts
    ) throws(Refusal) -> Decision {
        let customer = try usableCustomer(order.debtorAccount, facts)
        let amounts = try amounts(of: order)
        let provider = try ownDeposit(order.quote)
        let message = creditTransfer(order, customer, amounts, event)
        do {
            _ = try CreditTransfer(parsing: message)
        } catch {
            throw Refusal(reason: error.reason, text: error.description)
        }
        let account = facts.account(key("customer:" + order.debtorAccount))
        guard let account, account.covers(amounts.debtorAccount.minorUnits) else {
            throw Refusal(reason: .am04, text: "the account's available balance does not suffice")
        }
        // From here on the payment exists.
        var record = PaymentRecord(
            capacity: .debtorAgent,
            messageIdentification: message.messageIdentification,
            endToEndIdentification: message.endToEndIdentification,
            reportsTo: configuration.systemBICFI,
            settlement: amounts.settlement,
            fee: amounts.fee
        )
        record.customer = order.debtorAccount
        record.provider = provider
        record.isHighPriority = order.priority == .high
        record.reservation = .applied
        var decision = Decision()
        decision.messages.append(Outgoing(to: configuration.system, .iso(.creditTransfer(message))))
        decision.journals.append(
            record.journal(book, order.uetr, .pending, record.transfers(.applied))
        )
        decision.change(
            order.uetr,
            from: nil,
            to: .reserved,
            due: event.at + configuration.times.backoff(configuration.times.enquiry, attempt: 0),
            record,
            cause: "pay",
            instruction: .outgoing(0)
        )
        decision.replies.append(
            .ok(
                id,
                [
                    "uetr": .string(order.uetr.description),
                    "messageIdentification": .string(message.messageIdentification),
                ]
            )
        )
        return decision
    }

    // MARK: Checks

    private func usableCustomer(
        _ account: String,
        _ facts: Facts
    ) throws(Refusal) -> CustomerRecord {
        guard let row = facts.record(instance, .customer, account) else {
            throw Refusal(reason: .ac01, text: "no such account here")
        }
        let customer = CustomerRecord.stored(row)
        switch customer.status {
        case .open: return customer
        case .closed: throw Refusal(reason: .ac04, text: "the account is closed")
        case .blocked: throw Refusal(reason: .ac06, text: "the account is blocked")
        }
    }

    /// The amounts of a payment at its source.
    struct SourceAmounts: Equatable {
        /// DAA = sIBS + fee.
        let debtorAccount: Money
        let settlement: Money
        let fee: Money
        let instructed: Money
    }

    /// Whoever fixed which amount, the quote's amounts and our fee must make it. The fee is that
    /// on the Sender's amount where the Sender fixed it, else that on the settlement amount.
    private func amounts(of order: PaymentOrder) throws(Refusal) -> SourceAmounts {
        let quote = order.quote
        let own = configuration.currency
        guard quote.sourceSettlement.currency == own else {
            throw Refusal(reason: .curr, text: "the quote's source currency is not \(own)")
        }
        guard let creditorAmount = quote.creditorAccount, creditorAmount.isPositive,
            quote.destinationFee.minorUnits >= 0, creditorAmount.currency != own,
            quote.destinationSettlement.isBookable, quote.sourceSettlement.isBookable
        else {
            throw Refusal(reason: .ab04, text: "the quote's amounts make no payment")
        }
        let instructed: Money
        let feeBase: Money
        switch (order.instructed, order.debtorAccountAmount) {
        case (.some(let amount), _) where amount.currency != own:
            guard amount == creditorAmount else {
                throw Refusal(
                    reason: .ab04,
                    text: "the quote credits another amount than was instructed; quote again"
                )
            }
            instructed = amount
            feeBase = quote.sourceSettlement
        case (.some(let amount), _), (.none, .some(let amount)):
            instructed = amount
            feeBase = amount
        case (.none, .none):
            throw Refusal(reason: .ab04, text: "no amount was instructed")
        }
        guard feeBase.currency == own, feeBase.isBookable else {
            throw Refusal(reason: .am02, text: "the amount can not be booked")
        }
        let fee = configuration.sourceFee.fee(on: feeBase)
        let debtorAccount = quote.sourceSettlement + fee
        let told = order.debtorAccountAmount ?? debtorAccount
        guard told == debtorAccount, instructed.currency != own || instructed == debtorAccount
        else {
            throw Refusal(
                reason: .ab04,
                text: "debit \(debtorAccount) is the quote's \(quote.sourceSettlement) and our fee "
                    + "\(fee); the order says otherwise, quote again"
            )
        }
        return SourceAmounts(
            debtorAccount: debtorAccount,
            settlement: quote.sourceSettlement,
            fee: fee,
            instructed: instructed
        )
    }

    /// Where we are the access provider ourselves, the provider's deposit with us.
    private func ownDeposit(_ quote: QuotedTerms) throws(Refusal) -> PartyID? {
        guard quote.intermediaryAgent1.accessProvider == configuration.bicfi else { return nil }
        guard let deposit = provider(of: quote.intermediaryAgent1.account) else {
            throw Refusal(reason: .rc11, text: "the quote names no provider's account of ours")
        }
        return deposit.provider
    }
}

extension UUIDv4 {
    /// From a JSON text; `nil` for anything else.
    init?(text value: JSONValue?) {
        guard case .string(let text) = value else { return nil }
        self.init(text)
    }
}
