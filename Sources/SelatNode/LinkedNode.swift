package import SelatJSON
package import SelatScheme
package import SelatTime
package import SelatWire

/// A node's core together with the sessions of its links: everything of a node but sockets,
/// clock and disk. The daemon and the simulator drive the same value.
///
/// Every method appends to the actions; `takeActions()` hands them over, to be carried out in
/// their order. Writes of one turn are joined per connection.
package struct LinkedNode: Sendable {
    /// Names one transport connection within the node, never reused.
    package typealias ConnectionID = UInt64

    /// What the driver is to do.
    package enum Action: Hashable, Sendable {
        case write(ConnectionID, [UInt8])
        /// After what was written; the sentence is for the log.
        case close(ConnectionID, String)
        case fetch(NodeCore.Token, [FactKey])
        case commit(NodeCore.Token, CommitBatch)
        /// The answer to a request of the local operator, by the driver's own token.
        case reply(UInt64, status: UInt16, JSONValue)
        /// What has just become durable.
        case notice([HistoryRow], [AlertRow])
        case linkUp(LinkID)
        case linkDown(LinkID, String)
        /// Something an operator should read in the log.
        case report(String)
        /// A tick is wanted at this instant at the latest.
        case wakeAt(Instant)
        case stop(String)
    }

    private enum Origin: Sendable {
        case link(ConnectionID, CallID)
        case operatorChannel(UInt64)
    }

    private struct Connection: Sendable {
        let link: LinkID
        var session: Session
        /// Actions of the session are only carried out while it is the link's own.
        var isUp = false
    }

    package private(set) var core: NodeCore
    private let name: NodeName
    private let wireLimits: WireLimits
    private var connections: [ConnectionID: Connection] = [:]
    private var current: [LinkID: ConnectionID] = [:]
    private var origins: [RequestID: Origin] = [:]
    private var relayed: [CallID: RequestID] = [:]
    private var lastRequest: UInt64 = 0
    private var deliveries: UInt64 = 0
    private var writes: [ConnectionID: [UInt8]] = [:]
    private var writeOrder: [ConnectionID] = []
    private var actions: [Action] = []
    private var now = Instant.distantPast
    /// The newest seed that came with bytes or time, for an epoch that must be taken.
    private var entropy = Seed(high: 0, low: 0)
    private var coreWake: Instant?

    /// `name` is the node's id as its certificate proves it.
    package init(name: String, core: NodeCore, wireLimits: WireLimits = WireLimits()) {
        guard let name = NodeName(name) else {
            preconditionFailure("a node's id was checked when its configuration was read")
        }
        self.name = name
        self.core = core
        self.wireLimits = wireLimits
    }

    // MARK: Connections

    /// A transport is up and its peer proved to be `link`; an older one of the same link ends.
    package mutating func connected(_ link: LinkID, _ connection: ConnectionID, at instant: Instant)
    {
        advance(to: instant)
        guard let peer = NodeName(link.node), let position = core.position(of: link) else {
            actions.append(.close(connection, "node \(link) is not in the topology"))
            return
        }
        if let older = current[link] {
            perform(connections[older]?.session.leave(.replaced) ?? [], on: older)
        }
        let (session, opening) = Session.connected(
            Session.Start(
                node: name,
                peer: peer,
                connection: connection,
                sent: SendPosition(
                    epoch: position.sendEpoch,
                    nextSequence: position.nextSequence,
                    acknowledged: position.acknowledged
                ),
                received: ReceivePosition(
                    epoch: position.receivedEpoch,
                    sequence: position.receivedSequence
                )
            ),
            at: instant,
            limits: wireLimits
        )
        connections[connection] = Connection(link: link, session: session)
        current[link] = connection
        perform(opening, on: connection)
    }

    /// Bytes came. `seed` serves the ids of what they cause.
    package mutating func received(
        _ bytes: Span<UInt8>,
        on connection: ConnectionID,
        at instant: Instant,
        seed: Seed
    ) {
        advance(to: instant)
        entropy = seed
        deliveries = 0
        guard let output = connections[connection]?.session.received(bytes, at: instant) else {
            return
        }
        perform(output, on: connection, seed: seed)
    }

    /// The transport has ended.
    package mutating func disconnected(_ connection: ConnectionID, at instant: Instant) {
        advance(to: instant)
        guard let output = connections[connection]?.session.disconnected() else { return }
        perform(output, on: connection)
        connections[connection] = nil
        writes[connection] = nil
    }

    /// The node is about to end: what its peers have acknowledged becomes durable.
    package mutating func settle() { feed(.settle) }

    /// Says goodbye on every link.
    package mutating func leave() {
        for connection in connections.keys.sorted() {
            perform(connections[connection]?.session.leave(.shutdown) ?? [], on: connection)
        }
    }

    /// Nodes that are connected and greeted.
    package var linksUp: [LinkID] {
        current.filter { connections[$0.value]?.isUp ?? false }.keys.sorted()
    }

    // MARK: Requests

    /// The local operator asks `to`, as itself or acting as a party hosted here.
    package mutating func request(
        _ token: UInt64,
        from: PartyID,
        to: PartyID,
        _ request: Request,
        at instant: Instant,
        seed: Seed
    ) {
        advance(to: instant)
        let id = open(.operatorChannel(token))
        feed(
            .request(
                InboundRequest(
                    id: id,
                    link: nil,
                    from: from,
                    to: to,
                    request: request,
                    at: now,
                    seed: seed
                )
            )
        )
    }

    // MARK: Core

    /// The opening of the books, once per role and start.
    package mutating func open(_ event: Event) {
        advance(to: event.at)
        feed(.event(event))
    }

    package mutating func fetched(_ token: NodeCore.Token, _ facts: [FactKey: Fact]) {
        perform(core.receive(.fetched(token, facts)))
    }

    package mutating func committed(
        _ token: NodeCore.Token,
        _ outcome: CommitOutcome,
        at instant: Instant
    ) {
        advance(to: instant)
        perform(core.receive(.committed(token, outcome), defers: true))
    }

    /// Time has passed.
    package mutating func tick(at instant: Instant, seed: Seed) {
        advance(to: instant)
        entropy = seed.derived(0xE90D)
        for connection in connections.keys.sorted() {
            perform(connections[connection]?.session.tick(at: instant) ?? [], on: connection)
        }
        feed(.tick(instant, seed))
    }

    /// The driver has read what there was: decide it together.
    package mutating func turnEnded() { perform(core.begin()) }

    /// All that has to be done, writes joined per connection.
    package mutating func takeActions() -> [Action] {
        if let wake = nextWake { actions.append(.wakeAt(wake)) }
        for connection in writeOrder {
            guard let bytes = writes.removeValue(forKey: connection), !bytes.isEmpty else {
                continue
            }
            actions.append(.write(connection, bytes))
        }
        writeOrder.removeAll(keepingCapacity: true)
        defer { actions.removeAll(keepingCapacity: true) }
        // Whatever a connection still has to say goes out before it is closed.
        return actions.filter { !$0.isClose } + actions.filter(\.isClose)
    }

    private var nextWake: Instant? {
        var wake = coreWake
        for connection in connections.values {
            guard let timer = connection.session.nextTimer else { continue }
            wake = wake.map { min($0, timer) } ?? timer
        }
        return wake
    }

    private mutating func advance(to instant: Instant) { now = max(now, instant) }

    private mutating func open(_ origin: Origin) -> RequestID {
        lastRequest += 1
        let id = RequestID(lastRequest)
        origins[id] = origin
        return id
    }

    private mutating func feed(_ input: NodeCore.Input) {
        perform(core.receive(input, defers: true))
    }

    private mutating func write(_ bytes: [UInt8], on connection: ConnectionID) {
        if writes[connection] == nil { writeOrder.append(connection) }
        writes[connection, default: []].append(contentsOf: bytes)
    }
}

