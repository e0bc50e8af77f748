import SelatISO20022
import SelatLedger
import SelatMoney
import SelatNode
import SelatScheme
import SelatTime

/// What the hub sends for a payment, and what it books: pure functions of the payment's record.
extension Hub {
    /// A MsgId of this event.
    func identification(_ event: Event, _ purpose: UInt64) -> String {
        MessageIdentification.derive(
            sender: event.instance,
            at: event.at,
            seed: event.seed,
            purpose: purpose
        )
    }

    /// M5: M4 with the agents moved on, the destination's amount out of the stored quote, and
    /// nothing else changed. Rulebook: Transformation.
    func onwardMessage(_ approval: borrowing Approval, event: Event) -> FIToFICustomerCreditTransfer
    {
        let converted = approval.quote.amounts.destinationSettlement
        let clearingSystem = approval.destination.clearingSystem
        let accessProvider = approval.quote.intermediaryAgent2.accessProvider
        var message = approval.transfer.message
        message.change {
            $0.messageIdentification = identification(event, Purpose.onward)
            $0.creationDateTime = event.at.wholeMilliseconds
            $0.clearingSystem = .proprietary(clearingSystem)
            $0.interbankSettlementAmount = CurrencyAndAmount(
                amount: converted.decimal,
                currency: converted.currency
            )
            $0.previousInstructingAgent1 = $0.intermediaryAgent1
            $0.previousInstructingAgent1Account = $0.intermediaryAgent1Account
            $0.instructingAgent = $0.intermediaryAgent2 ?? Agent(bicfi: accessProvider)
            $0.instructedAgent = $0.creditorAgent
            $0.intermediaryAgent1 = nil
            $0.intermediaryAgent1Account = nil
        }
        return message
    }

    /// M12 as it was sent, or is to be: the outcome, to the source. `nil` while there is none.
    func outcomeReport(of payment: Payment, uetr: UUIDv4) -> Outgoing? {
        guard let outcome = payment.outcome else { return nil }
        return sourceReport(
            outcome.status,
            outcome.reason,
            as: outcome.outcomeIdentification,
            at: outcome.at,
            payment,
            uetr
        )
    }

    /// M12 with ACWP: interim, never sent again.
    func interimReport(of payment: Payment, uetr: UUIDv4, event: Event) -> Outgoing {
        sourceReport(
            .acceptedWithoutPosting,
            nil,
            as: identification(event, Purpose.interim),
            at: event.at,
            payment,
            uetr
        )
    }

    private func sourceReport(
        _ status: TransactionStatus,
        _ reason: StatusReason?,
        as identification: String,
        at created: Instant,
        _ payment: Payment,
        _ uetr: UUIDv4
    ) -> Outgoing {
        let origin = payment.origin
        let message = FIToFIPaymentStatusReport(
            messageIdentification: identification,
            creationDateTime: created.wholeMilliseconds,
            originalMessageIdentification: origin.messageIdentification,
            originalMessageNameIdentification: origin.messageIdentification == nil
                ? nil : MessageKind.creditTransfer.messageNameIdentification,
            originalEndToEndIdentification: origin.endToEndIdentification,
            originalUETR: uetr,
            transactionStatus: status,
            statusReason: reason,
            instructingAgent: Agent(bicfi: origin.sourceAccessProvider),
            instructedAgent: Agent(bicfi: origin.debtorAgent)
        )
        return Outgoing(to: origin.system, .iso(.statusReport(message)))
    }

    /// M11 as it was sent, or is to be: confirms the destination's answer, or overrules it.
    /// `nil` when the destination was never asked, or nothing is final.
    func confirmation(of payment: Payment, uetr: UUIDv4) -> Outgoing? {
        guard case .closed(let route, let outcome) = payment.stage,
            let identification = outcome.confirmationIdentification
        else { return nil }
        let message = FIToFIPaymentStatusReport(
            messageIdentification: identification,
            creationDateTime: outcome.at.wholeMilliseconds,
            originalMessageIdentification: route.onwardIdentification,
            originalMessageNameIdentification: MessageKind.creditTransfer
                .messageNameIdentification,
            originalEndToEndIdentification: payment.origin.endToEndIdentification,
            originalUETR: uetr,
            transactionStatus: outcome.status,
            statusReason: outcome.reason,
            instructingAgent: Agent(bicfi: route.destinationAccessProvider),
            instructedAgent: Agent(bicfi: route.creditorAgent)
        )
        return Outgoing(to: route.destination, .iso(.statusReport(message)))
    }

    /// M17, once per payment that moved a provider's money; `nil` where it does not want to know.
    func notification(of payment: Payment, uetr: UUIDv4) -> Outgoing? {
        guard case .closed(let route, let outcome) = payment.stage,
            reference.provider(route.provider)?.wantsNotifications == true
        else { return nil }
        let completed = CompletedPayment(
            uetr: uetr,
            completed: outcome.at,
            status: outcome.status,
            source: route.source,
            destination: route.converted,
            rate: route.rate,
            rateID: route.rateID,
            debtorAgent: payment.origin.debtorAgent,
            creditorAgent: route.creditorAgent,
            sourceAccessProvider: payment.origin.sourceAccessProvider,
            destinationAccessProvider: route.destinationAccessProvider
        )
        return Outgoing(to: route.provider, .notification(completed))
    }

    // MARK: Bookings

    /// The memorandum of one payment: what came in and went out for the provider, and the fee.
    /// Journal 1 reserves it, 2 posts or voids it. Source: Specs/Rulebook/Bookings.md, a5 to a7.
    func journal(
        _ number: Int,
        _ action: Journal.Action,
        of payment: Payment,
        uetr: UUIDv4,
        instance: PartyID
    ) -> Journal {
        guard let route = payment.route else {
            preconditionFailure("a payment that the hub refused books nothing")
        }
        let position = Chart.position(route.provider)
        var transfers: [Transfer] = []
        transfers.reserveCapacity(3)
        transfers.append(
            Transfer(
                debit: Chart.cleared(payment.origin.system),
                credit: position,
                amount: route.source
            )
        )
        transfers.append(
            Transfer(
                debit: position,
                credit: Chart.cleared(route.destination),
                amount: route.converted
            )
        )
        if route.schemeFee.isPositive {
            transfers.append(
                Transfer(
                    debit: Chart.receivable(payment.origin.system),
                    credit: Chart.schemeFeeIncome,
                    amount: route.schemeFee
                )
            )
        }
        return Journal(
            book: BookID(instance.name),
            subject: uetr,
            number: number,
            action: action,
            transfers: transfers
        )
    }
}

/// The hub's chart of accounts. Source: Specs/Rulebook/Bookings.md §2.
enum Chart {
    static func position(_ provider: PartyID) -> String { "position:" + provider.name }
    static func cleared(_ system: PartyID) -> String { "cleared:" + system.name }
    static func receivable(_ system: PartyID) -> String { "receivable:" + system.name }
    static let schemeFeeIncome = "scheme-fee-income"
}
