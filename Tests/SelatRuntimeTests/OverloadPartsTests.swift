import SelatRuntime
import SelatTime
import Testing

@Suite struct HandshakeDoorTests {
    private static let start = Instant(nanoseconds: 1_795_407_125_000_000_000)

    @Test func theOldestOfAnAddressGivesWay() {
        var door = HandshakeDoor()
        var now = Self.start
        for ticket in 1...UInt64(HandshakeDoor.pendingOfAddress) {
            #expect(door.knock(from: "192.0.2.1", at: now) == .admitted(ticket))
            now = now + .milliseconds(20)
        }
        let next = UInt64(HandshakeDoor.pendingOfAddress) + 1
        #expect(door.knock(from: "192.0.2.1", at: now) == .admittedInsteadOf(1, next))
        // Others are not asked to leave for it.
        #expect(door.knock(from: "192.0.2.2", at: now) == .admitted(next + 1))
        #expect(door.count == HandshakeDoor.pendingOfAddress + 1)
    }

    @Test func theOldestOfAllGivesWay() {
        var door = HandshakeDoor()
        for number in 0..<HandshakeDoor.pending {
            let ticket = UInt64(number) + 1
            #expect(door.knock(from: "192.0.2.\(number)", at: Self.start) == .admitted(ticket))
        }
        let next = UInt64(HandshakeDoor.pending) + 1
        #expect(door.knock(from: "198.51.100.1", at: Self.start) == .admittedInsteadOf(1, next))
        #expect(door.count == HandshakeDoor.pending)
    }

    @Test func whoHasProvedItselfMakesRoom() {
        var door = HandshakeDoor()
        for ticket in 1...1000 as ClosedRange<UInt64> {
            let now = Self.start + .milliseconds(20) * Int(ticket)
            #expect(door.knock(from: "192.0.2.1", at: now) == .admitted(ticket))
            door.left(ticket)
            // What is not known any more does no harm.
            door.left(ticket)
        }
        #expect(door.count == 0)
    }

    @Test func anAddressThatComesTooOftenIsRefused() {
        var door = HandshakeDoor()
        for _ in 0..<HandshakeDoor.newAtOnce {
            if case .admitted(let ticket) = door.knock(from: "192.0.2.1", at: Self.start) {
                door.left(ticket)
            }
        }
        #expect(door.knock(from: "192.0.2.1", at: Self.start) == .refused)
        #expect(door.knock(from: "192.0.2.2", at: Self.start) != .refused)
        let later = Self.start + .milliseconds(20)
        #expect(door.knock(from: "192.0.2.1", at: later) != .refused)
        #expect(door.knock(from: "192.0.2.1", at: later) == .refused)
    }

    @Test func addressesAreForgotten() {
        var door = HandshakeDoor()
        for number in 0..<3 * HandshakeDoor.addresses {
            let now = Self.start + .milliseconds(number)
            guard case .admitted(let ticket) = door.knock(from: "address \(number)", at: now)
            else { continue }
            door.left(ticket)
        }
        #expect(door.known <= HandshakeDoor.addresses)
    }
}

@Suite struct OutputWatchTests {
    @Test func aPeerThatReadsMayBeSentAnything() {
        var watch = OutputWatch()
        for _ in 0..<100 { #expect(watch.writes(OutputWatch.backlog) == true) }
    }

    @Test func aBacklogHasItsBound() {
        var watch = OutputWatch()
        #expect(watch.writes(100_000) == true)
        #expect(watch.changes(isWritable: false, buffered: 100_000) == true)
        #expect(watch.writes(OutputWatch.backlog) == true)
        #expect(watch.writes(1) == false)
    }

    @Test func aPeerThatTakesNothingIsFoundOut() {
        var watch = OutputWatch()
        _ = watch.writes(100_000)
        _ = watch.changes(isWritable: false, buffered: 100_000)
        // More is written, and nothing is taken.
        _ = watch.writes(50_000)
        #expect(watch.isRead(buffered: 100_000) == false)
    }

    @Test func aSlowPeerIsNoDeafOne() {
        var watch = OutputWatch()
        _ = watch.writes(100_000)
        _ = watch.changes(isWritable: false, buffered: 100_000)
        _ = watch.writes(50_000)
        #expect(watch.isRead(buffered: 99_999) == true)
        #expect(watch.isRead(buffered: 99_998) == true)
        #expect(watch.isRead(buffered: 99_998) == false)
        #expect(watch.changes(isWritable: true, buffered: 0) == false)
        #expect(watch.isRead(buffered: 0) == nil)
    }
}
