import SelatNode
import SelatScheme
import Testing

/// A restored side numbers anew, durably, and loses nothing that it owes.
struct NewEpochTests {
    @Test func whatIsOwedIsNumberedAnewInOneCommit() throws {
        var node = ToyNode()
        for sequence in 1...3 as ClosedRange<UInt64> { node.run(.inbound(ToyNode.rate(sequence))) }
        let before = try #require(node.core.position(of: ToyNode.peer))
        node.run(.acknowledged(ToyNode.peer, epoch: before.sendEpoch, sequence: 1))
        node.run(.restored(ToyNode.peer, epoch: 77))
        let batch = try #require(node.batches.last)
        #expect(batch.sent.map(\.sequence) == [1, 2])
        #expect(Set(batch.sent.map(\.epoch)) == [77])
        #expect(batch.links.map(\.sendEpoch) == [77])
        #expect(batch.links.map(\.nextSequence) == [3])
        #expect(node.core.undelivered(ToyNode.peer, from: 1).map(\.sequence) == [1, 2])
        #expect(node.core.position(of: ToyNode.peer)?.sendEpoch == 77)
        #expect(node.core.position(of: ToyNode.peer)?.acknowledged == 0)
    }

    @Test func newEpochWaitsForTheBatchInFlight() throws {
        var node = ToyNode()
        node.holdsCommits = true
        node.run(.inbound(ToyNode.rate(1)))
        node.run(.restored(ToyNode.peer, epoch: 77))
        #expect(node.held.count == 1)
        // The batch numbered under the old epoch; what it sent is numbered anew after it.
        node.release()
        node.release()
        #expect(node.batches.count == 2)
        #expect(node.core.undelivered(ToyNode.peer, from: 1).map(\.epoch) == [77])
        #expect(node.core.undelivered(ToyNode.peer, from: 1).map(\.sequence) == [1])
        node.run(.inbound(ToyNode.rate(2)))
        node.release()
        #expect(node.core.undelivered(ToyNode.peer, from: 1).map(\.sequence) == [1, 2])
    }

    @Test func lastAcknowledgementsBecomeDurableBeforeTheEnd() throws {
        var node = ToyNode()
        node.run(.inbound(ToyNode.rate(1)))
        let position = try #require(node.core.position(of: ToyNode.peer))
        node.run(.acknowledged(ToyNode.peer, epoch: position.sendEpoch, sequence: 1))
        let commits = node.batches.count
        node.run(.settle)
        #expect(node.batches.count == commits + 1)
        #expect(node.batches.last?.links.map(\.acknowledged) == [1])
        node.run(.settle)
        #expect(node.batches.count == commits + 1)
    }

    /// Whatever another program writes, positions and numbers of links rest on nothing it changed.
    @Test func aConflictOverLinksAloneDecidesNothingAgain() throws {
        var node = ToyNode()
        node.run(.inbound(ToyNode.rate(1)))
        let position = try #require(node.core.position(of: ToyNode.peer))
        node.run(.acknowledged(ToyNode.peer, epoch: position.sendEpoch, sequence: 1))
        node.outcomes = [.conflict, .conflict]
        let commits = node.batches.count
        node.run(.settle)
        #expect(node.batches.count == commits + 1)
        #expect(node.batches.last?.records.isEmpty == true)
        node.outcomes = [.conflict]
        node.run(.restored(ToyNode.peer, epoch: 77))
        #expect(node.core.position(of: ToyNode.peer)?.sendEpoch == 77)
        node.run(.inbound(ToyNode.rate(2)))
        #expect(node.core.undelivered(ToyNode.peer, from: 1).map(\.sequence) == [1])
    }
}
