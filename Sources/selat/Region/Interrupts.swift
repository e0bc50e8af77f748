import Glibc
import SelatTime

/// Signals that a supervising command takes one by one instead of being ended by them.
struct Interrupts {
    /// What was waited for.
    enum Event: Hashable, Sendable {
        /// Ctrl-C, or told to end.
        case stop
        /// A child's state changed.
        case child
        /// Nothing, for as long as was waited.
        case nothing
    }

    /// Blocks the signals for the whole process; to be made before any thread.
    init() {
        var set = Interrupts.set
        unsafe pthread_sigmask(SIG_BLOCK, &set, nil)
    }

    private static var set: sigset_t {
        var set = sigset_t()
        unsafe sigemptyset(&set)
        for number in [SIGINT, SIGTERM, SIGHUP, SIGCHLD] { unsafe sigaddset(&set, number) }
        return set
    }

    /// Waits for one of them.
    ///
    /// - Parameter patience: The longest wait.
    /// - Returns: What came first.
    func wait(_ patience: Duration) -> Event {
        var set = Interrupts.set
        var time = timespec()
        time.tv_sec = Int(patience.nanoseconds / 1_000_000_000)
        time.tv_nsec = Int(patience.nanoseconds % 1_000_000_000)
        let number = unsafe sigtimedwait(&set, nil, &time)
        switch number {
        case SIGCHLD: return .child
        case SIGINT, SIGTERM, SIGHUP: return .stop
        default: return .nothing
        }
    }
}
