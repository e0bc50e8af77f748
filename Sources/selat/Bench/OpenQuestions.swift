import DequeModule
import Synchronization

/// The questions that the sources of one country may have open at a time: all of them go to the hub
/// over the one link of their country. Source: Specs/Protocol/Session.md.
final class OpenQuestions: Sendable {
    /// What one link allows, less some for others.
    static let most = 60

    private struct State {
        var open = 0
        /// In the order in which they came.
        var waiting: Deque<@Sendable () -> Void> = []
    }

    private let state = Mutex(State())

    /// Takes one of them, or waits for its turn.
    ///
    /// - Parameter turn: Called where it had to wait, once one is its own.
    /// - Returns: True when one is taken now, and `turn` is not called.
    func begin(otherwise turn: @escaping @Sendable () -> Void) -> Bool {
        state.withLock { state in
            guard state.open < OpenQuestions.most else {
                state.waiting.append(turn)
                return false
            }
            state.open += 1
            return true
        }
    }

    /// One is answered, or not needed: it is the next one's who waits.
    func end() {
        let turn = state.withLock { state in
            let next = state.waiting.popFirst()
            if next == nil { state.open -= 1 }
            return next
        }
        turn?()
    }
}
