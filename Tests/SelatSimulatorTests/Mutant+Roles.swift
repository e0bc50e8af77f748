import SelatISO20022
import SelatLedger
import SelatMoney
import SelatNode
import SelatScheme
import SelatSimulator
import SelatTime

/// Guards of the hub.
extension Mutant {
    static let ofHub: [Mutant] = [
        quote("the hub takes an expired quote") { quote, _, event in quote.issued = event.at },
        quote("the hub takes a used quote") { quote, _, _ in quote.usedBy = nil },
        quote("the hub takes another PSP's quote") { quote, transfer, _ in
            quote.requester = transfer.debtorAgent
        },
        decision("the hub does not mark a quote as used", of: isHub) { decision, event in
            guard case .message = event.body else { return }
            decision.records.removeAll { $0.kind == .quote }
        },
        quote("the hub takes another rate than it promised") { quote, transfer, _ in
            quote.rate = transfer.rate
        },
        quote("the hub takes another amount than it promised") { quote, transfer, _ in
            quote.amounts = PaymentAmounts(
                sourceSettlement: transfer.settlementAmount,
                destinationSettlement: quote.amounts.destinationSettlement,
                destinationFee: quote.amounts.destinationFee,
                creditorAccount: quote.amounts.creditorAccount
            )
        },
        quote("the hub takes another destination charge than it promised") { quote, transfer, _ in
            quote.amounts = PaymentAmounts(
                sourceSettlement: quote.amounts.sourceSettlement,
                destinationSettlement: quote.amounts.destinationSettlement,
                destinationFee: transfer.destinationFee,
                creditorAccount: quote.amounts.creditorAccount
            )
        },
        decision("the hub multiplies by the rate again", of: isHub) { decision, _ in
            decision.changeInstructions { transfer in
                let old = transfer.interbankSettlementAmount
                let amount = Decimal(mantissa: old.amount.mantissa + 1, scale: old.amount.scale)
                transfer.interbankSettlementAmount = CurrencyAndAmount(
                    amount: amount,
                    currency: old.currency
                )
            }
        },
        decision("the hub sends onward under a new MsgId each time", of: isHub) { decision, event in
            decision.changeInstructions {
                $0.messageIdentification += "\(event.at.nanoseconds % 97)"
            }
        },
        decision("the hub answers under a new MsgId each time", of: isHub) { decision, event in
            decision.changeReports { $0.messageIdentification += "\(event.at.nanoseconds % 97)" }
        },
        event("the hub takes BLCK for ACCC", of: isHub) { event in
            event.reporting { report in
                guard report.transactionStatus == .blocked else { return }
                report.transactionStatus = .acceptedCreditSettlementCompleted
            }
        },
        event("the hub takes a rejection for ACCC", of: isHub) { event in
            event.reporting { report in
                report.transactionStatus = .acceptedCreditSettlementCompleted
                report.statusReason = nil
            }
        },
        decision("the hub posts although its deadline has rejected", of: isHub) { decision, event in
            guard case .message(_, .iso(.statusReport(let report))) = event.body,
                report.transactionStatus == .acceptedCreditSettlementCompleted,
                decision.journals.isEmpty, decision.payments.isEmpty
            else { return }
            decision.journals.append(
                Journal(
                    book: BookID("hub"),
                    subject: report.originalUETR,
                    number: 9,
                    action: .direct,
                    transfers: [
                        Transfer(
                            debit: "receivable:sg",
                            credit: "scheme-fee-income",
                            amount: Money(minorUnits: 1, currency: .sgd)
                        )
                    ]
                )
            )
        },
        decision("the hub keeps its reservation on a rejection", of: isHub) { decision, _ in
            decision.rebook { $0.action.isVoid ? [] : [$0] }
        },
        decision("the hub tells the provider nothing", of: isHub) { decision, _ in
            decision.messages.removeAll {
                if case .notification = $0.message { true } else { false }
            }
        },
        decision("the hub does not confirm to the destination", of: isHub) { decision, event in
            guard case .message(let from, .iso(.statusReport)) = event.body else { return }
            decision.messages.removeAll { $0.to == from }
        },
        decision("the hub never tells the source", of: isHub) { decision, _ in
            decision.messages.removeAll { outgoing in
                guard case .iso(.statusReport(let report)) = outgoing.message else { return false }
                return report.originalMessageIdentification?.hasPrefix("HUB") == false
            }
        },
        decision("the hub books only one of its transfers", of: isHub) { decision, _ in
            decision.rebook { [$0.with(transfers: Array($0.transfers.prefix(1)))] }
        },
    ]
}

