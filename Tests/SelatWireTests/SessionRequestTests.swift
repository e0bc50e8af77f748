import SelatTime
import SelatWire
import Testing

@Suite struct SessionRequestTests {
    typealias Samples = SessionSamples

    private func response(_ correlation: UInt64) -> ResponseFrame {
        ResponseFrame(correlation: correlation, status: 200, payload: Array("{}".utf8))
    }

    private func call(_ correlation: UInt64) -> CallID {
        CallID(connection: 1, correlation: correlation)
    }

    @Test func answersComeInAnyOrder() {
        var session = Samples.established()
        guard case .sent(call(1), let actions) = session.ask() else {
            Issue.record("the first request was not sent")
            return
        }
        #expect(
            actions.frames == [
                .request(
                    RequestFrame(
                        correlation: 1,
                        from: party("SELASGS0"),
                        to: party("hub"),
                        operation: FrameSamples.operation,
                        payload: Array("{}".utf8)
                    )
                )
            ]
        )
        _ = session.ask()
        #expect(
            session.received(.response(response(2)), .response(response(1)))
                == [.deliverResponse(call(2), response(2)), .deliverResponse(call(1), response(1))]
        )
    }

    @Test func onePastTheOpenRequestsIsNotSent() {
        var session = Samples.established()
        _ = session.ask()
        _ = session.ask()
        #expect(session.ask() == .tooManyOpen)
        _ = session.received(.response(response(1)))
        guard case .sent(call(3), _) = session.ask() else {
            Issue.record("an answered request left no room")
            return
        }
    }

    @Test func onePastTheOpenRequestsOfThePeerEndsTheConnection() {
        var session = Samples.established()
        #expect(
            session.received(.request(Samples.request(1)), .request(Samples.request(2)))
                == [
                    .deliverRequest(call(1), Samples.request(1)),
                    .deliverRequest(call(2), Samples.request(2)),
                ]
        )
        var answered = session
        #expect(
            session.received(.request(Samples.request(3))).end
                == .violation(.tooManyRequests(limit: 2))
        )

        #expect(
            answered.respond(to: call(1), status: 200, payload: Array("{}".utf8)).frames
                == [.response(response(1))]
        )
        #expect(answered.respond(to: call(1), status: 200, payload: []).isEmpty)
        #expect(answered.received(.request(Samples.request(3))).end == nil)
    }

    @Test func aCorrelationThatDoesNotRiseEndsTheConnection() {
        var session = Samples.established()
        _ = session.received(.request(Samples.request(5)))
        _ = session.respond(to: call(5), status: 200, payload: [])
        #expect(
            session.received(.request(Samples.request(5))).end
                == .violation(.correlationNotRising(last: 5, got: 5))
        )
    }

    @Test func anAnswerNeverReachesAnotherConnectionsRequest() {
        var first = Samples.established(Samples.start(connection: 1))
        _ = first.received(.request(Samples.request(1)))
        _ = first.disconnected()
        var second = Samples.established(Samples.start(connection: 2))
        _ = second.received(.request(Samples.request(1)))
        #expect(second.respond(to: call(1), status: 200, payload: []).isEmpty)
        #expect(first.respond(to: call(1), status: 200, payload: []).isEmpty)
    }

    @Test func aRequestIsGivenUpAtItsDeadlineAndItsLateAnswerIgnored() {
        var session = Samples.established()
        _ = session.ask(at: begin)
        _ = session.ask(at: begin + .seconds(1))
        #expect(session.nextTimer == begin + .seconds(10))
        #expect(session.tick(at: begin + .seconds(10) - .nanoseconds(1)).isEmpty)
        let due = session.tick(at: begin + .seconds(10))
        #expect(due.first == .requestFailed(call(1), .timedOut))
        #expect(!due.contains(.requestFailed(call(2), .timedOut)))
        // It occupies the peer until that answers.
        #expect(session.ask(at: begin + .seconds(10)) == .tooManyOpen)
        #expect(session.received(.response(response(1)), at: begin + .seconds(10)).isEmpty)
        #expect(
            session.received(.response(response(2)), at: begin + .seconds(10))
                == [.deliverResponse(call(2), response(2))]
        )
        #expect(
            session.received(.response(response(2)), at: begin + .seconds(10)).end
                == .violation(.responseUnasked(last: 2, got: 2))
        )
    }

    @Test func everyWayToEndFailsWhatIsOpenOnce() {
        var session = Samples.established()
        _ = session.ask(at: begin)
        _ = session.ask(at: begin + .seconds(1))
        _ = session.tick(at: begin + .seconds(10))
        var ways: [[SessionAction]] = []
        var copy = session
        ways.append(copy.disconnected())
        #expect(copy.disconnected().isEmpty)
        copy = session
        ways.append(copy.leave(.shutdown))
        #expect(copy.disconnected().isEmpty)
        copy = session
        ways.append(copy.received(.goodbye(GoodbyeFrame(reason: .shutdown, text: ""))))
        copy = session
        ways.append(copy.received(Samples.hello()))
        copy = session
        ways.append(copy.tick(at: begin + .seconds(60)))
        for actions in ways {
            let failed = actions.filter {
                if case .requestFailed = $0 { true } else { false }
            }
            #expect(failed == [.requestFailed(call(2), .disconnected)])
            #expect(actions.end != nil)
        }
    }

    @Test func payloadsFitAFrameOrAreRefused() {
        let limits = WireLimits()
        var session = Samples.established()
        let longest = [UInt8](repeating: 0x20, count: limits.requestPayload)
        guard
            case .sent = session.request(
                FrameSamples.operation,
                from: party("a"),
                to: party("b"),
                payload: longest,
                at: begin
            )
        else {
            Issue.record("the longest request was refused")
            return
        }
        #expect(
            session.request(
                FrameSamples.operation,
                from: party("a"),
                to: party("b"),
                payload: longest + [0x20],
                at: begin
            ) == .tooLong
        )

        _ = session.received(.request(Samples.request(1)), .request(Samples.request(2)))
        let answer = [UInt8](repeating: 0x20, count: limits.responsePayload)
        #expect(
            session.respond(to: call(1), status: 200, payload: answer).frames
                == [.response(ResponseFrame(correlation: 1, status: 200, payload: answer))]
        )
        guard
            case .response(let response) = session.respond(
                to: call(2),
                status: 200,
                payload: answer + [0x20]
            ).frames.first
        else {
            Issue.record("nothing was answered")
            return
        }
        #expect(response.status == 413)
    }
}
