import SelatISO20022
import SelatJSON
import SelatMoney
import SelatScheme
import SelatTime

/// One customer: what is to be paid by whom to whom, and how honestly. All of it comes from the
/// customer's own stream, so that leaving another one out changes nothing here.
struct Customer {
    /// What an institution is told to answer for one payment.
    struct Script {
        let party: SimulatedRegion.Member
        let key: String
        let kind: String
        let reason: String?
        let milliseconds: Int

        var body: JSONValue {
            var outcome: [JSONMember] = [
                JSONMember("kind", .string(kind)), JSONMember("times", .integer(1)),
            ]
            if let reason { outcome.append(JSONMember("reason", .string(reason))) }
            if kind == "delay" || kind == "acceptWithoutPosting" {
                outcome.append(JSONMember("milliseconds", .integer(milliseconds)))
            }
            return ["key": .string(key), "outcome": .object(outcome)]
        }
    }

    let source: SimulatedRegion.System
    let destination: SimulatedRegion.System
    /// Who asks for the quotes: the debtor agent, if all is honest.
    let quoted: SimulatedRegion.Member
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
    let isContradicted: Bool
    let isCopied: Bool
    /// What is wrong with its quote.
    let trick: FaultClass?
    let alteration: UInt64
    let resends: [Duration]
    /// After the first one comes, and until the next one does.
    let arrival: Duration
    let pace: Duration
    var uetr: UUIDv4
    var secondUETR: UUIDv4?
    var stage = SimulatedClients.Stage.waiting
    var askedAt = Instant.distantPast
    var attempts = 0

    init(
        _ index: Int,
        _ plan: SimulationPlan,
        _ region: SimulatedRegion,
        arrival: Duration,
        _ deck: inout FaultDeck
    ) {
        var draw = SeededGenerator(seed: plan.seed, stream: "client \(index)")
        func pick<Element>(_ elements: [Element]) -> Element {
            elements[Int(draw.next() % UInt64(elements.count))]
        }
        self.arrival = arrival
        pace = .nanoseconds(Int64(draw.next() % UInt64(plan.pace.nanoseconds)))
        uetr = UUIDv4(draw.nextSeed())
        secondUETR = UUIDv4(draw.nextSeed())
        source = pick(region.systems)
        destination = pick(region.systems.filter { [source] in $0.id != source.id })
        // A pure access provider has no customers who pay.
        let payers = source.members.filter { [source] in $0.bicfi != source.members[2].bicfi }
        quoted = pick(payers)
        let other = pick(payers.filter { [quoted] in $0.bicfi != quoted.bicfi })
        creditor = pick(destination.members)
        isSourceFixed = draw.chance(1, in: 2)
        // Now and then more than the account holds.
        let units = draw.chance(1, in: 20) ? 90_000_00 : 5_00 + Int64(draw.next() % 900_00)
        let currency = isSourceFixed ? source.country.currency : destination.country.currency
        amount = Money(minorUnits: units * (currency == .thb ? 20 : 1), currency: currency)
        let mayBeHigh = destination.country.settlementModel.supportsHighPriority
        let wantsHigh = draw.chance(plan.highPercent, in: 100)
        isHigh = mayBeHigh && wantsHigh
        creditorAccount = draw.chance(1, in: 25) ? "0000000000" : pick(creditor.customers)
        takesLast = draw.chance(1, in: 2)

        let place = FaultDeck.Place.client(index)
        let tricks = [FaultClass.alteredQuote, .usedQuote, .staleQuote, .foreignQuote]
        var chosen: (kind: FaultClass, number: UInt64)?
        for kind in tricks where chosen == nil {
            chosen = deck.strikes(kind, at: place).map { (kind, $0) }
        }
        trick = chosen?.kind
        alteration = chosen?.number ?? 0
        debtor = trick == .foreignQuote ? other : quoted
        debtorAccount = pick(debtor.customers)
        isContradicted = deck.strikes(.contradiction, at: place) != nil
        isCopied = deck.strikes(.alteredCopy, at: place) != nil
        script = deck.strikes(.oddAnswer, at: place)
            .map { [source, destination, creditor, creditorAccount] number in
                Customer.script(number, source, destination, creditor, creditorAccount)
            }
        resends =
            deck.strikes(.resend, at: place).map { number in
                (0...(number % 3)).map { step in
                    FaultDeck.span(number >> (8 * step), .milliseconds(1), .seconds(40))
                }
            } ?? []
    }

