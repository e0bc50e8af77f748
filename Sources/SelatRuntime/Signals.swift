import Glibc

/// The signals a node understands, taken one by one by the thread that made this value. Blocked
/// for the whole process, so that none of them interrupts anything.
struct Signals: Sendable {
    enum Signal: Hashable {
        case stop(String)
        case reload
        /// The node has ended by itself.
        case end
    }

    private static let taken = [SIGTERM, SIGINT, SIGHUP, SIGUSR1]

    /// To be made before any other thread.
    init() {
        var set = Signals.set
        unsafe pthread_sigmask(SIG_BLOCK, &set, nil)
        // A peer that hangs up is an error of the write, not the end of the process.
        signal(SIGPIPE, SIG_IGN)
        // So is a file that may not grow: the store says so and stops.
        signal(SIGXFSZ, SIG_IGN)
    }

    private static var set: sigset_t {
        var set = sigset_t()
        unsafe sigemptyset(&set)
        for number in taken { unsafe sigaddset(&set, number) }
        return set
    }

    /// Wakes the thread that waits, from any other.
    func raiseEnd() { kill(getpid(), SIGUSR1) }

    /// Waits for the next one.
    func next() -> Signal {
        var set = Signals.set
        while true {
            var number: Int32 = 0
            guard unsafe sigwait(&set, &number) == 0 else { continue }
            switch number {
            case SIGTERM: return .stop("SIGTERM")
            case SIGINT: return .stop("SIGINT")
            case SIGHUP: return .reload
            default: return .end
            }
        }
    }
}
