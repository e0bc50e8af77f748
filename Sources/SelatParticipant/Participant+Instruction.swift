import SelatISO20022
import SelatLedger
import SelatMoney
import SelatNode
import SelatScheme
import SelatTime

/// M2, M6 and M8: an instruction comes from the payment system. Copies first, then who we are
/// in it, then whether it can be done. Source: Specs/States, rules 2 and 4 to 8.
extension Participant {
    /// All of it in one round: what is known of the payment, and what an answer would rest on.
    func instructionFacts(
        _ message: FIToFICustomerCreditTransfer,
        from sender: PartyID,
        _ keys: inout [FactKey]
    ) {
        guard let uetr = message.uetr else { return }
        keys.append(.payment(instance, uetr))
        keys.append(
            .receipt(
                instance,
                sender: sender,
                messageIdentification: message.messageIdentification
            )
        )
        keys.append(.record(instance, .script, Script.key))
        let capacity = capacity(in: message)
        if let provider = depositor(in: message, capacity) {
            keys.append(.account(deposit(of: provider.provider)))
        }
        if capacity == .creditorAgent, let number = message.creditorAccount.number {
            keys.append(.record(instance, .customer, number))
        }
    }

    func receive(
        _ message: FIToFICustomerCreditTransfer,
        _ event: Event,
        _ facts: Facts,
        _ decision: inout Decision
    ) {
        guard let uetr = message.uetr else {
            decision = .alert(.notice, "an instruction without UETR can not be answered")
            return
        }
        let reading = Reading(message)
        let row = facts.payment(instance, uetr)
        let receipt = facts.receipt(
            instance,
            from: configuration.system,
            message.messageIdentification
        )
        let verdict = CopyVerdict(
            receipt: receipt,
            isKnown: row != nil,
            uetr: uetr,
            digest: reading.digest
        )
        if receipt == nil {
            decision.receipts.append(
                ReceiptInsertion(
                    sender: configuration.system,
                    messageIdentification: message.messageIdentification,
                    receipt: Receipt(uetr: uetr, digest: reading.digest)
                )
            )
        }
        switch verdict {
        case .first: accept(reading, uetr, event, facts, &decision)
        case .resend:
            guard let row else { preconditionFailure("a resend is of a known payment") }
            var record = PaymentRecord.stored(row)
            if record.messageIdentification == message.messageIdentification {
                repeatAnswer(row, &record, uetr, event, facts, &decision)
            } else {
                refuseCopy(reading, uetr, .du03, &decision)
            }
        case .otherMessage: refuseCopy(reading, uetr, .du03, &decision)
        case .altered: refuseCopy(reading, uetr, .du01, &decision)
        }
    }

    // MARK: Reading

    /// An instruction as read: the domain's value, or why it is none.
    struct Reading {
        let message: FIToFICustomerCreditTransfer
        let transfer: CreditTransfer?
        let rejection: Rejection?
        /// Over the business fields; over the refusal where there are none.
        let digest: ContentDigest

        init(_ message: FIToFICustomerCreditTransfer) {
            self.message = message
            do {
                let transfer = try CreditTransfer(parsing: message)
                self.transfer = transfer
                rejection = nil
                digest = transfer.digest
            } catch {
                transfer = nil
                rejection = error
                var writer = DigestWriter()
                writer.feed(error.description)
                digest = writer.digest
            }
        }
    }

    /// Who this institution is in a received instruction. Rulebook: Role recognition.
    func capacity(in message: FIToFICustomerCreditTransfer) -> Capacity {
        let own = configuration.bicfi
        if message.intermediaryAgent1 != nil {
            return message.intermediaryAgent1?.bicfi == own ? .sourceAccessProvider : .unnamed
        }
        if message.creditorAgent.bicfi == own { return .creditorAgent }
        return message.instructingAgent.bicfi == own ? .destinationAccessProvider : .unnamed
    }

    /// The provider whose deposit the instruction moves; `nil` also where it moves none.
    func depositor(
        in message: FIToFICustomerCreditTransfer,
        _ capacity: Capacity
    ) -> ProviderAccount? {
        switch capacity {
        case .unnamed, .debtorAgent: nil
        case .sourceAccessProvider: provider(of: message.intermediaryAgent1Account?.number)
        case .destinationAccessProvider: provider(of: message.intermediaryAgent2Account?.number)
        case .creditorAgent:
            isOwnAccessProvider(message)
                ? provider(of: message.intermediaryAgent2Account?.number) : nil
        }
    }

    private func isOwnAccessProvider(_ message: FIToFICustomerCreditTransfer) -> Bool {
        message.instructingAgent.bicfi == configuration.bicfi
    }

    // MARK: First copy

    private func accept(
        _ reading: Reading,
        _ uetr: UUIDv4,
        _ event: Event,
        _ facts: Facts,
        _ decision: inout Decision
    ) {
        let message = reading.message
        let capacity = capacity(in: message)
        let none = Money.zero(configuration.currency)
        var record = PaymentRecord(
            capacity: capacity,
            messageIdentification: message.messageIdentification,
            endToEndIdentification: message.endToEndIdentification,
            reportsTo: reportReceiver(message),
            settlement: none,
            fee: none
        )
        record.isHighPriority = message.instructionPriority == .high
        record.customer = capacity == .creditorAgent ? message.creditorAccount.number : nil
        record.provider = depositor(in: message, capacity)?.provider
        let verdict: Verdict
        if let reason = refusal(of: reading, as: capacity, record, event.at) {
            verdict = .reject(reason)
        } else {
            if let transfer = reading.transfer {
                record.settlement = transfer.settlementAmount
                if capacity == .creditorAgent { record.fee = transfer.destinationFee }
            }
            verdict = judge(record, event, facts, &decision)
        }
        conclude(
            verdict,
            Position(uetr: uetr, row: nil, cause: capacity.instructionName),
            &record,
            event,
            &decision
        )
    }

