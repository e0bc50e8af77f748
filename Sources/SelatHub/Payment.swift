import SelatISO20022
import SelatMoney
import SelatScheme
import SelatTime

/// One payment as the hub keeps it beside its state: enough to build again, byte for byte,
/// every pacs.002 that was sent for it. M5 is the kept instruction itself.
struct Payment: Hashable, Sendable {
    /// Where the pacs.008 came from, and how to answer it.
    let origin: Origin
    var stage: Stage

    /// The source leg's message, as far as an answer needs it.
    struct Origin: Hashable, Sendable {
        /// The payment system that sent M4.
        let system: PartyID
        /// M4's MsgId; `nil` where an unreadable message showed none.
        let messageIdentification: String?
        let endToEndIdentification: String?
        /// M12 speaks from the source access provider to the debtor agent. Where a refused
        /// message named none, the system stands in.
        let sourceAccessProvider: BICFI
        let debtorAgent: BICFI
    }

    /// How far it came.
    enum Stage: Hashable, Sendable {
        /// Refused by the hub's own checks.
        case refused(Outcome)
        /// Sent on; no final answer yet.
        case open(Route, Onward)
        /// Sent on, and ended.
        case closed(Route, Outcome)
    }

    /// What was promised and booked; fixed when M5 is sent.
    struct Route: Hashable, Sendable {
        let destination: PartyID
        let provider: PartyID
        let quote: UUIDv4
        let rateID: UUIDv4
        let rate: ExchangeRate
        /// sIBS.
        let source: Money
        /// dIBS, from the quote; never multiplied again.
        let converted: Money
        let schemeFee: Money
        let destinationAccessProvider: BICFI
        let creditorAgent: BICFI
        let isHighPriority: Bool
        /// M5's MsgId: what an answer must name.
        let onwardIdentification: String
    }

    /// When M5 went out last, and how often the enquiry timer has sent it again.
    struct Onward: Hashable, Sendable {
        var last: Instant
        var enquiries: Int
    }

    /// A final status, and the ids under which it was told.
    struct Outcome: Hashable, Sendable {
        let status: TransactionStatus
        /// With RJCT only.
        let reason: StatusReason?
        let at: Instant
        /// M12's MsgId.
        let outcomeIdentification: String
        /// M11's MsgId; `nil` when the destination was never asked.
        let confirmationIdentification: String?
    }

    /// `nil` while no final status is known.
    var outcome: Outcome? {
        switch stage {
        case .refused(let outcome), .closed(_, let outcome): outcome
        case .open: nil
        }
    }

    /// `nil` for what the hub itself refused.
    var route: Route? {
        switch stage {
        case .refused: nil
        case .open(let route, _), .closed(let route, _): route
        }
    }
}

// MARK: Stored form

extension Payment {
    private static let layout: UInt8 = 1

    var record: [UInt8] {
        RecordWriter.record(layout: Payment.layout) { writer in
            writer.write(origin.system)
            writer.write(origin.messageIdentification)
            writer.write(origin.endToEndIdentification)
            writer.write(origin.sourceAccessProvider)
            writer.write(origin.debtorAgent)
            // Which of route and outcome there are, each before where it would stand.
            switch stage {
            case .refused(let outcome):
                writer.write(false)
                writer.write(true)
                outcome.write(to: &writer)
            case .open(let route, let onward):
                writer.write(true)
                route.write(to: &writer)
                writer.write(false)
                writer.write(onward.last)
                writer.write(onward.enquiries)
            case .closed(let route, let outcome):
                writer.write(true)
                route.write(to: &writer)
                writer.write(true)
                outcome.write(to: &writer)
            }
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

    // No initialisers: one that can fail builds a value of its own, and copies it when it is whole.
    private static func reading(_ bytes: [UInt8]) throws(RecordError) -> Payment {
        var reader = try RecordReader(bytes, layout: Payment.layout)
        return Payment(
            origin: Origin(
                system: try reader.party(),
                messageIdentification: try reader.optionalText(),
                endToEndIdentification: try reader.optionalText(),
                sourceAccessProvider: try reader.bicfi(),
                debtorAgent: try reader.bicfi()
            ),
            stage: try stage(&reader)
        )
    }

    private static func stage(_ reader: inout RecordReader) throws(RecordError) -> Stage {
        guard try reader.flag() else {
            guard try reader.flag() else { throw .damaged(at: 0) }
            return .refused(try Outcome(reading: &reader))
        }
        let route = try Route.reading(&reader)
        if try reader.flag() { return .closed(route, try Outcome(reading: &reader)) }
        let last = try reader.instant()
        return .open(route, Onward(last: last, enquiries: Int(try reader.integer())))
    }
}

extension Payment.Route {
    fileprivate func write(to writer: inout RecordWriter) {
        writer.write(destination)
        writer.write(provider)
        writer.write(quote)
        writer.write(rateID)
        writer.write(rate.decimal)
        writer.write(source)
        writer.write(converted)
        writer.write(schemeFee)
        writer.write(destinationAccessProvider)
        writer.write(creditorAgent)
        writer.write(isHighPriority)
        writer.write(onwardIdentification)
    }

    fileprivate static func reading(
        _ reader: inout RecordReader
    ) throws(RecordError) -> Payment.Route {
        Payment.Route(
            destination: try reader.party(),
            provider: try reader.party(),
            quote: try reader.uuid(),
            rateID: try reader.uuid(),
            rate: try reader.rate(),
            source: try reader.money(),
            converted: try reader.money(),
            schemeFee: try reader.money(),
            destinationAccessProvider: try reader.bicfi(),
            creditorAgent: try reader.bicfi(),
            isHighPriority: try reader.flag(),
            onwardIdentification: try reader.text()
        )
    }
}

extension Payment.Outcome {
    fileprivate func write(to writer: inout RecordWriter) {
        writer.write(status.rawValue)
        writer.write(reason != nil)
        if let reason {
            writer.write(reason.code)
            writer.write(reason.originatorName)
            writer.write(reason.originatorBIC)
            writer.write(reason.additionalInformation.count)
            for text in reason.additionalInformation { writer.write(text) }
        }
        writer.write(at)
        writer.write(outcomeIdentification)
        writer.write(confirmationIdentification)
    }

    fileprivate init(reading reader: inout RecordReader) throws(RecordError) {
        guard let status = TransactionStatus(rawValue: try reader.text()) else {
            throw .damaged(at: 0)
        }
        self.status = status
        if try reader.flag() {
            let code = try reader.text()
            let originatorName = try reader.optionalText()
            let originatorBIC = try reader.optionalBICFI()
            var texts: [String] = []
            for _ in 0..<max(0, try reader.integer()) { texts.append(try reader.text()) }
            reason = StatusReason(
                originatorName: originatorName,
                originatorBIC: originatorBIC,
                code: code,
                additionalInformation: texts
            )
        } else {
            reason = nil
        }
        at = try reader.instant()
        outcomeIdentification = try reader.text()
        confirmationIdentification = try reader.optionalText()
    }
}
