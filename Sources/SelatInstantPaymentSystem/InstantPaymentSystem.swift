import SelatISO20022
import SelatLedger
import SelatMoney
package import SelatNode
import SelatScheme
import SelatTime

/// A national payment system: it settles the source leg of what its participants send abroad
/// and the destination leg of what comes to them, in one book of settlement accounts.
///
/// Source: Specs/States/SourceSystem.md and DestinationSystem.md. M1 to M16 are the messages of
/// Specs/Rulebook/Bookings.md §4.
package final class InstantPaymentSystem: Role {
    /// Who it is, by which model it settles, and for whom.
    package let configuration: Configuration

    /// The book that this system keeps.
    let book: BookID

    /// By BICFI and by party; never iterated.
    private let seatByBICFI: [BICFI: Seat]
    private let seatByParty: [PartyID: Seat]

    /// A participant and what every payment needs of it. One object however many hold it.
    private final class Seat: Sendable {
        let member: Configuration.Member
        let party: PartyID
        /// Its settlement account.
        let account: AccountKey

        init(_ member: Configuration.Member, account: AccountKey) {
            self.member = member
            party = member.party
            self.account = account
        }
    }

    /// A system with nothing open yet: the books are opened by its first `opening` event.
    package init(_ configuration: Configuration) {
        self.configuration = configuration
        let book = BookID(configuration.id.name)
        self.book = book
        let seats = configuration.participants.map { member in
            let account = Self.settlementAccount(member.bicfi, book, configuration.currency)
            return Seat(member, account: account)
        }
        seatByBICFI = Dictionary(seats.map { ($0.member.bicfi, $0) }) { first, _ in first }
        seatByParty = Dictionary(seats.map { ($0.party, $0) }) { first, _ in first }
    }

    package func facts(for event: Event, known: Facts, _ keys: inout [FactKey]) {
        switch event.body {
        case .message(let from, .iso(.creditTransfer(let message))):
            factsForInstruction(message, from: from, event: event, known: known, &keys)
        case .message(let from, .iso(.statusReport(let report))):
            factsForReport(report, from: from, known: known, &keys)
        case .message(_, .iso(.verificationRequest)), .message(_, .iso(.verificationReport)),
            .message(_, .rate), .message(_, .notification):
            break
        case .malformed(let from, let malformed):
            keys += factsForMalformed(malformed, from: from, known: known)
        case .request(_, let from, let request):
            keys += factsForRequest(request, from: from)
        case .timer(let uetr, let version):
            factsForTimer(uetr, version: version, known: known, &keys)
        case .opening: keys += openingFacts
        }
    }

    package func decide(_ event: Event, given facts: Facts, _ decision: inout Decision) {
        switch event.body {
        case .message(let from, .iso(.creditTransfer(let message))):
            receive(message, from: from, event: event, facts: facts, &decision)
        case .message(let from, .iso(.statusReport(let report))):
            receive(report, from: from, event: event, facts: facts, &decision)
        case .message(let from, .iso(.verificationRequest(let request))):
            decision = route(request, from: from, event: event)
        case .message(let from, .iso(.verificationReport(let report))):
            decision = route(report, from: from)
        case .message(let from, .rate), .message(let from, .notification):
            decision = refuse(.security, "\(from) sent what no payment system receives")
        case .malformed(let from, let malformed):
            decision = receive(malformed, from: from, event: event, facts: facts)
        case .request(let id, let from, let request):
            decision = answer(request, id: id, from: from, event: event, facts: facts)
        case .timer(let uetr, let version):
            decision = timerFired(uetr, version: version, event: event, facts: facts)
        case .opening: decision = open(event, facts: facts)
        }
    }

    // MARK: Looking up

    /// The participant of that BICFI; `nil` when this system has none.
    func member(_ bicfi: BICFI?) -> Configuration.Member? {
        bicfi.flatMap { seatByBICFI[$0]?.member }
    }

    /// The participant that a message came from; `nil` for the hub, the directory and strangers.
    func member(_ party: PartyID) -> Configuration.Member? { seatByParty[party]?.member }

    /// The party of that BICFI, whether or not it is a participant here.
    func party(_ bicfi: BICFI) -> PartyID {
        seatByBICFI[bicfi]?.party ?? PartyID(checked: bicfi.code)
    }

    /// A participant's settlement account.
    func settlementAccount(_ bicfi: BICFI) -> AccountKey {
        seatByBICFI[bicfi]?.account
            ?? Self.settlementAccount(bicfi, book, configuration.currency)
    }

    /// Source: Specs/Rulebook/Bookings.md §2.
    private static func settlementAccount(
        _ bicfi: BICFI,
        _ book: BookID,
        _ currency: Currency
    ) -> AccountKey {
        AccountKey(book: book, name: "participant:\(bicfi.code)", currency: currency)
    }

    /// No more than an alert.
    func refuse(_ severity: Alert.Severity, uetr: UUIDv4? = nil, _ text: String) -> Decision {
        var decision = Decision()
        decision.alerts.append(Alert(severity, uetr: uetr, text))
        return decision
    }
}