    /// InstdAgt of the answer: who instructed us, or the system where that was ourselves.
    private func reportReceiver(_ message: FIToFICustomerCreditTransfer) -> BICFI {
        guard let sender = message.instructingAgent.bicfi, sender != configuration.bicfi else {
            return configuration.systemBICFI
        }
        return sender
    }

    /// Why an instruction can not even be considered; `nil` when it can.
    private func refusal(
        of reading: Reading,
        as capacity: Capacity,
        _ record: PaymentRecord,
        _ now: Instant
    ) -> ReasonCode? {
        guard let transfer = reading.transfer else { return reading.rejection?.reason ?? .ff01 }
        guard capacity != .unnamed else { return .agnt }
        let accepted = transfer.message.acceptanceDateTime
        let age =
            transfer.isHighPriority ? configuration.times.highAge : configuration.times.normalAge
        if now > accepted + age || accepted > now + configuration.times.clockTolerance {
            return .tm01
        }
        guard transfer.settlementAmount.currency == configuration.currency else { return .curr }
        guard transfer.settlementAmount.isPositive else { return .am06 }
        guard transfer.settlementAmount.isBookable else { return .am02 }
        if capacity == .creditorAgent {
            guard transfer.destinationFee.currency == configuration.currency else { return .curr }
            guard transfer.destinationFee.minorUnits >= 0 else { return .ch20 }
            guard transfer.creditorAccountAmount.isPositive else { return .am06 }
        }
        let needsProvider = capacity != .creditorAgent || isOwnAccessProvider(transfer.message)
        return needsProvider && record.provider == nil ? .rc11 : nil
    }

    // MARK: Copies

    /// The same answer, byte for byte; where there was none the question stands again.
    private func repeatAnswer(
        _ row: PaymentRow,
        _ record: inout PaymentRecord,
        _ uetr: UUIDv4,
        _ event: Event,
        _ facts: Facts,
        _ decision: inout Decision
    ) {
        if record.answer != nil {
            report(record, uetr, &decision)
            return
        }
        guard row.institutionState == .considering, row.due == nil else { return }
        let verdict = judge(record, event, facts, &decision)
        if case .consider(due: nil) = verdict { return }
        conclude(
            verdict,
            Position(
                uetr: uetr,
                row: row,
                cause: record.capacity.instructionName + " again"
            ),
            &record,
            event,
            &decision
        )
    }

    /// A refusal is about the message: it names the refused MsgId and touches no payment. It is
    /// derived from the copy alone, so that the same copy gets the same bytes.
    private func refuseCopy(
        _ reading: Reading,
        _ uetr: UUIDv4,
        _ reason: ReasonCode,
        _ decision: inout Decision
    ) {
        let message = reading.message
        let seed = Seed(high: reading.digest.high, low: reading.digest.low)
        let report = StatusReport(
            messageIdentification: MessageIdentification.derive(
                sender: instance,
                at: message.creationDateTime,
                seed: seed,
                purpose: reason == .du03 ? 3 : 1
            ),
            created: message.creationDateTime,
            status: .rejected(reason),
            uetr: uetr,
            originalMessageIdentification: message.messageIdentification,
            originalEndToEndIdentification: message.endToEndIdentification,
            instructingAgent: ownAgent,
            instructedAgent: Agent(bicfi: reportReceiver(message))
        )
        decision.messages.append(
            Outgoing(to: configuration.system, .iso(.statusReport(report.message)))
        )
        let isAltered = reason == .du01
        decision.alerts.append(
            Alert(
                isAltered ? .security : .notice,
                uetr: uetr,
                isAltered
                    ? "an instruction came again with other content; refused with DU01"
                    : "a payment came again under another MsgId; refused with DU03"
            )
        )
    }

    // MARK: Unreadable

    func facts(for message: MalformedMessage) -> [FactKey] {
        message.uetr.map { [.payment(instance, $0)] } ?? []
    }

    /// An instruction that can not be read is refused once and for all; a copy that can not be
    /// read says nothing about the payment.
    func refuse(_ message: MalformedMessage, _ event: Event, _ facts: Facts) -> Decision {
        let reason = message.rejections.first?.reason ?? .ff01
        var decision = Decision.alert(
            .notice,
            uetr: message.uetr,
            "a message can not be read (\(reason))"
        )
        guard message.kind == Message.Kind.creditTransfer, let uetr = message.uetr,
            let identification = message.messageIdentification,
            facts.payment(instance, uetr) == nil
        else { return decision }
        let none = Money.zero(configuration.currency)
        var record = PaymentRecord(
            capacity: .unnamed,
            messageIdentification: identification,
            endToEndIdentification: "NOTPROVIDED",
            reportsTo: configuration.systemBICFI,
            settlement: none,
            fee: none
        )
        conclude(
            .reject(reason),
            Position(uetr: uetr, row: nil, cause: "pacs.008 unreadable"),
            &record,
            event,
            &decision
        )
        return decision
    }
}

extension Participant.Capacity {
    /// The bookings' number of the instruction that it receives or sends.
    var instructionName: String {
        switch self {
        case .unnamed: "pacs.008"
        case .debtorAgent: "M1"
        case .sourceAccessProvider: "M2"
        case .destinationAccessProvider: "M6"
        case .creditorAgent: "M8"
        }
    }

    /// The bookings' number of the outcome that it is told.
    var reportName: String {
        switch self {
        case .unnamed: "pacs.002"
        case .debtorAgent: "M16"
        case .sourceAccessProvider: "M15"
        case .destinationAccessProvider: "M13"
        case .creditorAgent: "M14"
        }
    }
}
