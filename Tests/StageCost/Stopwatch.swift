import Glibc

/// CPU time, and a stage beside its reference.
enum Stopwatch {
    /// Microseconds of each, the smallest of rounds taken in turn: the least disturbed by other
    /// work on the machine. Both bodies return false when they did not do their work.
    static func sideBySide(
        repetitions: Int = 1000,
        _ body: () -> Bool,
        _ other: () -> Bool
    ) -> (Double, Double) {
        var best = (Double.infinity, Double.infinity)
        for _ in 0..<15 {
            best.0 = min(best.0, round(repetitions, body))
            best.1 = min(best.1, round(repetitions, other))
        }
        return best
    }

    private static func round(_ repetitions: Int, _ body: () -> Bool) -> Double {
        let start = now(CLOCK_THREAD_CPUTIME_ID)
        for _ in 0..<repetitions {
            guard body() else { fatalError("a stage failed on a message that it had read before") }
        }
        return Double(now(CLOCK_THREAD_CPUTIME_ID) - start) / Double(repetitions) / 1000
    }

    /// Nanoseconds of a clock.
    static func now(_ clock: clockid_t) -> Int {
        var time = timespec()
        _ = unsafe clock_gettime(clock, &time)
        return time.tv_sec * 1_000_000_000 + time.tv_nsec
    }
}
