import SelatISO20022
import SelatMoney
import SelatNode
import SelatScheme
import SelatTime
import SelatWire
import Testing

/// Notifications of completed payments wait for company; whatever else is sent does not.
struct NotificationDelayTests {
    private static let begin = Instant(nanoseconds: 1_795_406_400_000_000_000)

    @Test func aNotificationAloneLeavesWhenItsTimeIsOver() throws {
        let node = try WiredNode(at: Self.begin)
        try node.passOn([.notification], at: Self.begin)
        #expect(node.arrived.isEmpty)
        let due = Self.begin + NodeLimits.notificationDelay
        #expect(node.wake == due)
        node.tick(at: due - .nanoseconds(1))
        #expect(node.arrived.isEmpty)
        try node.passOn([.notification], at: due - .nanoseconds(1))
        node.tick(at: due)
        #expect(node.arrived == [Message.Kind.notification, Message.Kind.notification])
        // The next one's time begins anew.
        let later = due + .milliseconds(1)
        try node.passOn([.notification], at: later)
        #expect(node.wake == later + NodeLimits.notificationDelay)
    }

    @Test func anyOtherMessageTakesItAlong() throws {
        let node = try WiredNode(at: Self.begin)
        try node.passOn([.notification], at: Self.begin)
        try node.passOn([.rate], at: Self.begin)
        #expect(node.arrived == [Message.Kind.notification, Message.Kind.rate])
        try node.passOn([.rate, .notification], at: Self.begin)
        #expect(node.arrived.count == 4)
    }

    @Test func aQuarterOfTheWindowLeavesAtOnce() throws {
        var limits = WireLimits()
        limits.window = 16
        let node = try WiredNode(at: Self.begin, limits: limits)
        for _ in 1...3 { try node.passOn([.notification], at: Self.begin) }
        #expect(node.arrived.isEmpty)
        try node.passOn([.notification], at: Self.begin)
        #expect(node.arrived.count == 4)
    }

    @Test func aNewConnectionTakesOverWhatTheOldOneHeldBack() throws {
        let node = try WiredNode(at: Self.begin)
        try node.passOn([.notification], at: Self.begin)
        try node.reconnect(at: Self.begin)
        let due = Self.begin + NodeLimits.notificationDelay
        #expect(node.wake == due)
        node.tick(at: due)
        #expect(node.arrived == [Message.Kind.notification])
        // Nothing of the old connection is due any more.
        #expect(try #require(node.wake) > due)
    }
}

/// A node of one link, and the session of its peer, over a wire that takes no time.
private final class WiredNode {
    enum Passed { case notification, rate }

    private var node: LinkedNode
    private var peer: Session
    private var connection: UInt64 = 1
    private var sent: UInt64 = 0
    private let limits: WireLimits
    /// The kinds of the messages that reached the peer.
    private(set) var arrived: [UInt8] = []
    /// When the node wants its next tick.
    private(set) var wake: Instant?
    private var now: Instant

    init(at instant: Instant, limits: WireLimits = WireLimits()) throws {
        let core = NodeCore(
            roles: [ToyNode.first: ToyRole(me: ToyNode.first, next: ToyNode.remote)],
            routing: Routing(
                links: [ToyNode.remote: ToyNode.peer],
                speakers: [ToyNode.peer: [ToyNode.remote]],
                rates: [:]
            ),
            limits: NodeLimits(),
            recovered: Recovered(),
            epochSeed: Seed(high: 1, low: 2)
        )
        node = LinkedNode(name: "toy", core: core, wireLimits: limits)
        self.limits = limits
        now = instant
        peer = try Self.session(connection: 1, sent: 0, arrived: 0, at: instant, limits).0
        try reconnect(at: instant)
    }

    /// The peer dials; the node never heard that the older connection ended.
    func reconnect(at instant: Instant) throws {
        now = instant
        connection += 1
        let (session, opening) = try Self.session(
            connection: connection,
            sent: sent,
            arrived: UInt64(arrived.count),
            at: instant,
            limits
        )
        peer = session
        node.connected(ToyNode.peer, connection, at: instant)
        hear(opening)
        carryOut()
    }

    /// The peer says this in one turn; the node commits it and has as much to say.
    func passOn(_ messages: [Passed], at instant: Instant) throws {
        now = instant
        for message in messages {
            sent += 1
            let (kind, payload) = try Self.message(message, number: sent).encoded()
            let frame = MessageFrame(
                sequence: sent,
                kind: MessageKind(rawValue: kind),
                from: PartyName(checked: ToyNode.remote.name),
                to: PartyName(checked: ToyNode.first.name),
                payload: payload
            )
            var bytes: [UInt8] = []
            hear(peer.send(frame, behind: &bytes))
            hear([.write(bytes)])
        }
        carryOut()
    }

    func tick(at instant: Instant) {
        now = instant
        node.tick(at: instant, seed: Seed(high: 4, low: 4))
        carryOut()
    }

    private func hear(_ output: [SessionAction]) {
        for action in output {
            switch action {
            case .write(let bytes):
                node.received(bytes.span, on: connection, at: now, seed: Seed(high: 5, low: sent))
            case .deliver(_, let frame): arrived.append(frame.kind.rawValue)
            default: break
            }
        }
    }

    private func carryOut() {
        node.turnEnded()
        var actions: [LinkedNode.Action] = []
        repeat {
            node.takeActions(&actions)
            for action in actions {
                switch action {
                case .write(connection, let bytes):
                    var output: [SessionAction] = []
                    peer.received(bytes.span, at: now, &output)
                    hear(output)
                case .fetch(let token, let keys): node.fetched(token, keys.map { _ in .absent })
                case .commit(let token, _): node.committed(token, .committed, at: now)
                case .wakeAt(let instant): wake = instant
                default: break
                }
            }
        } while actions.contains { if case .wakeAt = $0 { false } else { true } }
    }

    private static func session(
        connection: UInt64,
        sent: UInt64,
        arrived: UInt64,
        at instant: Instant,
        _ limits: WireLimits
    ) throws -> (Session, [SessionAction]) {
        Session.connected(
            Session.Start(
                node: try #require(NodeName(ToyNode.peer.node)),
                peer: try #require(NodeName("toy")),
                connection: connection,
                sent: SendPosition(epoch: 9, nextSequence: sent + 1, acknowledged: sent),
                received: ReceivePosition(epoch: 0, sequence: arrived)
            ),
            at: instant,
            limits: limits
        )
    }

    private static func message(_ passed: Passed, number: UInt64) throws -> Message {
        let rate = ExchangeRate("25.4137")
        let id = UUIDv4(Seed(high: number, low: 7))
        return switch passed {
        case .rate:
            .rate(
                RateAnnouncement(
                    id: id,
                    sourceCountry: "SG",
                    destinationCountry: "TH",
                    rate: rate
                )
            )
        case .notification:
            .notification(
                CompletedPayment(
                    uetr: id,
                    completed: Instant(nanoseconds: 1_795_406_400_000_000_000),
                    status: .acceptedCreditSettlementCompleted,
                    source: Money(minorUnits: 49_800, currency: .sgd),
                    destination: Money(minorUnits: 1_265_602, currency: .thb),
                    rate: try #require(rate),
                    rateID: id,
                    debtorAgent: try #require(BICFI("MRLNSGS0")),
                    creditorAgent: try #require(BICFI("LTUSTHB0")),
                    sourceAccessProvider: try #require(BICFI("STRTSGS0")),
                    destinationAccessProvider: try #require(BICFI("SMUTTHB0"))
                )
            )
        }
    }
}
