import SelatISO20022
import SelatLedger
import SelatMoney
import SelatNode
import SelatScheme
import SelatTime

/// What an institution keeps of one payment beside its state: enough to book, to close what it
/// booked, and to build again everything it sent.
struct PaymentRecord: Equatable {
    private static let layout: UInt8 = 1

    /// Where the creditor agent's reservation stands; the others have one place only.
    enum Reservation: UInt8 {
        case nowhere = 0
        /// As the payment intends: customer and fee, or provider.
        case applied = 1
        /// The whole amount on `blocked`.
        case blocked = 2
        /// The whole amount on `unapplied`.
        case unapplied = 3
    }

    /// An answer given, as pacs.002.
    struct Answer: Equatable {
        let messageIdentification: String
        let created: Instant
        let status: PaymentStatus
    }

    var capacity: Participant.Capacity
    /// The instruction's MsgId: sent as M1, or received as M2, M6 or M8.
    var messageIdentification: String
    var endToEndIdentification: String
    /// InstdAgt of our reports.
    var reportsTo: BICFI
    /// IntrBkSttlmAmt of our leg.
    var settlement: Money
    /// The fee we deduct: ChrgsInf[1] as debtor agent, ChrgsInf[2] as creditor agent, else zero.
    var fee: Money
    /// Our customer's account number.
    var customer: String?
    /// Whose deposit stands in for `settlement`, or opposite it at an access provider.
    var provider: PartyID?
    var isHighPriority = false
    var reservation = Reservation.nowhere
    /// Journals booked so far; the first is the reservation.
    var journals = 0
    var answer: Answer?
    /// Why it ended in RJCT.
    var reason: ReasonCode?
    /// Debtor agent: ACWP was reported.
    var isAcceptedWithoutPosting = false
    /// Debtor agent: enquiries sent.
    var enquiries = 0
    /// After ACWP: the scripted rejection; without one the account decides.
    var laterReason: ReasonCode?

    /// What the customer pays or gets: the debtor account amount, the creditor account amount.
    var customerAmount: Money {
        switch capacity {
        case .debtorAgent: settlement + fee
        case .creditorAgent: settlement - fee
        case .unnamed, .sourceAccessProvider, .destinationAccessProvider: settlement
        }
    }

    // MARK: Transfers

    var customerAccount: String { PaymentRecord.account(of: customer ?? "") }

    /// A customer's account in the chart, by its number.
    static func account(of customer: String) -> String { "customer:" + customer }

    var providerAccount: String? { provider.map(Participant.depositName) }
    /// `settlement`, or the provider's deposit where the institution is its own access provider.
    var counterpart: String { providerAccount ?? "settlement" }

    /// The transfers of this payment as `reservation` places them, always in the same order.
    /// Source: Specs/Rulebook/Bookings.md §5.
    func transfers(_ reservation: Reservation) -> [Transfer] {
        switch capacity {
        case .unnamed: return []
        case .debtorAgent:
            return withFee(
                from: customerAccount,
                to: counterpart,
                settlement,
                feeTo: "fee-income:source"
            )
        case .sourceAccessProvider: return whole(from: "settlement", to: counterpart)
        case .destinationAccessProvider: return whole(from: counterpart, to: "settlement")
        case .creditorAgent:
            switch reservation {
            case .nowhere: return []
            case .applied:
                return withFee(
                    from: counterpart,
                    to: customerAccount,
                    customerAmount,
                    feeTo: "fee-income:destination"
                )
            case .blocked: return whole(from: counterpart, to: "blocked")
            case .unapplied: return whole(from: counterpart, to: "unapplied")
            }
        }
    }

    /// `settlement` in one transfer. No transfer moves nothing.
    private func whole(from debit: String, to credit: String) -> [Transfer] {
        guard settlement.isPositive else { return [] }
        return [Transfer(debit: debit, credit: credit, amount: settlement)]
    }

    /// `amount` and the fee, both out of one account. No transfer moves nothing: a fee of zero is
    /// none.
    private func withFee(
        from debit: String,
        to credit: String,
        _ amount: Money,
        feeTo income: String
    ) -> [Transfer] {
        var transfers: [Transfer] = []
        transfers.reserveCapacity(2)
        if amount.isPositive {
            transfers.append(Transfer(debit: debit, credit: credit, amount: amount))
        }
        if fee.isPositive { transfers.append(Transfer(debit: debit, credit: income, amount: fee)) }
        return transfers
    }

