import SelatISO20022
import SelatMoney
import SelatScheme
import SelatTime

/// How a payment ended, or is promised to end.
enum Outcome: Hashable, Sendable {
    case completed
    case blocked
    case rejected(ReasonCode)

    /// As the pacs.002 says it.
    var status: PaymentStatus {
        switch self {
        case .completed: .accepted
        case .blocked: .blocked
        case .rejected(let reason): .rejected(reason)
        }
    }

    /// True when both are the same final status, whatever the reason.
    func agrees(with other: Outcome) -> Bool { status.status == other.status.status }
}

/// What makes a message that was sent the same message again.
struct Sent: Hashable, Sendable {
    let messageIdentification: String
    let created: Instant
}

/// One payment as this system keeps it, beside its state: enough to build again, byte for byte,
/// whatever was sent for it. No personal data; that stays in the kept pacs.008.
struct Payment: Hashable, Sendable {
    /// Who sent the pacs.008, and gets the answer: the S-PSP, or the hub.
    var sender: PartyID
    /// The MsgId of the first copy. `nil` in a tombstone until that copy comes, and where the
    /// refused message had none that could be read.
    var original: String?
    /// ISO: PmtId/EndToEndId of the first copy, where it could be read.
    var endToEnd: String?
    /// The leg's agents: S-PSP and S-SAP, or D-SAP and D-PSP. `nil` where they could not be read.
    var agents: Agents?
    /// What the leg settles; `nil` for what was refused before it could be read.
    var amount: Money?
    var isHigh = false
    /// The ClrSysRef this system added, when the S-PSP gave none.
    var clearingSystemReference: String?
    /// The final outcome; in `awaitingConfirmation` the promised one.
    var outcome: Outcome?
    /// M2 or M6.
    var toAccessProvider: Sent?
    /// M4 or M8.
    var onward: Sent?
    /// M16 or M10: the last one made, sent or not.
    var answer: Sent?
    /// M15 or M13: made with the final state, sent or not.
    var accessProviderNotice: Sent?
    /// M14, likewise.
    var creditorAgentNotice: Sent?
    /// How often the state's enquiry timer has run.
    var enquiries = 0
    /// When an onward message was last repeated.
    var lastEnquiry: Instant?

    /// The two settlement accounts of a leg.
    struct Agents: Hashable, Sendable {
        /// InstgAgt: pays in this leg.
        let instructing: BICFI
        /// InstdAgt: is paid in this leg.
        let instructed: BICFI
    }

    /// The leg's two agents are two institutions, so something is settled between them.
    var hasDomesticLeg: Bool { agents.map { $0.instructing != $0.instructed } ?? false }
}

// MARK: Stored form

extension Payment {
    private static let layout: UInt8 = 1

    var encoded: [UInt8] {
        RecordWriter.record(layout: Payment.layout) { writer in
            writer.write(sender)
            writer.write(original)
            writer.write(endToEnd)
            writer.write(agents?.instructing)
            writer.write(agents?.instructed)
            writer.write(amount?.minorUnits)
            writer.write(amount?.currency)
            writer.write(isHigh)
            writer.write(clearingSystemReference)
            writer.write(outcome?.status.status.rawValue)
            writer.write(outcome?.status.reason?.code)
            Payment.write(toAccessProvider, to: &writer)
            Payment.write(onward, to: &writer)
            Payment.write(answer, to: &writer)
            Payment.write(accessProviderNotice, to: &writer)
            Payment.write(creditorAgentNotice, to: &writer)
            writer.write(enquiries)
            writer.write(lastEnquiry)
        }
    }

    /// Traps on bytes that no release has written: going on would decide on nonsense.
    static func stored(_ bytes: [UInt8]) -> Payment {
        do throws(RecordError) {
            return try reading(bytes)
        } catch {
            preconditionFailure("a payment cannot be read: \(error)")
        }
    }

    // No initialiser: one that can fail builds a value of its own, and copies it when it is whole.
    private static func reading(_ bytes: [UInt8]) throws(RecordError) -> Payment {
        var reader = try RecordReader(bytes, layout: Payment.layout)
        return Payment(
            sender: try reader.party(),
            original: try reader.optionalText(),
            endToEnd: try reader.optionalText(),
            agents: try agents(&reader),
            amount: try amount(&reader),
            isHigh: try reader.flag(),
            clearingSystemReference: try reader.optionalText(),
            outcome: try outcome(
                status: try reader.optionalText(),
                reason: try reader.optionalText()
            ),
            toAccessProvider: try sent(&reader),
            onward: try sent(&reader),
            answer: try sent(&reader),
            accessProviderNotice: try sent(&reader),
            creditorAgentNotice: try sent(&reader),
            enquiries: Int(try reader.integer()),
            lastEnquiry: try reader.optionalInstant()
        )
    }

    private static func amount(_ reader: inout RecordReader) throws(RecordError) -> Money? {
        let minorUnits = try reader.optionalInteger()
        let currency = try reader.optionalCurrency()
        guard let minorUnits, let currency else { return nil }
        return Money(minorUnits: minorUnits, currency: currency)
    }

    private static func outcome(status: String?, reason: String?) throws(RecordError) -> Outcome? {
        guard let status else { return nil }
        switch (TransactionStatus(rawValue: status), reason.flatMap { ReasonCode($0) }) {
        case (.acceptedCreditSettlementCompleted, nil): return .completed
        case (.blocked, nil): return .blocked
        case (.rejected, let reason?): return .rejected(reason)
        case (.acceptedCreditSettlementCompleted, _), (.blocked, _), (.rejected, _),
            (.acceptedWithoutPosting, _), (.acceptedTechnicalValidation, _), (nil, _):
            throw .damaged(at: 0)
        }
    }

    /// The agents of a stored payment, and nothing else of it.
    static func agents(stored bytes: [UInt8]) -> Agents? {
        do throws(RecordError) {
            var reader = try RecordReader(bytes, layout: Payment.layout)
            try reader.skipText()
            try reader.skipOptionalText()
            try reader.skipOptionalText()
            return try agents(&reader)
        } catch {
            preconditionFailure("a payment cannot be read: \(error)")
        }
    }

    private static func agents(_ reader: inout RecordReader) throws(RecordError) -> Agents? {
        let instructing = try reader.optionalBICFI()
        let instructed = try reader.optionalBICFI()
        guard let instructing, let instructed else { return nil }
        return Agents(instructing: instructing, instructed: instructed)
    }

    private static func write(_ sent: Sent?, to writer: inout RecordWriter) {
        guard let sent else {
            // Neither id nor time.
            writer.write(false)
            return writer.write(false)
        }
        writer.write(true)
        writer.write(sent.messageIdentification)
        writer.write(true)
        writer.write(sent.created)
    }

    private static func sent(_ reader: inout RecordReader) throws(RecordError) -> Sent? {
        let messageIdentification = try reader.optionalText()
        let created = try reader.optionalInstant()
        guard let messageIdentification, let created else { return nil }
        return Sent(messageIdentification: messageIdentification, created: created)
    }
}