extension LinkedNode.Action {
    fileprivate var isClose: Bool {
        if case .close = self { true } else { false }
    }
}

/// Carrying out what sessions and core want of each other.
extension LinkedNode {
    private mutating func perform(
        _ output: [SessionAction],
        on connection: ConnectionID,
        seed: Seed = Seed(high: 0, low: 0)
    ) {
        guard let link = connections[connection]?.link else { return }
        for action in output {
            switch action {
            case .write(let bytes): write(bytes, on: connection)
            case .established:
                connections[connection]?.isUp = true
                actions.append(.linkUp(link))
                pump(link)
            case .acknowledged(let epoch, let sequence):
                feed(.acknowledged(link, epoch: epoch, sequence: sequence))
                pump(link)
            case .deliver(let epoch, let message):
                deliver(message, epoch: epoch, from: link, seed: seed)
            case .deliverRequest(let call, let request):
                deliver(request, call, on: connection, link: link, seed: seed)
            case .deliverResponse(let call, let response): relay(call, response)
            case .requestFailed(let call, let failure):
                let text = failure == .timedOut ? "no answer in time" : "the link went down"
                guard let id = relayed.removeValue(forKey: call) else { break }
                answer(.error(id, 503, "\(link): \(text); whether it was done is not known"))
            case .peerRestored(let acknowledged, let has):
                actions.append(
                    .report(
                        "\(link) was restored: it has \(has) of \(acknowledged) messages it had "
                            + "acknowledged; reconcile with it"
                    )
                )
            case .peerRenumbered(let previous):
                actions.append(
                    .report("\(link) starts a new epoch after \(previous.sequence) messages")
                )
            case .renumber(let numbered, let has):
                actions.append(
                    .report(
                        "\(link) has \(has) messages of ours, we numbered \(numbered): this node "
                            + "was restored; it continues under a new epoch"
                    )
                )
                let epoch = entropy.derived(0xE90C).high | 1
                feed(.restored(link, epoch: epoch == 1 ? 3 : epoch))
            case .close(let end): close(connection, link, end)
            }
        }
    }