    /// The next journal of this payment.
    mutating func journal(
        _ book: BookID,
        _ uetr: UUIDv4,
        _ action: Journal.Action,
        _ transfers: [Transfer]
    ) -> Journal {
        journals += 1
        return Journal(
            book: book,
            subject: uetr,
            number: journals,
            action: action,
            transfers: transfers
        )
    }
}

// MARK: Stored form

extension PaymentRecord {
    var bytes: [UInt8] {
        RecordWriter.record(layout: PaymentRecord.layout) { writer in
            writer.write(Int(capacity.rawValue))
            writer.write(messageIdentification)
            writer.write(endToEndIdentification)
            writer.write(reportsTo)
            writer.write(settlement)
            writer.write(fee)
            writer.write(customer)
            writer.write(provider?.name)
            writer.write(isHighPriority)
            writer.write(Int(reservation.rawValue))
            writer.write(journals)
            writer.write(answer != nil)
            if let answer {
                writer.write(answer.messageIdentification)
                writer.write(answer.created)
                writer.write(answer.status.status.rawValue)
                writer.write(answer.status.reason?.code)
            }
            writer.write(reason?.code)
            writer.write(isAcceptedWithoutPosting)
            writer.write(enquiries)
            writer.write(laterReason?.code)
        }
    }

    /// Reads the stored form. A record that can not be read stops the node: it never goes on
    /// as if it had not been there.
    static func stored(_ row: PaymentRow) -> PaymentRecord {
        do throws(RecordError) {
            return try reading(row.content)
        } catch {
            preconditionFailure("\(error)")
        }
    }

    /// Whose accounts a stored payment moves, and nothing else of it.
    static func holders(stored row: PaymentRow) -> (customer: String?, provider: PartyID?) {
        do throws(RecordError) {
            var reader = try RecordReader(row.content, layout: layout)
            _ = try reader.integer()
            try reader.skipText()
            try reader.skipText()
            _ = try reader.bicfi()
            _ = try (reader.money(), reader.money())
            let customer = try reader.optionalText()
            return (customer, try reader.optionalText().map(PartyID.init(checked:)))
        } catch {
            preconditionFailure("\(error)")
        }
    }

    // No initialiser: one that can fail builds a value of its own, and copies it when it is whole.
    private static func reading(_ bytes: [UInt8]) throws(RecordError) -> PaymentRecord {
        var reader = try RecordReader(bytes, layout: layout)
        return PaymentRecord(
            capacity: try reader.value(Participant.Capacity.init(rawValue:)),
            messageIdentification: try reader.text(),
            endToEndIdentification: try reader.text(),
            reportsTo: try reader.bicfi(),
            settlement: try reader.money(),
            fee: try reader.money(),
            customer: try reader.optionalText(),
            provider: try reader.optionalText().map(PartyID.init(checked:)),
            isHighPriority: try reader.flag(),
            reservation: try reader.value(Reservation.init(rawValue:)),
            journals: Int(try reader.integer()),
            answer: try reader.flag() ? try Answer(&reader) : nil,
            reason: try reader.optionalText().flatMap(ReasonCode.init),
            isAcceptedWithoutPosting: try reader.flag(),
            enquiries: Int(try reader.integer()),
            laterReason: try reader.optionalText().flatMap(ReasonCode.init)
        )
    }
}

extension RecordReader {
    /// A member of a closed set, by its number.
    fileprivate mutating func value<Value>(
        _ member: (UInt8) -> Value?
    ) throws(RecordError) -> Value {
        guard let value = member(UInt8(clamping: try integer())) else { throw .damaged(at: 0) }
        return value
    }
}

extension PaymentRecord.Answer {
    fileprivate init(_ reader: inout RecordReader) throws(RecordError) {
        messageIdentification = try reader.text()
        created = try reader.instant()
        let code = try reader.text()
        let reason = try reader.optionalText().flatMap(ReasonCode.init)
        guard let status = TransactionStatus(rawValue: code) else { throw .damaged(at: 3) }
        self.status = PaymentStatus(status, reason: reason)
    }
}

extension PaymentStatus {
    /// As stored: its own constructors, chosen by the code.
    init(_ status: TransactionStatus, reason: ReasonCode?) {
        switch status {
        case .acceptedCreditSettlementCompleted: self = .accepted
        case .rejected: self = .rejected(reason ?? .narr)
        case .blocked: self = .blocked
        case .acceptedWithoutPosting: self = .acceptedWithoutPosting
        case .acceptedTechnicalValidation: self = .fundsReserved
        }
    }
}
