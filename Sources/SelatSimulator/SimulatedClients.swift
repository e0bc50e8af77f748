import SelatISO20022
import SelatJSON
import SelatMoney
import SelatNode
import SelatScheme
import SelatTime

/// Customers who pay: each asks for quotes, takes the first or the last, and pays. Where no
/// answer comes it asks again with the same UETR, as an application would.
struct SimulatedClients {
    enum Step {
        /// Ask `to` at the node that hosts `party`, acting as `from`.
        case ask(token: UInt64, party: PartyID, from: PartyID, to: PartyID, Request)
    }

    private enum Stage {
        case waiting
        /// Telling the creditor agent, or an access provider, what to answer.
        case scripting
        case quoting
        case paying(JSONValue)
        case accepted
        case refused
    }

    /// A scripted outcome for one payment.
    private struct Script {
        let party: SimulatedRegion.Member
        let key: String
        let kind: String
        let reason: String?
        let milliseconds: Int
    }

    private struct Client {
        let source: SimulatedRegion.System
        let destination: SimulatedRegion.System
        let debtor: SimulatedRegion.Member
        let debtorAccount: String
        let creditor: SimulatedRegion.Member
        let creditorAccount: String
        /// In the source currency when `isSourceFixed`, else in the destination's.
        let amount: Money
        let isSourceFixed: Bool
        let isHigh: Bool
        let takesLast: Bool
        /// Who answers otherwise than usual, and how; `nil` in most payments.
        let script: Script?
        var uetr: UUIDv4?
        var stage = Stage.waiting
        var askedAt = Instant.distantPast
        var attempts = 0
    }

    private let region: SimulatedRegion
    private let plan: SimulationPlan
    private var clients: [Client] = []
    private var tokens: [UInt64: Int] = [:]
    private var lastToken: UInt64 = 0
    private var pace: SeededGenerator
    private(set) var accepted = 0
    private(set) var refused = 0

    /// A question that nobody answered for this long is asked again.
    static let patience: Duration = .seconds(12)

    init(plan: SimulationPlan, region: SimulatedRegion) {
        self.plan = plan
        self.region = region
        pace = SeededGenerator(seed: plan.seed, stream: "client pace")
        var draw = SeededGenerator(seed: plan.seed, stream: "client orders")
        func pick<Element>(_ elements: [Element]) -> Element {
            elements[Int(draw.next() % UInt64(elements.count))]
        }
        for _ in 0..<plan.payments {
            let source = pick(region.systems)
            let destination = pick(region.systems.filter { $0.id != source.id })
            // A pure access provider has no customers who pay.
            let debtor = pick(source.members.filter { $0.bicfi != source.members[2].bicfi })
            let creditor = pick(destination.members)
            let isSourceFixed = draw.chance(1, in: 2)
            // Now and then more than the account holds.
            let units = draw.chance(1, in: 20) ? 90_000_00 : 5_00 + Int64(draw.next() % 900_00)
            let currency = isSourceFixed ? source.country.currency : destination.country.currency
            let mayBeHigh = destination.country.settlementModel.supportsHighPriority
            let creditorAccount =
                draw.chance(1, in: 25) ? "0000000000" : pick(creditor.customers)
            var script: Script?
            if draw.chance(plan.scriptPercent, in: 100) {
                let kind = pick(["reject", "block", "acceptWithoutPosting", "delay", "silent"])
                let isAgent = draw.chance(2, in: 3)
                let member = isAgent ? creditor : destination.members[2 + Int(draw.next() % 2)]
                script = Script(
                    party: member,
                    key: isAgent ? "creditor:\(creditorAccount)" : "destination-access-provider",
                    kind: isAgent ? kind : kind == "reject" ? kind : "delay",
                    reason: kind == "reject" ? pick(["MS03", "AC06", "FR01"]) : nil,
                    milliseconds: 10 + Int(draw.next() % 9000)
                )
            }
            clients.append(
                Client(
                    source: source,
                    destination: destination,
                    debtor: debtor,
                    debtorAccount: pick(debtor.customers),
                    creditor: creditor,
                    creditorAccount: creditorAccount,
                    amount: Money(
                        minorUnits: units * (currency == .thb ? 20 : 1),
                        currency: currency
                    ),
                    isSourceFixed: isSourceFixed,
                    isHigh: mayBeHigh && draw.chance(plan.highPercent, in: 100),
                    takesLast: draw.chance(1, in: 2),
                    script: script
                )
            )
        }
    }

    /// Every client has an answer or has given up.
    var isExhausted: Bool { accepted + refused == clients.count }

    /// How many customers there are.
    var count: Int { clients.count }

    /// The wait before the next customer comes.
    mutating func nextArrival() -> Duration {
        .nanoseconds(Int64(pace.next() % UInt64(plan.pace.nanoseconds)))
    }

