import Dispatch
import Synchronization

/// Hands values from threads that wait for nodes to the one that tells the person.
final class Mailbox<Value: Sendable>: Sendable {
    private let values = Mutex<[Value]>([])
    private let arrivals = DispatchSemaphore(value: 0)

    /// Adds one; never waits.
    func put(_ value: Value) {
        values.withLock { $0.append(value) }
        arrivals.signal()
    }

    /// The oldest one; `nil` when none comes before the deadline.
    func take(until deadline: ContinuousClock.Instant) -> Value? {
        let left = max(.zero, deadline - .now)
        let nanoseconds =
            Int(clamping: left.components.seconds * 1_000_000_000)
            + Int(left.components.attoseconds / 1_000_000_000)
        guard arrivals.wait(timeout: .now() + .nanoseconds(nanoseconds)) == .success else {
            return nil
        }
        return values.withLock { $0.removeFirst() }
    }
}
