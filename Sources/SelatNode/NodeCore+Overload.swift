import DequeModule
import SelatScheme
import SelatTime

/// A payment that this node has sent on, and whose outcome is open.
struct PaymentInFlight: Hashable, Sendable {
    /// Whose payment it is here.
    let instance: PartyID
    let link: Int
}

/// What keeps a node within its bounds when more comes than it can do: how much is under way, how
/// much waits, and who is to be told to come again. Source: Specs/Protocol/Overload.md.
///
/// Everything here is counted from inputs and commits, so that two runs refuse the same payments.
extension NodeCore {
    // MARK: Held inputs

    mutating func hold(_ input: HeldInput, of link: Int) {
        if links.states[link].held.isEmpty { heldLinks.append(link) }
        links.states[link].held.append(input)
    }

    /// Lets in what its link's pace allows by now.
    mutating func releaseHeld(at now: Instant) {
        guard !heldLinks.isEmpty else { return }
        for link in heldLinks {
            while !links.states[link].held.isEmpty, links.states[link].pace.admits(at: now) {
                switch links.states[link].held.popFirst() {
                case .message(let message): take(message, from: link)
                case .request(let request): take(request)
                case nil: break
                }
            }
        }
        var still: [Int] = []
        for link in heldLinks where !links.states[link].held.isEmpty { still.append(link) }
        heldLinks = still
    }

    /// When held inputs are looked at next.
    var nextSlice: Instant? {
        var next: Instant?
        for link in heldLinks {
            guard let slice = links.states[link].pace.nextSlice else { continue }
            next = min(next ?? slice, slice)
        }
        return next
    }

    // MARK: Bytes

    /// True while a link should not be read: too much of it waits for its commit.
    package func isFull(_ link: LinkID) -> Bool {
        let own = links.index(of: link).map { links.states[$0].pendingBytes } ?? 0
        guard own < limits.pendingBytes else { return true }
        guard pendingBytes >= limits.pendingBytesOfAll else { return false }
        return own >= limits.pendingBytesOfAll / max(links.states.count, 1)
    }

    /// What was received in a batch waits no longer.
    mutating func notePending(_ received: [RetainedMessage], over places: [Int]) {
        for index in received.indices {
            let bytes = received[index].bytes.count + NodeLimits.messageOverhead
            pendingBytes -= bytes
            links.states[places[index]].pendingBytes -= bytes
        }
    }

    // MARK: Payments in flight

    /// Counts what a batch has sent on, and what has ended. After a restart the count begins with
    /// what is sent from then on.
    mutating func noteInFlight(_ payments: [PaymentWrite], onward places: [Int?]) {
        for index in payments.indices {
            if payments[index].row.due == nil {
                guard let found = inFlight.index(forKey: payments[index].uetr),
                    inFlight.values[found].instance == payments[index].instance
                else { continue }
                links.states[inFlight.remove(at: found).value.link].paymentsInFlight -= 1
            } else if let link = places[index] {
                let payment = PaymentInFlight(instance: payments[index].instance, link: link)
                links.states[link].paymentsInFlight += 1
                let before = inFlight.updateValue(payment, forKey: payments[index].uetr)
                if let before { links.states[before.link].paymentsInFlight -= 1 }
            }
        }
    }

    // MARK: The door

    /// A batch begins: whether everything waits too long.
    mutating func markOverload(oldest: Instant) {
        working.facts.isOverloaded = standingWait.isOverload(
            oldest: oldest,
            now: greatestInstant,
            limit: limits.longestWait
        )
    }

    /// Says to whom nothing new goes in this batch. Quotes are refused first, at three quarters of
    /// the payments that may be in flight: who has a quote already shall find room for it.
    mutating func markCongested() {
        var full: Set<LinkID> = []
        var almost: Set<LinkID> = []
        for link in links.states.indices {
            let inFlight = links.states[link].paymentsInFlight
            if inFlight >= limits.paymentsInFlight
                || links.states[link].outbox.count >= limits.outboxQuota
                || links.states[link].outboxBytes >= limits.outboxBytes
            {
                full.insert(links.states[link].position.link)
            }
            if inFlight >= limits.paymentsInFlight - limits.paymentsInFlight / 4 {
                almost.insert(links.states[link].position.link)
            }
        }
        var congested: Set<PartyID> = []
        var crowded: Set<PartyID> = []
        if !full.isEmpty || !almost.isEmpty {
            for (party, link) in routing.links {
                if full.contains(link) { congested.insert(party) }
                if full.contains(link) || almost.contains(link) { crowded.insert(party) }
            }
        }
        working.facts.congested = congested
        working.facts.crowded = crowded
    }
}
