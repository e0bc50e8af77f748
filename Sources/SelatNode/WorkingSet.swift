import SelatISO20022
import SelatLedger
import SelatScheme
import SelatTime

/// What a batch knows and has decided so far. The second event sees what the first decided.
struct WorkingSet: Sendable {
    struct Item: Sendable {
        let event: Event
        /// Where the event's message is retained, when it crossed a hop.
        let received: Int?
        /// All it asked for is known.
        var isReady = false
        /// An event before it asked for one of its facts.
        var sharesFacts = false
    }

    private struct RemoteMessage: Sendable {
        let link: LinkID
        let from: PartyID
        let to: PartyID
        let message: Message
        let at: Instant
    }

    var facts = Facts()
    /// The inbox entries this batch took, to be decided again after a conflict.
    var entries: [InboxEntry] = []
    var wave: [Item] = []
    var index = 0
    var nextWave: [Item] = []
    var steps = 0
    var rounds = 0
    /// Every event still to be decided in this wave is ready.
    var isGathered = false
    var conflicts = 0
    var batch = CommitBatch(at: .distantPast)
    var replies: [Reply] = []

    /// Who in this wave asked first for a fact.
    private var askers: [FactKey: Int] = [:]
    private var remote: [RemoteMessage] = []
    private var paymentIndex: [PaymentKey: Int] = [:]
    private var recordIndex: [RecordKey: Int] = [:]
    /// Where in `batch.balances` an account's change stands.
    private var balanceIndex: [AccountKey: Int] = [:]

    /// Forgets all that was decided and read, and keeps what was taken from the inbox.
    mutating func restart() {
        facts.removeAll()
        wave.removeAll(keepingCapacity: true)
        index = 0
        nextWave.removeAll(keepingCapacity: true)
        steps = 0
        rounds = 0
        isGathered = false
        askers.removeAll(keepingCapacity: true)
        batch = CommitBatch(at: .distantPast)
        replies.removeAll()
        remote.removeAll(keepingCapacity: true)
        paymentIndex.removeAll(keepingCapacity: true)
        recordIndex.removeAll(keepingCapacity: true)
        balanceIndex.removeAll(keepingCapacity: true)
        for entry in entries {
            switch entry {
            case .message(let event, let retained):
                batch.at = max(batch.at, event.at)
                wave.append(Item(event: event, received: batch.received.count))
                batch.received.append(retained)
            case .event(let event):
                batch.at = max(batch.at, event.at)
                wave.append(Item(event: event, received: nil))
            case .refused(let retained, let alert):
                batch.at = max(batch.at, retained.at)
                batch.received.append(retained)
                batch.alerts.append(AlertRow(at: retained.at, instance: retained.to, alert: alert))
            }
        }
    }

    /// What hosted parties said to each other is decided next.
    mutating func startNextWave() {
        swap(&wave, &nextWave)
        nextWave.removeAll(keepingCapacity: true)
        index = 0
        rounds = 0
        isGathered = false
        askers.removeAll(keepingCapacity: true)
    }

    /// Notes that an event of the wave asks for a fact; false when another asked before it.
    mutating func isFirst(_ index: Int, toAskFor key: FactKey) -> Bool {
        if let asker = askers[key] { return asker == index }
        askers[key] = index
        return true
    }

    /// Folds one decision in. `isHosted` says who is decided for in this node.
    mutating func apply(
        _ decision: Decision,
        of item: Item,
        routing: Routing,
        isHosted: (PartyID) -> Bool
    ) {
        let event = item.event
        /// Where each message stands among those that leave, in order; `nil` for one that stays.
        var remoteIndex: [Int?] = []
        remoteIndex.reserveCapacity(decision.messages.count)
        for (index, outgoing) in decision.messages.enumerated() {
            remoteIndex.append(nil)
            if isHosted(outgoing.to) {
                nextWave.append(
                    Item(
                        event: Event(
                            at: event.at,
                            seed: event.seed.derived(0x5E1A_0000 + UInt64(index)),
                            instance: outgoing.to,
                            body: .message(from: event.instance, outgoing.message)
                        ),
                        received: nil
                    )
                )
            } else if let link = routing.links[outgoing.to] {
                remoteIndex[index] = remote.count
                remote.append(
                    RemoteMessage(
                        link: link,
                        from: event.instance,
                        to: outgoing.to,
                        message: outgoing.message,
                        at: event.at
                    )
                )
            } else {
                append(
                    Alert(.incident, uetr: nil, "no way from \(event.instance) to \(outgoing.to)"),
                    event
                )
            }
        }
        for change in decision.payments {
            apply(change, of: item, outgoing: decision.messages, remoteIndex: remoteIndex)
        }
        for insertion in decision.receipts {
            let key = FactKey.receipt(
                event.instance,
                sender: insertion.sender,
                messageIdentification: insertion.messageIdentification
            )
            facts[key] = .receipt(insertion.receipt)
            batch.receipts.append(ReceiptWrite(instance: event.instance, insertion: insertion))
        }
        for change in decision.records { apply(change, instance: event.instance) }
        for account in decision.accounts {
            facts[.account(account.key)] = .account(account)
            batch.accounts.append(account)
        }
        for journal in decision.journals { apply(journal, at: event.at) }
        for alert in decision.alerts { append(alert, event) }
        replies.append(contentsOf: decision.replies)
    }