    private mutating func close(_ connection: ConnectionID, _ link: LinkID, _ end: SessionEnd) {
        if connections[connection]?.isUp ?? false {
            connections[connection]?.isUp = false
            actions.append(.linkDown(link, "\(end)"))
        }
        if current[link] == connection { current[link] = nil }
        actions.append(.close(connection, "\(end)"))
    }

    /// Sends what is committed, as far as the peer's window reaches.
    private mutating func pump(_ link: LinkID) {
        guard let connection = current[link],
            let sendable = connections[connection]?.session.sendable, !sendable.isEmpty
        else { return }
        let messages = core.undelivered(
            link,
            from: sendable.lowerBound,
            limit: Int(clamping: sendable.count)
        )
        guard !messages.isEmpty else { return }
        let frames = messages.map { message in
            MessageFrame(
                sequence: message.sequence,
                kind: MessageKind(rawValue: message.kind),
                from: PartyName(checked: message.from.name),
                to: PartyName(checked: message.to.name),
                payload: message.bytes
            )
        }
        perform(connections[connection]?.session.send(frames) ?? [], on: connection)
    }

    private mutating func deliver(
        _ message: MessageFrame,
        epoch: UInt64,
        from link: LinkID,
        seed: Seed
    ) {
        deliveries += 1
        feed(
            .inbound(
                InboundMessage(
                    link: link,
                    epoch: epoch,
                    sequence: message.sequence,
                    kind: message.kind.rawValue,
                    from: PartyID(checked: message.from.text),
                    to: PartyID(checked: message.to.text),
                    payload: message.payload,
                    at: now,
                    seed: seed.derived(deliveries)
                )
            )
        )
    }

    private mutating func deliver(
        _ request: RequestFrame,
        _ call: CallID,
        on connection: ConnectionID,
        link: LinkID,
        seed: Seed
    ) {
        deliveries += 1
        let id = open(.link(connection, call))
        let body: JSONValue
        do {
            body = try JSONValue(parsing: request.payload)
        } catch {
            return answer(.error(id, 400, "\(error)"))
        }
        feed(
            .request(
                InboundRequest(
                    id: id,
                    link: link,
                    from: PartyID(checked: request.from.text),
                    to: PartyID(checked: request.to.text),
                    request: Request(operation: request.operation.text, body: body),
                    at: now,
                    seed: seed.derived(deliveries)
                )
            )
        )
    }

    private mutating func relay(_ call: CallID, _ response: ResponseFrame) {
        guard let id = relayed.removeValue(forKey: call) else { return }
        do {
            let body = try JSONValue(parsing: response.payload)
            answer(Reply(request: id, status: response.status, body: body))
        } catch {
            answer(.error(id, 502, "the answer is no JSON: \(error)"))
        }
    }

    private mutating func answer(_ reply: Reply) {
        switch origins.removeValue(forKey: reply.request) {
        case .link(let connection, let call):
            perform(
                connections[connection]?.session.respond(
                    to: call,
                    status: reply.status,
                    payload: reply.body.canonicalBytes(sortedKeys: true)
                ) ?? [],
                on: connection
            )
        case .operatorChannel(let token):
            actions.append(.reply(token, status: reply.status, reply.body))
        case nil: break
        }
    }

    private mutating func forward(_ link: LinkID, _ request: InboundRequest) {
        guard let connection = current[link], connections[connection]?.isUp ?? false,
            let operation = OperationName(request.request.operation)
        else {
            return answer(.error(request.id, 503, "no link to \(link) just now; ask again"))
        }
        let outcome = connections[connection]?.session.request(
            operation,
            from: PartyName(checked: request.from.name),
            to: PartyName(checked: request.to.name),
            payload: request.request.body.canonicalBytes(sortedKeys: true),
            at: now
        )
        switch outcome {
        case .sent(let call, let output):
            relayed[call] = request.id
            perform(output, on: connection)
        case .tooManyOpen: answer(.error(request.id, 429, "too many requests are open; ask again"))
        case .tooLong: answer(.error(request.id, 413, "the request is longer than a frame"))
        case .notEstablished, nil:
            answer(.error(request.id, 503, "no link to \(link) just now; ask again"))
        }
    }

    private mutating func perform(_ output: [NodeCore.Action]) {
        for action in output {
            switch action {
            case .fetch(let token, let keys): actions.append(.fetch(token, keys))
            case .commit(let token, let batch): actions.append(.commit(token, batch))
            case .send(let link, _): pump(link)
            case .acknowledge(let link, let epoch, let sequence):
                guard let connection = current[link] else { break }
                perform(
                    connections[connection]?.session.acknowledge(epoch: epoch, upTo: sequence)
                        ?? [],
                    on: connection
                )
            case .reply(let reply): answer(reply)
            case .forward(let link, let request): forward(link, request)
            case .notice(let history, let alerts): actions.append(.notice(history, alerts))
            case .wakeAt(let instant): coreWake = instant
            case .stop(let why): actions.append(.stop(why))
            }
        }
    }
}
