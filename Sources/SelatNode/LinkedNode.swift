import DequeModule
package import SelatScheme
package import SelatTime
package import SelatWire

/// A node's core together with the sessions of its links: everything of a node but sockets,
/// clock and disk. The daemon and the simulator drive the same value.
///
/// Every method appends to the actions; `takeActions` hands them over, to be carried out in
/// their order. Writes of one turn are joined per connection.
///
/// There is one of a node: not to be copied, not even by the look of a driver at its state.
package struct LinkedNode: ~Copyable, Sendable {
    /// Names one transport connection within the node, never reused.
    package typealias ConnectionID = UInt64

    /// What the driver is to do.
    package enum Action: Hashable, Sendable {
        case write(ConnectionID, [UInt8])
        /// After what was written; the sentence is for the log.
        case close(ConnectionID, String)
        case fetch(NodeCore.Token, [FactKey])
        case commit(NodeCore.Token, SealedBatch)
        /// Read again what the link's peer once acknowledged and has lost: `Store.sent`.
        case recall(LinkID, epoch: UInt64, from: UInt64, through: UInt64)
        /// The answer to a request of the local operator, by the driver's own token.
        case reply(UInt64, Reply)
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

    /// How many arrays of what was written are kept for the next ones, and up to how many bytes.
    private static let (mostSpares, largestSpare) = (4, 1 << 20)

    enum Origin: Sendable {
        case link(ConnectionID, CallID)
        case operatorChannel(UInt64)
    }

    struct Connection: Sendable {
        let id: ConnectionID
        let link: LinkID
        var session: Session {
            didSet { timer = session.nextTimer }
        }
        /// When the session wants a tick: asked at every turn, of every connection.
        private var timer: Instant?
        /// When notifications that wait for company are sent without.
        var sendsAt: Instant?
        /// When one of the two is due.
        var wake: Instant? {
            guard let sendsAt else { return timer }
            return timer.map { min($0, sendsAt) } ?? sendsAt
        }
        /// Actions of the session are only carried out while it is the link's own.
        var isUp = false
        /// The peer lost messages, which are being read from the store: nothing is sent before them.
        var awaitsRecall = false
        /// False once a newer connection of the link has come, or this one is to close.
        var isCurrent = true
        /// What is to be written when the turn ends.
        var output: [UInt8] = []

        init(id: ConnectionID, link: LinkID, session: Session) {
            self.id = id
            self.link = link
            self.session = session
            timer = session.nextTimer
        }

        /// Messages in their sequence go out behind what is to be written already.
        mutating func send(_ messages: Deque<RetainedMessage>.SubSequence) -> [SessionAction] {
            let length = messages.reduce(0) { $0 + $1.bytes.count + 96 }
            output.reserveCapacity(output.count + length)
            // Taken out: who changes the session has all of the connection.
            var bytes: [UInt8] = []
            swap(&bytes, &output)
            defer { swap(&bytes, &output) }
            return session.send(messages, behind: &bytes)
        }

        /// An answer goes out behind what is to be written already.
        mutating func respond(_ call: CallID, _ status: UInt16, _ payload: [UInt8]) {
            var bytes: [UInt8] = []
            swap(&bytes, &output)
            defer { swap(&bytes, &output) }
            session.respond(to: call, status: status, payload: payload, behind: &bytes)
        }
    }

    var core: NodeCore
    private let name: NodeName
    let wireLimits: WireLimits
    /// In the order of their ids: few, and looked at one by one at every turn.
    var connections: [Connection] = []
    var origins: [RequestID: Origin] = [:]
    var relayed: [CallID: RequestID] = [:]
    private var lastRequest: UInt64 = 0
    var deliveries: UInt64 = 0
    /// Empty: memory for what comes with bytes.
    private var delivered: [SessionAction] = []
    /// Empty: memory for what is to be written.
    private var spares: [[UInt8]] = []
    /// Those with output, in the order of their first bytes.
    private var writeOrder: [ConnectionID] = []
    var actions: [Action] = []
    /// A connection is to be closed in this turn.
    var closes = false
    var now = Instant.distantPast
    /// The newest seed that came with bytes or time, for an epoch that must be taken.
    var entropy = Seed(high: 0, low: 0)
    var coreWake: Instant?

    /// `name` is the node's id as its certificate proves it.
    package init(name: String, core: consuming NodeCore, wireLimits: WireLimits = WireLimits()) {
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
            closes = true
            return
        }
        if let older = current(link) {
            perform(connections[older].session.leave(.replaced), on: connections[older].id)
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
        if let older = current(link) { connections[older].isCurrent = false }
        connections.insert(
            Connection(id: connection, link: link, session: session),
            at: connections.firstIndex { $0.id > connection } ?? connections.endIndex
        )
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
        guard let index = index(of: connection) else { return }
        var output: [SessionAction] = []
        swap(&output, &delivered)
        connections[index].session.received(bytes, at: instant, &output)
        perform(&output, on: connection, seed: seed)
        swap(&output, &delivered)
    }

    /// True while a connection should not be read: too much of its link waits for its commit.
    package func isFull(_ connection: ConnectionID) -> Bool {
        index(of: connection).map { core.isFull(connections[$0].link) } ?? false
    }

    /// The transport has ended.
    package mutating func disconnected(_ connection: ConnectionID, at instant: Instant) {
        advance(to: instant)
        guard let index = index(of: connection) else { return }
        perform(connections[index].session.disconnected(), on: connection)
        connections.removeAll { $0.id == connection }
    }

    /// The node is about to end: what its peers have acknowledged becomes durable.
    package mutating func settle() { feed(.settle) }

    /// Says goodbye on every link.
    package mutating func leave() {
        for connection in connections.map(\.id) {
            guard let index = index(of: connection) else { continue }
            perform(connections[index].session.leave(.shutdown), on: connection)
        }
    }

    /// Nodes that are connected and greeted.
    package var linksUp: [LinkID] {
        connections.filter { $0.isCurrent && $0.isUp }.map(\.link).sorted()
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

    package mutating func fetched(_ token: NodeCore.Token, _ facts: consuming [Fact]) {
        perform(core.fetched(token, facts))
    }

    package mutating func committed(
        _ token: NodeCore.Token,
        _ outcome: CommitOutcome,
        at instant: Instant
    ) {
        advance(to: instant)
        perform(core.receive(.committed(token, outcome), defers: true))
    }

    /// What the store still has of what was to be recalled; nothing may have happened meanwhile.
    package mutating func recalled(_ link: LinkID, _ messages: [RetainedMessage]) {
        core.recall(messages, on: link)
        guard let index = current(link) else { return }
        connections[index].awaitsRecall = false
        pump(link)
    }

    /// Time has passed.
    package mutating func tick(at instant: Instant, seed: Seed) {
        advance(to: instant)
        entropy = seed.derived(0xE90D)
        for connection in connections.map(\.id) {
            guard let index = index(of: connection) else { continue }
            perform(connections[index].session.tick(at: instant), on: connection)
            if let due = connections[index].sendsAt, due <= now {
                connections[index].sendsAt = nil
                pump(connections[index].link, isOverdue: true)
            }
        }
        feed(.tick(instant, seed))
    }

    /// The driver has read what there was: decide it together.
    package mutating func turnEnded() { perform(core.begin()) }

    /// Lets go of what the last batch read and decided, unless another has begun. A driver calls it
    /// once all is written and nobody holds the batch; otherwise the next batch does it first.
    package mutating func forgetBatch() { core.forgetBatch() }

    /// All that has to be done, writes joined per connection, in place of what `taken` held. A
    /// driver gives the same array each time, so that the two change hands.
    package mutating func takeActions(_ taken: inout [Action]) {
        taken.clear()
        if let wake = nextWake { actions.append(.wakeAt(wake)) }
        for connection in writeOrder {
            guard let index = index(of: connection), !connections[index].output.isEmpty
            else { continue }
            var output: [UInt8] = []
            swap(&output, &connections[index].output)
            actions.append(.write(connection, output))
        }
        writeOrder.clear()
        swap(&taken, &actions)
        guard closes else { return }
        closes = false
        // Whatever a connection still has to say goes out before it is closed.
        taken = taken.filter { !$0.isClose } + taken.filter(\.isClose)
    }

    /// Bytes are written: their memory serves the next ones.
    package mutating func reuse(_ bytes: consuming [UInt8]) {
        guard spares.count < LinkedNode.mostSpares, bytes.capacity <= LinkedNode.largestSpare
        else { return }
        bytes.clear()
        spares.append(bytes)
    }

    // Asked here, and not of `core`: from another module its getter hands out a copy of all of it.

    /// Nothing waits to be decided and nothing is in flight.
    package var isIdle: Bool { core.isIdle }

    /// Events that wait for the next batch.
    package var waiting: Int { core.waiting }

    /// When the earliest of the payments' timers is due; `nil` when none is armed.
    package var nextTimer: Instant? { core.nextTimer }

    /// Messages of a link that its peer has not acknowledged.
    package func undelivered(_ link: LinkID) -> Int { core.undelivered(link) }

    /// Nothing waits, nothing is in flight, and every message was acknowledged by its receiver.
    package var isAtRest: Bool { core.isIdle && core.isDelivered }

    private var nextWake: Instant? {
        var wake = coreWake
        for index in connections.indices {
            guard let timer = connections[index].wake else { continue }
            wake = wake.map { min($0, timer) } ?? timer
        }
        return wake
    }

    func index(of connection: ConnectionID) -> Int? {
        for index in connections.indices where connections[index].id == connection { return index }
        return nil
    }

    /// Where the link's present connection is.
    func current(_ link: LinkID) -> Int? {
        for index in connections.indices
        where connections[index].isCurrent && connections[index].link == link { return index }
        return nil
    }

    private mutating func advance(to instant: Instant) { now = max(now, instant) }

    mutating func open(_ origin: Origin) -> RequestID {
        lastRequest += 1
        let id = RequestID(lastRequest)
        origins[id] = origin
        return id
    }

    mutating func feed(_ input: NodeCore.Input) {
        perform(core.receive(input, defers: true))
    }

    mutating func feed(_ message: consuming InboundMessage) { perform(core.deliver(message)) }

    /// Before something is put behind a connection's output: its turn to be written comes.
    mutating func queue(_ index: Int) {
        guard connections[index].output.isEmpty else { return }
        writeOrder.append(connections[index].id)
        guard connections[index].output.capacity == 0, let spare = spares.popLast() else { return }
        connections[index].output = spare
    }

    mutating func write(_ bytes: consuming [UInt8], on connection: ConnectionID) {
        guard !bytes.isEmpty, let index = index(of: connection) else { return }
        queue(index)
        // Where there is no memory to write them behind, they are the first of it.
        if connections[index].output.capacity == 0 {
            connections[index].output = bytes
        } else {
            connections[index].output += bytes
        }
    }
}

extension Session {
    /// Inside the session, so that its timer is asked for once.
    fileprivate mutating func send(
        _ messages: Deque<RetainedMessage>.SubSequence,
        behind bytes: inout [UInt8]
    ) -> [SessionAction] {
        for message in messages {
            let actions = send(MessageFrame(message), behind: &bytes)
            guard actions.isEmpty else { return actions }
        }
        return []
    }
}

extension MessageFrame {
    /// A retained message as it goes over its link.
    package init(_ message: RetainedMessage) {
        self.init(
            sequence: message.sequence,
            kind: MessageKind(rawValue: message.kind),
            from: PartyName(checked: message.from.name),
            to: PartyName(checked: message.to.name),
            payload: message.bytes
        )
    }
}

extension LinkedNode.Action {
    fileprivate var isClose: Bool {
        if case .close = self { true } else { false }
    }
}
