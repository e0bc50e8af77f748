import DequeModule
import SelatScheme
import SelatTime

/// One link as the core knows it: the durable position and what is not delivered yet.
struct LinkState: Sendable {
    enum Arrival {
        case next
        /// Already in the inbox; the acknowledgement comes with its commit.
        case pending
        /// Already committed: acknowledge again.
        case committed
    }

    /// Where the link stands once the batch in flight is committed.
    var position: LinkPosition
    /// Where it stands in the store: all that a peer may be told.
    private(set) var durable: LinkPosition
    /// For whom the peer may speak.
    let speakers: Set<PartyID>
    /// Committed and not acknowledged by the peer, in sequence.
    private(set) var outbox: Deque<RetainedMessage> = []
    /// Acknowledgements not yet durable; losing them costs a resend, nothing else.
    var isDirty = false
    /// How fast the peer is listened to, and what it said faster than that, in sequence.
    var pace: LinkPace
    var held: Deque<HeldInput> = []
    /// Bytes of messages accepted and not committed.
    var pendingBytes = 0
    /// Bytes in the outbox.
    private(set) var outboxBytes = 0
    /// Payments sent over it whose outcome is open.
    var paymentsInFlight = 0
    private var acceptedEpoch: UInt64
    private var acceptedSequence: UInt64
    /// The batch at hand holds a message of the peer.
    private var hasHeard = false
    /// What the batch at hand changes of the position, as it was before.
    private var before: (nextSequence: UInt64, receivedEpoch: UInt64, receivedSequence: UInt64)

    init(position: LinkPosition, speakers: Set<PartyID>, pace: LinkPace) {
        self.position = position
        self.speakers = speakers
        self.pace = pace
        durable = position
        acceptedEpoch = position.receivedEpoch
        acceptedSequence = position.receivedSequence
        before = (position.nextSequence, position.receivedEpoch, position.receivedSequence)
    }

    /// The session guarantees the order on one connection; a reconnect repeats from the last
    /// committed message, of which some may wait in the inbox already.
    mutating func accept(epoch: UInt64, sequence: UInt64) -> Arrival {
        if epoch == durable.receivedEpoch, sequence <= durable.receivedSequence {
            return .committed
        }
        if epoch == acceptedEpoch, sequence <= acceptedSequence { return .pending }
        acceptedEpoch = epoch
        acceptedSequence = sequence
        return .next
    }

    /// The number of the next message of the batch at hand.
    mutating func number() -> (epoch: UInt64, sequence: UInt64) {
        isDirty = true
        defer { position.nextSequence += 1 }
        return (position.sendEpoch, position.nextSequence)
    }

    /// A message of the batch at hand.
    mutating func received(epoch: UInt64, sequence: UInt64) {
        isDirty = true
        hasHeard = true
        position.receivedEpoch = epoch
        position.receivedSequence = sequence
    }

    /// The batch that moved the position is committed.
    ///
    /// - Returns: Whether the batch held a message of the peer, who is to be told.
    mutating func settle(at committed: LinkPosition) -> Bool {
        durable = committed
        defer { hasHeard = false }
        return hasHeard
    }

    /// Nothing of the batch at hand has been numbered or noted yet.
    mutating func beginBatch() {
        before = (position.nextSequence, position.receivedEpoch, position.receivedSequence)
    }

    /// Whether the batch at hand, or the one just committed, gave this number first.
    func isFirstOfBatch(_ sequence: UInt64) -> Bool { sequence == before.nextSequence }

    /// After a conflict: numbers given and receipts noted by the discarded batch are taken back,
    /// acknowledgements that came meanwhile are not.
    mutating func takeBackNumbers() {
        (position.nextSequence, position.receivedEpoch, position.receivedSequence) = before
        isDirty = true
        hasHeard = false
    }

    mutating func acknowledge(epoch: UInt64, sequence: UInt64) {
        // A number that is not committed yet was never sent, so nobody can have committed it.
        guard epoch == position.sendEpoch, let last = outbox.last, sequence <= last.sequence else {
            return
        }
        if sequence > position.acknowledged {
            position.acknowledged = sequence
            isDirty = true
        }
        while let first = outbox.first, first.sequence <= sequence {
            outboxBytes -= first.bytes.count
            outbox.removeFirst()
        }
    }

    /// Something came: whether it may come in now. Behind what is held it may not.
    mutating func admits(bytes: Int, at now: Instant) -> Bool {
        pendingBytes += bytes
        return held.isEmpty && pace.admits(at: now)
    }

    /// Committed, and to be sent.
    mutating func append(_ message: RetainedMessage) {
        outbox.append(message)
        outboxBytes += message.bytes.count
    }

    /// How many of the first messages of the outbox may be unacknowledged at a time: as many as fit
    /// into `bytes`, and always one.
    func sendable(within bytes: Int) -> Int {
        guard outboxBytes > bytes else { return outbox.count }
        var left = bytes
        for (count, message) in outbox.enumerated() {
            left -= message.bytes.count
            if left < 0 { return max(count, 1) }
        }
        return outbox.count
    }

    /// The peer lost what it once acknowledged: it goes out again, before what was never
    /// acknowledged. The durable position stays: after a restart the peer's hello tells again.
    mutating func recall(_ messages: [RetainedMessage]) {
        let next = outbox.first?.sequence ?? position.nextSequence
        guard let last = messages.last, last.epoch == position.sendEpoch,
            last.sequence + 1 == next
        else { return }
        outbox.prepend(contentsOf: messages)
        for message in messages { outboxBytes += message.bytes.count }
    }

    /// A new epoch starts at 1 with everything undelivered: the messages as they are numbered
    /// now. They come back into the outbox with the commit of the epoch.
    mutating func renumber(epoch: UInt64) -> [RetainedMessage] {
        var sequence: UInt64 = 0
        let messages = outbox.map { message in
            sequence += 1
            return message.numbered(sequence, of: epoch)
        }
        outbox.removeAll()
        outboxBytes = 0
        position.sendEpoch = epoch
        before.nextSequence = 1
        position.nextSequence = sequence + 1
        position.acknowledged = 0
        isDirty = false
        return messages
    }
}
