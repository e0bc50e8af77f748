/// Whether the peer of one connection reads what it is sent. Bytes that it does not take stay in
/// this process, so there is a bound to them, in number and in time.
package struct OutputWatch: Hashable {
    /// Bytes that may come on top of what the channel holds while it takes no more: 16 MiB.
    package static let backlog = 16 << 20
    /// Seconds without the peer taking a single byte.
    package static let patience = 10

    private var isWritable = true
    /// Bytes written since the channel takes no more.
    private var backlog = 0
    /// All bytes ever written.
    private var written = 0
    /// How many of them the peer had taken when it was last looked.
    private var taken = 0

    /// Of a channel that takes bytes.
    package init() {}

    /// Bytes are handed to the channel.
    ///
    /// - Parameter count: How many.
    /// - Returns: False when they are too many to go on.
    package mutating func writes(_ count: Int) -> Bool {
        written += count
        guard !isWritable else { return true }
        backlog += count
        return backlog <= OutputWatch.backlog
    }

    /// The channel takes bytes again, or takes no more.
    ///
    /// - Parameters:
    ///   - isWritable: Whether it takes them.
    ///   - buffered: Bytes that the channel holds.
    /// - Returns: True when the peer is to be watched from now on.
    package mutating func changes(isWritable: Bool, buffered: Int) -> Bool {
        let begins = self.isWritable && !isWritable
        self.isWritable = isWritable
        if isWritable { backlog = 0 }
        taken = written - backlog - buffered
        return begins
    }

    /// The peer has been watched for as long as patience lasts.
    ///
    /// - Parameter buffered: Bytes that the channel holds.
    /// - Returns: Whether the peer reads; `nil` when nothing waits for it any more.
    package mutating func isRead(buffered: Int) -> Bool? {
        guard !isWritable else { return nil }
        let now = written - backlog - buffered
        defer { taken = now }
        return now > taken
    }
}
