import SelatISO20022
public import SelatJSON
public import SelatMoney
import SelatScheme
package import SelatTime

/// What a frame's payload turned out to be.
package enum DecodedMessage: Hashable, Sendable {
    case message(Message)
    indirect case malformed(MalformedMessage)

    /// The payment it is about, where that can be told.
    package var uetr: UUIDv4? {
        switch self {
        case .message(let message): message.uetr
        case .malformed(let malformed): malformed.uetr
        }
    }
}

extension Message {
    /// The wire's message kinds. Source: Specs/Protocol/Framing.md.
    package enum Kind {
        package static let creditTransfer: UInt8 = 1
        package static let statusReport: UInt8 = 2
        package static let verificationRequest: UInt8 = 3
        package static let verificationReport: UInt8 = 4
        package static let rate: UInt8 = 16
        package static let notification: UInt8 = 17
    }

    /// The payment it is about; a resolution and a rate are about none.
    package var uetr: UUIDv4? {
        switch self {
        case .iso(.creditTransfer(let message)): message.uetr
        case .iso(.statusReport(let message)): message.originalUETR
        case .iso(.verificationRequest), .iso(.verificationReport), .rate: nil
        case .notification(let completed): completed.uetr
        }
    }

    /// The wire's kind and the canonical bytes: one spelling for one value.
    package func encoded() -> (kind: UInt8, bytes: [UInt8]) {
        switch self {
        case .iso(let message): (kind, message.encode())
        case .rate(let rate): (kind, rate.encoded())
        case .notification(let completed): (kind, completed.encoded())
        }
    }

    /// The wire's kind.
    package var kind: UInt8 {
        switch self {
        case .iso(.creditTransfer): Kind.creditTransfer
        case .iso(.statusReport): Kind.statusReport
        case .iso(.verificationRequest): Kind.verificationRequest
        case .iso(.verificationReport): Kind.verificationReport
        case .rate: Kind.rate
        case .notification: Kind.notification
        }
    }

    /// Reads a payload; never traps, whatever a peer sends.
    package static func decode(kind: UInt8, _ bytes: [UInt8]) -> DecodedMessage {
        switch kind {
        case Kind.creditTransfer, Kind.statusReport, Kind.verificationRequest,
            Kind.verificationReport:
            return decodeISO(kind: kind, bytes)
        case Kind.rate:
            return decodeJSON(kind: kind, bytes) { cursor throws(JSONError) in
                .rate(try RateAnnouncement(reading: cursor))
            }
        case Kind.notification:
            return decodeJSON(kind: kind, bytes) { cursor throws(JSONError) in
                .notification(try CompletedPayment(reading: cursor))
            }
        default:
            return malformed(kind, "a message kind of this protocol version", "kind \(kind)")
        }
    }

    private static func decodeISO(kind: UInt8, _ bytes: [UInt8]) -> DecodedMessage {
        do {
            let message = Message.iso(try ISOMessage.decode(bytes))
            guard message.kind == kind else {
                return malformed(kind, "the message that the frame announces", "another")
            }
            return .message(message)
        } catch {
            return .malformed(
                MalformedMessage(
                    rejections: error.rejections,
                    kind: kind,
                    messageIdentification: error.messageIdentification,
                    uetr: error.uetr
                )
            )
        }
    }

    private static func decodeJSON(
        kind: UInt8,
        _ bytes: [UInt8],
        _ read: (JSONCursor) throws(JSONError) -> Message
    ) -> DecodedMessage {
        do {
            return .message(try read(try JSONCursor(parsing: bytes)))
        } catch {
            return malformed(kind, "the JSON body of Specs/Protocol/Requests.md", "\(error)")
        }
    }

    private static func malformed(
        _ kind: UInt8,
        _ expected: String,
        _ found: String
    ) -> DecodedMessage {
        .malformed(
            MalformedMessage(
                rejections: [Rejection(reason: .ff01, path: "/", expected: expected, found: found)],
                kind: kind,
                messageIdentification: nil,
                uetr: nil
            )
        )
    }
}

extension RateAnnouncement {
    fileprivate func encoded() -> [UInt8] {
        var writer = JSONWriter()
        writer.object { writer in
            writer.member("destinationCountry", destinationCountry)
            writer.member("id", id.description)
            writer.member(ifPresent: "rate", rate?.description)
            writer.member("sourceCountry", sourceCountry)
        }
        return writer.bytes
    }

