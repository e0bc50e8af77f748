import SelatScheme
import SelatTime

/// The life of one batch: taken, decided wave by wave, committed, followed by its effects.
extension NodeCore {
    /// Lets go of what the last batch read and decided, unless another has begun.
    package mutating func forgetBatch() {
        if case .idle = phase { working.clear() }
    }

    /// Takes what waits, up to the limit, and begins to decide it.
    mutating func startBatch() {
        guard !inbox.isEmpty else { return }
        working.clear()
        if inbox.count <= limits.batch {
            swap(&working.entries, &inbox)
        } else {
            working.entries += inbox[..<limits.batch]
            inbox.removeFirst(limits.batch)
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
            let host = directory.hosts[item.role]
            if item.sharesFacts, !isSatisfied(item, host) {
                working.wave[working.index].isReady = false
                working.isGathered = false
                continue
            }
            host.role.decide(item.event, given: working.facts, &working.decision)
            working.apply(of: item, directory)
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
            let host = directory.hosts[working.wave[index].role]
            let asksOnce = host.role.asksOnce(for: event)
            host.role.facts(for: event, known: working.facts, &working.keys)
            let isReady = working.ask(for: index, &missing)
            working.wave[index].isReady = isReady || asksOnce
            // What was known stays known: only who asks for something else can lack it later.
            if asksOnce { working.wave[index].sharesFacts = false }
        }
        working.isGathered = missing.isEmpty
        return missing
    }

    /// Whether everything is known that an event asks for by now.
    private mutating func isSatisfied(_ item: WorkingSet.Item, _ host: Directory.Host) -> Bool {
        host.role.facts(for: item.event, known: working.facts, &working.keys)
        defer { working.keys.clear() }
        return working.keys.allSatisfy { working.facts.isKnown($0) }
    }

    private mutating func sealAndCommit() {
        let sealed = working.seal(&links)
        var replies: [Reply] = []
        swap(&replies, &working.replies)
        if sealed.batch.isEmpty {
            phase = .idle
            for reply in replies { actions.append(.reply(reply)) }
            startBatch()
        } else {
            commit(Committing(sealed: sealed, links: working.takeLinks(), replies: replies))
        }
    }

    mutating func commit(_ committing: consuming Committing) {
        let token = nextToken()
        actions.append(.commit(token, committing.sealed))
        phase = .committing(token, committing)
    }

    /// The store has answered.
    mutating func finish(_ committing: consuming Committing, _ outcome: CommitOutcome) {
        switch outcome {
        case .committed:
            follow(committing)
            working.retire(committing)
        case .conflict where committing.isOfLinksOnly: commitAgain(committing)
        case .conflict: decideAgain()
        case .failed(let why): stop("the store could not commit: \(why)")
        case .unknown(let why):
            stop("the store does not know whether it committed: \(why); start again to find out")
        }
    }

    /// What rests on no fact is as true as before: another program wrote, and that is all.
    private mutating func commitAgain(_ committing: consuming Committing) {
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
            inbox.insert(contentsOf: working.entries.dropFirst(), at: 0)
            working.entries.removeLast(working.entries.count - 1)
        }
        working.restart()
        markCongested()
        advance()
    }

    /// Only now is anything acknowledged, sent or answered.
    private mutating func follow(_ committing: Committing) {
        let (sealed, links) = (committing.sealed, committing.links)
        armTimers(of: sealed.batch.payments)
        noteInFlight(sealed.batch.payments, onward: links.onward)
        notePending(sealed.batch.received, over: links.received)
        settle(at: sealed.batch.links, of: links.positions)
        send(sealed.batch.sent, over: links.sent)
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

    private mutating func settle(at positions: [LinkPosition], of places: [Int]) {
        for index in positions.indices
        where links.states[places[index]].settle(at: positions[index]) {
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
    private mutating func send(_ messages: [RetainedMessage], over places: [Int]) {
        // In the order in which roles said it: what a payment waits for is said first.
        for index in messages.indices {
            let (link, sequence) = (places[index], messages[index].sequence)
            links.states[link].append(messages[index])
            guard links.states[link].isFirstOfBatch(sequence) else { continue }
            actions.append(.send(links.states[link].position.link, from: sequence))
        }
    }
}
