import SelatISO20022
import SelatLedger
import SelatNode
import SelatScheme
import SelatTime

/// Received pacs.008: who may send it, whether it came before, and what becomes of a first copy.
/// Source: Specs/States, rules 2 and 4 to 8.
extension InstantPaymentSystem {
    /// A received pacs.008 on its way to a decision.
    struct Instruction {
        let message: FIToFICustomerCreditTransfer
        let from: PartyID
        let uetr: UUIDv4
        let digest: ContentDigest
        /// What the rules that need no database make of it.
        let reading: CreditTransfer.Reading
        let receipt: Receipt?

        var isFromHub: Bool { from == .hub }
    }

    func factsForInstruction(
        _ message: FIToFICustomerCreditTransfer,
        from: PartyID,
        event: Event,
        known: Facts,
        _ keys: inout [FactKey]
    ) {
        let id = configuration.id
        keys.append(
            .receipt(id, sender: from, messageIdentification: message.messageIdentification)
        )
        if let member = member(from) { keys.append(.account(settlementAccount(member.bicfi))) }
        guard let uetr = message.uetr ?? backfilled(message, from: from, event: event, known)
        else { return }
        let payment = FactKey.payment(id, uetr)
        keys.append(payment)
        guard case .payment(let row) = known[payment] else { return }
        switch State(row) {
        case .source(.awaitingSourceAccessProvider), .source(.sentToHub),
            .destination(.awaitingDestinationAccessProvider), .destination(.awaitingCreditorAgent),
            .destination(.acceptedWithoutPosting):
            keys.append(.instruction(id, uetr))
        case .source(.completed), .source(.blocked), .source(.rejected),
            .destination(.awaitingConfirmation), .destination(.completed), .destination(.blocked),
            .destination(.rejected):
            break
        }
    }

    /// The UETR this system gives an M1 that has none: the one it gave to the same MsgId, else
    /// one of this event. `nil` while the receipt is not known yet, and for the hub, which
    /// must not omit it. Rulebook: UETR.
    private func backfilled(
        _ message: FIToFICustomerCreditTransfer,
        from: PartyID,
        event: Event,
        _ facts: Facts
    ) -> UUIDv4? {
        let id = configuration.id
        let key = FactKey.receipt(
            id,
            sender: from,
            messageIdentification: message.messageIdentification
        )
        guard from != .hub, facts.isKnown(key) else { return nil }
        return facts.receipt(id, from: from, message.messageIdentification)?.uetr
            ?? UUIDv4(event.seed.derived(Draft.Purpose.uetr.rawValue))
    }

    /// M1 from a participant, M5 from the hub.
    func receive(
        _ message: FIToFICustomerCreditTransfer,
        from: PartyID,
        event: Event,
        facts: Facts,
        _ decision: inout Decision
    ) {
        let id = configuration.id
        let member = member(from)
        guard from == .hub || member != nil else {
            decision = refuse(.security, uetr: message.uetr, "\(from) may not send payments here")
            return
        }
        guard let uetr = message.uetr ?? backfilled(message, from: from, event: event, facts)
        else {
            decision = refuse(.incident, "the hub sent a payment without a UETR")
            return
        }
        let reading = CreditTransfer.Reading(message, backfill: uetr)
        let instruction = Instruction(
            message: message,
            from: from,
            uetr: uetr,
            digest: digest(of: message, reading),
            reading: reading,
            receipt: facts.receipt(id, from: from, message.messageIdentification)
        )
        if let member, !speaks(member, for: message) {
            decision = refuseImpostor(instruction)
            return
        }
        let row = facts.payment(id, uetr)
        let verdict = CopyVerdict(
            receipt: instruction.receipt,
            isKnown: row != nil,
            uetr: uetr,
            digest: instruction.digest
        )
        switch (verdict, row) {
        case (.first, _), (.resend, nil), (.otherMessage, nil):
            firstCopy(instruction, event: event, facts: facts, &decision)
        case (.altered, _): decision = refuseCopy(instruction, .du01)
        case (.otherMessage, let row?), (.resend, let row?):
            decision = secondCopy(instruction, row, event: event, facts: facts)
        }
    }

    /// InstgAgt = DbtrAgt = whoever the transport says it is. Law I11.
    private func speaks(
        _ member: Configuration.Member,
        for message: FIToFICustomerCreditTransfer
    ) -> Bool {
        message.instructingAgent.bicfi == member.bicfi && message.debtorAgent.bicfi == member.bicfi
    }

    /// Over the business fields where they can be read, else over the whole message without its
    /// own id and time.
    private func digest(
        of message: FIToFICustomerCreditTransfer,
        _ reading: CreditTransfer.Reading
    ) -> ContentDigest {
        switch reading {
        case .readable(let transfer): return transfer.digest
        case .unreadable:
            var plain = message
            plain.change {
                $0.messageIdentification = ""
                $0.creationDateTime = .distantPast
            }
            var writer = DigestWriter()
            writer.feed(
                String(decoding: ISOMessage.creditTransfer(plain).encode(), as: UTF8.self)
            )
            return writer.digest
        }
    }

