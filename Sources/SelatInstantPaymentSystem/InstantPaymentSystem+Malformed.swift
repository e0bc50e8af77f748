import SelatISO20022
import SelatNode
import SelatScheme
import SelatTime

/// Messages that could not be read: whoever sent a payment is told why it goes nowhere.
extension InstantPaymentSystem {
    func factsForMalformed(
        _ malformed: MalformedMessage,
        from: PartyID,
        known: Facts
    ) -> [FactKey] {
        guard malformed.kind == Message.Kind.creditTransfer, let uetr = malformed.uetr else {
            return []
        }
        let id = configuration.id
        let payment = FactKey.payment(id, uetr)
        guard let messageIdentification = malformed.messageIdentification else { return [payment] }
        let receipt = FactKey.receipt(
            id,
            sender: from,
            messageIdentification: messageIdentification
        )
        return [payment, receipt]
    }

    func receive(
        _ malformed: MalformedMessage,
        from: PartyID,
        event: Event,
        facts: Facts
    ) -> Decision {
        let kind = malformed.kind
        guard from == .hub || member(from) != nil, let rejection = malformed.rejections.first,
            kind == Message.Kind.creditTransfer, let uetr = malformed.uetr
        else {
            return refuse(
                .notice,
                uetr: malformed.uetr,
                "\(from) sent a message of kind \(kind) that cannot be read"
            )
        }
        let id = configuration.id
        let receipt = malformed.messageIdentification.flatMap {
            facts.receipt(id, from: from, $0)
        }
        guard let row = facts.payment(id, uetr), receipt == nil || receipt?.uetr == uetr else {
            guard facts.payment(id, uetr) == nil, receipt == nil else {
                return refuseUnreadable(malformed, rejection, uetr, from, event, receipt)
            }
            return firstUnreadable(malformed, rejection, uetr, from, event)
        }
        var draft = Draft(self, event, uetr, row)
        let isOriginal =
            draft.payment.sender == from
            && draft.payment.original == malformed.messageIdentification
        guard isOriginal, receipt == nil || receipt?.digest == digest(of: malformed, uetr) else {
            return refuseUnreadable(malformed, rejection, uetr, from, event, receipt)
        }
        draft.repeatAnswer()
        return draft.finish()
    }

    /// Never seen: refused for good, so that a repaired message needs its own UETR.
    private func firstUnreadable(
        _ malformed: MalformedMessage,
        _ rejection: Rejection,
        _ uetr: UUIDv4,
        _ from: PartyID,
        _ event: Event
    ) -> Decision {
        let payment = Payment(sender: from, original: malformed.messageIdentification)
        var draft = Draft(self, event, first: uetr, payment)
        if let insertion = receipt(for: malformed, uetr, from) {
            draft.decision.receipts.append(insertion)
        }
        draft.alert(.notice, "\(from) sent a payment that cannot be read: \(rejection.reason)")
        draft.refuseFirst(rejection.reason)
        return draft.finish()
    }

    /// The UETR or the MsgId is known: a refusal of this message, the payment untouched.
    private func refuseUnreadable(
        _ malformed: MalformedMessage,
        _ rejection: Rejection,
        _ uetr: UUIDv4,
        _ from: PartyID,
        _ event: Event,
        _ receipt: Receipt?
    ) -> Decision {
        var draft = Draft(self, event, first: uetr, Payment(sender: from, original: nil))
        if receipt == nil, let insertion = self.receipt(for: malformed, uetr, from) {
            draft.decision.receipts.append(insertion)
        }
        draft.alert(
            .security,
            "\(from) sent what cannot be read under a UETR or MsgId that is known"
        )
        draft.report(
            .rejected(rejection.reason),
            as: draft.mint(.interim),
            to: from,
            original: malformed.messageIdentification
        )
        return draft.finish()
    }

    private func receipt(
        for malformed: MalformedMessage,
        _ uetr: UUIDv4,
        _ from: PartyID
    ) -> ReceiptInsertion? {
        malformed.messageIdentification.map {
            ReceiptInsertion(
                sender: from,
                messageIdentification: $0,
                receipt: Receipt(uetr: uetr, digest: digest(of: malformed, uetr))
            )
        }
    }

    /// Of what could be made out: the same bytes give the same digest.
    private func digest(of malformed: MalformedMessage, _ uetr: UUIDv4) -> ContentDigest {
        var writer = DigestWriter()
        writer.feed(uetr.high)
        writer.feed(uetr.low)
        for rejection in malformed.rejections { writer.feed(rejection.description) }
        return writer.digest
    }
}
