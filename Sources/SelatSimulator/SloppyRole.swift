import SelatISO20022
import SelatNode
import SelatScheme
import SelatTime

/// An institution with faulty software: it sends some instructions again under another MsgId and
/// with other content, and answers some twice, differently. Its own book keeps what it decided, so
/// the first instruction and the first answer must stand everywhere.
struct SloppyRole: Role {
    /// The payments that an institution is sloppy about.
    struct Payments {
        /// As debtor agent.
        var copied: Set<UUIDv4> = []
        /// As creditor agent.
        var contradicted: Set<UUIDv4> = []
    }

    let base: any Role
    let payments: Payments

    func facts(for event: Event, known: Facts, _ keys: inout [FactKey]) {
        base.facts(for: event, known: known, &keys)
    }

    func decide(_ event: Event, given facts: Facts, _ decision: inout Decision) {
        base.decide(event, given: facts, &decision)
        for outgoing in decision.messages {
            guard case .iso(let message) = outgoing.message else { continue }
            let more: [ISOMessage]
            switch message {
            case .creditTransfer(let transfer): more = copies(of: transfer, by: event.instance)
            case .statusReport(let report): more = contradictions(of: report, by: event.instance)
            case .verificationRequest, .verificationReport: more = []
            }
            decision.messages += more.map { Outgoing(to: outgoing.to, .iso($0)) }
        }
    }

    /// The same copies each time that the instruction is sent.
    private func copies(
        of transfer: FIToFICustomerCreditTransfer,
        by party: PartyID
    ) -> [ISOMessage] {
        guard let uetr = transfer.uetr, payments.copied.contains(uetr),
            transfer.instructingAgent.bicfi?.code == party.name
        else { return [] }
        var renamed = transfer
        renamed.messageIdentification += "X"
        var altered = transfer
        altered.endToEndIdentification += "X"
        return [.creditTransfer(renamed), .creditTransfer(altered)]
    }

    /// The same contradiction each time that the answer is given.
    private func contradictions(
        of report: FIToFIPaymentStatusReport,
        by party: PartyID
    ) -> [ISOMessage] {
        guard payments.contradicted.contains(report.originalUETR),
            report.instructingAgent.bicfi?.code == party.name
        else { return [] }
        var other = report
        switch report.transactionStatus {
        case .acceptedCreditSettlementCompleted:
            other.transactionStatus = .rejected
            other.statusReason = StatusReason(code: "MS03", additionalInformation: [])
        case .blocked: other.transactionStatus = .acceptedCreditSettlementCompleted
        case .rejected, .acceptedTechnicalValidation, .acceptedWithoutPosting: return []
        }
        other.messageIdentification += "X"
        return [.statusReport(other)]
    }
}
