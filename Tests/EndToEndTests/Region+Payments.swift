import Foundation
import SelatAudit
import SelatJSON
import SelatRuntime
import SelatScheme
import SelatTime

/// One payment as an application would make it.
struct Order {
    var node = "ips-sg"
    var debtorAgent = "MRLNSGS0"
    var debtorAccount = "3920017745"
    var source = ("SG", "SGD")
    var destination = ("TH", "THB")
    /// Which of the two currencies is fixed, and how much.
    var amount = ("100.00", "SGD")
    var creditorAgent = "LTUSTHB0"
    var creditorAccount = "0887124455"
    var priority = "NORM"
    var provider: String?

    static func newIdentity() -> UUIDv4 {
        UUIDv4(Seed(high: .random(in: 0...(.max)), low: .random(in: 0...(.max))))
    }
}

/// How a payment ended at the debtor agent.
struct Ending: Equatable {
    let state: String
    let reason: String?
}

extension Region {
    /// The quotes that the hub gives the debtor agent.
    func quotes(_ order: Order) throws -> [JSONValue] {
        let answer = try quoteAnswer(order)
        guard case .array(let quotes) = answer.body["quotes"] ?? .null else {
            throw Failure("quotes: \(answer)")
        }
        return quotes
    }

    /// What the hub says to a request for quotes.
    func quoteAnswer(_ order: Order) throws -> (status: UInt16, body: JSONValue) {
        let fee = try fee(order)
        let amount = order.amount.1 == order.source.1 ? fee.rest : order.amount.0
        let answer = try client(order.node).call(
            "quotes",
            of: .hub,
            as: PartyID(checked: order.debtorAgent),
            [
                "sourceCountry": .string(order.source.0), "sourceCurrency": .string(order.source.1),
                "destinationCountry": .string(order.destination.0),
                "destinationCurrency": .string(order.destination.1),
                "amountCurrency": .string(order.amount.1), "amount": .string(amount),
                "finInstIdType": "BICFI", "finInstId": .string(order.debtorAgent),
            ]
        )
        return (answer.status, answer.body)
    }

    private func fee(_ order: Order) throws -> (fee: String, rest: String) {
        guard order.amount.1 == order.source.1 else { return ("0", order.amount.0) }
        let answer = try client(order.node).call(
            "fee",
            of: PartyID(checked: order.debtorAgent),
            ["amount": .string(order.amount.0), "currency": .string(order.amount.1)]
        )
        guard case .string(let fee) = answer.body["sourceFee"]?["amount"] ?? .null else {
            throw Failure("fee: \(answer)")
        }
        // Exact: both have two decimals.
        func cents(_ text: String) -> Int { Int(text.filter { $0 != "." }) ?? 0 }
        let rest = cents(order.amount.0) - cents(fee)
        return (fee, "\(rest / 100)." + (rest % 100 < 10 ? "0" : "") + "\(rest % 100)")
    }

    /// The body of `pay`, with a fresh quote of the wanted provider.
    func body(_ order: Order, _ uetr: UUIDv4) throws -> JSONValue {
        let quotes = try quotes(order)
        let quote = quotes.first {
            order.provider == nil || $0["fxpFinInstId"] == .string(order.provider ?? "")
        }
        guard let quote else {
            throw Failure(
                "no quote of \(order.provider ?? "anyone") among \(quotes.count) for \(order)"
            )
        }
        let amount: JSONValue = [
            "amount": .string(order.amount.0), "currency": .string(order.amount.1),
        ]
        return [
            "uetr": .string(uetr.description), "debtorAccount": .string(order.debtorAccount),
            "quote": quote,
            (order.amount.1 == order.source.1 ? "debtorAccountAmount" : "instructed"): amount,
            "creditor": [
                "name": "Recipient of a test", "account": .string(order.creditorAccount),
                "agent": .string(order.creditorAgent),
            ],
            "priority": .string(order.priority),
        ]
    }

    /// Sends, and waits for the final status at the debtor agent.
    func pay(_ order: Order) throws -> (uetr: UUIDv4, ending: Ending) {
        let uetr = Order.newIdentity()
        let body = try body(order, uetr)
        let answer = try client(order.node).call(
            "pay",
            of: PartyID(checked: order.debtorAgent),
            body
        )
        guard answer.status == 200 else { throw Failure("pay: \(answer)") }
        return (uetr, try ending(order, uetr))
    }

    /// Waits on the debtor agent's node until the payment is final there.
    func ending(_ order: Order, _ uetr: UUIDv4) throws -> Ending {
        let client = try client(order.node)
        _ = try client.send(
            "watch",
            of: OperatorProtocol.node,
            ["uetr": .string(uetr.description)]
        )
        while true {
            let payment = try client.call(
                "payment",
                of: PartyID(checked: order.debtorAgent),
                ["uetr": .string(uetr.description)]
            )
            if payment.body["isFinal"] == .bool(true),
                case .string(let state) = payment.body["state"] ?? .null
            {
                var reason: String?
                if case .string(let code) = payment.body["reason"] ?? .null { reason = code }
                return Ending(state: state, reason: reason)
            }
            _ = try client.next()
        }
    }

    /// Waits until the payment is final wherever it is held.
    func settle(
        _ uetr: UUIDv4,
        on nodes: [String] = ["hub", "ips-sg", "ips-th", "ips-my", "psp-pasir"]
    ) throws {
        for node in nodes {
            let client = try client(node)
            _ = try client.send(
                "watch",
                of: OperatorProtocol.node,
                ["uetr": .string(uetr.description)]
            )
            while true {
                let trace = try client.call(
                    "trace",
                    of: OperatorProtocol.node,
                    ["uetr": .string(uetr.description)]
                )
                guard case .array(let payments) = trace.body["payments"] ?? .null else { break }
                if payments.allSatisfy(Self.isFinal) { break }
                _ = try client.next()
            }
        }
    }

    /// By the published numbers: Specs/States.
    private static func isFinal(_ payment: JSONValue) -> Bool {
        guard case .string(let instance) = payment["instance"] ?? .null,
            case .number(let text) = payment["state"] ?? .null, let number = UInt8(text)
        else { return false }
        let table: [PublishedState] =
            switch instance {
            case "hub": PublishedState.hub
            case "sg", "th", "my": PublishedState.system
            case "fx-merlion", "fx-andaman": PublishedState.provider
            default: PublishedState.participant
            }
        return table.first { $0.number == number }.map { $0.outcome != .open } ?? false
    }
}
