import Foundation
import SelatISO20022
import SelatJSON
import SelatNode
import SelatScheme
import SelatTime
import Testing

/// Sends every payment it is asked for on to the remote party, unless that is congested, and tells
/// what it has seen of that.
private struct ForwardingRole: Role {
    /// One for each request's number, and the first one again after the last.
    let transfers: [Message]

    func facts(for event: Event, known: Facts, _ keys: inout [FactKey]) {
        keys.append(.payment(event.instance, payment(event)))
    }

    func decide(_ event: Event, given facts: Facts, _ decision: inout Decision) {
        guard case .request(let id, _, let request) = event.body else { return }
        let isCongested = facts.isClosed(to: ToyNode.remote)
        let isCrowded = facts.isOverloaded || facts.crowded.contains(ToyNode.remote)
        decision.replies = [
            Reply(request: id, status: 200, body: [.bool(isCongested), .bool(isCrowded)])
        ]
        let row = facts.payment(event.instance, payment(event))
        guard request.operation != "look", request.operation == "end" || !isCongested else {
            return
        }
        decision.payments = [
            PaymentChange(
                uetr: payment(event),
                expectedVersion: row?.version ?? 0,
                state: row == nil ? 1 : 2,
                due: request.operation == "end" ? nil : event.at + .seconds(5),
                content: [],
                cause: request.operation
            )
        ]
        if request.operation == "pay" {
            decision.messages = [Outgoing(to: ToyNode.remote, transfer(event))]
        }
    }

    private func transfer(_ event: Event) -> Message {
        guard case .request(let id, _, _) = event.body else { return transfers[0] }
        return transfers[Int(id.number) % transfers.count]
    }

    private func payment(_ event: Event) -> UUIDv4 {
        transfer(event).uetr ?? UUIDv4(event.seed)
    }
}

/// Bounds, each at its limit and one past it.
@Suite struct OverloadTests {
    private static let start = Instant(nanoseconds: 1_795_407_125_000_000_000)

    // MARK: Pace

    @Test func aLinkIsHeldToItsPaceAndLosesNothing() {
        var node = ToyNode(rates: [ToyNode.peer: 8])
        // A quarter of a second's worth and the one that is due at once.
        for sequence in 1...6 as ClosedRange<UInt64> {
            node.run(.inbound(ToyNode.rate(sequence, at: Self.start)))
        }
        #expect(node.acknowledged == [1, 2, 3])
        #expect(!node.core.isIdle)
        // Held ones come in their order, when their time has come.
        for step in 1...4 as ClosedRange<Int64> {
            node.run(.tick(Self.start + .milliseconds(125 * step), Seed(high: 1, low: 1)))
        }
        #expect(node.acknowledged == [1, 2, 3, 4, 5, 6])
        #expect(node.count(of: ToyNode.first) == 6 && node.core.isIdle)
    }

    @Test func theNodeWantsATickForWhatItHolds() throws {
        var node = ToyNode(rates: [ToyNode.peer: 8])
        for sequence in 1...4 as ClosedRange<UInt64> {
            node.run(.inbound(ToyNode.rate(sequence, at: Self.start)))
        }
        let wake = node.seen.compactMap { action -> Instant? in
            if case .wakeAt(let instant) = action { instant } else { nil }
        }.last
        let due = try #require(wake)
        node.run(.tick(due, Seed(high: 1, low: 1)))
        #expect(node.acknowledged == [1, 2, 3, 4])
    }

    @Test func aHeldMessageThatComesAgainIsOne() {
        var node = ToyNode(rates: [ToyNode.peer: 8])
        for _ in 1...2 {
            for sequence in 1...4 as ClosedRange<UInt64> {
                node.run(.inbound(ToyNode.rate(sequence, at: Self.start)))
            }
        }
        node.run(.tick(Self.start + .seconds(1), Seed(high: 1, low: 1)))
        #expect(node.count(of: ToyNode.first) == 4)
    }

    @Test func requestsWaitBehindTheMessagesOfTheirLink() {
        var node = ToyNode(rates: [ToyNode.peer: 8])
        for sequence in 1...4 as ClosedRange<UInt64> {
            node.run(.inbound(ToyNode.rate(sequence, at: Self.start)))
        }
        node.run(.request(Self.request(1, "count", to: ToyNode.first, link: ToyNode.peer)))
        #expect(Self.replies(node).isEmpty)
        node.run(.tick(Self.start + .seconds(1), Seed(high: 1, low: 1)))
        // The party has counted all four when it answers.
        #expect(Self.replies(node) == [.integer(4)])
    }

