import SelatJSON
import SelatNode
import SelatScheme
import SelatTime

/// A party that counts what it is told, durably, and passes rates on when it has somewhere to.
struct CountingRole: Role {
    let me: PartyID
    /// Where `announce` sends a rate, and where a received rate goes on to.
    var next: PartyID?

    func facts(for event: Event, known: Facts, _ keys: inout [FactKey]) {
        keys.append(.record(me, .counter, "seen"))
    }

    func decide(_ event: Event, given facts: Facts, _ decision: inout Decision) {
        let row = facts.record(me, .counter, "seen")
        let count = row.map { Int($0.content.reduce(0) { $0 << 8 | UInt64($1) }) } ?? 0
        switch event.body {
        case .message(_, let message):
            decision.records = [change(row, count + 1)]
            if let next { decision.messages = [Outgoing(to: next, message)] }
        case .request(let id, _, let request):
            switch request.operation {
            case "announce":
                let number = try? request.body.integer("count", Int.self)
                decision.messages = (0..<(number ?? 1)).compactMap { index in
                    next.map { Outgoing(to: $0, rate(event.seed.derived(UInt64(index)))) }
                }
                decision.replies = [Reply(request: id, status: 200, body: [:])]
            default:
                decision.replies = [Reply(request: id, status: 200, body: .integer(count))]
            }
        case .malformed(_, _), .timer, .opening: break
        }
    }

    private func rate(_ seed: Seed) -> Message {
        .rate(
            RateAnnouncement(
                id: UUIDv4(seed),
                sourceCountry: "SG",
                destinationCountry: "TH",
                rate: nil
            )
        )
    }

    private func change(_ row: RecordRow?, _ count: Int) -> RecordChange {
        RecordChange(
            kind: .counter,
            key: "seen",
            expectedVersion: row?.version ?? 0,
            content: [UInt8(count >> 16 & 0xFF), UInt8(count >> 8 & 0xFF), UInt8(count & 0xFF)]
        )
    }
}
