import SelatTime

/// What each frame means in each state.
extension Session {
    /// False once the session has been told to close.
    var isOpen: Bool {
        switch phase {
        case .awaitingHello, .established: true
        case .closing, .closed: false
        }
    }

    var isEstablished: Bool {
        if case .established = phase { true } else { false }
    }

    mutating func accept(
        _ frame: consuming Frame,
        at now: Instant,
        _ output: inout SessionOutput
    ) throws(WireError) {
        switch phase {
        case .awaitingHello:
            let type = frame.type
            switch consume frame {
            case .hello(let hello): try greet(hello, at: now, &output)
            case .goodbye(let goodbye): endAfter(goodbye, &output)
            case .message, .acknowledgement, .request, .response, .ping, .pong:
                throw .helloExpected(got: type)
            }
        case .established:
            conversation.lastHeard = now
            switch consume frame {
            case .hello: throw .helloRepeated
            case .message(let message): try take(message, at: now, &output)
            case .acknowledgement(let epoch, let sequence):
                try note(epoch, sequence, at: now, &output)
            case .request(let request): try take(request, &output)
            case .response(let response): try take(response, &output)
            case .ping(let nonce):
                try conversation.noteIdleFrame(at: now, limits)
                output.write(.pong(nonce: nonce))
            case .pong(let nonce):
                guard nonce > 0, nonce <= conversation.pings else { throw .pongUnasked }
                try conversation.noteIdleFrame(at: now, limits)
            case .goodbye(let goodbye):
                endAfter(goodbye, &output)
            }
        case .closing, .closed:
            preconditionFailure("a closed session decodes nothing")
        }
    }

    // MARK: Hello

    /// Compares both sides' positions; there are no others, so this is where every restart, loss
    /// and restored backup is found out.
    private mutating func greet(
        _ hello: HelloFrame,
        at now: Instant,
        _ output: inout SessionOutput
    ) throws(WireError) {
        guard hello.node == start.peer else { throw .nodeMismatch }
        guard hello.maximumFrame >= limits.frame else {
            throw .maximumFrameTooSmall(expected: limits.frame, got: Int(hello.maximumFrame))
        }
        let sent = start.sent
        // Of another epoch the peer has nothing.
        let has = hello.lastReceivedEpoch == sent.epoch ? hello.lastReceivedSequence : 0
        guard has < sent.nextSequence else {
            endForNewEpoch(numbered: sent.nextSequence - 1, peerHas: has, &output)
            return
        }
        let isKnownEpoch = hello.sendEpoch == start.received.epoch
        if !isKnownEpoch, start.received.epoch != 0 {
            output.act(.peerRenumbered(previous: start.received))
        }
        if has < sent.acknowledged {
            output.act(.peerRestored(onceAcknowledged: sent.acknowledged, has: has))
        } else if has > sent.acknowledged {
            output.act(.acknowledged(epoch: sent.epoch, through: has))
        }
        output.act(.established(resumeFrom: has + 1))
        let committed = isKnownEpoch ? start.received.sequence : 0
        conversation = Conversation(
            nextToSend: has + 1,
            acknowledged: has,
            numberedBefore: sent.nextSequence - 1,
            window: UInt64(min(Int(hello.window), limits.window)),
            peerEpoch: hello.sendEpoch,
            committed: committed,
            at: now
        )
        phase = .established
    }

    // MARK: Messages

    private mutating func take(
        _ message: consuming MessageFrame,
        at now: Instant,
        _ output: inout SessionOutput
    ) throws(WireError) {
        if message.sequence <= conversation.received {
            // At or below what is committed: the acknowledgement was lost. Between that and what is
            // delivered: the acknowledgement comes with the commit.
            if message.sequence <= conversation.committed {
                conversation.noteRepetition(at: now)
            }
            try conversation.noteIdleFrame(at: now, limits)
            return
        }
        guard message.sequence == conversation.received + 1 else {
            throw .sequenceGap(expected: conversation.received + 1, got: message.sequence)
        }
        guard message.sequence - conversation.committed <= UInt64(limits.window) else {
            throw .windowExceeded(limit: limits.window)
        }
        conversation.received = message.sequence
        output.act(.deliver(epoch: conversation.peerEpoch, message))
    }

