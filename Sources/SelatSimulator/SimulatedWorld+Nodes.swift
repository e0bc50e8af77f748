import SelatAudit
import SelatNode
import SelatScheme
import SelatStorage
import SelatTime

/// What nodes do, and what befalls them and their disks.
extension SimulatedWorld {
    /// A node has read what there was: it decides, and what it wants is carried out.
    mutating func turn(_ node: Int) {
        nodes[node].machine?.turnEnded()
        if nodes[node].isUp, let number = deck.strikes(.stuck, at: .node(node)) {
            nodes[node].stuckUntil =
                now + FaultDeck.span(number, .milliseconds(50), .seconds(40))
        }
        var actions: [LinkedNode.Action] = []
        swap(&actions, &spareActions)
        defer { swap(&actions, &spareActions) }
        while true {
            nodes[node].machine?.takeActions(&actions)
            guard nodes[node].isUp, !actions.isEmpty else { return }
            var isBusy = false
            actions.turnOver()
            while let action = actions.popLast() {
                if deck.strikes(.crash, at: .node(node)) != nil { return crash(node) }
                perform(action, of: node, isBusy: &isBusy)
                guard nodes[node].isUp else { return }
            }
            guard isBusy else { return }
            nodes[node].machine?.turnEnded()
        }
    }

    private mutating func perform(
        _ action: consuming LinkedNode.Action,
        of node: Int,
        isBusy: inout Bool
    ) {
        switch consume action {
        case .write(let connection, let bytes):
            write(bytes, from: node, on: connection)
            nodes[node].machine?.reuse(bytes)
        case .close(let connection, _): hangUp(node, connection)
        case .fetch(let token, let keys):
            guard deck.strikes(.readError, at: .node(node)) == nil else { return crash(node) }
            do {
                let facts = try nodes[node].store.fetch(keys)
                nodes[node].machine?.fetched(token, consume facts)
                isBusy = true
            } catch {
                crash(node)
            }
        case .commit(let token, let batch): commit(token, batch, of: node)
        case .recall(let link, let epoch, let first, let last):
            do {
                let messages = try nodes[node].store.sent(
                    link,
                    epoch: epoch,
                    from: first,
                    through: last
                )
                nodes[node].machine?.recalled(link, messages)
                isBusy = true
            } catch {
                crash(node)
            }
        case .reply(let token, let reply):
            if let followup = clients.replied(token, status: reply.status, reply.body, at: now) {
                follow(followup)
            }
        case .wakeAt(let instant): wake(node, at: instant)
        case .stop: crash(node)
        case .notice, .linkUp, .linkDown, .report: break
        }
    }

    /// `instant` is on the node's own clock.
    private mutating func wake(_ node: Int, at instant: Instant) {
        nodes[node].wanted = nodes[node].world(instant)
        scheduleWake(node)
    }

    private mutating func scheduleWake(_ node: Int) {
        let due = nodes[node].wanted
        if let wake = nodes[node].wake, wake <= due { return }
        nodes[node].wake = due
        schedule(.wake(node: node, life: nodes[node].life), at: due)
    }

    /// A node is woken when it last asked for; what it had asked for before may have come to
    /// nothing since.
    mutating func wake(_ node: Int, _ life: Int) {
        guard nodes[node].life == life else { return }
        nodes[node].wake = nil
        guard nodes[node].wanted <= now else { return scheduleWake(node) }
        let seed = nodes[node].seeds.nextSeed()
        let at = nodes[node].local(now)
        nodes[node].machine?.tick(at: at, seed: seed)
        turn(node)
    }

    // MARK: Disk

    private mutating func commit(_ token: NodeCore.Token, _ batch: SealedBatch, of node: Int) {
        var delay = Duration.microseconds(200 + Int64(delays.next() % 3000))
        if let number = deck.strikes(.slowDisk, at: .node(node)) {
            delay = FaultDeck.span(number, .milliseconds(100), .seconds(6))
        }
        let life = nodes[node].life
        schedule(.apply(node: node, life: life, token: token, batch), at: now + delay)
        guard saboteur.acknowledgesBeforeCommit else { return }
        schedule(.done(node: node, life: life, token: token, .committed), at: now)
    }

