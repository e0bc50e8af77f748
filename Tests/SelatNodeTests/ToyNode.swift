import SelatISO20022
import SelatJSON
import SelatLedger
import SelatMoney
import SelatNode
import SelatScheme
import SelatTime

/// A party that counts what it is told and passes it on: enough to try the core with.
struct ToyRole: Role {
    let me: PartyID
    /// Where a rate goes next; `nil` keeps it.
    let next: PartyID?

    func facts(for event: Event, known: Facts, _ keys: inout [FactKey]) {
        if case .opening = event.body {
            keys.append(.payment(me, UUIDv4(event.seed)))
        } else {
            keys.append(.record(me, .counter, "seen"))
        }
    }

    func decide(_ event: Event, given facts: Facts, _ decision: inout Decision) {
        let key = FactKey.record(me, .counter, "seen")
        let row = facts.isKnown(key) ? facts.record(me, .counter, "seen") : nil
        let count = row.map { Int($0.content[0]) } ?? 0
        switch event.body {
        case .message(_, let message):
            decision.records = [change(row, count + 1)]
            if let next { decision.messages = [Outgoing(to: next, message)] }
        case .malformed:
            decision.alerts = [Alert(.notice, uetr: nil, "malformed")]
        case .request(let id, _, let request):
            if request.operation == "count" { decision.records = [change(row, count + 1)] }
            decision.replies = [Reply(request: id, status: 200, body: .integer(count))]
        case .timer(let uetr, _):
            decision.alerts = [Alert(.notice, uetr: uetr, "timer")]
        case .opening:
            let uetr = UUIDv4(event.seed)
            decision.payments = [
                PaymentChange(
                    uetr: uetr,
                    expectedVersion: 0,
                    state: 1,
                    due: event.at + .seconds(5),
                    content: [],
                    cause: "opening"
                )
            ]
        }
    }

    private func change(_ row: RecordRow?, _ count: Int) -> RecordChange {
        RecordChange(
            kind: .counter,
            key: "seen",
            expectedVersion: row?.version ?? 0,
            content: [UInt8(count)]
        )
    }
}

/// The core with a dictionary for a store, carrying out each action at once unless told to hold.
struct ToyNode {
    var core: NodeCore
    var stored: [FactKey: Fact] = [:]
    var outcomes: [CommitOutcome] = []
    var holdsCommits = false
    var held: [NodeCore.Action] = []
    var seen: [NodeCore.Action] = []
    var batches: [CommitBatch] = []
    var sent: [RetainedMessage] = []

    static let peer = LinkID("peer")
    /// Another, before `peer` in every order of names.
    static let aside = LinkID("aside")
    static let first = PartyID(checked: "first")
    static let second = PartyID(checked: "second")
    static let third = PartyID(checked: "third")
    static let remote = PartyID(checked: "remote")
    static let bystander = PartyID(checked: "bystander")

    init(
        limits: NodeLimits = NodeLimits(),
        firstPassesTo: PartyID? = ToyNode.second,
        secondPassesTo: PartyID? = ToyNode.remote,
        third: (any Role)? = nil,
        hasBystander: Bool = false,
        rates: [LinkID: Int] = [:],
        recovered: Recovered = Recovered()
    ) {
        var roles: [PartyID: any Role] = [
            Self.first: ToyRole(me: Self.first, next: firstPassesTo),
            Self.second: ToyRole(me: Self.second, next: secondPassesTo),
        ]
        roles[Self.third] = third
        var links = [Self.remote: Self.peer]
        if hasBystander { links[Self.bystander] = Self.aside }
        let speakers = Dictionary(uniqueKeysWithValues: links.map { ($1, Set([$0])) })
        core = NodeCore(
            roles: roles,
            routing: Routing(
                links: links,
                speakers: speakers,
                rates: rates
            ),
            limits: limits,
            recovered: recovered,
            epochSeed: Seed(high: 1, low: 2)
        )
    }

    mutating func run(_ input: NodeCore.Input) {
        var actions = core.receive(input)
        while !actions.isEmpty {
            let action = actions.removeFirst()
            seen.append(action)
            switch action {
            case .fetch(let token, let keys):
                let facts = keys.map { stored[$0] ?? .absent }
                actions += core.fetched(token, facts)
            case .commit(let token, let sealed):
                if holdsCommits {
                    held.append(action)
                    continue
                }
                actions += core.receive(.committed(token, settle(sealed.batch)))
            case .send(let link, let first): sent += core.undelivered(link, from: first)
            case .acknowledge, .reply, .forward, .notice, .wakeAt, .stop: break
            }
        }
        core.forgetBatch()
    }

    /// Lets the held commit through.
    mutating func release() {
        guard case .commit(let token, let sealed) = held.removeFirst() else { return }
        run(.committed(token, settle(sealed.batch)))
    }

    private mutating func settle(_ batch: CommitBatch) -> CommitOutcome {
        let outcome = outcomes.isEmpty ? .committed : outcomes.removeFirst()
        guard outcome == .committed else { return outcome }
        batches.append(batch)
        for write in batch.records {
            stored[.record(write.instance, write.kind, write.key)] = write.row.map { .record($0) }
        }
        for write in batch.payments {
            stored[.payment(write.instance, write.uetr)] = .payment(write.row)
        }
        return outcome
    }

    func count(of party: PartyID) -> Int {
        guard case .record(let row) = stored[.record(party, .counter, "seen")] else { return 0 }
        return Int(row.content[0])
    }

    static func rate(
        _ sequence: UInt64,
        from: PartyID = remote,
        to: PartyID = first,
        at: Instant? = nil
    ) -> InboundMessage {
        let announcement = RateAnnouncement(
            id: UUIDv4(Seed(high: sequence, low: 7)),
            sourceCountry: "SG",
            destinationCountry: "TH",
            rate: ExchangeRate("25.4137")
        )
        let (kind, bytes) = Message.rate(announcement).encoded()
        return InboundMessage(
            link: peer,
            epoch: 9,
            sequence: sequence,
            kind: kind,
            from: from,
            to: to,
            payload: bytes,
            at: at ?? Instant(nanoseconds: Int64(sequence) * 1000),
            seed: Seed(high: 3, low: sequence)
        )
    }

    var acknowledged: [UInt64] {
        seen.compactMap { if case .acknowledge(_, _, let sequence) = $0 { sequence } else { nil } }
    }

    var stops: [String] {
        seen.compactMap { if case .stop(let why) = $0 { why } else { nil } }
    }
}
