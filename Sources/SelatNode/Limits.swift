/// The bounds of the node's core; each is tested at the limit and one past it.
package struct NodeLimits: Hashable, Sendable {
    /// Events decided and committed together.
    package var batch = 512
    /// Times a role may ask for more facts before it decides.
    package var factRounds = 4
    /// Steps that hosted parties may answer each other within one batch. The chain cannot be cut
    /// and carried over: what was decided but not yet stored would be lost by a crash. Longer
    /// than any lawful chain; reaching it stops the node. Specs/Decisions/0006.
    package var hostedSteps = 64
    /// Conflicts before a batch is decided one event at a time.
    package var conflicts = 3
    /// Conflicts of one batch beyond which the store is not another writer's but broken.
    package var hopelessConflicts = 100
    /// Unacknowledged messages to one node beyond which its parties count as congested.
    package var outboxQuota = 20_000
    /// The same in bytes: 64 MiB.
    package var outboxBytes = 64 << 20
    /// Bytes of messages that one link may have unacknowledged by its peer, however many messages
    /// its window would allow: 8 MiB.
    package var unacknowledgedBytes = 8 << 20
    /// Bytes of messages that one link may have waiting for their commit. Beyond it the link is
    /// not read: 8 MiB.
    package var pendingBytes = 8 << 20
    /// The same for all links of the node together; beyond it, links that hold more than an equal
    /// share are not read: 64 MiB.
    package var pendingBytesOfAll = 64 << 20
    /// Payments sent over one link whose outcome is open, beyond which the parties behind it count
    /// as congested. With what a second completes it says how long a payment waits at most.
    package var paymentsInFlight = 8192
    /// How long events may wait for their batch; when they go on waiting longer for half a second,
    /// the node begins nothing new.
    package var longestWait: Duration = .milliseconds(500)
    /// How long notifications of completed payments wait for company, where nothing else is to be
    /// sent over their link. Specs/Decisions/0029.
    package static let notificationDelay = Duration.milliseconds(50)
    /// What a waiting message takes besides its payload, in bytes, so that many short ones count.
    package static let messageOverhead = 512

    package init() {}
}