    @Test func aLinkWithoutAPaceSaysWhatItLikes() {
        var node = ToyNode()
        for sequence in 1...100 as ClosedRange<UInt64> {
            node.run(.inbound(ToyNode.rate(sequence, at: Self.start)))
        }
        #expect(node.acknowledged.last == 100)
    }

    // MARK: Bytes

    @Test func aLinkWithTooMuchWaitingIsFullUntilTheCommit() {
        let one = ToyNode.rate(1).payload.count + NodeLimits.messageOverhead
        var limits = NodeLimits()
        limits.pendingBytes = 2 * one
        var node = ToyNode(limits: limits)
        node.holdsCommits = true
        node.run(.inbound(ToyNode.rate(1)))
        #expect(!node.core.isFull(ToyNode.peer))
        node.run(.inbound(ToyNode.rate(2)))
        #expect(node.core.isFull(ToyNode.peer))
        node.release()
        #expect(!node.core.isFull(ToyNode.peer))
    }

    @Test func withAllLinksFullOneIsHeldToItsShare() {
        let one = ToyNode.rate(1).payload.count + NodeLimits.messageOverhead
        var limits = NodeLimits()
        limits.pendingBytesOfAll = 2 * one
        var node = ToyNode(limits: limits)
        node.holdsCommits = true
        node.run(.inbound(ToyNode.rate(1)))
        #expect(!node.core.isFull(ToyNode.peer))
        node.run(.inbound(ToyNode.rate(2)))
        #expect(node.core.isFull(ToyNode.peer))
        #expect(!node.core.isFull(LinkID("another")))
    }

    @Test func noMoreBytesAreUnacknowledgedThanAllowed() throws {
        var node = ToyNode()
        for sequence in 1...4 as ClosedRange<UInt64> { node.run(.inbound(ToyNode.rate(sequence))) }
        let one = try #require(node.sent.first?.bytes.count)
        var limits = NodeLimits()
        limits.unacknowledgedBytes = 2 * one
        var bounded = ToyNode(limits: limits)
        for sequence in 1...4 as ClosedRange<UInt64> {
            bounded.run(.inbound(ToyNode.rate(sequence)))
        }
        #expect(bounded.core.undelivered(ToyNode.peer) == 4)
        #expect(bounded.core.undelivered(ToyNode.peer, from: 1).map(\.sequence) == [1, 2])
        #expect(bounded.core.undelivered(ToyNode.peer, from: 3).isEmpty)
        let epoch = try #require(bounded.core.position(of: ToyNode.peer)?.sendEpoch)
        bounded.run(.acknowledged(ToyNode.peer, epoch: epoch, sequence: 1))
        #expect(bounded.core.undelivered(ToyNode.peer, from: 3).map(\.sequence) == [3])
        // A message longer than the bound goes alone.
        limits.unacknowledgedBytes = 1
        var narrow = ToyNode(limits: limits)
        for sequence in 1...2 as ClosedRange<UInt64> {
            narrow.run(.inbound(ToyNode.rate(sequence)))
        }
        #expect(narrow.core.undelivered(ToyNode.peer, from: 1).map(\.sequence) == [1])
    }

    @Test func anOutboxOverItsBytesIsCongested() throws {
        var limits = NodeLimits()
        limits.outboxBytes = 1
        var node = ToyNode(limits: limits, third: try Self.role())
        #expect(try Self.look(&node) == [false, false])
        node.run(.inbound(ToyNode.rate(1)))
        #expect(try Self.look(&node) == [true, true])
        let epoch = try #require(node.core.position(of: ToyNode.peer)?.sendEpoch)
        node.run(.acknowledged(ToyNode.peer, epoch: epoch, sequence: 1))
        #expect(try Self.look(&node) == [false, false])
    }

    // MARK: Payments in flight

    @Test func aPaymentInFlightTakesItsPlaceUntilItEnds() throws {
        var limits = NodeLimits()
        limits.paymentsInFlight = 1
        var node = ToyNode(limits: limits, third: try Self.role())
        node.run(.request(Self.request(1, "pay")))
        #expect(node.sent.count == 1)
        #expect(try Self.look(&node) == [true, true])
        // That the peer has it is not its end.
        let epoch = try #require(node.core.position(of: ToyNode.peer)?.sendEpoch)
        node.run(.acknowledged(ToyNode.peer, epoch: epoch, sequence: 1))
        #expect(try Self.look(&node) == [true, true])
        node.run(.request(Self.request(3, "end")))
        #expect(try Self.look(&node) == [false, false])
    }