    /// An odd answer of the creditor agent, or of one of the access providers.
    private static func script(
        _ number: UInt64,
        _ source: SimulatedRegion.System,
        _ destination: SimulatedRegion.System,
        _ creditor: SimulatedRegion.Member,
        _ creditorAccount: String
    ) -> Script {
        let kinds = ["reject", "block", "acceptWithoutPosting", "delay", "silent"]
        let kind = kinds[Int(number % 5)]
        let reasons = ["MS03", "AC06", "FR01"]
        let reason = kind == "reject" ? reasons[Int(number / 5 % 3)] : nil
        let milliseconds = 10 + Int(number / 15 % 9000)
        let access = 2 + Int(number / 30 % 2)
        switch number / 60 % 6 {
        case 0:
            return Script(
                party: source.members[access],
                key: "source-access-provider",
                kind: kind == "reject" || kind == "silent" ? kind : "delay",
                reason: reason,
                milliseconds: milliseconds
            )
        case 1:
            return Script(
                party: destination.members[access],
                key: "destination-access-provider",
                kind: kind == "reject" || kind == "silent" ? kind : "delay",
                reason: reason,
                milliseconds: milliseconds
            )
        default:
            return Script(
                party: creditor,
                key: "creditor:\(creditorAccount)",
                kind: kind,
                // ACWP, and later a rejection.
                reason: kind == "acceptWithoutPosting" && number / 360 % 3 == 0 ? "AC06" : reason,
                milliseconds: milliseconds
            )
        }
    }
}

// What a customer's application asks.
extension Customer {
    /// The quote it takes of an answer's, dishonestly changed where that is its trick.
    func choose(_ answer: JSONValue) -> JSONValue? {
        guard case .array(let quotes) = answer["quotes"] ?? .null,
            let quote = takesLast ? quotes.last : quotes.first
        else { return nil }
        return trick == .alteredQuote ? altered(quote) : quote
    }

    /// Better terms than were offered.
    private func altered(_ quote: JSONValue) -> JSONValue {
        // What its own bank would refuse at once is left as it is.
        let amounts =
            isSourceFixed
            ? [
                ["creditorAgent", "interbankSettlementAmount", "amount"],
                ["creditorAgent", "chargesInformation", "amount", "amount"],
            ] : [["debtorAgent", "interbankSettlementAmount", "amount"]]
        let paths =
            amounts + [
                ["exchangeRate"], ["intermediaryAgent1Account", "id"],
                ["intermediaryAgent2Account", "id"], ["quoteId"],
            ]
        let path = paths[Int(alteration % UInt64(paths.count))]
        return quote.changing(path[...]) { text in
            if path == ["quoteId"] { return UUIDv4(Seed(high: alteration, low: 1)).description }
            // The first digit, so that a number stays a number.
            guard let first = text.first, let digit = first.wholeNumberValue else { return text }
            return String(digit % 9 + 1) + text.dropFirst()
        }
    }

    /// The body of `quotes`.
    var quoteRequest: JSONValue {
        // The source fee of the simulated participants is a fixed 0.50.
        let fee = Money(minorUnits: 50, currency: source.country.currency)
        let amount = isSourceFixed ? self.amount - fee : self.amount
        return [
            "sourceCountry": .string(source.country.code),
            "sourceCurrency": .string(source.country.currency.code),
            "destinationCountry": .string(destination.country.code),
            "destinationCurrency": .string(destination.country.currency.code),
            "amountCurrency": .string(amount.currency.code),
            "amount": .string(amount.amountText), "finInstIdType": "BICFI",
            "finInstId": .string(quoted.bicfi.code),
        ]
    }

    /// The body of `pay`.
    func order(_ quote: JSONValue) -> JSONValue {
        let amount: JSONValue = [
            "amount": .string(self.amount.amountText),
            "currency": .string(self.amount.currency.code),
        ]
        return [
            "uetr": .string(uetr.description),
            "debtorAccount": .string(debtorAccount), "quote": quote,
            (isSourceFixed ? "debtorAccountAmount" : "instructed"): amount,
            "creditor": [
                "name": .string("Customer \(creditorAccount)"),
                "account": .string(creditorAccount),
                "agent": .string(creditor.bicfi.code),
            ],
            "priority": isHigh ? "HIGH" : "NORM",
        ]
    }
}

extension JSONValue {
    /// With the text at a path changed; as it is where there is no such text.
    func changing(_ path: ArraySlice<String>, _ change: (String) -> String) -> JSONValue {
        guard let key = path.first else {
            guard case .string(let text) = self else { return self }
            return .string(change(text))
        }
        guard case .object(let members) = self else { return self }
        return .object(
            members.map { member in
                member.key == key
                    ? JSONMember(key, member.value.changing(path.dropFirst(), change)) : member
            }
        )
    }
}
