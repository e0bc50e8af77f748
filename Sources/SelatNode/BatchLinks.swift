/// Over which links a batch's parts came and go, by their places in the table: told once, when the
/// batch is made, instead of looked up at every step of its way.
struct BatchLinks: Sendable {
    /// Of each of `CommitBatch.received`.
    var received: [Int] = []
    /// Of each of `CommitBatch.sent`.
    var sent: [Int] = []
    /// Of each of `CommitBatch.links`.
    var positions: [Int] = []
    /// Of each of `CommitBatch.payments`: the link over which its pacs.008 was sent on, if it was.
    var onward: [Int?] = []

    /// Makes room for the next batch.
    mutating func clear() {
        received.clear()
        sent.clear()
        positions.clear()
        onward.clear()
    }
}
