import SelatJSON
import SelatNode
import SelatScheme
import SelatTime
import Testing

@Suite struct NodeCoreTests {
    @Test func nothingLeavesBeforeTheCommit() {
        var node = ToyNode()
        node.holdsCommits = true
        node.run(.inbound(ToyNode.rate(1)))
        #expect(node.acknowledged.isEmpty && node.sent.isEmpty)
        node.release()
        #expect(node.acknowledged == [1])
        #expect(node.sent.map(\.sequence) == [1])
    }

    @Test func hostedPartiesDecideInTheSameCommit() {
        var node = ToyNode()
        node.run(.inbound(ToyNode.rate(1)))
        #expect(node.batches.count == 1)
        #expect(node.count(of: ToyNode.first) == 1 && node.count(of: ToyNode.second) == 1)
        #expect(node.sent.first?.from == ToyNode.second)
    }

    /// Who waits for it is told first, whatever the links are called.
    @Test func whatIsSaidFirstIsSentFirst() {
        struct Crier: Role {
            func facts(for event: Event, known: Facts, _ keys: inout [FactKey]) {}

            func decide(_ event: Event, given facts: Facts, _ decision: inout Decision) {
                guard case .message(_, let message) = event.body else { return }
                for party in [ToyNode.remote, ToyNode.bystander, ToyNode.remote] {
                    decision.messages.append(Outgoing(to: party, message))
                }
            }
        }
        var node = ToyNode(third: Crier(), hasBystander: true)
        for sequence in 1...2 as ClosedRange<UInt64> {
            node.seen = []
            node.run(.inbound(ToyNode.rate(sequence, to: ToyNode.third)))
            let sends = node.seen.compactMap { action in
                if case .send(let link, let first) = action { (link, first) } else { nil }
            }
            #expect(sends.map(\.0) == [ToyNode.peer, ToyNode.aside])
            #expect(sends.map(\.1) == [2 * sequence - 1, sequence])
        }
    }

    @Test func whatArrivesMeanwhileIsOneBatch() {
        var node = ToyNode()
        node.holdsCommits = true
        for sequence in 1...6 as ClosedRange<UInt64> { node.run(.inbound(ToyNode.rate(sequence))) }
        node.release()
        node.release()
        #expect(node.batches.map(\.received.count) == [1, 5])
        #expect(node.count(of: ToyNode.first) == 6)
        #expect(node.acknowledged == [1, 6])
        // Every row stands once in its batch, with the version that was first read.
        #expect(node.batches[1].records.map(\.expectedVersion) == [1, 1])
        #expect(node.batches[1].records.map(\.row?.version) == [6, 6])
    }

    @Test func aBatchTakesNoMoreThanItsLimit() {
        var limits = NodeLimits()
        limits.batch = 4
        var node = ToyNode(limits: limits)
        node.holdsCommits = true
        for sequence in 1...6 as ClosedRange<UInt64> { node.run(.inbound(ToyNode.rate(sequence))) }
        while !node.held.isEmpty { node.release() }
        #expect(node.batches.map(\.received.count) == [1, 4, 1])
    }

    @Test func aCopyOnTheLinkIsAcknowledgedAgainAndHasNoEffect() {
        var node = ToyNode()
        node.run(.inbound(ToyNode.rate(1)))
        node.run(.inbound(ToyNode.rate(1)))
        #expect(node.count(of: ToyNode.first) == 1)
        #expect(node.acknowledged == [1, 1])
    }

    @Test func aCopyOfWhatIsInFlightWaitsForItsCommit() {
        var node = ToyNode()
        node.holdsCommits = true
        node.run(.inbound(ToyNode.rate(1)))
        node.run(.inbound(ToyNode.rate(1)))
        #expect(node.acknowledged.isEmpty)
        node.release()
        #expect(node.acknowledged == [1] && node.count(of: ToyNode.first) == 1)
    }

    @Test func aConflictDecidesAgainWithTheSameIdentities() {
        var node = ToyNode()
        node.outcomes = [.conflict, .conflict]
        node.run(.inbound(ToyNode.rate(1)))
        let commits = node.seen.compactMap { action -> CommitBatch? in
            if case .commit(_, let sealed) = action { sealed.batch } else { nil }
        }
        #expect(commits.count == 3)
        #expect(Set(commits).count == 1)
        #expect(node.sent.map(\.sequence) == [1])
    }

    @Test func afterThreeConflictsEventsAreDecidedOneByOne() {
        var node = ToyNode()
        node.holdsCommits = true
        for sequence in 1...3 as ClosedRange<UInt64> { node.run(.inbound(ToyNode.rate(sequence))) }
        node.release()
        node.outcomes = Array(repeating: .conflict, count: 4)
        while !node.held.isEmpty { node.release() }
        #expect(node.batches.map(\.received.count) == [1, 1, 1])
        #expect(node.count(of: ToyNode.first) == 3)
    }

