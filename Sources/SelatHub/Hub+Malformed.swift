import SelatISO20022
import SelatNode
import SelatScheme
import SelatTime

/// Messages nobody can read: a pacs.008 is still answered as far as its ids could be saved,
/// everything else is for a person.
extension Hub {
    func factsForMalformed(
        _ malformed: MalformedMessage,
        from sender: PartyID,
        event: Event
    ) -> [FactKey] {
        guard malformed.kind == Message.Kind.creditTransfer, let uetr = malformed.uetr,
            reference.country(of: sender) != nil
        else { return [] }
        var keys = [
            FactKey.payment(event.instance, uetr), FactKey.instruction(event.instance, uetr),
        ]
        if let messageIdentification = malformed.messageIdentification {
            keys.append(
                .receipt(
                    event.instance,
                    sender: sender,
                    messageIdentification: messageIdentification
                )
            )
        }
        return keys
    }

    func receive(
        _ malformed: MalformedMessage,
        from sender: PartyID,
        event: Event,
        facts: Facts
    ) -> Decision {
        let uetr = malformed.uetr
        guard let rejection = malformed.rejections.first else {
            preconditionFailure("a malformed message says at least one thing that is wrong")
        }
        guard malformed.kind == Message.Kind.creditTransfer else {
            let text =
                "\(sender) sent an unreadable message of kind \(malformed.kind): \(rejection)"
            return .alert(.notice, uetr, text)
        }
        guard let source = reference.country(of: sender) else {
            return .alert(.security, uetr, "\(sender) sent a pacs.008 and is no payment system")
        }
        guard let uetr else {
            let text = "\(sender) sent an unreadable pacs.008 that names no payment: \(rejection)"
            return .alert(.incident, nil, text)
        }
        let copy = Copy(
            malformed,
            uetr: uetr,
            rejection: rejection,
            from: sender,
            of: source,
            at: event.at
        )
        if let decision = decideCopy(copy, event: event, facts: facts) { return decision }
        let refusal = Refusal(.messageIsReadable, rejection.reason)
        return refuse(copy, refusal, event: event, facts: facts)
    }
}
