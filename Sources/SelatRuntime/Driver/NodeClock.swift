import Glibc
package import SelatTime

/// The node's time: the wall clock once, at the start, and from then on the monotonic one, so
/// that it never runs backwards, whatever is done to the system's clock. Never below the greatest
/// instant in the store.
package struct NodeClock: Sendable {
    private let start: Instant
    private let monotonicStart: Int64
    /// How far the system's clock was behind the store at the start; zero when it was not.
    package let lag: Duration

    /// Starts now.
    ///
    /// - Parameter greatest: The greatest instant that is durable.
    package init(notBefore greatest: Instant) {
        let wall = Instant(nanoseconds: NodeClock.read(CLOCK_REALTIME))
        start = max(wall, greatest)
        lag = start - wall
        monotonicStart = NodeClock.read(CLOCK_MONOTONIC)
    }

    /// The time.
    package func now() -> Instant {
        start + .nanoseconds(NodeClock.read(CLOCK_MONOTONIC) - monotonicStart)
    }

    private static func read(_ clock: clockid_t) -> Int64 {
        var time = timespec()
        let result = unsafe clock_gettime(clock, &time)
        precondition(result == 0, "Linux has both clocks")
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }
}
