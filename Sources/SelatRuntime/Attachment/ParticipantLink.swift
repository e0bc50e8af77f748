package import SelatJSON
package import SelatNode
import SelatSQLite
package import SelatScheme
import SelatTLS
import SelatTime
import SelatWire

/// A participant's own end of its link, with no role behind it: whatever bytes are given go out as
/// they are, and what comes is shown. Blocking; for one thread.
///
/// It is the node to its peer: the node's certificate, and positions, epoch and messages in the
/// node's own database, committed before anything is sent or acknowledged. So it resumes after a
/// reconnect, and the node's daemon resumes after it. The daemon must not run meanwhile: a node
/// has one end.
package final class ParticipantLink {
    /// What the peer said.
    package enum Event: Hashable, Sendable {
        /// A message, kept and acknowledged, or left to whoever comes next.
        case message(RetainedMessage)
        /// The peer has committed every message up to this number.
        case acknowledged(UInt64)
        /// The answer to a request.
        case response(status: UInt16, JSONValue)
    }

    private let seat: Seat
    private let keeps: (RetainedMessage) -> Bool
    private let link: LinkID
    private let clock: NodeClock
    private let store: SQLiteStore
    private var seeds = SeedSource()
    private var position: LinkPosition
    /// Committed and not acknowledged by the peer, in sequence.
    private var outbox: [RetainedMessage]
    private let endpoint: Endpoint
    private let context: TLSContext
    private var transport: SecureStream
    private var session: Session
    /// Positions did not meet: one side has taken a new epoch, to connect again under.
    private var mustComeBack = false
    private var events: [Event] = []
    private var isOver: String?
    /// Set with the first message that was not kept: nothing after it may be acknowledged.
    private var isLeaving = false

    /// Connects, greets, and sends again what an earlier connection left undelivered.
    ///
    /// - Parameters:
    ///   - seat: Who this is.
    ///   - directory: `DIR`: certificate, endpoints, database.
    ///   - patience: The longest wait for the greeting.
    ///   - keeps: Which messages are taken from the peer. What is not kept, and all that follows
    ///     it, is shown and not acknowledged, so that it comes again to whoever holds the link next.
    /// - Throws: `RuntimeError`: `.credentials` without certificate, `.store` when the node's
    ///   daemon runs, `.link` when the peer does not answer.
    package init(
        _ seat: Seat,
        in directory: String,
        patience: Duration = .seconds(10),
        keeps: @escaping (RetainedMessage) -> Bool = { _ in true }
    ) throws(RuntimeError) {
        self.seat = seat
        self.keeps = keeps
        let link = LinkID(seat.country.node)
        self.link = link
        let files = NodeFiles(directory: directory, node: seat.node)
        endpoint =
            try Endpoints.read(in: directory)[seat.country.node]
            ?? seat.country.endpoint
        do throws(TLSError) {
            context = try TLSContext(credentials: files.credentials, role: .client)
        } catch {
            throw .credentials(error)
        }
        let recovered: Recovered
        do throws(StoreError) {
            store = try SQLiteStore(path: files.database)
            recovered = try store.recover()
        } catch {
            throw .store(error)
        }
        clock = NodeClock(notBefore: recovered.greatestInstant)
        let fresh = LinkPosition(link: link, sendEpoch: seeds.next().high | 1)
        position = recovered.links.first { $0.link == link } ?? fresh
        let deadline = ContinuousClock.now + patience
        outbox = recovered.undelivered.filter { $0.link == link }
        transport = try SecureStream(to: seat.country.node, at: endpoint, context, until: deadline)
        let opening: [SessionAction]
        (session, opening) = ParticipantLink.session(seat, position, at: clock.now())
        try greet(opening, until: deadline)
    }

    private func greet(
        _ opening: [SessionAction],
        until deadline: ContinuousClock.Instant
    ) throws(RuntimeError) {
        try perform(opening)
        while case .awaitingHello = session.phase {
            guard let bytes = try transport.read(until: deadline) else {
                throw failure("no greeting in time", "look at its log")
            }
            try perform(session.received(bytes, at: clock.now()))
        }
        try comeBackIfNeeded()
        if let isOver { throw failure(isOver, "connect again") }
    }

    /// Connects once more where the last connection ended for a new epoch.
    private func comeBackIfNeeded() throws(RuntimeError) {
        guard mustComeBack else { return }
        mustComeBack = false
        isOver = nil
        let deadline = ContinuousClock.now + .seconds(10)
        transport = try SecureStream(to: seat.country.node, at: endpoint, context, until: deadline)
        let opening: [SessionAction]
        (session, opening) = ParticipantLink.session(seat, position, at: clock.now())
        try greet(opening, until: deadline)
    }

    // MARK: Speaking

    /// Sends a message as it is, after it is durable.
    ///
    /// - Parameters:
    ///   - bytes: The payload, whatever it is.
    ///   - kind: The frame's kind: Specs/Protocol/Framing.md.
    ///   - party: Whom it is for; the payment system unless told otherwise.
    ///   - from: For whom it is; the participant itself unless told otherwise.
    /// - Returns: Its number on the link.
    /// - Throws: `RuntimeError.link`, `.store`.
    @discardableResult
    package func send(
        _ bytes: [UInt8],
        kind: UInt8,
        to party: PartyID? = nil,
        from: PartyID? = nil
    ) throws(RuntimeError) -> UInt64 {
        guard bytes.count <= WireLimits().messagePayload else {
            throw failure("\(bytes.count) bytes are longer than a frame", "send fewer")
        }
        if let isOver { throw failure(isOver, "connect again") }
        let message = RetainedMessage(
            link: link,
            epoch: position.sendEpoch,
            sequence: position.nextSequence,
            kind: kind,
            from: from ?? seat.party,
            to: party ?? seat.system,
            at: clock.now(),
            uetr: Message.decode(kind: kind, bytes).uetr,
            bytes: bytes
        )
        position.nextSequence += 1
        outbox.append(message)
        try commit { $0.sent = [message] }
        try pump()
        try comeBackIfNeeded()
        return message.sequence
    }

    /// Asks, and waits for the answer; messages that come meanwhile are kept for `next`.
    ///
    /// - Parameters:
    ///   - operation: Specs/Protocol/Requests.md.
    ///   - party: Who is asked.
    ///   - body: An object.
    ///   - patience: The longest wait.
    /// - Returns: Status and body.
    /// - Throws: `RuntimeError.link` when no answer comes.
    package func call(
        _ operation: String,
        of party: PartyID,
        _ body: JSONValue,
        patience: Duration = .seconds(10)
    ) throws(RuntimeError) -> (status: UInt16, body: JSONValue) {
        guard let name = OperationName(operation),
            case .sent(_, let output) = session.request(
                name,
                from: PartyName(checked: seat.party.name),
                to: PartyName(checked: party.name),
                payload: body.canonicalBytes(sortedKeys: true),
                at: clock.now()
            )
        else { throw failure("'\(operation)' cannot be asked now", "connect again") }
        try perform(output)
        let deadline = ContinuousClock.now + patience
        var early: [Event] = []
        defer { events = early + events }
        while let event = try next(until: deadline) {
            if case .response(let status, let body) = event { return (status, body) }
            early.append(event)
        }
        throw failure("no answer to '\(operation)' in time", "ask again")
    }

    /// What the peer said next; `nil` when it says nothing in time.
    ///
    /// - Parameter deadline: How long to wait.
    /// - Returns: A message, an acknowledgement or an answer.
    /// - Throws: `RuntimeError.link` when the connection ends.
    package func next(until deadline: ContinuousClock.Instant) throws(RuntimeError) -> Event? {
        while events.isEmpty {
            if let isOver { throw failure(isOver, "connect again") }
            guard let bytes = try transport.read(until: deadline) else { return nil }
            try perform(session.received(bytes, at: clock.now()))
            try comeBackIfNeeded()
        }
        return events.removeFirst()
    }

    /// Says goodbye. What was not delivered goes out with the next connection.
    package func leave() {
        guard isOver == nil else { return }
        do throws(RuntimeError) {
            try perform(session.leave(.shutdown))
            try transport.close()
        } catch {
            // The peer went first; there is nothing left to say.
            isOver = error.description
        }
    }

    // MARK: Inside

    private static func session(
        _ seat: Seat,
        _ position: LinkPosition,
        at now: Instant
    ) -> (Session, [SessionAction]) {
        guard let node = NodeName(seat.node), let peer = NodeName(seat.country.node) else {
            preconditionFailure("a node's id was checked when its configuration was read")
        }
        var limits = WireLimits()
        limits.acknowledgementDelay = .zero
        return Session.connected(
            Session.Start(
                node: node,
                peer: peer,
                connection: 1,
                sent: SendPosition(
                    epoch: position.sendEpoch,
                    nextSequence: position.nextSequence,
                    acknowledged: position.acknowledged
                ),
                received: ReceivePosition(
                    epoch: position.receivedEpoch,
                    sequence: position.receivedSequence
                )
            ),
            at: now,
            limits: limits
        )
    }

    private func perform(_ actions: [SessionAction]) throws(RuntimeError) {
        for action in actions {
            switch action {
            case .write(let bytes): try transport.write(bytes)
            case .established: try pump()
            case .acknowledged(let epoch, let sequence):
                guard epoch == position.sendEpoch else { break }
                position.acknowledged = sequence
                outbox.removeAll { $0.sequence <= sequence }
                try commit { _ in }
                events.append(.acknowledged(sequence))
                try pump()
            case .deliver(let epoch, let message): try take(message, epoch: epoch)
            case .deliverResponse(_, let response):
                do throws(JSONError) {
                    let body = try JSONValue(parsing: response.payload)
                    events.append(.response(status: response.status, body))
                } catch {
                    throw failure("an answer that is no JSON: \(error)", "see its log")
                }
            case .deliverRequest(let call, _):
                let body: JSONValue = ["error": "nobody answers requests here"]
                try perform(
                    session.respond(
                        to: call,
                        status: 404,
                        payload: body.canonicalBytes(sortedKeys: true)
                    )
                )
            // Both make no difference here: positions follow the peer's hello.
            case .requestFailed, .peerRestored, .peerRenumbered: break
            case .renumber: try takeNewEpoch()
            case .close(let end):
                isOver = isOver ?? end.description
                if case .goodbye(let goodbye) = end, goodbye.reason == .newEpoch {
                    mustComeBack = true
                }
            }
        }
    }

    /// Sends what is committed, as far as the peer's window reaches.
    private func pump() throws(RuntimeError) {
        let wanted = session.sendable
        let messages = outbox.filter { wanted.contains($0.sequence) }
        guard !messages.isEmpty else { return }
        try perform(session.send(messages.map { MessageFrame($0) }))
    }

    /// Keeps a message and acknowledges it, unless it, or one before it, is left.
    private func take(_ message: MessageFrame, epoch: UInt64) throws(RuntimeError) {
        let retained = RetainedMessage(
            link: link,
            epoch: epoch,
            sequence: message.sequence,
            kind: message.kind.rawValue,
            from: PartyID(checked: message.from.text),
            to: PartyID(checked: message.to.text),
            at: clock.now(),
            uetr: Message.decode(kind: message.kind.rawValue, message.payload).uetr,
            bytes: message.payload
        )
        events.append(.message(retained))
        isLeaving = isLeaving || !keeps(retained)
        guard !isLeaving else { return }
        position.receivedEpoch = epoch
        position.receivedSequence = message.sequence
        try commit { $0.received = [retained] }
        try perform(session.acknowledge(epoch: epoch, upTo: message.sequence, at: clock.now()))
    }

    /// The peer has what this node never numbered, or wants what it no longer has.
    private func takeNewEpoch() throws(RuntimeError) {
        position.sendEpoch = seeds.next().high | 1
        position.acknowledged = 0
        outbox = outbox.enumerated().map { index, message in
            RetainedMessage(
                link: link,
                epoch: position.sendEpoch,
                sequence: UInt64(index) + 1,
                kind: message.kind,
                from: message.from,
                to: message.to,
                at: message.at,
                uetr: message.uetr,
                bytes: message.bytes
            )
        }
        position.nextSequence = UInt64(outbox.count) + 1
        let renumbered = outbox
        try commit { $0.sent = renumbered }
        mustComeBack = true
    }

    private func commit(_ fill: (inout CommitBatch) -> Void) throws(RuntimeError) {
        var batch = CommitBatch(at: clock.now())
        batch.links = [position]
        fill(&batch)
        switch store.commit(batch) {
        case .committed: return
        case .conflict: throw .store(.unavailable("another program writes it"))
        case .failed(let why), .unknown(let why): throw .store(.unavailable(why))
        }
    }

    private func failure(_ got: String, _ remedy: String) -> RuntimeError {
        .link(node: seat.country.node, got: got, remedy: remedy)
    }
}