    // MARK: First copies

    private func firstCopy(
        _ instruction: Instruction,
        event: Event,
        facts: Facts,
        _ decision: inout Decision
    ) {
        let message = instruction.message
        var payment = Payment(
            sender: instruction.from,
            original: message.messageIdentification
        )
        payment.endToEnd = message.endToEndIdentification
        payment.isHigh = message.instructionPriority == .high
        payment.agents = agents(of: message)
        var draft = Draft(self, event, first: instruction.uetr, payment)
        swap(&draft.decision, &decision)
        draft.remember(instruction)
        switch instruction.reading {
        case .unreadable(let rejection):
            draft.refuseFirst(rejection.reason)
        case .readable(let transfer):
            draft.payment.amount = transfer.settlementAmount
            if instruction.isFromHub {
                draft.receiveM5(transfer, facts: facts)
            } else {
                draft.receiveM1(transfer, facts: facts)
            }
        }
        swap(&draft.decision, &decision)
    }

    func agents(of message: FIToFICustomerCreditTransfer) -> Payment.Agents? {
        guard let instructing = message.instructingAgent.bicfi,
            let instructed = message.instructedAgent.bicfi
        else { return nil }
        return Payment.Agents(instructing: instructing, instructed: instructed)
    }

    // MARK: Copies

    /// The UETR is known: the same message again, a tombstone's first copy, or another message.
    private func secondCopy(
        _ instruction: Instruction,
        _ row: PaymentRow,
        event: Event,
        facts: Facts
    ) -> Decision {
        var draft = Draft(self, event, instruction.uetr, row)
        let isOriginal =
            draft.payment.sender == instruction.from
            && draft.payment.original == instruction.message.messageIdentification
        let isTombstone = draft.payment.original == nil && draft.payment.sender == .hub
        if isOriginal {
            draft.answerResend(State(row), facts: facts)
        } else if isTombstone, instruction.isFromHub, instruction.receipt == nil {
            draft.answerTombstone(instruction, agents: agents(of: instruction.message))
        } else {
            // From another sender it is no copy: who refuses it must be believed, or whoever learns
            // a UETR first could keep the payment open for ever. Specs/Decisions/0016.
            let isCopy = draft.payment.sender == instruction.from
            return refuseCopy(instruction, isCopy ? .du03 : .am05)
        }
        return draft.finish()
    }

    /// RJCT on the refused MsgId. The payment is untouched, and so is its answer; the same copy
    /// gets the same refusal, because all of it follows from the copy. Rules 5 to 7.
    private func refuseCopy(_ instruction: Instruction, _ reason: ReasonCode) -> Decision {
        var decision = refusal(instruction, reason)
        if instruction.receipt == nil {
            decision.receipts.append(receipt(for: instruction))
        }
        let altered = reason == .du01
        decision.alerts.append(
            Alert(
                altered ? .security : .notice,
                uetr: instruction.uetr,
                altered
                    ? "\(instruction.from) sent a MsgId again with other content"
                    : "\(instruction.from) sent a known UETR under another MsgId"
            )
        )
        return decision
    }

    /// A participant spoke for another. Nothing is stored: it must not get at another's UETR.
    private func refuseImpostor(_ instruction: Instruction) -> Decision {
        var decision = refusal(instruction, .agnt)
        decision.alerts.append(
            Alert(
                .security,
                uetr: instruction.uetr,
                "\(instruction.from) sent a payment of which it is not the debtor agent"
            )
        )
        return decision
    }

    private func refusal(_ instruction: Instruction, _ reason: ReasonCode) -> Decision {
        let message = instruction.message
        var decision = Decision()
        decision.messages.append(
            Outgoing(
                to: instruction.from,
                report(
                    .rejected(reason),
                    as: refusalIdentity(
                        created: message.creationDateTime,
                        digest: instruction.digest,
                        messageIdentification: message.messageIdentification,
                        from: instruction.from
                    ),
                    uetr: instruction.uetr,
                    original: message.messageIdentification,
                    endToEnd: message.endToEndIdentification,
                    agents: agents(of: message),
                    to: instruction.from
                )
            )
        )
        return decision
    }

    /// The id of a refusal, from nothing but the refused message.
    func refusalIdentity(
        created: Instant,
        digest: ContentDigest,
        messageIdentification: String,
        from: PartyID
    ) -> Sent {
        var writer = DigestWriter()
        writer.feed(digest.high)
        writer.feed(digest.low)
        writer.feed(messageIdentification)
        writer.feed(from.name)
        let mixed = writer.digest
        return Sent(
            messageIdentification: MessageIdentification.derive(
                sender: configuration.id,
                at: created,
                seed: Seed(high: mixed.high, low: mixed.low),
                purpose: 0
            ),
            created: created.wholeMilliseconds
        )
    }

    func receipt(for instruction: Instruction) -> ReceiptInsertion {
        ReceiptInsertion(
            sender: instruction.from,
            messageIdentification: instruction.message.messageIdentification,
            receipt: Receipt(uetr: instruction.uetr, digest: instruction.digest)
        )
    }
}
