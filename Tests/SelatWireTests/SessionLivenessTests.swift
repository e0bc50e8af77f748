import SelatTime
import SelatWire
import Testing

@Suite struct SessionLivenessTests {
    typealias Samples = SessionSamples

    @Test func aSilentPeerIsPingedAndThenGivenUp() {
        var session = Samples.established()
        #expect(session.nextTimer == begin + .seconds(10))
        #expect(session.tick(at: begin + .seconds(10) - .nanoseconds(1)).isEmpty)
        #expect(session.tick(at: begin + .seconds(10)).frames == [.ping(nonce: 1)])
        #expect(session.nextTimer == begin + .seconds(20))
        #expect(session.tick(at: begin + .seconds(10)).isEmpty)
        #expect(session.tick(at: begin + .seconds(20)).frames == [.ping(nonce: 2)])
        #expect(session.nextTimer == begin + .seconds(30))
        #expect(session.tick(at: begin + .seconds(30) - .nanoseconds(1)).isEmpty)
        let actions = session.tick(at: begin + .seconds(30))
        #expect(actions.goodbye == .silence)
        #expect(actions.last == .close(.silence))
    }

    @Test func anyFrameCountsAsLife() {
        var session = Samples.established()
        let heard = begin + .seconds(29)
        #expect(session.received(.ping(nonce: 77), at: heard).frames == [.pong(nonce: 77)])
        #expect(session.tick(at: begin + .seconds(30)).isEmpty)
        #expect(session.nextTimer == heard + .seconds(10))
    }

    @Test func aFrameByDribsAndDrabsIsSilence() throws {
        var session = Samples.established()
        let message = MessageFrame(
            sequence: 1,
            kind: MessageKind(rawValue: 1),
            from: try #require(PartyName("hub")),
            to: try #require(PartyName("sg")),
            payload: Array(repeating: 0x20, count: 100)
        )
        var bytes: [UInt8] = []
        FrameEncoder.append(message, to: &bytes)
        for (second, byte) in bytes.prefix(29).enumerated() {
            #expect(session.received([byte], at: begin + .seconds(second)).isEmpty)
        }
        #expect(session.tick(at: begin + .seconds(30)).last == .close(.silence))
    }

    @Test(arguments: [
        Frame.ping(nonce: 5), .acknowledgement(epoch: Samples.epoch, sequence: 0),
    ])
    func framesThatTellNothingNewAreBounded(_ frame: Frame) {
        var session = Samples.established()
        let limit = WireLimits.small.idleFrames
        for _ in 0..<limit {
            #expect(session.received(frame, at: begin).end == nil)
        }
        // Another second, another count.
        let later = begin + .seconds(1)
        for _ in 0..<limit {
            #expect(session.received(frame, at: later).end == nil)
        }
        let last = session.received(frame, at: later + .milliseconds(999))
        #expect(last.end == .violation(.tooManyIdleFrames(limit: limit)))
        #expect(last.goodbye == .protocolViolation)
    }

    @Test func aPongToEveryPingIsTaken() {
        var session = Samples.established()
        _ = session.tick(at: begin + .seconds(10))
        _ = session.tick(at: begin + .seconds(20))
        let now = begin + .seconds(21)
        #expect(session.received(.pong(nonce: 2), .pong(nonce: 1), at: now).isEmpty)
        #expect(session.received(.pong(nonce: 3), at: now).end == .violation(.pongUnasked))
        #expect(
            Samples.establishedAndPonged(nonce: 0).end == .violation(.pongUnasked)
        )
    }

    @Test func theTransportMayEndAtAnyTime() {
        var waiting = Samples.awaiting()
        #expect(waiting.disconnected() == [.close(.disconnected)])
        #expect(waiting.phase == .closed(.disconnected))
        var session = Samples.established()
        #expect(session.disconnected() == [.close(.disconnected)])
        #expect(session.disconnected().isEmpty)
    }

    @Test func aGoodbyeIsNotAnswered() {
        let goodbye = GoodbyeFrame(reason: .shutdown, text: "maintenance")
        for session in [Samples.awaiting(), Samples.established()] {
            var session = session
            #expect(
                session.received(.goodbye(goodbye), .ping(nonce: 1)) == [.close(.goodbye(goodbye))]
            )
            #expect(session.disconnected().isEmpty)
            #expect(session.phase == .closed(.goodbye(goodbye)))
        }
    }

    @Test(arguments: 0..<32)
    func randomBytesNeverCrashASession(_ seed: UInt64) {
        var generator = SeededGenerator(seed: seed, stream: "session")
        for _ in 0..<100 {
            var session = Samples.established(
                Samples.start(next: 3, acknowledged: 1),
                has: 1
            )
            _ = session.ask()
            var closes = 0
            for _ in 0..<6 {
                let type = UInt8.random(in: 1...8, using: &generator)
                let count = Int.random(in: 0...40, using: &generator)
                // Small values make lawful frames likely.
                let body = (0..<count).map { _ in
                    generator.chance(3, in: 4) ? 0 : UInt8(generator.next() % 4)
                }
                let actions = session.received(rawFrame(type, body), at: begin)
                closes += actions.count { if case .close = $0 { true } else { false } }
            }
            closes += session.disconnected().count {
                if case .close = $0 { true } else { false }
            }
            #expect(closes == 1, "seed \(seed)")
        }
    }
}

extension SessionSamples {
    static func establishedAndPonged(nonce: UInt64) -> [SessionAction] {
        var session = established()
        return session.received(.pong(nonce: nonce))
    }
}