    mutating func apply(
        _ node: Int,
        _ life: Int,
        _ token: NodeCore.Token,
        _ sealed: SealedBatch
    ) {
        // What the dead had not written by now is not written.
        guard nodes[node].life == life, nodes[node].isUp else { return }
        let sealed = saboteur.commit.map { SealedBatch($0(sealed.batch)) } ?? sealed
        let fault = diskFault(node, sealed.batch)
        if let fault { nodes[node].store.inject(fault) }
        let outcome = nodes[node].store.commit(sealed.batch)
        let isDurable =
            switch outcome {
            case .committed: true
            case .unknown: fault == .unknownDurable
            case .conflict, .failed: false
            }
        if isDurable { note(sealed.batch, at: node) }
        guard !saboteur.acknowledgesBeforeCommit else { return }
        schedule(
            .done(node: node, life: life, token: token, outcome),
            at: now + .microseconds(Int64(delays.next() % 400))
        )
    }

    private mutating func diskFault(_ node: Int, _ batch: CommitBatch) -> MemoryStore.Fault? {
        let place = FaultDeck.Place.node(node)
        if let number = deck.strikes(.diskFull, at: place) {
            nodes[node].diskFullUntil = now + FaultDeck.span(number, .zero, .seconds(20))
            return .failed
        }
        if nodes[node].diskFullUntil > now { return .failed }
        if deck.strikes(.lostWrite, at: place) != nil { return .unknownLost }
        if deck.strikes(.unknownWrite, at: place) != nil { return .unknownDurable }
        // Only what rests on something read can meet another writer.
        let rests = !batch.payments.isEmpty || !batch.receipts.isEmpty || !batch.records.isEmpty
        return rests && deck.strikes(.conflict, at: place) != nil ? .conflict : nil
    }

    /// The history's digest, and the laws that each commit must keep.
    private mutating func note(_ batch: CommitBatch, at node: Int) {
        let name = names[node]
        commits += 1
        digest.feed(name)
        digest.feed(UInt64(bitPattern: now.nanoseconds))
        for row in batch.history {
            digest.feed(row.uetr.high)
            digest.feed(row.uetr.low)
            digest.feed(UInt64(row.to))
            digest.feed(row.cause)
        }
        for message in batch.sent {
            digest.feed(message.sequence)
            digest.feed(message.bytes)
        }
        guard name != region.intruder.nodeName else { return }
        overhear(batch)
        for account in batch.accounts { nodes[node].replay.open(account) }
        for write in batch.journals { nodes[node].replay.replay(write.journal) }
        for row in batch.history {
            coverage.note(row)
            follow(row)
            if let violation = Audit.stepViolation(row, node: name, topology: region.topology) {
                violations.append(violation)
            }
        }
        if !nodes[node].replay.violations.isEmpty {
            violations += nodes[node].replay.violations
        }
        if commits % SimulatedWorld.auditInterval == 0 { violations += audit(.running) }
    }

    // MARK: Life and death

    mutating func crash(_ node: Int) {
        for connection in network.connections(of: node) {
            network.end(connection)
            let peer = network.peer(of: node, on: connection)
            schedule(.ended(node: peer, connection: connection), at: now + network.latency())
        }
        nodes[node].store.crash()
        nodes[node].die()
        nodes[node].stuckUntil = .distantPast
        schedule(
            .restart(node: node),
            at: now + .milliseconds(50 + Int64(delays.next() % 8000))
        )
    }

    mutating func restart(_ node: Int) {
        let place = FaultDeck.Place.node(node)
        guard deck.strikes(.readError, at: place) == nil else {
            return schedule(.restart(node: node), at: now + .seconds(1))
        }
        var error = Duration.zero
        if let number = deck.strikes(.clockSkew, at: place) {
            error = FaultDeck.span(number, .milliseconds(-2000), .milliseconds(2000))
        }
        if let number = deck.strikes(.clockJump, at: place) {
            error = FaultDeck.span(number, .seconds(-900), .seconds(900))
        }
        do {
            try nodes[node].start(
                at: now,
                clockError: error,
                limits: plan.limits,
                saboteur.recovered
            )
        } catch {
            return schedule(.restart(node: node), at: now + .seconds(1))
        }
        turn(node)
        dialPeers(of: node)
    }

    /// At rest the last acknowledgements are made durable, as a node's idle tick does.
    mutating func settleAcknowledgements() {
        for node in nodes.indices where nodes[node].isUp {
            let seed = nodes[node].seeds.nextSeed()
            let at = nodes[node].local(now)
            nodes[node].machine?.tick(at: at, seed: seed)
            nodes[node].machine?.turnEnded()
            var actions: [LinkedNode.Action] = []
            nodes[node].machine?.takeActions(&actions)
            for case .commit(let token, let sealed) in actions {
                let outcome = nodes[node].store.commit(sealed.batch)
                nodes[node].machine?.committed(token, outcome, at: at)
            }
        }
    }
}
