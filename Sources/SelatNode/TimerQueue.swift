import HeapModule
import SelatScheme
import SelatTime

/// The armed timers of a node, in memory; the rows in the store are the truth and fill it at
/// start. One per payment and instance: arming again replaces, `nil` disarms.
struct TimerQueue: Sendable {
    private struct Entry: Comparable {
        let timer: ArmedTimer

        static func < (lhs: Entry, rhs: Entry) -> Bool {
            (lhs.timer.due, lhs.timer.instance, lhs.timer.uetr, lhs.timer.version)
                < (rhs.timer.due, rhs.timer.instance, rhs.timer.uetr, rhs.timer.version)
        }
    }

    private var heap = Heap<Entry>()
    private var armed: [PaymentKey: ArmedTimer] = [:]
    /// The earliest armed instant as it was looked up last; asked for after every input.
    private var earliest: Instant?
    private var isEarliestKnown = false

    mutating func arm(_ timer: ArmedTimer) {
        isEarliestKnown = false
        armed[PaymentKey(instance: timer.instance, uetr: timer.uetr)] = timer
        heap.insert(Entry(timer: timer))
    }

    mutating func disarm(instance: PartyID, uetr: UUIDv4) {
        isEarliestKnown = false
        armed[PaymentKey(instance: instance, uetr: uetr)] = nil
        // The heap's entry is stale from here; it is dropped when it comes up. A heap that is
        // mostly stale is built anew, so that it stays proportional to what is armed.
        if heap.count > 64, heap.count > armed.count * 4 {
            heap = Heap(armed.values.map(Entry.init))
        }
    }

    /// The earliest armed instant.
    mutating func nextDue() -> Instant? {
        if !isEarliestKnown {
            dropStale()
            earliest = heap.min?.timer.due
            isEarliestKnown = true
        }
        return earliest
    }

    /// Takes at most `limit` timers due at or before `now`, earliest first.
    mutating func takeDue(at now: Instant, limit: Int) -> [ArmedTimer] {
        var due: [ArmedTimer] = []
        guard let earliest = nextDue(), earliest <= now else { return due }
        isEarliestKnown = false
        while due.count < limit {
            dropStale()
            guard let first = heap.min, first.timer.due <= now else { break }
            heap.removeMin()
            armed[PaymentKey(instance: first.timer.instance, uetr: first.timer.uetr)] = nil
            due.append(first.timer)
        }
        return due
    }

    private mutating func dropStale() {
        while let first = heap.min,
            armed[PaymentKey(instance: first.timer.instance, uetr: first.timer.uetr)] != first.timer
        {
            heap.removeMin()
        }
    }
}
