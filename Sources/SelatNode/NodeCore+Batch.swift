import DequeModule
import SelatScheme
import SelatTime

/// The life of one batch: taken, decided wave by wave, committed, followed by its effects.
extension NodeCore {
    /// Takes what waits, up to the limit, and begins to decide it.
    mutating func startBatch() {
        guard !inbox.isEmpty else { return }
        let count = min(inbox.count, limits.batch)
        working.entries.removeAll(keepingCapacity: true)
        while working.entries.count < count, let entry = inbox.popFirst() {
            working.entries.append(entry)
        }
        working.conflicts = 0
        working.restart()
        markOverload(oldest: working.entries[0].at)
        markCongested()
        advance()
    }

    /// Decides as far as the facts reach; asks for more, or commits.
    mutating func advance() {
        while true {
            if working.index == working.wave.count {
                guard !working.nextWave.isEmpty else { return sealAndCommit() }
                working.steps += 1
                guard working.steps <= limits.hostedSteps else {
                    return stop(
                        "hosted parties answered each other \(working.steps) times in one batch"
                    )
                }
                working.startNextWave()
            }
            if !working.isGathered {
                let missing = gather()
                guard missing.isEmpty else {
                    working.rounds += 1
                    guard working.rounds <= limits.factRounds else {
                        return stop("a role asked for facts \(working.rounds) times for one event")
                    }
                    let token = nextToken()
                    phase = .fetching(token)
                    actions.append(.fetch(token, missing))
                    return
                }
            }
            let item = working.wave[working.index]
            guard let role = roles[item.event.instance] else {
                working.index += 1
                continue
            }
            if item.sharesFacts, !role.isSatisfied(item.event, by: working.facts) {
                working.wave[working.index].isReady = false
                working.isGathered = false
                continue
            }
            let decision = role.decide(item.event, given: working.facts)
            // Not `hosts`: what captures the core while the working set changes copies all of it.
            working.apply(decision, of: item, routing: routing) {
                roles.index(forKey: $0) != nil
            }
            working.index += 1
            working.rounds = 0
        }
    }

    /// What the events still to be decided in this wave ask for and is not known, each once. An
    /// event that lacks nothing is ready and not asked again, unless it shares a fact with one
    /// before it, whose decision may change what it needs.
    private mutating func gather() -> [FactKey] {
        var missing: [FactKey] = []
        for index in working.index..<working.wave.count where !working.wave[index].isReady {
            let event = working.wave[index].event
            guard let role = roles[event.instance] else { continue }
            let keys = role.facts(for: event, known: working.facts)
            let isReady = working.ask(keys, for: index, &missing)
            working.wave[index].isReady = isReady || role.asksOnce(for: event)
        }
        working.isGathered = missing.isEmpty
        return missing
    }

    private mutating func sealAndCommit() {
        let committing = Committing(sealed: working.seal(&links), replies: working.replies)
        if committing.sealed.batch.isEmpty {
            phase = .idle
            for reply in committing.replies { actions.append(.reply(reply)) }
            startBatch()
        } else {
            commit(committing)
        }
    }

    mutating func commit(_ committing: Committing) {
        let token = nextToken()
        phase = .committing(token, committing)
        actions.append(.commit(token, committing.sealed))
    }

    /// The store has answered.
    mutating func finish(_ committing: Committing, _ outcome: CommitOutcome) {
        switch outcome {
        case .committed:
            phase = .idle
            follow(committing)
        case .conflict where committing.isOfLinksOnly: commitAgain(committing)
        case .conflict: decideAgain()
        case .failed(let why): stop("the store could not commit: \(why)")
        case .unknown(let why):
            stop("the store does not know whether it committed: \(why); start again to find out")
        }
    }

    /// What rests on no fact is as true as before: another program wrote, and that is all.
    private mutating func commitAgain(_ committing: Committing) {
        var committing = committing
        committing.conflicts += 1
        guard committing.conflicts <= limits.hopelessConflicts else {
            return stop("the store met \(committing.conflicts) conflicts in a row")
        }
        commit(committing)
    }

    private mutating func decideAgain() {
        for link in links.states.indices { links.states[link].takeBackNumbers() }
        working.conflicts += 1
        guard working.conflicts <= limits.hopelessConflicts else {
            return stop("a batch met \(working.conflicts) conflicts in the store in a row")
        }
        if working.conflicts > limits.conflicts, working.entries.count > 1 {
            inbox.prepend(contentsOf: working.entries.dropFirst())
            working.entries.removeLast(working.entries.count - 1)
        }
        working.restart()
        markCongested()
        advance()
    }

    /// Only now is anything acknowledged, sent or answered.
    private mutating func follow(_ committing: Committing) {
        let sealed = committing.sealed
        armTimers(of: sealed.batch.payments)
        noteInFlight(sealed.batch.payments, sent: sealed.batch.sent)
        notePending(sealed.batch.received)
        settle(at: sealed.batch.links)
        send(sealed.batch.sent)
        for reply in committing.replies { actions.append(.reply(reply)) }
        if !sealed.batch.history.isEmpty || !sealed.batch.alerts.isEmpty {
            actions.append(.notice(sealed.batch.history, sealed.batch.alerts))
        }
    }

    private mutating func armTimers(of written: [PaymentWrite]) {
        for index in written.indices {
            let (instance, uetr) = (written[index].instance, written[index].uetr)
            if let due = written[index].row.due {
                let version = written[index].row.version
                timers.arm(ArmedTimer(due: due, instance: instance, uetr: uetr, version: version))
            } else {
                timers.disarm(instance: instance, uetr: uetr)
            }
        }
    }

    private mutating func settle(at positions: [LinkPosition]) {
        for index in positions.indices {
            guard let link = links.index(of: positions[index].link),
                links.states[link].settle(at: positions[index])
            else { continue }
            actions.append(
                .acknowledge(
                    positions[index].link,
                    epoch: positions[index].receivedEpoch,
                    sequence: positions[index].receivedSequence
                )
            )
        }
    }

    /// Committed messages go into their links' outboxes and out.
    private mutating func send(_ messages: [RetainedMessage]) {
        var starts: [(link: Int, sequence: UInt64)] = []
        for message in messages {
            guard let link = links.index(of: message.link) else { continue }
            links.states[link].append(message)
            guard !starts.contains(where: { $0.link == link }) else { continue }
            starts.append((link, message.sequence))
        }
        starts.sort { $0.link < $1.link }
        for (link, sequence) in starts {
            actions.append(.send(links.states[link].position.link, from: sequence))
        }
    }
}
