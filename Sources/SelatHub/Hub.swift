import SelatISO20022
import SelatLedger
package import SelatNode
package import SelatScheme
import SelatTime

/// The network's hub: it validates, converts, routes and confirms cross-border payments, issues
/// quotes and passes resolutions on. It holds nobody's money: its book is a memorandum.
///
/// Source: Specs/Rulebook/Hub.md and Specs/States/Hub.md. M4 to M17 are the messages of
/// Specs/Rulebook/Bookings.md §4.
package final class Hub: Role {
    /// Who is who; replaced as a whole at a restart, never edited.
    package let reference: ReferenceData
    package let times: SchemeTimes

    /// Traps when `times` contradict themselves: the destination's own rejection must always
    /// come before the hub's.
    package init(reference: ReferenceData, times: SchemeTimes) {
        if let conflict = times.conflict { preconditionFailure(conflict) }
        self.reference = reference
        self.times = times
    }

    package func facts(for event: Event, known: Facts, _ keys: inout [FactKey]) {
        switch event.body {
        case .message(let from, .iso(.creditTransfer(let message))):
            factsForInstruction(message, from: from, event: event, known: known, &keys)
        case .message(_, .iso(.statusReport(let report))):
            keys.append(.payment(event.instance, report.originalUETR))
        case .message(_, .iso(.verificationRequest)): break
        case .message(_, .iso(.verificationReport(let report))):
            keys += factsForResolution(report, event: event)
        case .message(let from, .rate(let rate)):
            keys.append(.record(event.instance, .rate, StandingRate.key(from, rate)))
        case .message(_, .notification): break
        case .malformed(let from, let malformed):
            keys += factsForMalformed(malformed, from: from, event: event)
        case .request(_, let from, let request):
            keys += factsForRequest(request, from: from, event: event, known: known)
        case .timer(let uetr, let version):
            keys += factsForTimer(uetr, version: version, event: event, known: known)
        case .opening: keys.append(.record(event.instance, .marker, Hub.openMarker))
        }
    }

    package func asksOnce(for event: Event) -> Bool {
        switch event.body {
        // A request's quotes depend on what is under way, which no batch changes.
        case .message(_, .iso(.statusReport)), .message(_, .rate), .request, .opening: true
        case .message, .malformed, .timer: false
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
            decision = route(report, from: from, event: event, facts: facts)
        case .message(let from, .rate(let rate)):
            decision = receive(rate, from: from, event: event, facts: facts)
        case .message(let from, .notification(let completed)):
            decision = .alert(
                .security,
                completed.uetr,
                "\(from) sent a notification; only the hub sends them"
            )
        case .malformed(let from, let malformed):
            decision = receive(malformed, from: from, event: event, facts: facts)
        case .request(let id, let from, let request):
            decision.add(answer(request, id: id, from: from, event: event, facts: facts))
        case .timer(let uetr, let version):
            decision = timerFired(uetr, version: version, event: event, facts: facts)
        case .opening: decision = open(event, facts: facts)
        }
    }
}

extension Decision {
    /// Nothing but something for a person to look at.
    static func alert(_ severity: Alert.Severity, _ uetr: UUIDv4?, _ text: String) -> Decision {
        var decision = Decision()
        decision.alerts.append(Alert(severity, uetr: uetr, text))
        return decision
    }
}

/// Purposes of the ids that one event's seed gives, each its own.
enum Purpose {
    static let onward: UInt64 = 5
    static let confirmation: UInt64 = 11
    static let outcome: UInt64 = 12
    static let interim: UInt64 = 32
    static let refusal: UInt64 = 33
    static let verificationReport: UInt64 = 34
    static let verificationRequest: UInt64 = 35
    static let quoteRequest: UInt64 = 36
    /// One more for each provider, in the order of the reference data.
    static let quote: UInt64 = 0x5100_0000
}