    fileprivate init(reading cursor: JSONCursor) throws(JSONError) {
        try cursor.allow(["destinationCountry", "id", "rate", "sourceCountry"])
        let rate: ExchangeRate?
        if let member = try cursor.optional("rate") {
            rate = try member.parsed("a positive rate of at most 11 digits", ExchangeRate.init)
        } else {
            rate = nil
        }
        self.init(
            id: try cursor.parsed("id", "a UUID version 4", UUIDv4.init),
            sourceCountry: try cursor.string("sourceCountry"),
            destinationCountry: try cursor.string("destinationCountry"),
            rate: rate
        )
    }
}

extension CompletedPayment {
    fileprivate func encoded() -> [UInt8] {
        var writer = JSONWriter(capacity: 512)
        writer.object { writer in
            writer.member("completed", completed.nanoseconds)
            writer.member("creditorAgent", atMost: 11) { creditorAgent.append(to: &$0) }
            writer.member("debtorAgent", atMost: 11) { debtorAgent.append(to: &$0) }
            writer.member("destinationAccessProvider", atMost: 11) {
                destinationAccessProvider.append(to: &$0)
            }
            writer.member("destinationAmount", atMost: Money.longestAmountText) {
                destination.appendAmount(to: &$0)
            }
            writer.member("destinationCurrency", destination.currency.code)
            writer.member("rate", rate.description)
            writer.member("rateId", atMost: 36) { rateID.append(to: &$0) }
            writer.member("sourceAccessProvider", atMost: 11) {
                sourceAccessProvider.append(to: &$0)
            }
            writer.member("sourceAmount", atMost: Money.longestAmountText) {
                source.appendAmount(to: &$0)
            }
            writer.member("sourceCurrency", source.currency.code)
            writer.member("status", status.rawValue)
            writer.member("uetr", atMost: 36) { uetr.append(to: &$0) }
        }
        return writer.bytes
    }

    fileprivate init(reading cursor: JSONCursor) throws(JSONError) {
        let nanoseconds: Int64 = try cursor.integer("completed")
        self.init(
            uetr: try cursor.parsed("uetr", "a UUID version 4", UUIDv4.init),
            completed: Instant(nanoseconds: nanoseconds),
            status: try cursor.parsed(
                "status",
                "a status code",
                TransactionStatus.init(rawValue:)
            ),
            source: try cursor.money("sourceAmount", "sourceCurrency"),
            destination: try cursor.money("destinationAmount", "destinationCurrency"),
            rate: try cursor.parsed("rate", "a positive rate", ExchangeRate.init),
            rateID: try cursor.parsed("rateId", "a UUID version 4", UUIDv4.init),
            debtorAgent: try cursor.parsed("debtorAgent", "a BICFI", BICFI.init),
            creditorAgent: try cursor.parsed("creditorAgent", "a BICFI", BICFI.init),
            sourceAccessProvider: try cursor.parsed(
                "sourceAccessProvider",
                "a BICFI",
                BICFI.init
            ),
            destinationAccessProvider: try cursor.parsed(
                "destinationAccessProvider",
                "a BICFI",
                BICFI.init
            )
        )
    }
}

extension JSONCursor {
    /// This string as a domain value; otherwise an error that says what was expected.
    @inlinable
    public func parsed<Value>(
        _ expected: @autoclosure () -> String,
        _ parse: (String) -> Value?
    ) throws(JSONError) -> Value {
        guard let value = parse(try string()) else { throw mismatch(expected: expected()) }
        return value
    }

    /// The text of the member `key` as a domain value, likewise.
    @inlinable
    public func parsed<Value>(
        _ key: String,
        _ expected: @autoclosure () -> String,
        _ parse: (String) -> Value?
    ) throws(JSONError) -> Value {
        // The way there is only made for an error.
        guard let value = parse(try string(key)) else {
            return try member(key).parsed(expected(), parse)
        }
        return value
    }

    /// Two members, an amount as text and its currency, as money.
    public func money(_ amount: String, _ currency: String) throws(JSONError) -> Money {
        let currency = try parsed(currency, "a currency code", Currency.init)
        return try parsed(amount, "an amount of \(currency)") { text in
            guard let decimal = Decimal(text) else { return nil }
            do { return try Money(decimal, currency: currency) } catch { return nil }
        }
    }
}
