public import SelatTime

/// One connection between two nodes, as a state machine: bytes and time in, actions out.
///
///     awaitingHello -> established -> closing -> closed
///
/// It owns no socket, no clock and no message: the owner keeps the outbox and both positions, and
/// a new session starts from them. Both sides send their hello at once, so it does not matter who
/// dialled. Source: Specs/Protocol/Session.md.
///
/// What the owner must do:
/// - end the session of an older connection (`leave(.replaced)`) before it starts a new one to the
///   same peer, and start the new one from what is committed;
/// - take a delivery whose number is not the next one of its own inbox for a repetition: after a
///   reconnect the peer sends again whatever was not committed;
/// - hold payloads to `WireLimits.messagePayload` when they enter the outbox.
public struct Session: Sendable {
    /// Where a connection stands.
    public enum Phase: Hashable, Sendable {
        /// Our hello is written, the peer's has not come.
        case awaitingHello
        /// Both hellos fit together.
        case established
        /// Told to close; nothing that still comes is looked at.
        case closing(SessionEnd)
        /// The transport is gone.
        case closed(SessionEnd)
    }

    /// What is fixed when a connection begins.
    public struct Start: Hashable, Sendable {
        /// This node.
        public var node: NodeName
        /// The node that the peer's certificate names.
        public var peer: NodeName
        /// Different for every connection of this owner.
        public var connection: UInt64
        /// How far this node has come with its own messages.
        public var sent: SendPosition
        /// How far this node has come with the peer's.
        public var received: ReceivePosition

        /// - Parameters:
        ///   - node: This node.
        ///   - peer: The node that the peer's certificate names.
        ///   - connection: Different for every connection of this owner.
        ///   - sent: How far this node has come with its own messages.
        ///   - received: How far this node has come with the peer's.
        public init(
            node: NodeName,
            peer: NodeName,
            connection: UInt64,
            sent: SendPosition,
            received: ReceivePosition
        ) {
            self.node = node
            self.peer = peer
            self.connection = connection
            self.sent = sent
            self.received = received
        }
    }

    /// Where the connection stands.
    public internal(set) var phase = Phase.awaitingHello

    let limits: WireLimits
    var start: Start
    private let helloDeadline: Instant
    /// Means something while established; beside the phase, so that it changes where it stands.
    var conversation: Conversation
    var decoder: FrameDecoder

    // MARK: Connection

    /// The transport is up and the peer's certificate verified.
    ///
    /// - Parameters:
    ///   - start: What is fixed from here on.
    ///   - now: The time.
    ///   - limits: The bounds of the connection.
    /// - Returns: The session, and the hello to write.
    public static func connected(
        _ start: Start,
        at now: Instant,
        limits: WireLimits = WireLimits()
    ) -> (Session, [SessionAction]) {
        let session = Session(
            limits: limits,
            start: start,
            helloDeadline: now + limits.helloTimeout,
            conversation: Conversation(before: start, at: now),
            decoder: FrameDecoder(limit: limits.frame)
        )
        var output = SessionOutput()
        output.write(
            .hello(
                HelloFrame(
                    node: start.node,
                    sendEpoch: start.sent.epoch,
                    lastReceivedEpoch: start.received.epoch,
                    lastReceivedSequence: start.received.sequence,
                    window: UInt32(limits.window),
                    maximumFrame: UInt32(limits.frame)
                )
            )
        )
        return (session, output.finish())
    }

    /// Bytes came, in whatever pieces; what is to be done goes behind `actions`.
    public mutating func received(
        _ bytes: Span<UInt8>,
        at now: Instant,
        _ actions: inout [SessionAction]
    ) {
        guard isOpen else { return }
        var place = 0
        var output = SessionOutput(behind: &actions)
        do throws(WireError) {
            while isOpen, let frame = try decoder.next(bytes, from: &place) {
                try accept(consume frame, at: now, &output)
            }
            acknowledgeIfDue(at: now, &output)
        } catch {
            end(.violation(error), saying: error.goodbyeReason, error.description, &output)
        }
        output.finish(into: &actions)
    }