    /// What client `index` does now; `nil` while it waits or when it is done.
    mutating func next(_ index: Int, at now: Instant, seeds: inout SeededGenerator) -> Step? {
        guard clients.indices.contains(index) else { return nil }
        switch clients[index].stage {
        case .waiting:
            clients[index].uetr = UUIDv4(seeds.nextSeed())
            clients[index].stage = clients[index].script == nil ? .quoting : .scripting
            return ask(index, at: now)
        case .scripting, .quoting, .paying:
            guard now >= clients[index].askedAt + SimulatedClients.patience else { return nil }
            return ask(index, at: now)
        case .accepted, .refused: return nil
        }
    }

    /// An answer came. Returns the client and how long it waits before it goes on.
    mutating func replied(
        _ token: UInt64,
        status: UInt16,
        _ body: JSONValue,
        at now: Instant
    ) -> (index: Int, wait: Duration)? {
        guard let index = tokens.removeValue(forKey: token) else { return nil }
        // An answer may come after the question was asked again; the first one counts.
        switch (clients[index].stage, status) {
        case (.scripting, 200), (.scripting, 422), (.scripting, 400):
            clients[index].stage = .quoting
            clients[index].attempts = 0
        case (.quoting, 200):
            guard case .array(let quotes) = body["quotes"] ?? .null,
                let quote = clients[index].takesLast ? quotes.last : quotes.first
            else { return retry(index) }
            clients[index].stage = .paying(quote)
            clients[index].attempts = 0
        case (.paying, 200), (.paying, 409):
            clients[index].stage = .accepted
            accepted += 1
            return nil
        case (.paying, 422), (.paying, 400), (.paying, 403), (.paying, 404):
            clients[index].stage = .refused
            refused += 1
            return nil
        case (.accepted, _), (.refused, _), (.waiting, _): return nil
        case (.scripting, _), (.quoting, _), (.paying, _): return retry(index)
        }
        clients[index].askedAt = .distantPast
        return (index, .milliseconds(5))
    }

    private mutating func retry(_ index: Int) -> (index: Int, wait: Duration)? {
        clients[index].attempts += 1
        guard clients[index].attempts <= 50 else {
            clients[index].stage = .refused
            refused += 1
            return nil
        }
        clients[index].askedAt = .distantPast
        return (index, .seconds(2))
    }

    private mutating func ask(_ index: Int, at now: Instant) -> Step? {
        clients[index].askedAt = now
        lastToken += 1
        tokens[lastToken] = index
        let client = clients[index]
        switch client.stage {
        case .scripting:
            guard let script = client.script else { return nil }
            return .ask(
                token: lastToken,
                party: script.party.party,
                from: .operatorChannel,
                to: script.party.party,
                Request(operation: "script", body: body(script))
            )
        case .quoting:
            return .ask(
                token: lastToken,
                party: client.debtor.party,
                from: client.debtor.party,
                to: .hub,
                Request(operation: "quotes", body: quoteRequest(client))
            )
        case .paying(let quote):
            return .ask(
                token: lastToken,
                party: client.debtor.party,
                from: .operatorChannel,
                to: client.debtor.party,
                Request(operation: "pay", body: order(client, quote))
            )
        case .waiting, .accepted, .refused: return nil
        }
    }

    private func quoteRequest(_ client: Client) -> JSONValue {
        // The source fee of the simulated participants is a fixed 0.50.
        let amount = client.isSourceFixed ? client.amount - fee(client) : client.amount
        return [
            "sourceCountry": .string(client.source.country.code),
            "sourceCurrency": .string(client.source.country.currency.code),
            "destinationCountry": .string(client.destination.country.code),
            "destinationCurrency": .string(client.destination.country.currency.code),
            "amountCurrency": .string(amount.currency.code),
            "amount": .string(amount.amountText), "finInstIdType": "BICFI",
            "finInstId": .string(client.debtor.bicfi.code),
        ]
    }

    private func order(_ client: Client, _ quote: JSONValue) -> JSONValue {
        let amount: JSONValue = [
            "amount": .string(client.amount.amountText),
            "currency": .string(client.amount.currency.code),
        ]
        return [
            "uetr": .string(client.uetr?.description ?? ""),
            "debtorAccount": .string(client.debtorAccount), "quote": quote,
            (client.isSourceFixed ? "debtorAccountAmount" : "instructed"): amount,
            "creditor": [
                "name": .string("Customer \(client.creditorAccount)"),
                "account": .string(client.creditorAccount),
                "agent": .string(client.creditor.bicfi.code),
            ],
            "priority": client.isHigh ? "HIGH" : "NORM",
        ]
    }

    private func body(_ script: Script) -> JSONValue {
        var outcome: [JSONMember] = [
            JSONMember("kind", .string(script.kind)), JSONMember("times", .integer(1)),
        ]
        if let reason = script.reason { outcome.append(JSONMember("reason", .string(reason))) }
        if script.kind == "delay" || script.kind == "acceptWithoutPosting" {
            outcome.append(JSONMember("milliseconds", .integer(script.milliseconds)))
        }
        return ["key": .string(script.key), "outcome": .object(outcome)]
    }

    private func fee(_ client: Client) -> Money {
        Money(minorUnits: 50, currency: client.source.country.currency)
    }
}
