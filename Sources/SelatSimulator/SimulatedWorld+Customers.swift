import SelatAudit
import SelatJSON
import SelatNode
import SelatScheme
import SelatTime

/// Those outside the nodes: customers who ask, and the intruder.
extension SimulatedWorld {
    mutating func client(_ index: Int) {
        guard let question = clients.next(index, at: now) else { return }
        ask(question, for: index)
    }

    /// Without an answer, because the node died, customer `index` asks again.
    mutating func ask(_ question: SimulatedClients.Question, for index: Int?) {
        guard let name = region.topology.nodes[question.party], let node = numbers[name] else {
            return
        }
        guard nodes[node].isUp else {
            if let followup = clients.replied(question.token, status: 503, .null, at: now) {
                follow(followup)
            }
            return
        }
        let seed = nodes[node].seeds.nextSeed()
        let at = nodes[node].local(now)
        nodes[node].machine?.request(
            question.token,
            from: question.from,
            to: question.to,
            question.request,
            at: at,
            seed: seed
        )
        if let index { schedule(.client(index), at: now + SimulatedClients.patience) }
        turn(node)
    }

    mutating func follow(_ followup: SimulatedClients.Followup) {
        if let wait = followup.wait { schedule(.client(followup.index), at: now + wait) }
        for wait in followup.resends { schedule(.resend(followup.index), at: now + wait) }
    }

    // MARK: The intruder

    /// Messages that crossed a link, and the instructions that hosted parties gave each other.
    mutating func overhear(_ batch: CommitBatch) {
        guard deck.isOpen, plan.rates.keys.contains(where: \.isIntrusion) else { return }
        for message in batch.sent {
            let content = Intruder.Overheard.Content.wire(kind: message.kind, message.bytes)
            intruder.overhear(Intruder.Overheard(from: message.from, content: content))
        }
        for write in batch.payments {
            guard case .hosted(let message) = write.instruction else { continue }
            intruder.overhear(Intruder.Overheard(from: write.instance, content: .hosted(message)))
        }
    }

    /// One turn: whatever classes strike.
    mutating func intrude() {
        guard deck.isOpen, let node = numbers[region.intruder.nodeName] else { return }
        schedule(.intrude, at: now + intruder.pause())
        for kind in FaultClass.allCases where kind.isIntrusion {
            guard nodes[node].isUp, deck.strikes(kind, at: .node(node)) != nil,
                let attempt = intruder.attempt(kind, at: now)
            else { continue }
            for _ in 0..<attempt.copies {
                let event = Event(
                    at: nodes[node].local(now),
                    seed: nodes[node].seeds.nextSeed(),
                    instance: attempt.speaker,
                    body: .message(from: IntrudingRole.master, attempt.message)
                )
                nodes[node].machine?.open(event)
            }
        }
        turn(node)
    }
}
