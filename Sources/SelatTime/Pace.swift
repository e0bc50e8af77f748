/// So many in a time, evenly, and so many at once.
///
/// It is told the time and keeps one instant, so that the same arrivals give the same answers.
public struct Pace: Hashable, Sendable {
    /// Between two of them.
    private let interval: Duration
    /// How far ahead of an even pace they may come.
    private let burst: Duration
    /// When the next one would be due if they came evenly.
    public private(set) var next = Instant.distantPast

    public init(interval: Duration, burst: Duration) {
        self.interval = interval
        self.burst = burst
    }

    /// True when one more may come in now; it is counted then.
    public mutating func admits(at now: Instant) -> Bool {
        guard next <= now + burst else { return false }
        next = max(next, now) + interval
        return true
    }

    /// When one more may come in.
    public var soonest: Instant { next - burst }
}