    /// Bytes came, in whatever pieces.
    public mutating func received(_ bytes: Span<UInt8>, at now: Instant) -> [SessionAction] {
        var actions: [SessionAction] = []
        received(bytes, at: now, &actions)
        return actions
    }

    /// Bytes came, in whatever pieces.
    public mutating func received(_ bytes: [UInt8], at now: Instant) -> [SessionAction] {
        received(bytes.span, at: now)
    }

    /// The transport has ended, whichever side ended it.
    public mutating func disconnected() -> [SessionAction] {
        var output = SessionOutput()
        switch phase {
        case .awaitingHello, .established:
            failRequests(&output)
            output.close(.disconnected)
            phase = .closed(.disconnected)
        case .closing(let end):
            phase = .closed(end)
        case .closed:
            break
        }
        return output.finish()
    }

    /// The owner ends the connection: says goodbye and closes.
    public mutating func leave(_ reason: GoodbyeReason, _ text: String = "") -> [SessionAction] {
        var output = SessionOutput()
        if isOpen { end(.left(reason), saying: reason, text, &output) }
        return output.finish()
    }

    // MARK: Messages

    /// The numbers that may be sent now: from the next one wanted as far as the window reaches.
    /// Empty unless established.
    public var sendable: Range<UInt64> { isEstablished ? conversation.sendable : 0..<0 }