/// Guards of the payment systems.
extension Mutant {
    static let ofSystems: [Mutant] = [
        event("a system believes the name in a report", of: isSystem) { event in
            guard case .message(let from, .iso(.statusReport(let report))) = event.body,
                from != .hub, let name = report.instructingAgent.bicfi?.code
            else { return event }
            return event.with(
                .message(from: PartyID(checked: name), .iso(.statusReport(report)))
            )
        },
        event("a system takes the hub's rejection for ACCC", of: isSystem) { event in
            guard case .message(.hub, .iso(.statusReport)) = event.body else { return event }
            return event.reporting { report in
                guard report.transactionStatus == .rejected else { return }
                report.transactionStatus = .acceptedCreditSettlementCompleted
                report.statusReason = nil
            }
        },
        event("a system takes an access provider's rejection for a yes", of: isSystem) { event in
            guard case .message(let from, .iso(.statusReport)) = event.body, from != .hub else {
                return event
            }
            return event.reporting { report in
                guard report.transactionStatus == .rejected else { return }
                report.transactionStatus = .acceptedCreditSettlementCompleted
                report.statusReason = nil
            }
        },
        decision("a system keeps its reservation on a rejection", of: isSystem) { decision, _ in
            decision.rebook { $0.action.isVoid ? [] : [$0] }
        },
        decision("a 4-step system does not reverse", of: isSystem) { decision, _ in
            decision.rebook { $0.action.isReversal ? [] : [$0] }
        },
        decision("a system reverses twice", of: isSystem) { decision, _ in
            decision.rebook { journal in
                guard journal.action.isReversal || journal.action.isVoid else { return [journal] }
                let mirrored =
                    journal.action.isReversal
                    ? journal.transfers
                    : journal.transfers.map {
                        Transfer(debit: $0.credit, credit: $0.debit, amount: $0.amount)
                    }
                return [journal, journal.with(number: 90, action: .direct, transfers: mirrored)]
            }
        },
        decision("a system settles without reserving", of: isSystem) { decision, _ in
            decision.rebook { journal in
                if case .pending = journal.action { return [journal.with(action: .direct)] }
                return []
            }
        },
        decision("a system tells its PSP before the hub has spoken", of: isSystem) {
            decision,
            event in
            guard case .message(let from, .iso(.creditTransfer(let transfer))) = event.body,
                from != .hub, let uetr = transfer.uetr
            else { return }
            let report = StatusReport(
                messageIdentification: "EARLY\(uetr.description.prefix(8))",
                created: event.at,
                status: .accepted,
                uetr: uetr,
                originalMessageIdentification: transfer.messageIdentification,
                originalEndToEndIdentification: transfer.endToEndIdentification,
                instructingAgent: transfer.instructedAgent,
                instructedAgent: transfer.instructingAgent
            )
            decision.messages.append(Outgoing(to: from, .iso(.statusReport(report.message))))
        },
        decision("a system does not tell the access provider how it ended", of: isSystem) {
            decision,
            event in
            guard case .message(.hub, .iso(.statusReport(let report))) = event.body else { return }
            let receiver = decision.messages.firstIndex { outgoing in
                guard case .iso(.statusReport(let told)) = outgoing.message else { return false }
                return told.originalUETR == report.originalUETR
            }
            if let receiver { decision.messages.remove(at: receiver) }
        },
        decision("a system forgets to answer the hub", of: isSystem) { decision, _ in
            decision.messages.removeAll { outgoing in
                guard case .iso(.statusReport) = outgoing.message else { return false }
                return outgoing.to == .hub
            }
        },
        decision("a system sends onward under a new MsgId each time", of: isSystem) {
            decision,
            event in
            decision.changeInstructions {
                $0.messageIdentification += "\(event.at.nanoseconds % 97)"
            }
        },
    ]
}

