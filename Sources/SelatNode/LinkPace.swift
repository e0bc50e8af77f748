import SelatTime

/// How fast one link is listened to: so many messages and requests a second, and a quarter of a
/// second's worth at once. What comes faster is held, unacknowledged and unanswered, until its
/// turn: the peer's window closes, and nobody else waits for it.
struct LinkPace: Hashable, Sendable {
    /// Held ones are let in by the twentieth of a second, so that they share commits.
    private static let slice = Duration.milliseconds(50)
    /// `nil` for no pace at all.
    private var pace: Pace?

    /// - Parameter perSecond: Messages and requests; `nil` for as many as come.
    init(perSecond: Int?) {
        guard let perSecond else { return }
        precondition(perSecond > 0, "a link that may say nothing has no place in a topology")
        let interval = Duration.nanoseconds(1_000_000_000 / Int64(perSecond))
        pace = Pace(interval: interval, burst: max(.milliseconds(250), interval))
    }

    /// True when one more may come in now; it is counted then.
    mutating func admits(at now: Instant) -> Bool { pace?.admits(at: now) ?? true }

    /// When those held are looked at next; nothing is held where there is no pace.
    var nextSlice: Instant? { pace.map { $0.soonest + LinkPace.slice } }
}