    /// Sends committed messages: consecutive, the first numbered `sendable.lowerBound`, the last
    /// within `sendable`. Without an established connection nothing happens: they stay with the
    /// owner, and the next `established` names where to resume.
    ///
    /// When the first number is beyond the one wanted, the owner no longer has what a restored peer
    /// lost: the connection ends with `renumber`.
    public mutating func send(_ messages: [MessageFrame]) -> [SessionAction] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(messages.reduce(0) { $0 + $1.payload.count + 96 })
        for message in messages {
            let actions = send(message, behind: &bytes)
            guard actions.isEmpty else { return actions }
        }
        return bytes.isEmpty ? [] : [.write(bytes)]
    }

    /// Sends one committed message, likewise; its frame goes behind what else is to be written.
    ///
    /// - Returns: What is to be done besides: nothing, as long as the message is the one wanted.
    public mutating func send(
        _ message: MessageFrame,
        behind bytes: inout [UInt8]
    ) -> [SessionAction] {
        guard isEstablished else { return [] }
        if message.sequence > conversation.nextToSend {
            var output = SessionOutput()
            endForNewEpoch(
                numbered: max(conversation.numbered, message.sequence),
                peerHas: conversation.nextToSend - 1,
                &output
            )
            return output.finish()
        }
        precondition(
            conversation.sendable.first == message.sequence,
            "messages are sent in sequence and within the window"
        )
        precondition(
            message.payload.count <= limits.messagePayload,
            "a message longer than a frame must be refused before it enters the outbox"
        )
        conversation.nextToSend += 1
        acknowledgeInCompany(behind: &bytes)
        FrameEncoder.append(message, to: &bytes)
        return []
    }

    /// The owner has committed the peer's messages up to `sequence` of `epoch`.
    ///
    /// May name messages that an earlier connection delivered. Nothing happens for another epoch
    /// than the peer's present one, or when that much is acknowledged already. The acknowledgement
    /// leaves with what is written next, after `WireLimits.acknowledgementDelay` at the latest.
    public mutating func acknowledge(
        epoch: UInt64,
        upTo sequence: UInt64,
        at now: Instant
    ) -> [SessionAction] {
        var output = SessionOutput()
        switch phase {
        case .awaitingHello:
            // Our hello said less; the peer repeats the rest and is told then.
            let isSame = epoch == start.received.epoch
            start.received = ReceivePosition(
                epoch: epoch,
                sequence: isSame ? max(start.received.sequence, sequence) : sequence
            )
        case .established:
            guard epoch == conversation.peerEpoch, sequence > conversation.committed else { break }
            conversation.noteCommitted(sequence, at: now, limits)
            acknowledgeIfDue(at: now, &output)
        case .closing, .closed:
            break
        }
        return output.finish()
    }

    // MARK: Requests

    /// Asks the peer. The answer comes as `deliverResponse` or `requestFailed`.
    public mutating func request(
        _ operation: OperationName,
        from: PartyName,
        to: PartyName,
        payload: [UInt8],
        at now: Instant
    ) -> RequestOutcome {
        guard isEstablished else { return .notEstablished }
        guard conversation.requests.count < limits.openRequests else { return .tooManyOpen }
        guard payload.count <= limits.requestPayload else { return .tooLong }
        conversation.lastCorrelation += 1
        let correlation = conversation.lastCorrelation
        conversation.requests.append(
            OpenRequest(correlation: correlation, deadline: now + limits.requestTimeout)
        )
        var output = SessionOutput()
        acknowledgeInCompany(&output)
        output.write(
            .request(
                RequestFrame(
                    correlation: correlation,
                    from: from,
                    to: to,
                    operation: operation,
                    payload: payload
                )
            )
        )
        return .sent(
            CallID(connection: start.connection, correlation: correlation),
            output.finish()
        )
    }

    /// Answers a request of the peer, after the commit of what it wrote.
    ///
    /// Nothing happens when the request came over another connection: it is lost. An answer too
    /// long for a frame becomes a 413.
    public mutating func respond(
        to call: CallID,
        status: UInt16,
        payload: [UInt8]
    ) -> [SessionAction] {
        var bytes: [UInt8] = []
        respond(to: call, status: status, payload: payload, behind: &bytes)
        return bytes.isEmpty ? [] : [.write(bytes)]
    }

    /// Answers a request of the peer, likewise; the frame goes behind what else is to be written.
    public mutating func respond(
        to call: CallID,
        status: UInt16,
        payload: [UInt8],
        behind bytes: inout [UInt8]
    ) {
        precondition((200...599).contains(status), "a response's status is 200...599")
        guard let index = place(of: call) else { return }
        conversation.peerRequests.remove(at: index)
        var response = ResponseFrame(
            correlation: call.correlation,
            status: status,
            payload: payload
        )
        if payload.count > limits.responsePayload {
            response.status = 413
            response.payload = Array(#"{"error":"the answer is longer than a frame"}"#.utf8)
        }
        acknowledgeInCompany(behind: &bytes)
        FrameEncoder.append(.response(response), to: &bytes)
    }

    /// Whether the peer has asked this and can still be answered.
    public func awaitsResponse(to call: CallID) -> Bool { place(of: call) != nil }

    private func place(of call: CallID) -> Int? {
        guard isEstablished, call.connection == start.connection else { return nil }
        return conversation.peerRequests.firstIndex(of: call.correlation)
    }

    // MARK: Time

    /// When `tick(at:)` has something to do at the latest; `nil` when time no longer matters.
    public var nextTimer: Instant? {
        switch phase {
        case .awaitingHello: helloDeadline
        case .established: conversation.nextTimer(limits)
        case .closing, .closed: nil
        }
    }

    /// Time has passed: acknowledges, pings, gives up on requests, on a hello, or on a silent peer.
    public mutating func tick(at now: Instant) -> [SessionAction] {
        var output = SessionOutput()
        switch phase {
        case .awaitingHello:
            if now >= helloDeadline {
                end(.helloTimeout, saying: .silence, "no hello in time", &output)
            }
        case .established:
            if now >= conversation.lastHeard + limits.silence {
                end(.silence, saying: .silence, "nothing heard for too long", &output)
                break
            }
            for correlation in conversation.timeOut(at: now) {
                output.fail(correlation, .timedOut, on: start.connection)
            }
            acknowledgeIfDue(at: now, &output)
            if now >= conversation.pingDue(limits) {
                conversation.pings += 1
                conversation.lastPing = now
                output.write(.ping(nonce: conversation.pings))
            }
        case .closing, .closed:
            break
        }
        return output.finish()
    }
}