/// Guards of the institutions and the providers.
extension Mutant {
    static let ofInstitutions: [Mutant] = [
        event("an institution lets the refusal of a copy end a payment", of: isParticipant) {
            event in
            event.reporting { report in
                guard ["DU01", "DU03"].contains(report.statusReason?.code) else { return }
                report.statusReason = StatusReason(code: "MS03", additionalInformation: [])
                report.originalMessageIdentification = nil
            }
        },
        event("an institution takes a rejection for ACCC", of: isParticipant) { event in
            event.reporting { report in
                guard report.transactionStatus == .rejected else { return }
                report.transactionStatus = .acceptedCreditSettlementCompleted
                report.statusReason = nil
            }
        },
        event("an institution takes BLCK for ACCC", of: isParticipant) { event in
            event.reporting { report in
                guard report.transactionStatus == .blocked else { return }
                report.transactionStatus = .acceptedCreditSettlementCompleted
            }
        },
        decision("the creditor is credited twice", of: isParticipant) { decision, _ in
            decision.rebook { journal in
                let isCredit = journal.transfers.contains { $0.credit.hasPrefix("customer:") }
                guard isCredit, journal.action.isPost || journal.action == .direct else {
                    return [journal]
                }
                return [journal, journal.with(number: 77, action: .direct)]
            }
        },
        decision("the creditor is credited although the money is blocked", of: isParticipant) {
            decision,
            _ in
            decision.rebook { journal in
                [
                    journal.with(
                        transfers: journal.transfers.map { transfer in
                            guard transfer.credit == "blocked" else { return transfer }
                            return Transfer(
                                debit: transfer.debit,
                                credit: "fee-income:destination",
                                amount: transfer.amount
                            )
                        }
                    )
                ]
            }
        },
        decision("the creditor agent credits a payment that was rejected", of: isParticipant) {
            decision,
            _ in
            decision.rebook { journal in
                guard case .void(let number) = journal.action else { return [journal] }
                return [journal.with(action: .post(number: number))]
            }
        },
        decision("an institution keeps its reservation on a rejection", of: isParticipant) {
            decision,
            _ in
            decision.rebook { $0.action.isVoid ? [] : [$0] }
        },
        decision("a 4-step access provider does not reverse", of: isParticipant) { decision, _ in
            decision.rebook { $0.action.isReversal ? [] : [$0] }
        },
        decision("a PSP takes no fee", of: isParticipant) { decision, _ in
            decision.rebook { journal in
                let rest = journal.transfers.filter { !$0.credit.hasPrefix("fee-income") }
                return rest.isEmpty ? [] : [journal.with(transfers: rest)]
            }
        },
        decision("an institution says ACCC and books nothing", of: isParticipant) {
            decision,
            event in
            guard case .message = event.body else { return }
            decision.rebook { _ in [] }
        },
        decision("a creditor agent says ACCC where it rejects", of: isParticipant) { decision, _ in
            decision.changeReports { report in
                guard report.transactionStatus == .rejected else { return }
                report.transactionStatus = .acceptedCreditSettlementCompleted
                report.statusReason = nil
            }
        },
        decision("an answer carries a new MsgId each time", of: isParticipant) { decision, event in
            decision.changeReports { $0.messageIdentification += "\(event.at.nanoseconds % 97)" }
        },
        decision("a provider books a payment twice", of: isProvider) { decision, _ in
            decision.rebook { [$0, $0.with(number: 2)] }
        },
        decision("a provider does not book what it hears", of: isProvider) { decision, _ in
            decision.rebook { _ in [] }
        },
    ]
}

extension Journal.Action {
    var isVoid: Bool { if case .void = self { true } else { false } }
    var isPost: Bool { if case .post = self { true } else { false } }
    var isReversal: Bool { if case .reverse = self { true } else { false } }
}