    private mutating func note(
        _ epoch: UInt64,
        _ sequence: UInt64,
        at now: Instant,
        _ output: inout SessionOutput
    ) throws(WireError) {
        guard epoch == start.sent.epoch else { throw .acknowledgementOfOtherEpoch }
        guard sequence <= conversation.numbered else {
            throw .acknowledgementOfUnsent(last: conversation.numbered, got: sequence)
        }
        guard sequence >= conversation.acknowledged else {
            throw .acknowledgementMovedBack(last: conversation.acknowledged, got: sequence)
        }
        guard sequence > conversation.acknowledged else {
            return try conversation.noteIdleFrame(at: now, limits)
        }
        conversation.acknowledged = sequence
        // The peer may commit what an earlier connection brought; then it is not sent again.
        conversation.nextToSend = max(conversation.nextToSend, sequence + 1)
        output.act(.acknowledged(epoch: epoch, through: sequence))
    }

    /// The acknowledgement whose time has come: one for however many messages.
    mutating func acknowledgeIfDue(at now: Instant, _ output: inout SessionOutput) {
        guard isEstablished, conversation.acknowledges(at: now) else { return }
        acknowledgeInCompany(&output)
    }

    /// Before something else is written: what waits to be acknowledged goes with it.
    mutating func acknowledgeInCompany(_ output: inout SessionOutput) {
        guard let acknowledgement = conversation.takeAcknowledgement() else { return }
        output.write(acknowledgement)
    }

    /// The same, where what is written is bytes.
    mutating func acknowledgeInCompany(behind bytes: inout [UInt8]) {
        guard let acknowledgement = conversation.takeAcknowledgement() else { return }
        FrameEncoder.append(acknowledgement, to: &bytes)
    }

    // MARK: Requests

    private mutating func take(
        _ request: consuming RequestFrame,
        _ output: inout SessionOutput
    ) throws(WireError) {
        guard request.correlation > conversation.lastPeerCorrelation else {
            throw .correlationNotRising(
                last: conversation.lastPeerCorrelation,
                got: request.correlation
            )
        }
        guard conversation.peerRequests.count < limits.openRequests else {
            throw .tooManyRequests(limit: limits.openRequests)
        }
        conversation.lastPeerCorrelation = request.correlation
        conversation.peerRequests.append(request.correlation)
        let call = CallID(connection: start.connection, correlation: request.correlation)
        output.act(.deliverRequest(call, request))
    }

    private mutating func take(
        _ response: consuming ResponseFrame,
        _ output: inout SessionOutput
    ) throws(WireError) {
        let answered = conversation.requests.firstIndex { $0.correlation == response.correlation }
        guard let answered else {
            throw .responseUnasked(last: conversation.lastCorrelation, got: response.correlation)
        }
        let request = conversation.requests.remove(at: answered)
        // After its deadline the owner has been told that there is no answer.
        guard request.deadline != nil else { return }
        let call = CallID(connection: start.connection, correlation: response.correlation)
        output.act(.deliverResponse(call, response))
    }

    // MARK: End

    /// Says goodbye, fails what is open and closes.
    mutating func end(
        _ end: SessionEnd,
        saying reason: GoodbyeReason,
        _ text: String,
        _ output: inout SessionOutput
    ) {
        acknowledgeInCompany(&output)
        output.write(.goodbye(GoodbyeFrame(reason: reason, text: text)))
        failRequests(&output)
        output.close(end)
        phase = .closing(end)
    }

    /// Numbers mean different things to the two sides.
    mutating func endForNewEpoch(
        numbered: UInt64,
        peerHas: UInt64,
        _ output: inout SessionOutput
    ) {
        output.act(.renumber(numbered: numbered, peerHas: peerHas))
        end(.renumbering, saying: .newEpoch, "back soon under a new epoch", &output)
    }

    /// The peer's last frame needs no answer.
    private mutating func endAfter(_ goodbye: GoodbyeFrame, _ output: inout SessionOutput) {
        failRequests(&output)
        output.close(.goodbye(goodbye))
        phase = .closing(.goodbye(goodbye))
    }

    func failRequests(_ output: inout SessionOutput) {
        guard isEstablished else { return }
        for request in conversation.requests where request.deadline != nil {
            output.fail(request.correlation, .disconnected, on: start.connection)
        }
    }
}
