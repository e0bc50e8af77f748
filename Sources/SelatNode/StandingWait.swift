import SelatTime

/// Whether events wait too long for their batch, and go on doing so. One slow commit makes
/// everybody wait once and is no overload: the wait must stand for half a second.
///
/// Events say when they came; no clock is read.
struct StandingWait: Hashable, Sendable {
    private static let patience = Duration.milliseconds(500)
    /// Since when every batch has begun with an event that had waited too long.
    private var since: Instant?

    /// A batch begins.
    ///
    /// - Parameters:
    ///   - oldest: When its oldest event came.
    ///   - now: When the newest event of the node came.
    ///   - limit: The longest wait that is none.
    /// - Returns: Whether the node has more to do than it can.
    mutating func isOverload(oldest: Instant, now: Instant, limit: Duration) -> Bool {
        guard now - oldest > limit else {
            since = nil
            return false
        }
        guard let since else {
            self.since = now
            return false
        }
        return now - since >= StandingWait.patience
    }
}
