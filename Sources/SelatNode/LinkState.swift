import DequeModule
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
    /// Committed and not acknowledged by the peer, in sequence.
    var outbox: Deque<RetainedMessage> = []
    /// Acknowledgements not yet durable; losing them costs a resend, nothing else.
    var isDirty = false
    private var acceptedEpoch: UInt64
    private var acceptedSequence: UInt64

    init(position: LinkPosition) {
        self.position = position
        durable = position
        acceptedEpoch = position.receivedEpoch
        acceptedSequence = position.receivedSequence
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
        position.receivedEpoch = epoch
        position.receivedSequence = sequence
    }

    /// The position, if the batch at hand must write it.
    mutating func takeDirtyPosition() -> LinkPosition? {
        guard isDirty else { return nil }
        isDirty = false
        return position
    }

    /// The batch that moved the position is committed.
    mutating func settle(at committed: LinkPosition) { durable = committed }

    /// After a conflict: numbers given and receipts noted by the discarded batch are taken back,
    /// acknowledgements that came meanwhile are not.
    mutating func takeBackNumbers(to before: LinkPosition) {
        position.nextSequence = before.nextSequence
        position.receivedEpoch = before.receivedEpoch
        position.receivedSequence = before.receivedSequence
        isDirty = true
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
        while let first = outbox.first, first.sequence <= sequence { outbox.removeFirst() }
    }

    /// The peer lost what it once acknowledged: it goes out again, before what was never
    /// acknowledged. The durable position stays: after a restart the peer's hello tells again.
    mutating func recall(_ messages: [RetainedMessage]) {
        let next = outbox.first?.sequence ?? position.nextSequence
        guard let last = messages.last, last.epoch == position.sendEpoch,
            last.sequence + 1 == next
        else { return }
        outbox.prepend(contentsOf: messages)
    }

    /// A new epoch starts at 1 with everything undelivered: the messages as they are numbered
    /// now. They come back into the outbox with the commit of the epoch.
    mutating func renumber(epoch: UInt64) -> [RetainedMessage] {
        var sequence: UInt64 = 0
        let messages = outbox.map { message in
            sequence += 1
            return RetainedMessage(
                link: message.link,
                epoch: epoch,
                sequence: sequence,
                kind: message.kind,
                from: message.from,
                to: message.to,
                at: message.at,
                uetr: message.uetr,
                bytes: message.bytes
            )
        }
        outbox.removeAll()
        position.sendEpoch = epoch
        position.nextSequence = sequence + 1
        position.acknowledged = 0
        isDirty = false
        return messages
    }
}
