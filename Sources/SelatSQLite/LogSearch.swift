import SelatNode
import SelatStorage

/// Looks for messages in the log, from its end backwards.
struct LogSearch {
    private let log: BatchLog

    init(_ log: BatchLog) { self.log = log }

    /// The messages of a link in one direction and epoch, numbered from `first` to `last`, in
    /// sequence. Reads no further back than the first of them.
    func messages(
        _ direction: StoredMessage.Direction,
        _ link: LinkID,
        epoch: UInt64,
        from first: UInt64,
        through last: UInt64
    ) throws(SQLiteError) -> [RetainedMessage] {
        var found: [RetainedMessage] = []
        guard first <= last else { return found }
        var rows = log.rows(.backwards)
        while let row = try rows.next() {
            let batch = try row.loggedBatch().batch
            let messages = direction == .sent ? batch.sent : batch.received
            for message in messages.reversed() where message.link == link && message.epoch == epoch
            {
                if message.sequence < first { return found.reversed() }
                if message.sequence <= last { found.append(message) }
                if message.sequence == first { return found.reversed() }
            }
        }
        return found.reversed()
    }
}
