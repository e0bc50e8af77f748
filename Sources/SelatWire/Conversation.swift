import SelatTime

/// What an established connection keeps in mind.
struct Conversation: Sendable {
    // MARK: Our messages

    /// The next number to send on this connection.
    var nextToSend: UInt64
    /// The peer has committed everything up to here.
    var acknowledged: UInt64
    /// The greatest number known to be given before this connection began.
    let numberedBefore: UInt64
    /// Messages the peer takes beyond what it has acknowledged.
    let window: UInt64

    // MARK: The peer's messages

    /// Under which the peer numbers.
    let peerEpoch: UInt64
    /// Delivered to the owner up to here.
    var received: UInt64
    /// Committed by the owner up to here.
    var committed: UInt64
    /// Acknowledged up to here.
    private var told: UInt64
    /// When what is committed is acknowledged, should nothing else be written before; `nil` when
    /// nothing waits to be acknowledged.
    private var tellsAt: Instant?

    // MARK: Requests

    /// Ours without response, in the order made; those given up count until the peer answers, as
    /// they still occupy the peer.
    var requests: [OpenRequest] = []
    /// Of our latest request.
    var lastCorrelation: UInt64 = 0
    /// The peer's without response, in the order they came.
    var peerRequests: [UInt64] = []
    /// Of the peer's latest request.
    var lastPeerCorrelation: UInt64 = 0

    // MARK: Liveness

    /// When the last bytes came.
    var lastHeard: Instant
    /// When the last ping left.
    var lastPing: Instant
    /// Pings sent; the latest one's nonce.
    var pings: UInt64 = 0
    /// When the second began in which frames that tell nothing new are counted, and how many came.
    private var idleSince: Instant
    private var idleFrames = 0

    init(
        nextToSend: UInt64,
        acknowledged: UInt64,
        numberedBefore: UInt64,
        window: UInt64,
        peerEpoch: UInt64,
        committed: UInt64,
        at now: Instant
    ) {
        self.nextToSend = nextToSend
        self.acknowledged = acknowledged
        self.numberedBefore = numberedBefore
        self.window = window
        self.peerEpoch = peerEpoch
        self.committed = committed
        received = committed
        told = committed
        lastHeard = now
        lastPing = now
        idleSince = now
    }

    /// Before the peer's hello: nothing may be sent, nothing was received.
    init(before start: Session.Start, at now: Instant) {
        self.init(
            nextToSend: start.sent.nextSequence,
            acknowledged: start.sent.acknowledged,
            numberedBefore: start.sent.nextSequence - 1,
            window: 0,
            peerEpoch: start.received.epoch,
            committed: start.received.sequence,
            at: now
        )
    }

    /// The peer sent a frame that tells nothing new.
    mutating func noteIdleFrame(at now: Instant, _ limits: WireLimits) throws(WireError) {
        if now >= idleSince + .seconds(1) {
            idleSince = now
            idleFrames = 0
        }
        idleFrames += 1
        guard idleFrames <= limits.idleFrames else {
            throw .tooManyIdleFrames(limit: limits.idleFrames)
        }
    }

    /// The greatest number the peer may acknowledge.
    var numbered: UInt64 { max(numberedBefore, nextToSend - 1) }

    /// From the next number wanted as far as the window reaches.
    var sendable: Range<UInt64> {
        let (end, overflow) = acknowledged.addingReportingOverflow(window + 1)
        return nextToSend..<max(nextToSend, overflow ? .max : end)
    }

    // MARK: Acknowledgements

    /// What is committed waits for company, unless much of the window is.
    mutating func noteCommitted(_ sequence: UInt64, at now: Instant, _ limits: WireLimits) {
        committed = sequence
        received = max(received, sequence)
        let isMuch = sequence - told >= UInt64(limits.window) / 4
        let due = isMuch ? now : now + limits.acknowledgementDelay
        tellsAt = tellsAt.map { min($0, due) } ?? due
    }

    /// A message came that is committed already: that is said once more, and at once.
    mutating func noteRepetition(at now: Instant) { tellsAt = now }

    /// Whether what is committed is to be acknowledged now, with company or without.
    func acknowledges(at now: Instant) -> Bool { tellsAt.map { $0 <= now } ?? false }

    /// Something is written: what waits to be acknowledged goes with it.
    mutating func takeAcknowledgement() -> Frame? {
        guard tellsAt != nil else { return nil }
        tellsAt = nil
        told = committed
        return .acknowledgement(epoch: peerEpoch, sequence: committed)
    }

    // MARK: Time

    func pingDue(_ limits: WireLimits) -> Instant { max(lastHeard, lastPing) + limits.heartbeat }

    func nextTimer(_ limits: WireLimits) -> Instant {
        let alive = min(pingDue(limits), lastHeard + limits.silence)
        // In the order made, so the first that still waits is the first to give up.
        let waiting = requests.first { $0.deadline != nil }
        let asked = min(alive, waiting?.deadline ?? .distantFuture)
        return tellsAt.map { min(asked, $0) } ?? asked
    }

    /// Gives up on every request that is due.
    mutating func timeOut(at now: Instant) -> [UInt64] {
        var due: [UInt64] = []
        for index in requests.indices {
            guard let deadline = requests[index].deadline, now >= deadline else { continue }
            requests[index].deadline = nil
            due.append(requests[index].correlation)
        }
        return due
    }
}

/// A request of ours without response.
struct OpenRequest: Sendable {
    let correlation: UInt64
    /// `nil` once it has been given up.
    var deadline: Instant?
}

/// Collects what an input leads to; everything written leaves in one piece.
struct SessionOutput {
    private var actions: [SessionAction] = []
    private var bytes: [UInt8] = []

    init() {}

    /// Takes over the list and its memory, until `finish(into:)`.
    init(behind actions: inout [SessionAction]) { swap(&self.actions, &actions) }

    mutating func write(_ frame: Frame) { FrameEncoder.append(frame, to: &bytes) }

    mutating func act(_ action: consuming SessionAction) { actions.append(action) }

    mutating func fail(_ correlation: UInt64, _ failure: RequestFailure, on connection: UInt64) {
        actions.append(
            .requestFailed(CallID(connection: connection, correlation: correlation), failure)
        )
    }

    /// The last action: whatever is written goes before it.
    mutating func close(_ end: SessionEnd) {
        flush()
        actions.append(.close(end))
    }

    mutating func finish() -> [SessionAction] {
        flush()
        return actions
    }

    mutating func finish(into actions: inout [SessionAction]) {
        flush()
        swap(&self.actions, &actions)
    }

    private mutating func flush() {
        guard !bytes.isEmpty else { return }
        actions.append(.write(bytes))
        bytes = []
    }
}
