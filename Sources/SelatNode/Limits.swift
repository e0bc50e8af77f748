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
    /// Requests that wait for another node's answer.
    package var relayedRequests = 1024

    package init() {}
}
