import Glibc

/// Places that a payment passes in a node. `SELAT_CRASH_AT=name:n` kills the node there at the
/// n-th passage, as power loss would, so that recovery is tried at every one of them. What dies
/// inside a commit is the store's own affair: it happened or it did not.
package enum CrashPoint: String, CaseIterable, Sendable {
    /// Messages or requests were read; nothing is decided.
    case afterReceive = "after-receive"
    /// The facts of a batch with payments are about to be read.
    case beforeFetch = "before-fetch"
    /// A batch that changes payments is decided; nothing of it is stored.
    case beforeCommit = "before-commit"
    /// The batch is durable; nothing is acknowledged, sent or answered.
    case afterCommit = "after-commit"
    /// The same, on the node's own thread: between durable and written.
    case beforeWrite = "before-write"
    /// What follows from the batch is handed to the socket; no acknowledgement has come.
    case afterWrite = "after-write"
    /// A timer is due and not decided.
    case beforeTimer = "before-timer"
    /// An operator's request is durable; the answer is not given.
    case beforeReply = "before-reply"
    /// The books are being opened for the first time; nothing of it is stored.
    case beforeOpening = "before-opening"

    /// What happens there, for `selat run --list-crash-points`.
    package var explanation: String {
        switch self {
        case .afterReceive: "messages or requests were read; nothing is decided"
        case .beforeFetch: "the facts of a batch with payments are about to be read"
        case .beforeCommit: "a batch that changes payments is decided; nothing of it is stored"
        case .afterCommit: "the batch is durable; nothing is acknowledged, sent or answered"
        case .beforeWrite: "the node knows that the batch is durable; nothing is written"
        case .afterWrite: "what follows is handed to the socket; no acknowledgement has come"
        case .beforeTimer: "a timer is due and not decided"
        case .beforeReply: "an operator's request is durable; the answer is not given"
        case .beforeOpening: "the books are being opened; nothing of it is stored"
        }
    }
}

/// Counts the passages of one crash point; without a setting it does nothing.
package struct CrashTrigger: Sendable {
    private let point: CrashPoint?
    private var left: Int

    /// Never crashes.
    package static let none = CrashTrigger(point: nil, left: 0)

    private init(point: CrashPoint?, left: Int) {
        self.point = point
        self.left = left
    }

    /// Reads `name:n`.
    ///
    /// - Parameter setting: The value of `SELAT_CRASH_AT`; `nil` or empty for none.
    /// - Throws: `RuntimeError.crashPoint` for anything else.
    package init(_ setting: String?) throws(RuntimeError) {
        guard let setting, !setting.isEmpty else {
            self = .none
            return
        }
        let parts = setting.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, let point = CrashPoint(rawValue: String(parts[0])),
            let count = Int(parts[1]), count > 0
        else { throw .crashPoint(got: setting) }
        self.init(point: point, left: count)
    }

    /// Whether passing the point means anything.
    package func awaits(_ point: CrashPoint) -> Bool { self.point == point }

    /// Passes a point; does not return when it is the one, for the n-th time.
    package mutating func pass(_ point: CrashPoint) {
        guard self.point == point else { return }
        left -= 1
        guard left == 0 else { return }
        kill(getpid(), SIGKILL)
        // The signal is delivered before `kill` returns to the thread or shortly after.
        while true { pause() }
    }
}
