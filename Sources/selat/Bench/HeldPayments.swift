import SelatNode
import SelatParticipant
import SelatScheme
import Synchronization

/// How many payments wait for their creditor agents' answers, counted on the agents' loops.
final class HeldPayments: Sendable {
    private let number = Atomic<Int>(0)

    var count: Int { number.load(ordering: .relaxed) }

    /// Counts what has become durable at a creditor agent.
    func note(_ rows: [HistoryRow], at party: PartyID) {
        let considering = Participant.State.considering.rawValue
        var change = 0
        for row in rows where row.instance == party {
            if row.to == considering { change += 1 }
            if row.from == considering { change -= 1 }
        }
        if change != 0 { number.add(change, ordering: .relaxed) }
    }
}