    @Test(arguments: [CommitOutcome.failed("disk full"), .unknown("fsync")])
    func afterAFailedCommitNothingGoesOn(outcome: CommitOutcome) {
        var node = ToyNode()
        node.outcomes = [outcome]
        node.run(.inbound(ToyNode.rate(1)))
        node.run(.inbound(ToyNode.rate(2)))
        #expect(node.stops.count == 1)
        #expect(node.acknowledged.isEmpty && node.sent.isEmpty && node.batches.isEmpty)
    }

    @Test func aNodeSpeaksOnlyForItsOwnParties() throws {
        var node = ToyNode()
        node.run(.inbound(ToyNode.rate(1, from: ToyNode.second)))
        #expect(node.count(of: ToyNode.first) == 0)
        #expect(node.acknowledged == [1])
        let alert = try #require(node.batches.first?.alerts.first)
        #expect(alert.alert.severity == .security)
    }

    @Test func garbageIsKeptAcknowledgedAndToldToTheRole() {
        var node = ToyNode()
        let good = ToyNode.rate(1)
        node.run(
            .inbound(
                InboundMessage(
                    link: good.link,
                    epoch: good.epoch,
                    sequence: 1,
                    kind: good.kind,
                    from: good.from,
                    to: good.to,
                    payload: [0xFF],
                    at: good.at,
                    seed: good.seed
                )
            )
        )
        #expect(node.batches.first?.received.first?.bytes == [0xFF])
        #expect(node.batches.first?.alerts.count == 1)
        #expect(node.acknowledged == [1])
    }

    @Test func repliesFollowTheCommitOfWhatTheyWrote() {
        var node = ToyNode()
        node.holdsCommits = true
        let request = { (operation: String) in
            InboundRequest(
                id: RequestID(1),
                link: nil,
                from: .operatorChannel,
                to: ToyNode.first,
                request: Request(operation: operation, body: .null),
                at: Instant(nanoseconds: 5),
                seed: Seed(high: 1, low: 1)
            )
        }
        node.run(.request(request("count")))
        #expect(node.held.count == 1)
        let early = node.seen.contains { if case .reply = $0 { true } else { false } }
        #expect(!early)
        node.release()
        node.run(.request(request("read")))
        let replies = node.seen.compactMap { action -> JSONValue? in
            if case .reply(let reply) = action { reply.body } else { nil }
        }
        #expect(replies == [.integer(0), .integer(1)])
    }

    @Test func requestsForPartiesElsewhereAreForwarded() {
        var node = ToyNode()
        let request = InboundRequest(
            id: RequestID(1),
            link: nil,
            from: ToyNode.first,
            to: ToyNode.remote,
            request: Request(operation: "quotes", body: .null),
            at: Instant(nanoseconds: 1),
            seed: Seed(high: 1, low: 1)
        )
        node.run(.request(request))
        #expect(node.seen.contains(.forward(ToyNode.peer, request)))
    }

    @Test func acknowledgedMessagesLeaveTheOutbox() throws {
        var node = ToyNode()
        node.run(.inbound(ToyNode.rate(1)))
        let epoch = try #require(node.core.position(of: ToyNode.peer)).sendEpoch
        #expect(node.core.undelivered(ToyNode.peer, from: 1).count == 1)
        node.run(.acknowledged(ToyNode.peer, epoch: epoch, sequence: 7))
        #expect(node.core.undelivered(ToyNode.peer, from: 1).count == 1)
        node.run(.acknowledged(ToyNode.peer, epoch: epoch, sequence: 1))
        #expect(node.core.undelivered(ToyNode.peer, from: 1).isEmpty)
        // A quiet node makes the position durable at its next tick.
        node.run(.tick(Instant(nanoseconds: 9_000_000), Seed(high: 1, low: 1)))
        #expect(node.batches.last?.links.first?.acknowledged == 1)
    }

    @Test func anArmedTimerWakesTheNodeAndFiresOnce() {
        var node = ToyNode()
        let start = Instant(nanoseconds: 1_000_000_000)
        node.run(
            .event(
                Event(
                    at: start,
                    seed: Seed(high: 4, low: 4),
                    instance: ToyNode.first,
                    body: .opening
                )
            )
        )
        let due = start + .seconds(5)
        #expect(node.seen.contains(.wakeAt(due)))
        node.run(.tick(due - .nanoseconds(1), Seed(high: 5, low: 5)))
        #expect(node.batches.count == 1)
        node.run(.tick(due, Seed(high: 6, low: 6)))
        node.run(.tick(due, Seed(high: 7, low: 7)))
        #expect(node.batches.count == 2)
        #expect(node.batches.last?.alerts.map(\.alert.text) == ["timer"])
    }

    @Test func partiesThatAnswerEachOtherWithoutEndStopTheNode() {
        var node = ToyNode(firstPassesTo: ToyNode.second, secondPassesTo: ToyNode.first)
        node.run(.inbound(ToyNode.rate(1)))
        #expect(node.stops.count == 1 && node.batches.isEmpty)
    }
}
