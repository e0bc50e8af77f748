import SelatISO20022
import SelatLedger
import SelatMoney
package import SelatNode
import SelatScheme
import SelatTime

/// A bank of the network: a PSP, and where it keeps FX providers' deposits a settlement access
/// provider too. Which of the two it is in a payment it reads from the message.
///
/// Source: Specs/States/Institutions.md for the states, Specs/Rulebook/Bookings.md for the money.
package final class Participant: Role {
    /// What the institution was made from.
    package let configuration: Configuration
    /// Its party, and the book it keeps.
    let instance: PartyID
    let book: BookID
    /// Where each provider's deposit is booked; never iterated.
    private let deposits: [PartyID: AccountKey]

    package init(_ configuration: Configuration) {
        self.configuration = configuration
        instance = configuration.party
        let book = BookID(configuration.bicfi.code)
        self.book = book
        let deposits = configuration.providers.map { entry in
            let name = Participant.depositName(entry.provider)
            let key = AccountKey(book: book, name: name, currency: configuration.currency)
            return (entry.provider, key)
        }
        self.deposits = Dictionary(deposits) { first, _ in first }
    }

    /// The account of a provider's deposit in the chart.
    static func depositName(_ provider: PartyID) -> String { "fxp:" + provider.name }

    /// Where a provider's deposit is booked.
    func deposit(of provider: PartyID) -> AccountKey {
        deposits[provider] ?? key(Participant.depositName(provider))
    }

    func key(_ account: String) -> AccountKey {
        AccountKey(book: book, name: account, currency: configuration.currency)
    }

    /// This institution as an agent in its messages.
    var ownAgent: Agent { Agent(bicfi: configuration.bicfi, lei: configuration.lei) }

    /// The provider whose account number `number` is.
    func provider(of number: String?) -> ProviderAccount? {
        configuration.providers.first { $0.account == number }
    }

    package func facts(for event: Event, known: Facts, _ keys: inout [FactKey]) {
        switch event.body {
        case .opening: keys += openingFacts
        case .message(let sender, .iso(let message)):
            if sender == configuration.system { facts(for: message, from: sender, known, &keys) }
        case .message(_, .rate), .message(_, .notification): break
        case .malformed(let sender, let message):
            if sender == configuration.system { keys += facts(for: message) }
        case .request(_, let sender, let request):
            if sender == .operatorChannel { keys += facts(for: request, event) }
        case .timer(let uetr, _): timerFacts(uetr, known, &keys)
        }
    }

    package func asksOnce(for event: Event) -> Bool {
        switch event.body {
        case .message(_, .iso(.statusReport)), .timer: false
        case .message, .malformed, .request, .opening: true
        }
    }

    package func decide(_ event: Event, given facts: Facts, _ decision: inout Decision) {
        switch event.body {
        case .opening: decision = open(event, facts)
        case .message(let sender, .iso(let message)):
            guard sender == configuration.system else {
                decision = .alert(
                    .security,
                    uetr: Message.iso(message).uetr,
                    "\(sender) sent \(message.kind.rawValue); only \(configuration.system) may"
                )
                return
            }
            receive(message, event, facts, &decision)
        case .message(let sender, .rate), .message(let sender, .notification):
            decision = .alert(.notice, "\(sender) sent what an institution does not read")
        case .malformed(let sender, let message):
            guard sender == configuration.system else {
                decision = .alert(.security, uetr: message.uetr, "\(sender) may not write here")
                return
            }
            decision = refuse(message, event, facts)
        case .request(let id, let sender, let request):
            guard sender == .operatorChannel else {
                decision = .replying(
                    .error(id, 403, "only the institution's own operator may ask")
                )
                return
            }
            decision.add(answer(request, id, event, facts))
        case .timer(let uetr, let version): decision = fire(uetr, version, event, facts)
        }
    }

    private func facts(
        for message: ISOMessage,
        from sender: PartyID,
        _ known: Facts,
        _ keys: inout [FactKey]
    ) {
        switch message {
        case .creditTransfer(let message): instructionFacts(message, from: sender, &keys)
        case .statusReport(let report): reportFacts(report, known, &keys)
        case .verificationRequest(let request): keys += resolutionFacts(request)
        case .verificationReport(let report):
            if let key = answerKey(report) { keys.append(key) }
        }
    }

    private func receive(
        _ message: ISOMessage,
        _ event: Event,
        _ facts: Facts,
        _ decision: inout Decision
    ) {
        switch message {
        case .creditTransfer(let message): receive(message, event, facts, &decision)
        case .statusReport(let report): receive(report, event, facts, &decision)
        case .verificationRequest(let request): decision = verify(request, event, facts)
        case .verificationReport(let report): decision = note(report, facts)
        }
    }
}

extension Decision {
    static func alert(
        _ severity: Alert.Severity,
        uetr: UUIDv4? = nil,
        _ text: String
    ) -> Decision {
        var decision = Decision()
        decision.alerts.append(Alert(severity, uetr: uetr, text))
        return decision
    }

    static func replying(_ reply: Reply) -> Decision {
        var decision = Decision()
        decision.replies.append(reply)
        return decision
    }

    /// The payment's next row.
    mutating func change(
        _ uetr: UUIDv4,
        from row: PaymentRow?,
        to state: Participant.State,
        due: Instant?,
        _ record: PaymentRecord,
        cause: String,
        instruction: InstructionSource? = nil
    ) {
        payments.append(
            PaymentChange(
                uetr: uetr,
                expectedVersion: row?.version ?? 0,
                state: state.rawValue,
                due: due,
                content: record.bytes,
                cause: cause,
                instruction: instruction
            )
        )
    }
}

extension PaymentRow {
    /// The stored state; a number that was never published stops the node.
    var institutionState: Participant.State {
        guard let state = Participant.State(rawValue: state) else {
            preconditionFailure(
                "stored state \(state) is none of Specs/States/Institutions.md; "
                    + "run the migrations of this version on the database"
            )
        }
        return state
    }
}
