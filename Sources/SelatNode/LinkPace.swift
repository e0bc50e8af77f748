import SelatTime

/// How fast one link is listened to: so many messages and requests a second, and a quarter of a
/// second's worth at once. What comes faster is held, unacknowledged and unanswered, until its
/// turn: the peer's window closes, and nobody else waits for it.
///
/// It is told the time and keeps one instant, so that the same arrivals give the same pace.
struct LinkPace: Hashable, Sendable {
    /// Between two of them; zero for no pace at all.
    private let interval: Duration
    private let burst: Duration
    /// Held ones are let in by the twentieth of a second, so that they share commits.
    private static let slice = Duration.milliseconds(50)
    /// When the next one would be due if they came evenly.
    private var next = Instant.distantPast

    /// - Parameter perSecond: Messages and requests; `nil` for as many as come.
    init(perSecond: Int?) {
        guard let perSecond else {
            interval = .zero
            burst = .zero
            return
        }
        precondition(perSecond > 0, "a link that may say nothing has no place in a topology")
        interval = .nanoseconds(1_000_000_000 / Int64(perSecond))
        burst = max(.milliseconds(250), interval)
    }

    /// True when one more may come in now; it is counted then.
    mutating func admits(at now: Instant) -> Bool {
        guard interval > .zero else { return true }
        guard next <= now + burst else { return false }
        next = max(next, now) + interval
        return true
    }

    /// When those held are looked at next.
    var nextSlice: Instant { next - burst + LinkPace.slice }
}
