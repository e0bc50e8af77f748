import SelatISO20022
import SelatNode
import SelatScheme
import SelatTime

/// A received pacs.008 as far as it matters whether it was received before: readable or not,
/// first or not.
struct Copy {
    let uetr: UUIDv4
    let origin: Payment.Origin
    /// Over the decoded business fields. Where they cannot be read, over what is wrong with
    /// them: the same unreadable message again is the same copy.
    let digest: ContentDigest
    /// As the message states it: the answer to a refused copy is made at the same instant, so
    /// that the same copy gets the same answer.
    let created: Instant
    /// The instruction, or the first rule it breaks.
    let reading: CreditTransfer.Reading

    init(
        _ message: FIToFICustomerCreditTransfer,
        uetr: UUIDv4,
        from sender: PartyID,
        of source: Country
    ) {
        self.uetr = uetr
        origin = Payment.Origin(
            system: sender,
            messageIdentification: message.messageIdentification,
            endToEndIdentification: message.endToEndIdentification,
            sourceAccessProvider: message.instructedAgent.bicfi ?? source.systemBICFI,
            debtorAgent: message.instructingAgent.bicfi ?? source.systemBICFI
        )
        created = message.creationDateTime
        reading = CreditTransfer.Reading(message)
        digest =
            switch reading {
            case .readable(let transfer): transfer.digest
            case .unreadable(let rejection): Copy.digest(of: uetr, rejection)
            }
    }

    init(
        _ malformed: MalformedMessage,
        uetr: UUIDv4,
        rejection: Rejection,
        from sender: PartyID,
        of source: Country,
        at now: Instant
    ) {
        self.uetr = uetr
        origin = Payment.Origin(
            system: sender,
            messageIdentification: malformed.messageIdentification,
            endToEndIdentification: nil,
            sourceAccessProvider: source.systemBICFI,
            debtorAgent: source.systemBICFI
        )
        created = now
        digest = Copy.digest(of: uetr, rejection)
        reading = .unreadable(rejection)
    }

    private static func digest(of uetr: UUIDv4, _ rejection: Rejection) -> ContentDigest {
        var writer = DigestWriter()
        writer.feed("unreadable")
        writer.feed(uetr.high)
        writer.feed(uetr.low)
        writer.feed(rejection.reason.code)
        writer.feed(rejection.path.text)
        return writer.digest
    }

    /// What the answer to this very copy is derived from.
    var answerSeed: Seed {
        var writer = DigestWriter()
        writer.feed(digest.high)
        writer.feed(digest.low)
        writer.feed(origin.system.name)
        writer.feed(origin.messageIdentification)
        let answer = writer.digest
        return Seed(high: answer.high, low: answer.low)
    }
}

/// Copies: resends are answered, all others refused; none changes a payment's state.
/// Source: Specs/States, rules 4 to 8.
extension Hub {
    /// `nil` for a first copy.
    func decideCopy(_ copy: Copy, event: Event, facts: Facts) -> Decision? {
        let row = facts.payment(event.instance, copy.uetr)
        let verdict = CopyVerdict(
            receipt: receipt(of: copy, event, facts),
            isKnown: row != nil,
            uetr: copy.uetr,
            digest: copy.digest
        )
        let payment = row.map { Payment.stored($0.content) }
        // From another system it is no copy, and its refusal must end it. Specs/Decisions/0016.
        let isCopy = payment.map { $0.origin.system == copy.origin.system } ?? true
        switch verdict {
        case .first: return nil
        case .resend:
            guard let row, let payment, payment.origin.isSame(as: copy.origin) else {
                // The repeated copy of a refused one: the same refusal.
                return refuseCopy(
                    copy,
                    isCopy ? .du03 : .am05,
                    of: payment,
                    event: event,
                    facts: facts
                )
            }
            return answerResend(copy, row, payment, event: event, facts: facts)
        case .otherMessage:
            return refuseCopy(copy, isCopy ? .du03 : .am05, of: payment, event: event, facts: facts)
        case .altered:
            return refuseCopy(copy, .du01, of: payment, event: event, facts: facts)
        }
    }

    /// A resend is an enquiry: the stored M12 when there is one, else M5 as stored, once per
    /// interval. No timer is moved.
    private func answerResend(
        _ copy: Copy,
        _ row: PaymentRow,
        _ payment: Payment,
        event: Event,
        facts: Facts
    ) -> Decision {
        var decision = Decision()
        switch payment.stage {
        case .refused, .closed:
            decision.messages += [outcomeReport(of: payment, uetr: copy.uetr)].compactMap(\.self)
        case .open(let route, let onward):
            if route.isHighPriority, let due = row.due, event.at >= due {
                return endByDeadline(copy.uetr, row, payment, route, event: event)
            }
            guard event.at >= onward.last + times.enquiry else { break }
            decision = repeatOnward(copy.uetr, row, payment, event: event, facts: facts)
        }
        return decision
    }

    /// A refusal about a message, not about a payment: it names the refused MsgId.
    private func refuseCopy(
        _ copy: Copy,
        _ reason: ReasonCode,
        of payment: Payment?,
        event: Event,
        facts: Facts
    ) -> Decision {
        let isForeign = payment.map { $0.origin.system != copy.origin.system } ?? false
        let severity: Alert.Severity = reason == .du01 || isForeign ? .security : .notice
        var decision = Decision()
        let text = "\(copy.origin.system) sent a copy that is none: \(reason)"
        decision.alerts.append(Alert(severity, uetr: copy.uetr, text))
        // Without a MsgId to name, the answer would be read as the payment's own status.
        guard let messageIdentification = copy.origin.messageIdentification else {
            return decision
        }
        remember(copy, event: event, facts: facts, &decision)
        let report = StatusReport(
            messageIdentification: MessageIdentification.derive(
                sender: event.instance,
                at: copy.created,
                seed: copy.answerSeed,
                purpose: Purpose.refusal
            ),
            created: copy.created,
            status: .rejected(reason),
            uetr: copy.uetr,
            originalMessageIdentification: messageIdentification,
            originalEndToEndIdentification: copy.origin.endToEndIdentification,
            instructingAgent: Agent(bicfi: copy.origin.sourceAccessProvider),
            instructedAgent: Agent(bicfi: copy.origin.debtorAgent)
        )
        decision.messages.append(
            Outgoing(to: copy.origin.system, .iso(.statusReport(report.message)))
        )
        return decision
    }

    /// Inserts the copy's receipt unless its MsgId has one.
    func remember(_ copy: Copy, event: Event, facts: Facts, _ decision: inout Decision) {
        guard let messageIdentification = copy.origin.messageIdentification,
            receipt(of: copy, event, facts) == nil
        else { return }
        decision.receipts.append(
            ReceiptInsertion(
                sender: copy.origin.system,
                messageIdentification: messageIdentification,
                receipt: Receipt(uetr: copy.uetr, digest: copy.digest)
            )
        )
    }

    private func receipt(of copy: Copy, _ event: Event, _ facts: Facts) -> Receipt? {
        guard let messageIdentification = copy.origin.messageIdentification else { return nil }
        return facts.receipt(event.instance, from: copy.origin.system, messageIdentification)
    }
}

extension Payment.Origin {
    /// The same message of the same sender, not one that was refused as a copy of it.
    fileprivate func isSame(as other: Payment.Origin) -> Bool {
        system == other.system && messageIdentification == other.messageIdentification
    }
}