    @Test func quotesEndBeforePaymentsDo() throws {
        var limits = NodeLimits()
        limits.paymentsInFlight = 4
        var node = ToyNode(limits: limits, third: try Self.role(payments: 4))
        var seen: [JSONValue?] = []
        for number in 1...4 as ClosedRange<UInt64> {
            seen.append(try Self.look(&node))
            node.run(.request(Self.request(number, "pay")))
        }
        seen.append(try Self.look(&node))
        let free: JSONValue = [false, false]
        #expect(seen == [free, free, free, [false, true], [true, true]])
    }

    @Test func aPaymentSentAgainIsOnePayment() throws {
        var limits = NodeLimits()
        limits.paymentsInFlight = 2
        var node = ToyNode(limits: limits, third: try Self.role())
        node.run(.request(Self.request(1, "pay")))
        node.run(.request(Self.request(2, "pay")))
        #expect(node.sent.count == 2)
        #expect(try Self.look(&node) == [false, false])
        node.run(.request(Self.request(3, "end")))
        #expect(try Self.look(&node) == [false, false])
    }

    // MARK: Waiting

    @Test func onlyAStandingWaitIsOverload() throws {
        var limits = NodeLimits()
        limits.longestWait = .milliseconds(500)
        var node = ToyNode(limits: limits, third: try Self.role())
        node.holdsCommits = true
        func come(_ sequence: UInt64, after milliseconds: Int64) {
            let at = Self.start + .milliseconds(milliseconds)
            node.run(.inbound(ToyNode.rate(sequence, at: at)))
        }
        // One commit takes long: whoever waits for it waits once.
        come(1, after: 0)
        come(2, after: 1)
        come(3, after: 700)
        node.release()
        #expect(try Self.look(&node, 2) == nil)
        node.release()
        #expect(try Self.look(&node, 3) == [false, false])
        // Two in a row do, more than half a second apart.
        come(4, after: 1000)
        come(5, after: 1100)
        come(6, after: 1700)
        node.release()
        come(7, after: 1800)
        #expect(try Self.look(&node, 4, after: 1800) == nil)
        come(8, after: 2400)
        node.release()
        node.release()
        #expect(Self.replies(node).last == [true, true])
    }

    // MARK: Parts

    private static func role(payments: Int = 1) throws -> ForwardingRole {
        ForwardingRole(transfers: try (1...payments).map { try transfer(UInt64($0)) })
    }

    private static func transfer(_ number: UInt64) throws -> Message {
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../../Specs/Samples/pacs.008.xml")
        var text = try String(contentsOf: file, encoding: .utf8)
        let uetr = UUIDv4(Seed(high: 5, low: number))
        let values = [
            "uetr": uetr.description, "message_id": "SAMPLE1", "now": "2026-11-26T01:00:00.000Z",
            "date": "2026-11-26", "quote_id": UUIDv4(Seed(high: 6, low: 6)).description,
            "rate": "25.4137", "source_amount": "98.00", "fee": "45.00", "agent1": "STRTSGS0",
            "account1": "7001182244", "agent2": "SMUTTHB0", "account2": "4110093377",
        ]
        for (name, value) in values { text = text.replacing("{\(name)}", with: value) }
        let decoded = Message.decode(kind: Message.Kind.creditTransfer, Array(text.utf8))
        guard case .message(let transfer) = decoded else {
            throw Unreadable(description: "\(decoded)")
        }
        return transfer
    }

    private struct Unreadable: Error, CustomStringConvertible { let description: String }

    private static func request(
        _ number: UInt64,
        _ operation: String,
        to: PartyID = ToyNode.third,
        link: LinkID? = nil,
        after milliseconds: Int64 = 0
    ) -> InboundRequest {
        InboundRequest(
            id: RequestID(number),
            link: link,
            from: ToyNode.remote,
            to: to,
            request: Request(operation: operation, body: [:]),
            at: start + .milliseconds(milliseconds),
            seed: Seed(high: number, low: 9)
        )
    }

    /// Whether the remote party is congested and crowded; `nil` while that is not answered.
    private static func look(
        _ node: inout ToyNode,
        _ number: UInt64 = 99,
        after milliseconds: Int64 = 0
    ) throws -> JSONValue? {
        let before = replies(node).count
        node.run(.request(request(number, "look", after: milliseconds)))
        let answers = replies(node)
        return answers.count > before ? answers.last : nil
    }

    private static func replies(_ node: ToyNode) -> [JSONValue] {
        node.seen.compactMap { if case .reply(let reply) = $0 { reply.body } else { nil } }
    }
}
