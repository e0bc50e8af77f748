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
        let outgoing: Outgoing
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

    /// The places of the facts that are being read, in the order in which they were asked for.
    private var asked: [Int] = []
    /// Events of the waves before this one: each has a number of its own as asker.
    private var earlier = 0
    private var remote: [RemoteMessage] = []
    /// Where each message of the decision at hand stands among those that leave, in order; `nil`
    /// for one that stays.
    private var leaving: [Int?] = []

    /// Forgets all that was decided and read, and keeps what was taken from the inbox.
    mutating func restart() {
        facts.removeAll()
        wave.removeAll(keepingCapacity: true)
        index = 0
        nextWave.removeAll(keepingCapacity: true)
        steps = 0
        rounds = 0
        isGathered = false
        asked.removeAll(keepingCapacity: true)
        earlier = 0
        // `seal` left the batch empty. What nearly every event leads to:
        batch.received.reserveCapacity(entries.count)
        batch.payments.reserveCapacity(entries.count)
        batch.journals.reserveCapacity(entries.count)
        batch.history.reserveCapacity(entries.count)
        replies.removeAll()
        remote.removeAll(keepingCapacity: true)
        for index in entries.indices {
            switch entries[index] {
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
        earlier += wave.count
        swap(&wave, &nextWave)
        nextWave.removeAll(keepingCapacity: true)
        index = 0
        rounds = 0
        isGathered = false
    }

    /// Notes what an event of the wave asks for. What is not known, and nobody asked for before,
    /// joins `missing`.
    ///
    /// - Returns: Whether all of it is known.
    mutating func ask(
        _ keys: consuming [FactKey],
        for index: Int,
        _ missing: inout [FactKey]
    ) -> Bool {
        let asker = earlier + index
        if missing.isEmpty { missing.reserveCapacity(keys.count * (wave.count - index)) }
        var isReady = true
        // From the end, so that each is moved.
        while let key = keys.popLast() {
            let decides = key.decidesWhatIsAsked
            let place = facts.table.insert(key)
            let isKnown = facts.table.entries[place].isKnown
            // Nothing that a role asks for depends on accounts and receipts.
            guard !isKnown || decides else { continue }
            if facts.table.entries[place].asker ?? -1 < earlier {
                facts.table.entries[place].asker = asker
            }
            let isFirst = facts.table.entries[place].asker == asker
            if !isFirst, decides { wave[index].sharesFacts = true }
            guard !isKnown else { continue }
            isReady = false
            guard isFirst else { continue }
            missing.append(facts.table.entries[place].key)
            asked.append(place)
        }
        return isReady
    }

    /// What was read for the keys that were missing, in their order.
    mutating func learn(_ read: consuming [Fact]) {
        precondition(read.count == asked.count, "a store answers each key once")
        // From the end, so that each is moved.
        while !read.isEmpty { facts.table.set(read.removeLast(), at: asked.removeLast()) }
    }

    /// Folds one decision in. `isHosted` says who is decided for in this node.
    mutating func apply(
        _ decision: Decision,
        of item: Item,
        routing: Routing,
        isHosted: (PartyID) -> Bool
    ) {
        let event = item.event
        route(decision.messages, of: event, routing, isHosted)
        for index in decision.payments.indices {
            apply(decision.payments, index, of: item, decision.messages)
        }
        for insertion in decision.receipts { apply(insertion, instance: event.instance) }
        let records = decision.records.span
        for index in records.indices { apply(records[index], instance: event.instance) }
        for account in decision.accounts {
            facts.set(.account(account), at: .account(account.key))
            batch.accounts.append(account)
        }
        for journal in decision.journals { apply(journal, at: event.at) }
        for alert in decision.alerts { append(alert, event) }
        if !decision.replies.isEmpty { replies.append(contentsOf: decision.replies) }
    }

    /// What one said goes to the next wave, or over a link.
    private mutating func route(
        _ messages: [Outgoing],
        of event: Event,
        _ routing: Routing,
        _ isHosted: (PartyID) -> Bool
    ) {
        leaving.removeAll(keepingCapacity: true)
        let messages = messages.span
        for index in messages.indices {
            leaving.append(nil)
            if isHosted(messages[index].to) {
                nextWave.append(
                    Item(
                        event: Event(
                            at: event.at,
                            seed: event.seed.derived(0x5E1A_0000 + UInt64(index)),
                            instance: messages[index].to,
                            body: .message(from: event.instance, messages[index].message)
                        ),
                        received: nil
                    )
                )
            } else if let link = routing.links[messages[index].to] {
                leaving[index] = remote.count
                remote.append(
                    RemoteMessage(
                        link: link,
                        from: event.instance,
                        outgoing: messages[index],
                        at: event.at
                    )
                )
            } else {
                let text = "no way from \(event.instance) to \(messages[index].to)"
                append(Alert(.incident, uetr: nil, text), event)
            }
        }
    }

    /// Numbers and encodes what goes over links, and closes the batch.
    mutating func seal(_ links: inout LinkTable) -> SealedBatch {
        for link in links.states.indices { links.states[link].beginBatch() }
        batch.sent.reserveCapacity(batch.sent.count + remote.count)
        for index in remote.indices {
            guard let link = links.index(of: remote[index].link) else { continue }
            let (epoch, sequence) = links.states[link].number()
            let (kind, bytes) = remote[index].outgoing.message.encoded()
            batch.sent.append(
                RetainedMessage(
                    link: remote[index].link,
                    epoch: epoch,
                    sequence: sequence,
                    kind: kind,
                    from: remote[index].from,
                    to: remote[index].outgoing.to,
                    at: remote[index].at,
                    uetr: remote[index].outgoing.message.uetr,
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

    /// The change at `index`, looked at where it is: it is wide.
    private mutating func apply(
        _ changes: [PaymentChange],
        _ index: Int,
        of item: Item,
        _ messages: [Outgoing]
    ) {
        let instance = item.event.instance
        let (uetr, version) = (changes[index].uetr, changes[index].expectedVersion)
        let place = facts.table.insert(.payment(instance, uetr))
        let before = facts.payment(at: place)
        precondition(
            (before?.version ?? 0) == version,
            "a decision rests on the payment it was given"
        )
        let row = PaymentRow(
            version: version + 1,
            state: changes[index].state,
            due: changes[index].due,
            content: changes[index].content
        )
        facts.table.set(.payment(row), at: place)
        let instruction = instructionWrite(changes[index].instruction, item, messages)
        if let instruction {
            facts.set(.instruction(instruction.message), at: .instruction(instance, uetr))
        }
        if let write = facts.table.entries[place].write {
            batch.payments[write].row = row
        } else {
            facts.table.entries[place].write = batch.payments.count
            batch.payments.append(
                PaymentWrite(
                    instance: instance,
                    uetr: uetr,
                    expectedVersion: version,
                    row: row,
                    instruction: instruction
                )
            )
        }
        batch.history.append(
            HistoryRow(
                at: item.event.at,
                instance: instance,
                uetr: uetr,
                from: before?.state,
                to: changes[index].state,
                cause: changes[index].cause
            )
        )
    }

    private func instructionWrite(
        _ source: InstructionSource?,
        _ item: Item,
        _ messages: [Outgoing]
    ) -> InstructionWrite? {
        switch source {
        case nil: return nil
        case .event:
            guard case .message(_, let message) = item.event.body else {
                preconditionFailure("only a message's event can be kept as an instruction")
            }
            return item.received.map { .received(index: $0, message) } ?? .hosted(message)
        case .outgoing(let index):
            let message = messages[index].message
            // `seal` numbers the remote messages in this very order.
            return leaving[index].map { .sent(index: $0, message) } ?? .hosted(message)
        }
    }

    private mutating func apply(_ insertion: consuming ReceiptInsertion, instance: PartyID) {
        let key = FactKey.receipt(
            instance,
            sender: insertion.sender,
            messageIdentification: insertion.messageIdentification
        )
        facts.set(.receipt(insertion.receipt), at: key)
        batch.receipts.append(ReceiptWrite(instance: instance, insertion: insertion))
    }

    private mutating func apply(_ change: borrowing RecordChange, instance: PartyID) {
        let place = facts.table.insert(.record(instance, change.kind, change.key))
        let before = facts.record(at: place)
        precondition(
            (before?.version ?? 0) == change.expectedVersion,
            "a decision rests on the record it was given"
        )
        let row = change.content.map { RecordRow(version: change.expectedVersion + 1, content: $0) }
        facts.table.set(row.map { .record($0) } ?? .absent, at: place)
        if let index = facts.table.entries[place].write {
            batch.records[index].row = row
        } else {
            facts.table.entries[place].write = batch.records.count
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

    private mutating func place(of account: borrowing AccountKey) -> Int {
        if let place = facts.table.place(of: .account(copy account)) { return place }
        return facts.table.insert(.account(copy account))
    }

    private mutating func apply(_ journal: consuming Journal, at: Instant) {
        let moved = journal.transfers
        if batch.balances.isEmpty {
            batch.balances.reserveCapacity(max(entries.count, moved.count) * 2)
        }
        let transfers = moved.span
        for index in transfers.indices {
            let (debit, credit) = transfers[index].accounts(in: journal.book)
            let change = journal.change(by: transfers[index])
            book(change.debit, on: debit, isGuarded: change.isGuarded)
            book(change.credit, on: credit, isGuarded: change.isGuarded)
        }
        batch.journals.append(JournalWrite(at: at, journal: journal))
    }

    private mutating func book(
        _ delta: Balance,
        on account: consuming AccountKey,
        isGuarded: Bool
    ) {
        let place = facts.table.insert(.account(account))
        facts.table.add(delta, at: place)
        if let index = facts.table.entries[place].write {
            return batch.balances[index].add(delta, isGuarded: isGuarded)
        }
        guard case .account(let account) = facts.table.entries[place].key else { return }
        facts.table.entries[place].write = batch.balances.count
        batch.balances.append(BalanceWrite(account: account, delta: delta, isGuarded: isGuarded))
    }
}
