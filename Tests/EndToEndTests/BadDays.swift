import Foundation
import SelatJSON
import SelatRuntime
import SelatScheme
import SelatTime
import Testing

/// Bad input and bad days, through the real processes of one region. Each ends in the right reason
/// code, and the laws hold after each suite. Which test covers what: Specs/Rulebook/BadDays.md.
///
/// Balances are tight where money shall run out: the seat's at Singapore's system, fx-andaman's at
/// its Thai access provider, and at Malaysia's system that of fx-merlion's access provider.
@Suite(
    .serialized,
    .region(
        Region.Edit(
            node: "ips-sg",
            present: "settlement: { opening: SGD 5000000.00 }",
            wanted: "settlement: { opening: SGD 2000.00 }"
        ),
        Region.Edit(node: "ips-th", present: "THB 400000000.00 }\n", wanted: "THB 1000.00 }\n"),
        Region.Edit(node: "fx-andaman", present: "THB 400000000.00", wanted: "THB 1000.00"),
        Region.Edit(
            node: "ips-my",
            present: "settlement: { opening: MYR 180000000.00 }",
            wanted: "settlement: { opening: MYR 100.00 }"
        )
    )
)
enum BadDays {}

extension Region {
    /// Waits until something is so, asking the nodes again and again, up to a ceiling.
    func until(_ what: String, _ holds: () throws -> Bool) throws {
        let ceiling = ContinuousClock.now + .seconds(60)
        while try !holds() {
            guard ContinuousClock.now < ceiling else { throw Failure("never came: \(what)") }
        }
    }

    /// What a node holds of a payment.
    func trace(_ uetr: UUIDv4, at node: String) throws -> JSONValue {
        try client(node).call(
            "trace",
            of: OperatorProtocol.node,
            ["uetr": .string(uetr.description)]
        ).body
    }

    /// A payment's state at one party, by its published number; `nil` when it has none.
    func state(_ uetr: UUIDv4, of party: String, at node: String) throws -> String? {
        guard case .array(let payments) = try trace(uetr, at: node)["payments"] ?? .null,
            let payment = payments.first(where: { $0["instance"] == .string(party) }),
            case .number(let state) = payment["state"] ?? .null
        else { return nil }
        return state
    }

    /// The alerts that a node has of a payment, by severity.
    func alerts(_ severity: String, about uetr: UUIDv4, at node: String) throws -> Int {
        guard case .array(let alerts) = try trace(uetr, at: node)["alerts"] ?? .null else {
            return 0
        }
        return alerts.count { $0["severity"] == .string(severity) }
    }

    /// The texts of a payment's messages of one kind that a node has kept in one direction.
    func texts(
        _ uetr: UUIDv4,
        kind: Int,
        _ direction: String,
        with link: String,
        at node: String
    ) throws -> [String] {
        let body = try client(node).call(
            "messages",
            of: OperatorProtocol.node,
            ["uetr": .string(uetr.description)]
        ).body
        guard case .array(let messages) = body["messages"] ?? .null else { return [] }
        return messages.compactMap { message in
            guard message["kind"] == .integer(kind), message["direction"] == .string(direction),
                message["link"] == .string(link), case .string(let text) = message["text"] ?? .null
            else { return nil }
            return text
        }
    }

    /// An account's posted balance in minor units.
    func posted(_ account: String, of party: String, at node: String) throws -> Int {
        let body = try client(node).call("accounts", of: PartyID(checked: party)).body
        guard case .array(let accounts) = body["accounts"] ?? .null,
            let found = accounts.first(where: { $0["account"] == .string(account) }),
            case .string(let text) = found["posted"] ?? .null,
            let number = Int(text.filter { $0 != "." })
        else { throw Failure("\(party) has no account \(account)") }
        return number
    }

    /// Scripts an institution's outcome.
    func script(_ key: String, of party: String, at node: String, _ outcome: JSONValue) throws {
        let answer = try client(node).call(
            "script",
            of: PartyID(checked: party),
            ["key": .string(key), "outcome": outcome]
        )
        guard answer.status == 200 else { throw Failure("script: \(answer)") }
    }

    /// Sends a payment and leaves it under way.
    func begin(_ order: Order) throws -> UUIDv4 {
        let uetr = Order.newIdentity()
        let answer = try client(order.node).call(
            "pay",
            of: PartyID(checked: order.debtorAgent),
            try body(order, uetr)
        )
        guard answer.status == 200 else { throw Failure("pay: \(answer)") }
        return uetr
    }

    /// A payment that its own bank refuses before any message.
    func refusal(_ order: Order) throws -> String? {
        let uetr = Order.newIdentity()
        let answer = try client(order.node).call(
            "pay",
            of: PartyID(checked: order.debtorAgent),
            try body(order, uetr)
        )
        guard answer.status == 422, case .string(let reason) = answer.body["reason"] ?? .null,
            try trace(uetr, at: order.node)["payments"] == .array([])
        else { throw Failure("not refused without a message: \(answer)") }
        return reason
    }
}

extension Order {
    /// SGD 100.00 to Thailand over fx-merlion, whose money suffices.
    static let usual = Order(provider: "fx-merlion")

    /// THB 2,500.00 to the seat in Singapore.
    static let toKranji = Order(
        node: "ips-th",
        debtorAgent: "LTUSTHB0",
        debtorAccount: "0887124455",
        source: ("TH", "THB"),
        destination: ("SG", "SGD"),
        amount: ("2500.00", "THB"),
        creditorAgent: "KRNJSGS0",
        creditorAccount: "5500012001",
        provider: "fx-merlion"
    )

    func with(_ change: (inout Order) -> Void) -> Order {
        var order = self
        change(&order)
        return order
    }
}
