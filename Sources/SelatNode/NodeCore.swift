package import DequeModule
import SelatJSON
package import SelatScheme
package import SelatTime

/// One node's machine: it batches events, asks for facts, lets the roles decide, commits once,
/// and only then acknowledges and sends. It performs nothing itself; a driver carries out the
/// actions and brings back what came of them.
///
/// Exactly one batch is in flight; what arrives meanwhile waits in the inbox, and nothing is
/// decided on uncommitted facts.
package struct NodeCore: Sendable {
    /// Names one fetch or commit, so that a late answer is recognised.
    package typealias Token = UInt64

    /// What a driver brings in.
    package enum Input: Sendable {
        case inbound(InboundMessage)
        case request(InboundRequest)
        /// The driver's own: the opening of the books.
        case event(Event)
        case committed(Token, CommitOutcome)
        /// The peer has committed our messages up to `sequence`.
        case acknowledged(LinkID, epoch: UInt64, sequence: UInt64)
        /// The peer lost what it once acknowledged, or we did: number anew and send all again.
        case restored(LinkID, epoch: UInt64)
        /// Time has passed. The seed serves the timers that are due.
        case tick(Instant, Seed)
        /// The node is about to end: acknowledgements noted and not yet durable become so.
        case settle
    }

    /// What a driver is to carry out, in order.
    package enum Action: Hashable, Sendable {
        case fetch(Token, [FactKey])
        case commit(Token, SealedBatch)
        /// New messages of a link are committed; the first of them has this number.
        case send(LinkID, from: UInt64)
        /// Everything up to here is committed.
        case acknowledge(LinkID, epoch: UInt64, sequence: UInt64)
        case reply(Reply)
        /// A request for a party elsewhere; the driver brings the answer to whoever asked.
        indirect case forward(LinkID, InboundRequest)
        /// What has just become durable, for those who watch.
        case notice([HistoryRow], [AlertRow])
        /// The core wants a tick at this instant; `nil` when nothing is armed.
        case wakeAt(Instant?)
        /// Nothing goes on; the sentence says why.
        case stop(String)
    }

    enum Phase: Sendable {
        case idle
        case fetching(Token)
        case committing(Token, Committing)
        case stopped
    }

    /// What follows once the batch is durable.
    struct Committing: Sendable {
        let sealed: SealedBatch
        var links = BatchLinks()
        var replies: [Reply] = []
        /// Nothing of it rests on facts: positions and numbers of links only.
        var isOfLinksOnly = false
        /// How often the store has answered that it conflicts.
        var conflicts = 0
    }

    let directory: Directory
    let routing: Routing
    let limits: NodeLimits

    var phase = Phase.idle
    var inbox: [InboxEntry] = []
    var working = WorkingSet()
    var timers = TimerQueue()
    var links: LinkTable
    /// Epochs that links take as soon as nothing is in flight.
    var newEpochs: [LinkID: UInt64] = [:]
    var lastToken: Token = 0
    var lastWake: Instant?
    var greatestInstant = Instant.distantPast
    /// Links with something held, in the order in which they began, by their place in the table.
    var heldLinks: [Int] = []
    /// Bytes of messages of all links, accepted and not committed.
    var pendingBytes = 0
    /// Payments sent to other nodes whose outcome is open.
    var inFlight: [UUIDv4: PaymentInFlight] = [:]
    var standingWait = StandingWait()
    var actions: [Action] = []

    /// `epochSeed` gives a link that was never used its first send epoch.
    package init(
        roles: [PartyID: any Role],
        routing: Routing,
        limits: NodeLimits = NodeLimits(),
        recovered: Recovered,
        epochSeed: Seed
    ) {
        self.routing = routing
        self.limits = limits
        greatestInstant = recovered.greatestInstant
        var generator = SeededGenerator(seed: epochSeed)
        links = LinkTable(
            routing.speakers.keys.sorted().map { link in
                let fresh = LinkPosition(link: link, sendEpoch: generator.next() | 1)
                let position = recovered.links.first { $0.link == link } ?? fresh
                return LinkState(
                    position: position,
                    speakers: routing.speakers[link] ?? [],
                    pace: LinkPace(perSecond: routing.rates[link])
                )
            }
        )
        directory = Directory(roles, routing, links)
        for message in recovered.undelivered {
            if let link = links.index(of: message.link) { links.states[link].append(message) }
        }
        for timer in recovered.timers { timers.arm(timer) }
    }

    /// One input, run to completion. The actions are to be carried out in their order.
    ///
    /// With `defers` an idle core only collects; `begin()` starts the batch. A driver that reads
    /// many messages at one wake-up defers them, so that they share one commit.
    package mutating func receive(_ input: consuming Input, defers: Bool = false) -> [Action] {
        if case .stopped = phase { return [] }
        switch consume input {
        case .inbound(let message): accept(message)
        case .request(let request): accept(request)
        case .event(let event): append(event)
        case .committed(let token, let outcome):
            guard case .committing(token, _) = phase else { break }
            // Taken out of the phase, not copied.
            var taken = Phase.idle
            swap(&taken, &phase)
            guard case .committing(_, let committing) = consume taken else { break }
            finish(committing, outcome)
        case .acknowledged(let link, let epoch, let sequence):
            guard let link = links.index(of: link) else { break }
            links.states[link].acknowledge(epoch: epoch, sequence: sequence)
        case .restored(let link, let epoch):
            if links.index(of: link) != nil { newEpochs[link] = epoch }
        case .tick(let now, let seed):
            releaseHeld(at: now)
            takeDueTimers(now, seed)
        case .settle: settleLinks()
        }
        return end(defers: defers)
    }

    /// A message that waits for `begin()`; an input like the others, but wide, and moved to where
    /// it belongs.
    mutating func deliver(_ message: consuming InboundMessage) -> [Action] {
        if case .stopped = phase { return [] }
        accept(message)
        return end(defers: true)
    }

    /// One fact for each key that was asked for, in their order; an input like the others, but
    /// wide, and moved to where it belongs.
    package mutating func fetched(_ token: Token, _ facts: consuming [Fact]) -> [Action] {
        if case .fetching(token) = phase {
            working.learn(facts)
            advance()
        }
        return end(defers: false)
    }

    /// Starts the batch that deferred inputs wait for, if the core is idle.
    package mutating func begin() -> [Action] {
        end(defers: false)
    }

    /// What follows on every input.
    private mutating func end(defers: Bool) -> [Action] {
        takeNewEpochs()
        if !defers, case .idle = phase { startBatch() }
        wake()
        guard !actions.isEmpty else { return [] }
        var taken: [Action] = []
        swap(&taken, &actions)
        return taken
    }

    /// Takes the memory of actions back that were carried out.
    mutating func reuse(_ memory: consuming [Action]) {
        if actions.isEmpty { actions = memory }
    }

    /// Where a link durably stands, for the hello of a new connection.
    package func position(of link: LinkID) -> LinkPosition? {
        guard let link = links.index(of: link) else { return nil }
        var position = links.states[link].durable
        position.acknowledged = links.states[link].position.acknowledged
        return position
    }

    /// Committed messages of a link that the peer has not acknowledged: at most `limit`, in
    /// sequence, from `sequence` on, and no more than may be unacknowledged at a time.
    package func undelivered(
        _ link: LinkID,
        from sequence: UInt64,
        limit: Int = .max
    ) -> Deque<RetainedMessage>.SubSequence {
        guard let link = links.index(of: link),
            let first = links.states[link].outbox.first?.sequence
        else { return Deque<RetainedMessage>()[...] }
        let offset = sequence > first ? Int(clamping: sequence - first) : 0
        let sendable = links.states[link].sendable(within: limits.unacknowledgedBytes)
        return links.states[link].outbox.prefix(sendable).dropFirst(offset).prefix(limit)
    }

    /// Messages that the peer once acknowledged and has lost, read from the store again.
    mutating func recall(_ messages: [RetainedMessage], on link: LinkID) {
        if let link = links.index(of: link) { links.states[link].recall(messages) }
    }

    /// When the earliest of the payments' timers is due; `nil` when none is armed.
    package var nextTimer: Instant? { lastWake }

    /// True when nothing waits and nothing is in flight.
    package var isIdle: Bool {
        if case .idle = phase { return inbox.isEmpty && heldLinks.isEmpty }
        return false
    }

    /// Events that wait for the next batch.
    package var waiting: Int { inbox.count }

    /// Messages of a link that its peer has not acknowledged.
    package func undelivered(_ link: LinkID) -> Int {
        links.index(of: link).map { links.states[$0].outbox.count } ?? 0
    }

    /// True when every message was acknowledged by its receiver.
    package var isDelivered: Bool { links.states.allSatisfy(\.outbox.isEmpty) }

    // MARK: Accepting

    private mutating func accept(_ message: consuming InboundMessage) {
        guard let link = links.index(of: message.link) else { return }
        switch links.states[link].accept(epoch: message.epoch, sequence: message.sequence) {
        case .next: break
        case .pending: return
        case .committed:
            actions.append(
                .acknowledge(
                    message.link,
                    epoch: links.states[link].durable.receivedEpoch,
                    sequence: links.states[link].durable.receivedSequence
                )
            )
            return
        }
        let bytes = message.payload.count + NodeLimits.messageOverhead
        pendingBytes += bytes
        if links.states[link].admits(bytes: bytes, at: message.at) {
            take(message, from: link)
        } else {
            hold(.message(message), of: link)
        }
    }

    mutating func take(_ message: consuming InboundMessage, from link: Int) {
        let at = monotonic(message.at)
        let decoded = Message.decode(kind: message.kind, message.payload)
        let retained = RetainedMessage(
            link: message.link,
            epoch: message.epoch,
            sequence: message.sequence,
            kind: message.kind,
            from: message.from,
            to: message.to,
            at: at,
            uetr: decoded.uetr,
            bytes: message.payload
        )
        guard links.states[link].speakers.contains(message.from) else {
            let text =
                "node \(message.link) sent a message as \(message.from), for whom it may not speak"
            let alert = Alert(.security, uetr: retained.uetr, text)
            inbox.append(.refused(retained, link: link, alert))
            return
        }
        guard let role = directory.role(of: message.to) else {
            let text = "node \(message.link) sent a message for \(message.to), who is not here"
            let alert = Alert(.notice, uetr: retained.uetr, text)
            inbox.append(.refused(retained, link: link, alert))
            return
        }
        func event(_ body: consuming Event.Body) -> Event {
            Event(at: at, seed: message.seed, instance: message.to, body: body)
        }
        let event =
            switch consume decoded {
            case .message(let decoded): event(.message(from: message.from, decoded))
            case .malformed(let malformed): event(.malformed(from: message.from, malformed))
            }
        inbox.append(.message(event, role: role, retained, link: link))
    }

    private mutating func accept(_ request: InboundRequest) {
        guard let link = request.link else { return take(request) }
        guard let place = links.index(of: link),
            links.states[place].speakers.contains(request.from)
        else {
            actions.append(
                .reply(
                    .error(
                        request.id,
                        403,
                        "node \(link) may not speak for \(request.from); ask as one of its own"
                    )
                )
            )
            return
        }
        if links.states[place].admits(bytes: 0, at: request.at) {
            take(request)
        } else {
            hold(.request(request), of: place)
        }
    }

    mutating func take(_ request: InboundRequest) {
        switch directory.way(to: request.to) {
        case .hosted(let role):
            let event = Event(
                at: monotonic(request.at),
                seed: request.seed,
                instance: request.to,
                body: .request(request.id, from: request.from, request.request)
            )
            inbox.append(.event(event, role: role))
        case .link(let link) where links.states[link].position.link != request.link:
            actions.append(.forward(links.states[link].position.link, request))
        case .link, nil:
            actions.append(
                .reply(.error(request.id, 404, "no way from here to \(request.to)"))
            )
        }
    }

    /// An event of the node's own; one for a party that is not here means nothing.
    private mutating func append(_ event: Event) {
        guard let role = directory.role(of: event.instance) else { return }
        inbox.append(.event(event, role: role))
    }

    /// Whether a party is one of the node's own.
    func hosts(_ party: PartyID) -> Bool { directory.role(of: party) != nil }

    private mutating func takeDueTimers(_ now: Instant, _ seed: Seed) {
        let at = monotonic(now)
        for (index, timer) in timers.takeDue(at: at, limit: limits.batch).enumerated() {
            append(
                Event(
                    at: at,
                    seed: seed.derived(UInt64(index)),
                    instance: timer.instance,
                    body: .timer(payment: timer.uetr, version: timer.version)
                )
            )
        }
        if inbox.isEmpty { settleLinks() }
    }

    /// Acknowledgements that came while nothing else was written become durable here.
    private mutating func settleLinks() {
        guard case .idle = phase else { return }
        var batch = CommitBatch(at: greatestInstant)
        var places = BatchLinks()
        links.takeDirtyPositions(&batch.links, &places.positions)
        if !batch.isEmpty {
            commit(Committing(sealed: SealedBatch(batch), links: places, isOfLinksOnly: true))
        }
    }

    /// Numbers what a link still owes under its new epoch, in one commit with the epoch itself:
    /// after a crash the old numbers would mean nothing. Waits for the batch in flight, which
    /// numbered under the old one.
    private mutating func takeNewEpochs() {
        guard !newEpochs.isEmpty, case .idle = phase else { return }
        var batch = CommitBatch(at: greatestInstant)
        var places = BatchLinks()
        for link in links.states.indices {
            guard let epoch = newEpochs[links.states[link].position.link] else { continue }
            let renumbered = links.states[link].renumber(epoch: epoch)
            places.sent += Array(repeating: link, count: renumbered.count)
            batch.sent += renumbered
            places.positions.append(link)
            batch.links.append(links.states[link].position)
        }
        newEpochs.removeAll()
        commit(Committing(sealed: SealedBatch(batch), links: places, isOfLinksOnly: true))
    }

    /// Time never runs backwards, whatever the clock says.
    mutating func monotonic(_ at: Instant) -> Instant {
        greatestInstant = max(greatestInstant, at)
        return greatestInstant
    }

    mutating func nextToken() -> Token {
        lastToken += 1
        return lastToken
    }

    mutating func stop(_ why: String) {
        phase = .stopped
        actions.append(.stop(why))
    }

    private mutating func wake() {
        var due = timers.nextDue()
        // Asked for after every input: the core is not passed on for nothing.
        if !heldLinks.isEmpty, let slice = nextSlice { due = due.map { min($0, slice) } ?? slice }
        guard due != lastWake else { return }
        lastWake = due
        actions.append(.wakeAt(due))
    }
}
