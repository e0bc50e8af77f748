import Glibc
package import SelatTime

/// The machine's clock, read at the door only.
package enum WallClock {
    /// UTC, now.
    package static func now() -> Instant {
        var time = timespec()
        guard unsafe clock_gettime(CLOCK_REALTIME, &time) == 0 else {
            preconditionFailure("this machine has no clock")
        }
        return Instant(nanoseconds: Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec))
    }
}
