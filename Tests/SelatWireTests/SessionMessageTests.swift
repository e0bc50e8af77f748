import SelatTime
import SelatWire
import Testing

@Suite struct SessionMessageTests {
    typealias Samples = SessionSamples

    @Test func atMostOneWindowIsUnacknowledged() {
        var session = Samples.established(Samples.start(next: 100))
        #expect(session.sendable == 1..<5)
        #expect(
            session.send(Samples.messages(1...4)).frames
                == Samples.messages(1...4).map { .message($0) }
        )
        #expect(session.sendable == 5..<5)
        #expect(
            session.received(.acknowledgement(epoch: Samples.epoch, sequence: 3))
                == [.acknowledged(epoch: Samples.epoch, through: 3)]
        )
        #expect(session.sendable == 5..<8)
        _ = session.send([Samples.message(5)])
        #expect(session.sendable == 6..<8)
    }

    @Test func severalMessagesLeaveInOneWrite() {
        var session = Samples.established()
        #expect(session.send(Samples.messages(1...4)).count == 1)
        #expect(session.send([]).isEmpty)
    }

    @Test func anAcknowledgementFollowsTheCommitAndNotTheDelivery() {
        var session = Samples.established()
        let actions = session.received(
            .message(Samples.message(1)),
            .message(Samples.message(2))
        )
        #expect(actions.delivered == [1, 2])
        #expect(actions.frames.isEmpty)
        #expect(
            session.acknowledge(epoch: Samples.peerEpoch, upTo: 2, at: begin).frames
                == [.acknowledgement(epoch: Samples.peerEpoch, sequence: 2)]
        )
        #expect(session.acknowledge(epoch: Samples.peerEpoch, upTo: 2, at: begin).isEmpty)
        #expect(session.acknowledge(epoch: Samples.peerEpoch, upTo: 1, at: begin).isEmpty)
        #expect(session.acknowledge(epoch: 0xDEAD, upTo: 9, at: begin).isEmpty)
    }

    @Test func anAcknowledgementWaitsForCompany() {
        var session = Samples.established(limits: WireLimits())
        let acknowledgement = Frame.acknowledgement(epoch: Samples.peerEpoch, sequence: 2)
        _ = session.received(.message(Samples.message(1)), .message(Samples.message(2)))
        let before = session.nextTimer
        #expect(session.acknowledge(epoch: Samples.peerEpoch, upTo: 1, at: begin).isEmpty)
        #expect(session.acknowledge(epoch: Samples.peerEpoch, upTo: 2, at: begin).isEmpty)
        #expect(session.nextTimer == begin + WireLimits().acknowledgementDelay)
        #expect(
            session.send([Samples.message(1), Samples.message(2)]).frames
                == [acknowledgement, .message(Samples.message(1)), .message(Samples.message(2))]
        )
        #expect(session.nextTimer == before)
        #expect(session.tick(at: begin + WireLimits().acknowledgementDelay).isEmpty)
    }

    @Test func requestsResponsesAndGoodbyesAreCompany() {
        func owing() -> Session {
            var session = Samples.established(limits: WireLimits())
            _ = session.received(.message(Samples.message(1)), .request(Samples.request(1)))
            _ = session.acknowledge(epoch: Samples.peerEpoch, upTo: 1, at: begin)
            return session
        }
        let acknowledgement = Frame.acknowledgement(epoch: Samples.peerEpoch, sequence: 1)
        var session = owing()
        guard case .sent(_, let asked) = session.ask() else {
            Issue.record("not asked")
            return
        }
        #expect(asked.frames.first == acknowledgement)
        #expect(asked.frames.count == 2)
        session = owing()
        let call = CallID(connection: 1, correlation: 1)
        let answered = session.respond(to: call, status: 200, payload: [])
        #expect(answered.frames.first == acknowledgement)
        #expect(answered.frames.count == 2)
        session = owing()
        let left = session.leave(.shutdown)
        #expect(left.frames.first == acknowledgement)
        #expect(left.goodbye == .shutdown)
    }

    @Test func anAcknowledgementWithoutCompanyLeavesInTime() {
        var session = Samples.established(limits: WireLimits())
        _ = session.received(.message(Samples.message(1)))
        _ = session.acknowledge(epoch: Samples.peerEpoch, upTo: 1, at: begin)
        let due = begin + WireLimits().acknowledgementDelay
        #expect(session.tick(at: due - .nanoseconds(1)).isEmpty)
        #expect(
            session.tick(at: due).frames
                == [.acknowledgement(epoch: Samples.peerEpoch, sequence: 1)]
        )
        #expect(session.tick(at: due).isEmpty)
    }

    @Test func aQuarterOfTheWindowIsAcknowledgedAtOnce() {
        let limits = WireLimits()
        let quarter = UInt64(limits.window / 4)
        var session = Samples.established(limits: limits)
        for sequence in 1...quarter { _ = session.received(.message(Samples.message(sequence))) }
        #expect(session.acknowledge(epoch: Samples.peerEpoch, upTo: quarter - 1, at: begin).isEmpty)
        #expect(
            session.acknowledge(epoch: Samples.peerEpoch, upTo: quarter, at: begin).frames
                == [.acknowledgement(epoch: Samples.peerEpoch, sequence: quarter)]
        )
    }

    @Test func withoutDelayAnAcknowledgementWaitsForNothing() {
        var limits = WireLimits()
        limits.acknowledgementDelay = .zero
        var session = Samples.established(limits: limits)
        _ = session.received(.message(Samples.message(1)))
        #expect(!session.acknowledge(epoch: Samples.peerEpoch, upTo: 1, at: begin).isEmpty)
    }

    @Test func aCommittedMessageThatComesAgainIsAcknowledgedOnceAndNotDelivered() {
        var session = Samples.established(
            Samples.start(received: ReceivePosition(epoch: Samples.peerEpoch, sequence: 2))
        )
        let actions = session.received(
            .message(Samples.message(1)),
            .message(Samples.message(2)),
            .message(Samples.message(3))
        )
        #expect(actions.delivered == [3])
        #expect(
            actions.frames == [.acknowledgement(epoch: Samples.peerEpoch, sequence: 2)]
        )
    }

    @Test func aDeliveredMessageThatComesAgainWaitsForItsCommit() {
        var session = Samples.established()
        _ = session.received(.message(Samples.message(1)))
        #expect(session.received(.message(Samples.message(1))).isEmpty)
    }

    @Test func aGapEndsTheConnectionAfterWhatCameBeforeIt() {
        var session = Samples.established()
        let actions = session.received(
            .message(Samples.message(1)),
            .message(Samples.message(3))
        )
        #expect(actions.delivered == [1])
        #expect(actions.goodbye == .gap)
        #expect(actions.last == .close(.violation(.sequenceGap(expected: 2, got: 3))))
    }

    @Test func onePastTheWindowEndsTheConnection() {
        var session = Samples.established()
        for sequence in 1...4 as ClosedRange<UInt64> {
            #expect(session.received(.message(Samples.message(sequence))).delivered == [sequence])
        }
        let actions = session.received(.message(Samples.message(5)))
        #expect(actions.delivered == [])
        #expect(actions.last == .close(.violation(.windowExceeded(limit: 4))))
    }

    @Test func aCommitOfWhatAnEarlierConnectionBroughtIsAcknowledgedHere() {
        let start = Samples.start(
            connection: 2,
            received: ReceivePosition(epoch: Samples.peerEpoch, sequence: 4)
        )
        var session = Samples.established(start)
        #expect(
            session.acknowledge(epoch: Samples.peerEpoch, upTo: 6, at: begin).frames
                == [.acknowledgement(epoch: Samples.peerEpoch, sequence: 6)]
        )
        let again = session.received(
            .message(Samples.message(5)),
            .message(Samples.message(6)),
            .message(Samples.message(7))
        )
        #expect(again.delivered == [7])
        #expect(again.frames == [.acknowledgement(epoch: Samples.peerEpoch, sequence: 6)])

        // Also before the peer's hello, and when that epoch's first commit is this one.
        var fresh = Samples.awaiting()
        #expect(fresh.acknowledge(epoch: Samples.peerEpoch, upTo: 1, at: begin).isEmpty)
        let repeated = fresh.received(Samples.hello(), .message(Samples.message(1)))
        #expect(repeated.delivered == [])
        #expect(repeated.frames == [.acknowledgement(epoch: Samples.peerEpoch, sequence: 1)])

        var waiting = Samples.awaiting(start)
        #expect(waiting.acknowledge(epoch: Samples.peerEpoch, upTo: 5, at: begin).isEmpty)
        #expect(waiting.received(Samples.hello(), .message(Samples.message(6))).delivered == [6])
    }

    @Test func anAcknowledgementOfWhatAnEarlierConnectionSentSkipsIt() {
        var session = Samples.established(Samples.start(next: 8, acknowledged: 4), has: 4)
        _ = session.send([Samples.message(5)])
        #expect(
            session.received(.acknowledgement(epoch: Samples.epoch, sequence: 7))
                == [.acknowledged(epoch: Samples.epoch, through: 7)]
        )
        #expect(session.sendable == 8..<12)
    }

    static let violations: [(Frame, WireError)] = [
        (.acknowledgement(epoch: 0xDEAD, sequence: 4), .acknowledgementOfOtherEpoch),
        (
            .acknowledgement(epoch: Samples.epoch, sequence: 8),
            .acknowledgementOfUnsent(last: 7, got: 8)
        ),
        (
            .acknowledgement(epoch: Samples.epoch, sequence: 3),
            .acknowledgementMovedBack(last: 4, got: 3)
        ),
        (Samples.hello(), .helloRepeated),
        (.pong(nonce: 1), .pongUnasked),
        (
            .response(ResponseFrame(correlation: 1, status: 200, payload: [])),
            .responseUnasked(last: 0, got: 1)
        ),
    ]

    @Test(arguments: violations)
    func whatAPeerMayNotSayEndsTheConnection(_ frame: Frame, _ error: WireError) {
        var session = Samples.established(Samples.start(next: 8, acknowledged: 4), has: 4)
        let actions = session.received(frame)
        #expect(actions.goodbye == error.goodbyeReason)
        #expect(actions.last == .close(.violation(error)))
        #expect(!error.description.isEmpty)
    }

    @Test func theSameAcknowledgementTwiceIsHarmless() {
        var session = Samples.established(Samples.start(next: 8, acknowledged: 4), has: 4)
        #expect(session.received(.acknowledgement(epoch: Samples.epoch, sequence: 4)).isEmpty)
        #expect(session.phase == .established)
    }

    @Test func aFrameTooLongEndsTheConnection() {
        var session = Samples.established()
        let actions = session.received([0, 2, 0, 1], at: begin)
        #expect(actions.goodbye == .protocolViolation)
        #expect(
            actions.end == .violation(.frameTooLong(length: 131_073, limit: 131_072))
        )
    }

    @Test func aMessageOfTheGreatestLengthFitsWhateverItsNames() {
        var session = Samples.established()
        let long = party(String(repeating: "P", count: 35))
        let message = MessageFrame(
            sequence: 1,
            kind: .paymentStatusReport,
            from: long,
            to: long,
            payload: [UInt8](repeating: 0x20, count: WireLimits().messagePayload)
        )
        #expect(session.send([message]).frames == [.message(message)])
    }
}
