import Foundation
import SelatTime
import SelatWire
import Testing

/// Every state meets every input; the table is printed to `Specs/Protocol/SessionStates.md`.
@Suite struct SessionGridTests {
    typealias Samples = SessionSamples

    enum State: String, CaseIterable {
        case awaitingHello
        case established
        case closing
        case closed
    }

    enum Input: String, CaseIterable {
        case hello
        case message
        case acknowledgement
        case request
        case response
        case ping
        case pong
        case goodbye
        case malformed
        case incomplete
        case send
        case acknowledge
        case ask
        case respond
        case tickEarly = "tick, nothing due"
        case tickLate = "tick, all deadlines past"
        case leave
        case disconnected
    }

    /// One request of each side open, one ping sent, two messages numbered.
    private func session(_ state: State) -> Session {
        var session = Samples.awaiting(Samples.start(next: 3))
        if state == .awaitingHello { return session }
        _ = session.received(Samples.hello(), .request(Samples.request(1)))
        _ = session.ask(at: begin + .seconds(5))
        _ = session.tick(at: begin + .seconds(10))
        if state == .established { return session }
        _ = session.leave(.shutdown)
        if state == .closing { return session }
        _ = session.disconnected()
        return session
    }

    private func actions(_ input: Input, _ session: inout Session) -> [SessionAction] {
        let now = begin + .seconds(10)
        let call = CallID(connection: 1, correlation: 1)
        switch input {
        case .hello: return session.received(Samples.hello(), at: now)
        case .message: return session.received(.message(Samples.message(1)), at: now)
        case .acknowledgement:
            return session.received(.acknowledgement(epoch: Samples.epoch, sequence: 1), at: now)
        case .request: return session.received(.request(Samples.request(2)), at: now)
        case .response:
            return session.received(
                .response(ResponseFrame(correlation: 1, status: 200, payload: [])),
                at: now
            )
        case .ping: return session.received(.ping(nonce: 9), at: now)
        case .pong: return session.received(.pong(nonce: 1), at: now)
        case .goodbye:
            return session.received(.goodbye(GoodbyeFrame(reason: .shutdown, text: "")), at: now)
        case .malformed: return session.received([0, 0, 0, 0], at: now)
        case .incomplete: return session.received([0, 0], at: now)
        case .send: return session.send([Samples.message(1)])
        case .acknowledge: return session.acknowledge(epoch: Samples.peerEpoch, upTo: 1, at: now)
        case .ask:
            switch session.ask(at: now) {
            case .sent(_, let actions): return actions
            case .notEstablished, .tooManyOpen, .tooLong: return []
            }
        case .respond: return session.respond(to: call, status: 200, payload: [])
        case .tickEarly: return session.tick(at: begin + .seconds(1))
        case .tickLate: return session.tick(at: begin + .seconds(90))
        case .leave: return session.leave(.shutdown)
        case .disconnected: return session.disconnected()
        }
    }

    private func describe(_ action: SessionAction) -> String {
        switch action {
        case .write: "write " + [action].frames.map { "\($0.type)" }.joined(separator: ", ")
        case .established: "established"
        case .acknowledged: "acknowledged"
        case .deliver: "deliver"
        case .deliverRequest: "deliverRequest"
        case .deliverResponse: "deliverResponse"
        case .requestFailed: "requestFailed"
        case .peerRestored: "peerRestored"
        case .peerRenumbered: "peerRenumbered"
        case .renumber: "renumber"
        case .close: "close"
        }
    }

    private func name(_ phase: Session.Phase) -> State {
        switch phase {
        case .awaitingHello: .awaitingHello
        case .established: .established
        case .closing: .closing
        case .closed: .closed
        }
    }

    private var table: String {
        var lines = ["| state | input | next state | actions |", "|---|---|---|---|"]
        for state in State.allCases {
            for input in Input.allCases {
                var session = session(state)
                let actions = actions(input, &session).map(describe).joined(separator: "; ")
                let next = name(session.phase)
                lines.append(
                    "| \(state.rawValue) | \(input.rawValue) | "
                        + (next == state ? "same" : next.rawValue)
                        + " | \(actions.isEmpty ? "none" : actions) |"
                )
            }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    @Test func theTableOfStatesAndInputsIsTheOneWrittenDown() throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        let page = root.appending(path: "Specs/Protocol/SessionStates.md")
        let text = try String(contentsOf: page, encoding: .utf8)
        #expect(text.hasSuffix(table), "the page should end with this:\n\(table)")
    }
}