    /// Numbers and encodes what goes over links, and closes the batch.
    mutating func seal(_ links: inout LinkTable) -> SealedBatch {
        for link in links.states.indices { links.states[link].beginBatch() }
        batch.sent.reserveCapacity(batch.sent.count + remote.count)
        for message in remote {
            guard let link = links.index(of: message.link) else { continue }
            let (epoch, sequence) = links.states[link].number()
            let (kind, bytes) = message.message.encoded()
            batch.sent.append(
                RetainedMessage(
                    link: message.link,
                    epoch: epoch,
                    sequence: sequence,
                    kind: kind,
                    from: message.from,
                    to: message.to,
                    at: message.at,
                    uetr: message.message.uetr,
                    bytes: bytes
                )
            )
        }
        for message in batch.received {
            guard let link = links.index(of: message.link) else { continue }
            links.states[link].received(epoch: message.epoch, sequence: message.sequence)
        }
        batch.links = links.takeDirtyPositions()
        batch.balances.sort { $0.account < $1.account }
        // Moved, not copied: a batch is a dozen arrays.
        var taken = CommitBatch(at: .distantPast)
        swap(&taken, &batch)
        return SealedBatch(taken)
    }

    private mutating func append(_ alert: Alert, _ event: Event) {
        batch.alerts.append(AlertRow(at: event.at, instance: event.instance, alert: alert))
    }

    private mutating func apply(
        _ change: PaymentChange,
        of item: Item,
        outgoing: [Outgoing],
        remoteIndex: [Int?]
    ) {
        let instance = item.event.instance
        let fact = FactKey.payment(instance, change.uetr)
        let before = facts.payment(instance, change.uetr)
        precondition(
            (before?.version ?? 0) == change.expectedVersion,
            "a decision rests on the payment it was given"
        )
        let row = PaymentRow(
            version: change.expectedVersion + 1,
            state: change.state,
            due: change.due,
            content: change.content
        )
        facts[fact] = .payment(row)
        let instruction = instructionWrite(change.instruction, item, outgoing, remoteIndex)
        switch instruction {
        case .received(_, let message), .sent(_, let message), .hosted(let message):
            facts[.instruction(instance, change.uetr)] = .instruction(message)
        case nil: break
        }
        let key = PaymentKey(instance: instance, uetr: change.uetr)
        if let index = paymentIndex[key] {
            batch.payments[index].row = row
        } else {
            paymentIndex[key] = batch.payments.count
            batch.payments.append(
                PaymentWrite(
                    instance: instance,
                    uetr: change.uetr,
                    expectedVersion: change.expectedVersion,
                    row: row,
                    instruction: instruction
                )
            )
        }
        batch.history.append(
            HistoryRow(
                at: item.event.at,
                instance: instance,
                uetr: change.uetr,
                from: before?.state,
                to: change.state,
                cause: change.cause
            )
        )
    }

    private func instructionWrite(
        _ source: InstructionSource?,
        _ item: Item,
        _ outgoing: [Outgoing],
        _ remoteIndex: [Int?]
    ) -> InstructionWrite? {
        switch source {
        case nil: return nil
        case .event:
            guard case .message(_, let message) = item.event.body else {
                preconditionFailure("only a message's event can be kept as an instruction")
            }
            return item.received.map { .received(index: $0, message) } ?? .hosted(message)
        case .outgoing(let index):
            let message = outgoing[index].message
            // `seal` numbers the remote messages in this very order.
            return remoteIndex[index].map { .sent(index: $0, message) } ?? .hosted(message)
        }
    }

    private mutating func apply(_ change: RecordChange, instance: PartyID) {
        let before = facts.record(instance, change.kind, change.key)
        precondition(
            (before?.version ?? 0) == change.expectedVersion,
            "a decision rests on the record it was given"
        )
        let row = change.content.map { RecordRow(version: change.expectedVersion + 1, content: $0) }
        facts[.record(instance, change.kind, change.key)] = row.map { .record($0) } ?? .absent
        let key = RecordKey(instance: instance, kind: change.kind, key: change.key)
        if let index = recordIndex[key] {
            batch.records[index].row = row
        } else {
            recordIndex[key] = batch.records.count
            batch.records.append(
                RecordWrite(
                    instance: instance,
                    kind: change.kind,
                    key: change.key,
                    expectedVersion: change.expectedVersion,
                    row: row
                )
            )
        }
    }

    private mutating func apply(_ journal: Journal, at: Instant) {
        batch.journals.append(JournalWrite(at: at, journal: journal))
        journal.forEachDelta { key, delta, isGuarded in
            facts.add(delta, to: key)
            if let index = balanceIndex[key] {
                batch.balances[index].add(delta, isGuarded: isGuarded)
            } else {
                balanceIndex[key] = batch.balances.count
                batch.balances.append(
                    BalanceWrite(account: key, delta: delta, isGuarded: isGuarded)
                )
            }
        }
    }
}
