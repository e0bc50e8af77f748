import SelatTime
import SelatWire
import Testing

@Suite struct SessionHelloTests {
    typealias Samples = SessionSamples

    @Test func theHelloTellsWhatThisSideHas() {
        let (session, actions) = Session.connected(
            Samples.start(next: 8, received: ReceivePosition(epoch: 0xC, sequence: 5)),
            at: begin,
            limits: .small
        )
        #expect(session.phase == .awaitingHello)
        #expect(session.nextTimer == begin + .seconds(5))
        #expect(
            actions.frames == [
                .hello(
                    HelloFrame(
                        node: .system,
                        sendEpoch: Samples.epoch,
                        lastReceivedEpoch: 0xC,
                        lastReceivedSequence: 5,
                        window: 4,
                        maximumFrame: 131_072
                    )
                )
            ]
        )
    }

    @Test func nothingIsSentBeforeThePeersHello() {
        var session = Samples.awaiting(Samples.start(next: 3))
        #expect(session.sendable.isEmpty)
        #expect(session.send(Samples.messages(1...2)).isEmpty)
        #expect(session.ask() == .notEstablished)
    }

    /// Where to resume, and what to report, for every relation of the two positions.
    struct Case: Sendable, CustomTestStringConvertible {
        let name: String
        let start: Session.Start
        let hello: Frame
        let actions: [SessionAction]
        var testDescription: String { name }
    }

    static let cases: [Case] = [
        Case(
            name: "both sides fresh",
            start: Samples.start(),
            hello: Samples.hello(),
            actions: [.established(resumeFrom: 1)]
        ),
        Case(
            name: "all delivered",
            start: Samples.start(next: 8, acknowledged: 7),
            hello: Samples.hello(has: 7),
            actions: [.established(resumeFrom: 8)]
        ),
        Case(
            name: "some undelivered",
            start: Samples.start(next: 8, acknowledged: 4),
            hello: Samples.hello(has: 4),
            actions: [.established(resumeFrom: 5)]
        ),
        Case(
            name: "acknowledgement lost",
            start: Samples.start(next: 8, acknowledged: 4),
            hello: Samples.hello(has: 6),
            actions: [
                .acknowledged(epoch: Samples.epoch, through: 6), .established(resumeFrom: 7),
            ]
        ),
        Case(
            name: "all delivered, last acknowledgement lost",
            start: Samples.start(next: 8, acknowledged: 4),
            hello: Samples.hello(has: 7),
            actions: [
                .acknowledged(epoch: Samples.epoch, through: 7), .established(resumeFrom: 8),
            ]
        ),
        Case(
            name: "peer restored",
            start: Samples.start(next: 8, acknowledged: 4),
            hello: Samples.hello(has: 3),
            actions: [
                .peerRestored(onceAcknowledged: 4, has: 3), .established(resumeFrom: 4),
            ]
        ),
        Case(
            name: "peer restored to before our epoch",
            start: Samples.start(next: 8, acknowledged: 4),
            hello: Samples.hello(has: 900, of: 0xF),
            actions: [
                .peerRestored(onceAcknowledged: 4, has: 0), .established(resumeFrom: 1),
            ]
        ),
        Case(
            name: "our epoch is new to the peer",
            start: Samples.start(next: 8),
            hello: Samples.hello(has: 900, of: 0xF),
            actions: [.established(resumeFrom: 1)]
        ),
        Case(
            name: "peer's epoch is new to us",
            start: Samples.start(received: ReceivePosition(epoch: 0xC, sequence: 5)),
            hello: Samples.hello(),
            actions: [
                .peerRenumbered(previous: ReceivePosition(epoch: 0xC, sequence: 5)),
                .established(resumeFrom: 1),
            ]
        ),
    ]

    @Test(arguments: cases)
    func twoPositionsTellWhereToResume(_ sample: Case) {
        var session = Samples.awaiting(sample.start)
        #expect(session.received(sample.hello) == sample.actions)
        #expect(session.phase == .established)
        guard case .established(let from) = sample.actions.last else { return }
        #expect(session.sendable == from..<from + 4)
    }

    @Test(arguments: [8, 9, UInt64.max])
    func aPeerThatHasMoreThanWeNumberedMeansANewEpoch(_ has: UInt64) {
        var session = Samples.awaiting(Samples.start(next: 8, acknowledged: 4))
        let actions = session.received(Samples.hello(has: has))
        #expect(actions.first == .renumber(numbered: 7, peerHas: has))
        #expect(actions.goodbye == .newEpoch)
        #expect(actions.last == .close(.renumbering))
        #expect(session.phase == .closing(.renumbering))
    }

    @Test func aRestoredPeerThatWantsWhatIsNoLongerKeptMeansANewEpoch() {
        var session = Samples.established(Samples.start(next: 8, acknowledged: 7), has: 2)
        let actions = session.send([Samples.message(7)])
        #expect(actions.first == .renumber(numbered: 7, peerHas: 2))
        #expect(actions.goodbye == .newEpoch)
        #expect(actions.end == .renumbering)
    }

    @Test func theNextMessageOfAKnownEpochFollowsTheLastCommitted() {
        var session = Samples.established(
            Samples.start(received: ReceivePosition(epoch: Samples.peerEpoch, sequence: 5))
        )
        #expect(session.received(.message(Samples.message(6))).delivered == [6])
        var fresh = Samples.established(
            Samples.start(received: ReceivePosition(epoch: 0xC, sequence: 5))
        )
        #expect(fresh.received(.message(Samples.message(1))).delivered == [1])
    }

    static let refusals: [(Frame, WireError)] = [
        (Samples.hello { $0.node = .system }, .nodeMismatch),
        (
            Samples.hello { $0.maximumFrame = 131_071 },
            .maximumFrameTooSmall(expected: 131_072, got: 131_071)
        ),
        (Samples.hello { $0.version = 2 }, .versionUnsupported(expected: 1, got: 2)),
        (.ping(nonce: 1), .helloExpected(got: .ping)),
        (.message(Samples.message(1)), .helloExpected(got: .message)),
        (.acknowledgement(epoch: 1, sequence: 0), .helloExpected(got: .acknowledgement)),
    ]

    @Test(arguments: refusals)
    func aHelloThatDoesNotFitEndsTheConnection(_ frame: Frame, _ error: WireError) {
        var session = Samples.awaiting()
        let actions = session.received(frame)
        #expect(actions.goodbye == error.goodbyeReason)
        #expect(actions.last == .close(.violation(error)))
        #expect(session.phase == .closing(.violation(error)))
        #expect(session.received(Samples.hello()).isEmpty)
    }

    @Test func aHelloLateByOneNanosecondEndsTheConnection() {
        var session = Samples.awaiting()
        #expect(session.tick(at: begin + .seconds(5) - .nanoseconds(1)).isEmpty)
        let actions = session.tick(at: begin + .seconds(5))
        #expect(actions.goodbye == .silence)
        #expect(actions.last == .close(.helloTimeout))
        #expect(session.nextTimer == nil)
    }

    @Test func theSmallerWindowHolds() {
        var session = Samples.awaiting(Samples.start(next: 9))
        _ = session.received(Samples.hello { $0.window = 2 })
        #expect(session.sendable == 1..<3)
    }

    @Test func theHelloMayComeTogetherWithMessages() {
        var session = Samples.awaiting()
        let actions = session.received(
            Samples.hello(),
            .message(Samples.message(1)),
            .message(Samples.message(2))
        )
        #expect(actions.delivered == [1, 2])
    }
}
