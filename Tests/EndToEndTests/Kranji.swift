import Foundation
import SelatISO20022
import SelatJSON
import SelatNode
import SelatRuntime
import SelatScheme
import SelatTime
import Testing

/// The attached seat, on its real link: raw bytes out, and what comes back. A test makes one, and
/// leaves; the next goes on where it left off.
final class Kranji {
    static let node = "psp-kranji"
    static let party = PartyID(checked: "KRNJSGS0")

    /// What a pacs.002 said.
    struct Answer: Equatable, CustomStringConvertible {
        let uetr: UUIDv4
        let original: String?
        let status: TransactionStatus
        let reason: String?
        let bytes: [UInt8]

        var description: String { "\(status.rawValue) \(reason ?? "")" }
    }

    let link: ParticipantLink
    private let region: Region
    private let patience = Duration.seconds(30)

    init(_ region: Region) throws {
        let topology = try Topology.read(
            file: region.files.appendingPathComponent("topologies/strait.yaml").path
        )
        let seat = try #require(topology.seats.first { $0.party == Kranji.party })
        self.region = region
        link = try ParticipantLink(seat, in: region.directory)
    }

    deinit { link.leave() }

    // MARK: As a debtor agent

    /// A quote of fx-merlion's for this participant, the source amount fixed.
    func quote(_ amount: String = "98.00", to country: String = "TH") throws -> JSONValue {
        let currency = country == "TH" ? "THB" : "MYR"
        let answer = try link.call(
            "quotes",
            of: .hub,
            [
                "sourceCountry": "SG", "sourceCurrency": "SGD",
                "destinationCountry": .string(country), "destinationCurrency": .string(currency),
                "amountCurrency": "SGD", "amount": .string(amount),
                "finInstIdType": "BICFI", "finInstId": .string(Kranji.party.name),
            ]
        )
        guard case .array(let quotes) = answer.body["quotes"] ?? .null,
            let quote = quotes.first(where: { $0["fxpFinInstId"] == "fx-merlion" })
        else { throw Region.Failure("no quote: \(answer)") }
        return quote
    }

    /// Sends a payment and waits for what it is answered.
    func send(_ payment: RawPayment) throws -> Answer {
        try submit(payment)
        return try answer(to: payment)
    }

    /// Sends a payment, in somebody's name, and goes on.
    @discardableResult
    func submit(_ payment: RawPayment, from: PartyID? = nil) throws -> UInt64 {
        let bytes = try payment.bytes()
        region.noteRaw(bytes)
        return try link.send(bytes, kind: Message.Kind.creditTransfer, from: from)
    }

    /// The next pacs.002 about this UETR and MsgId.
    func answer(to payment: RawPayment) throws -> Answer {
        try answer { $0.uetr == payment.uetr && $0.original == payment.messageIdentification }
    }

    /// The next pacs.002 that fits.
    func answer(where fits: (Answer) -> Bool) throws -> Answer {
        let deadline = ContinuousClock.now + patience
        while let event = try link.next(until: deadline) {
            guard case .message(let message) = event,
                case .message(.iso(.statusReport(let report))) = Message.decode(
                    kind: message.kind,
                    message.bytes
                )
            else { continue }
            let answer = Answer(
                uetr: report.originalUETR,
                original: report.originalMessageIdentification,
                status: report.transactionStatus,
                reason: report.statusReason?.code,
                bytes: message.bytes
            )
            if fits(answer) { return answer }
        }
        throw Region.Failure("no answer in time")
    }

    /// Waits until the peer has committed everything up to a number.
    func acknowledgement(of sequence: UInt64) throws {
        let deadline = ContinuousClock.now + patience
        while let event = try link.next(until: deadline) {
            if case .acknowledged(let through) = event, through >= sequence { return }
        }
        throw Region.Failure("no acknowledgement in time")
    }

    // MARK: As a creditor agent

    /// The next M8 about this payment.
    func instruction(_ uetr: UUIDv4) throws -> FIToFICustomerCreditTransfer {
        let deadline = ContinuousClock.now + patience
        while let event = try link.next(until: deadline) {
            guard case .message(let message) = event, message.uetr == uetr,
                case .message(.iso(.creditTransfer(let transfer))) = Message.decode(
                    kind: message.kind,
                    message.bytes
                )
            else { continue }
            return transfer
        }
        throw Region.Failure("no instruction in time")
    }

    /// Sends a pacs.002 of this participant's.
    @discardableResult
    func report(
        _ status: TransactionStatus,
        reason: String? = nil,
        on uetr: UUIDv4,
        original: String?
    ) throws -> UInt64 {
        let report = FIToFIPaymentStatusReport(
            messageIdentification: "KRNJ" + UUID().uuidString.filter { $0 != "-" }.prefix(28),
            creationDateTime: RawPayment.now(),
            originalMessageIdentification: original,
            originalMessageNameIdentification: "pacs.008.001.13",
            originalUETR: uetr,
            transactionStatus: status,
            statusReason: reason.map { StatusReason(code: $0) },
            instructingAgent: Agent(bicfi: BICFI("KRNJSGS0")),
            instructedAgent: Agent(bicfi: BICFI("FSTOSGS0"))
        )
        return try link.send(
            ISOMessage.statusReport(report).encode(),
            kind: Message.Kind.statusReport
        )
    }
}

/// A pacs.008 made from the sample's template and a quote, with whatever is to be wrong with it.
struct RawPayment {
    /// What stands in the filled template, and what is to stand there.
    typealias Change = (present: String, wanted: String)

    var uetr = Order.newIdentity()
    var messageIdentification = UUID().uuidString.lowercased().filter { $0 != "-" }
    var acceptance = RawPayment.now()
    var changes: [Change] = []
    private let quote: JSONValue

    init(_ quote: JSONValue, _ changes: [Change] = []) {
        self.quote = quote
        self.changes = changes
    }

    /// A copy that is a payment of its own.
    func renewed() -> RawPayment {
        var copy = RawPayment(quote, changes)
        copy.acceptance = acceptance
        return copy
    }

    static func now() -> Instant {
        let milliseconds = Int64(Date().timeIntervalSince1970 * 1000)
        return Instant(nanoseconds: milliseconds * 1_000_000)
    }

    /// What the quote says at a path.
    private func text(_ path: String...) throws -> String {
        var value = quote
        for key in path { value = value[key] ?? .null }
        guard case .string(let text) = value else { throw Region.Failure("no \(path)") }
        return text
    }

    func bytes() throws -> [UInt8] {
        let template = Region.root.appendingPathComponent("Specs/Samples/pacs.008.xml")
        var document = try String(contentsOf: template, encoding: .utf8)
        let time = acceptance.description
        let values = [
            "uetr": uetr.description, "message_id": messageIdentification, "now": time,
            "date": String(time.prefix(10)), "quote_id": try text("quoteId"),
            "rate": try text("exchangeRate"),
            "source_amount": try text("debtorAgent", "interbankSettlementAmount", "amount"),
            "fee": try text("creditorAgent", "chargesInformation", "amount", "amount"),
            "agent1": try text("intermediaryAgent1", "finInstId", "BICFI"),
            "account1": try text("intermediaryAgent1Account", "id"),
            "agent2": try text("intermediaryAgent2", "finInstId", "BICFI"),
            "account2": try text("intermediaryAgent2Account", "id"),
        ]
        for (key, value) in values { document = document.replacing("{\(key)}", with: value) }
        for change in changes {
            guard document.contains(change.present) else {
                throw Region.Failure("the template has no '\(change.present)'")
            }
            document = document.replacing(change.present, with: change.wanted)
        }
        return Array(document.utf8)
    }
}
