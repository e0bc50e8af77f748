import HeapModule
import SelatScheme
import SelatTime

/// The armed timers of a node, in memory; the rows in the store are the truth and fill it at
/// start. One per payment and instance: arming again replaces, `nil` disarms.
///
/// A payment's timer is armed anew at nearly every step and hardly ever fires. So a later instant
/// is only noted, and the heap learns of it when the earlier one comes up.
struct TimerQueue: Sendable {
    /// What the heap knows of a timer: plain words, which sifting moves and nothing else.
    private struct Entry: Comparable {
        let due: Instant
        let place: Int
        /// Tells it from what was there before.
        let number: UInt64

        static func < (lhs: Entry, rhs: Entry) -> Bool { lhs.due < rhs.due }
    }

    private struct Slot {
        /// `nil` where none is armed.
        var timer: ArmedTimer?
        /// The timer's, asked for at every turn.
        var due = Instant.distantPast
        /// The one entry that stands for it in the heap, 0 for none, and the instant it is there
        /// for.
        var number: UInt64 = 0
        var queued = Instant.distantPast
    }

    private var heap = Heap<Entry>()
    private var slots: [Slot] = []
    private var freePlaces: [Int] = []
    private var places: [PaymentKey: Int] = [:]
    private var lastNumber: UInt64 = 0
    /// The earliest armed instant, asked for after every input; `nil` where it must be looked for.
    private var earliest: Instant??

    mutating func arm(_ timer: ArmedTimer) {
        earliest = nil
        let key = PaymentKey(instance: timer.instance, uetr: timer.uetr)
        if let place = places[key] {
            slots[place].timer = timer
            slots[place].due = timer.due
            if timer.due < slots[place].queued { enqueue(place, due: timer.due) }
        } else {
            let place = freePlaces.popLast() ?? slots.count
            if place == slots.count { slots.append(Slot()) }
            places[key] = place
            slots[place].timer = timer
            slots[place].due = timer.due
            enqueue(place, due: timer.due)
        }
    }

    mutating func disarm(instance: PartyID, uetr: UUIDv4) {
        guard let place = places.removeValue(forKey: PaymentKey(instance: instance, uetr: uetr))
        else { return }
        earliest = nil
        free(place)
        // The heap's entry is stale from here; it is dropped when it comes up. A heap that is
        // mostly stale is built anew, so that it stays proportional to what is armed.
        if heap.count > 64, heap.count > places.count * 4 {
            var entries: [Entry] = []
            entries.reserveCapacity(places.count)
            for place in slots.indices where slots[place].number != 0 {
                let (due, number) = (slots[place].queued, slots[place].number)
                entries.append(Entry(due: due, place: place, number: number))
            }
            heap = Heap(entries)
        }
    }

    /// The earliest armed instant.
    mutating func nextDue() -> Instant? {
        if let earliest { return earliest }
        let due = findEarliest()
        earliest = .some(due)
        return due
    }

    private mutating func findEarliest() -> Instant? {
        while let first = heap.min {
            guard slots[first.place].number == first.number else {
                heap.removeMin()
                continue
            }
            let due = slots[first.place].due
            guard due > first.due else { return due }
            heap.removeMin()
            enqueue(first.place, due: due)
        }
        return nil
    }

    /// Takes at most `limit` timers due at or before `now`, earliest first.
    mutating func takeDue(at now: Instant, limit: Int) -> [ArmedTimer] {
        var due: [ArmedTimer] = []
        while let next = nextDue(), next <= now,
            // Beyond the limit only what is due together with the last: those have an order.
            due.count < limit || due.last?.due == next,
            let first = heap.popMin(), let timer = slots[first.place].timer
        {
            places[PaymentKey(instance: timer.instance, uetr: timer.uetr)] = nil
            earliest = nil
            free(first.place)
            due.append(timer)
        }
        due.sort {
            ($0.due, $0.instance, $0.uetr, $0.version) < ($1.due, $1.instance, $1.uetr, $1.version)
        }
        while due.count > limit { arm(due.removeLast()) }
        return due
    }

    private mutating func enqueue(_ place: Int, due: Instant) {
        lastNumber += 1
        slots[place].number = lastNumber
        slots[place].queued = due
        heap.insert(Entry(due: due, place: place, number: lastNumber))
    }

    private mutating func free(_ place: Int) {
        slots[place] = Slot()
        freePlaces.append(place)
    }
}
