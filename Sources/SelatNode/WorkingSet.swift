import SelatISO20022
import SelatLedger
import SelatScheme
import SelatTime

/// What a batch knows and has decided so far. The second event sees what the first decided.
struct WorkingSet: Sendable {
    struct Item: Sendable {
        let event: Event
        /// Who decides it, by the role's place.
        let role: Int
        /// Where the event's message is retained, when it crossed a hop.
        let received: Int?
        /// All it asked for is known.
        var isReady = false
        /// An event before it asked for one of its facts.
        var sharesFacts = false
    }

    private struct RemoteMessage: Sendable {
        let link: Int
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
    /// What the event at hand asks for, and what it leads to; both are taken out again at once.
    var keys: [FactKey] = []
    var decision = Decision()

    /// The places of the facts that are being read, in the order in which they were asked for.
    private var asked: [Int] = []
    /// Events of the waves before this one: each has a number of its own as asker.
    private var earlier = 0
    private var remote: [RemoteMessage] = []
    /// Where each message of the decision at hand goes.
    private var ways: [Directory.Way?] = []
    private var links = BatchLinks()
    /// The batch before this one, which is durable: its memory serves the next.
    private var spent: SealedBatch?
    /// Nothing is left of the batch before.
    private var isClear = false

    /// Forgets a batch that is committed: what was taken from the inbox, read and decided. Their
    /// memory serves the next.
    mutating func clear() {
        entries.removeAll(keepingCapacity: true)
        forget()
    }

    /// Forgets all that was decided and read, and keeps what was taken from the inbox.
    private mutating func forget() {
        guard !isClear else { return }
        isClear = true
        facts.removeAll()
        wave.clear()
        nextWave.clear()
        asked.clear()
        replies.removeAll()
        remote.clear()
        links.clear()
        // `seal` left the batch empty.
        reuseSpent()
    }

    /// Begins with what was taken from the inbox, for the first time or again.
    mutating func restart() {
        forget()
        isClear = false
        index = 0
        steps = 0
        rounds = 0
        isGathered = false
        earlier = 0
        // What nearly every event leads to:
        batch.received.reserveCapacity(entries.count)
        batch.payments.reserveCapacity(entries.count)
        batch.journals.reserveCapacity(entries.count)
        batch.history.reserveCapacity(entries.count)
        links.received.reserveCapacity(entries.count)
        links.onward.reserveCapacity(entries.count)
        for index in entries.indices {
            switch entries[index] {
            case .message(let event, let role, let retained, let link):
                batch.at = max(batch.at, event.at)
                wave.append(Item(event: event, role: role, received: batch.received.count))
                batch.received.append(retained)
                links.received.append(link)
            case .event(let event, let role):
                batch.at = max(batch.at, event.at)
                wave.append(Item(event: event, role: role, received: nil))
            case .refused(let retained, let link, let alert):
                batch.at = max(batch.at, retained.at)
                batch.received.append(retained)
                links.received.append(link)
                batch.alerts.append(AlertRow(at: retained.at, instance: retained.to, alert: alert))
            }
        }
    }

    /// What hosted parties said to each other is decided next.
    mutating func startNextWave() {
        earlier += wave.count
        swap(&wave, &nextWave)
        nextWave.clear()
        index = 0
        rounds = 0
        isGathered = false
    }

    /// Notes what an event of the wave asks for, taking it out of `keys`. What is not known, and
    /// nobody asked for before, joins `missing`.
    ///
    /// - Returns: Whether all of it is known.
    mutating func ask(for index: Int, _ missing: inout [FactKey]) -> Bool {
        let asker = earlier + index
        let most = keys.count * (wave.count - index)
        var isReady = true
        // From the end, so that each is moved.
        while let key = keys.popLast() {
            let decides = key.decidesWhatIsAsked
            let place = facts.table.insert(key)
            let (isKnown, isFirst) = facts.table.entries[place].note(asker, since: earlier)
            // Nothing that a role asks for depends on accounts and receipts.
            if !isFirst, decides { wave[index].sharesFacts = true }
            guard !isKnown else { continue }
            isReady = false
            guard isFirst else { continue }
            if missing.isEmpty { missing.reserveCapacity(most) }
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

    /// Folds the decision at hand in and leaves it empty. `directory` says who is decided for in
    /// this node.
    mutating func apply(of item: Item, _ directory: borrowing Directory) {
        let event = item.event
        // Out of the way of what is changed meanwhile, and back for the next.
        var messages: [Outgoing] = []
        swap(&messages, &decision.messages)
        ways.clear()
        for index in messages.indices { ways.append(directory.way(to: messages[index].to)) }
        decision.payments.turnOver()
        while let change = decision.payments.popLast() {
            apply(change, of: item, messages)
        }
        decision.receipts.turnOver()
        while let insertion = decision.receipts.popLast() {
            apply(insertion, instance: event.instance)
        }
        decision.records.turnOver()
        while let change = decision.records.popLast() { apply(change, instance: event.instance) }
        decision.accounts.turnOver()
        while let account = decision.accounts.popLast() {
            facts.set(.account(account), at: .account(account.key))
            batch.accounts.append(account)
        }
        decision.journals.turnOver()
        while let journal = decision.journals.popLast() { apply(journal, at: event.at) }
        messages.turnOver()
        for index in ways.indices {
            if let outgoing = messages.popLast() { route(outgoing, index, of: event) }
        }
        decision.alerts.turnOver()
        while let alert = decision.alerts.popLast() { append(alert, event) }
        decision.replies.turnOver()
        while let reply = decision.replies.popLast() { replies.append(reply) }
        swap(&messages, &decision.messages)
    }

    /// What one said goes to the next wave, or over a link.
    private mutating func route(_ outgoing: consuming Outgoing, _ index: Int, of event: Event) {
        switch ways[index] {
        case .hosted(let role):
            let onward = Event(
                at: event.at,
                seed: event.seed.derived(0x5E1A_0000 + UInt64(index)),
                instance: outgoing.to,
                body: .message(from: event.instance, outgoing.message)
            )
            nextWave.append(Item(event: onward, role: role, received: nil))
        case .link(let link):
            remote.append(
                RemoteMessage(link: link, from: event.instance, outgoing: outgoing, at: event.at)
            )
        case nil:
            let text = "no way from \(event.instance) to \(outgoing.to)"
            append(Alert(.incident, uetr: nil, text), event)
        }
    }

    /// Numbers and encodes what goes over links, and closes the batch.
    mutating func seal(_ links: inout LinkTable) -> SealedBatch {
        for link in links.states.indices { links.states[link].beginBatch() }
        batch.sent.reserveCapacity(remote.count)
        self.links.sent.reserveCapacity(remote.count)
        for index in remote.indices {
            let link = remote[index].link
            let (epoch, sequence) = links.states[link].number()
            let (kind, bytes) = remote[index].outgoing.message.encoded()
            batch.sent.append(
                RetainedMessage(
                    link: links.states[link].position.link,
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
            self.links.sent.append(link)
        }
        for index in batch.received.indices {
            let (epoch, sequence) = (batch.received[index].epoch, batch.received[index].sequence)
            links.states[self.links.received[index]].received(epoch: epoch, sequence: sequence)
        }
        links.takeDirtyPositions(&batch.links, &self.links.positions)
        // Moved, not copied: a batch is a dozen arrays.
        var taken = CommitBatch(at: .distantPast)
        swap(&taken, &batch)
        return SealedBatch(taken)
    }

    /// Over which links the batch just sealed came and goes.
    mutating func takeLinks() -> BatchLinks {
        var taken = BatchLinks()
        swap(&taken, &links)
        return taken
    }

    /// Takes a batch back that is durable and has been followed by its effects.
    mutating func retire(_ committing: consuming NodeCore.Committing) {
        swap(&links, &committing.links)
        spent = committing.sealed
        isClear = false
    }

    /// Takes over the memory of the batch before, unless somebody still looks at it.
    private mutating func reuseSpent() {
        let isUnshared = isKnownUniquelyReferenced(&spent)
        if let sealed = spent.take(), isUnshared { batch = sealed.batch }
        batch.clear()
    }

    private mutating func append(_ alert: Alert, _ event: Event) {
        batch.alerts.append(AlertRow(at: event.at, instance: event.instance, alert: alert))
    }

    private mutating func apply(
        _ change: consuming PaymentChange,
        of item: Item,
        _ messages: borrowing [Outgoing]
    ) {
        let instance = item.event.instance
        let (uetr, version) = (change.uetr, change.expectedVersion)
        let place = facts.table.insert(.payment(instance, uetr))
        let before = facts.table.standing(at: place)
        precondition(
            (before?.version ?? 0) == version,
            "a decision rests on the payment it was given"
        )
        let row = PaymentRow(
            version: version + 1,
            state: change.state,
            due: change.due,
            content: change.content
        )
        facts.table.set(.payment(row), at: place)
        let instruction = instructionWrite(change.instruction, item, messages)
        if let instruction {
            facts.set(.instruction(instruction.message), at: .instruction(instance, uetr))
        }
        batch.history.append(
            HistoryRow(
                at: item.event.at,
                instance: instance,
                uetr: uetr,
                from: before?.state,
                to: change.state,
                cause: change.cause
            )
        )
        let onward = onwardLink(of: uetr, messages)
        if let write = facts.table.entries[place].write {
            batch.payments[write].row = row
            links.onward[write] = onward ?? links.onward[write]
        } else {
            facts.table.entries[place].write = batch.payments.count
            links.onward.append(onward)
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
    }

    /// The link over which the decision at hand sends the payment's pacs.008 on, if it does.
    private func onwardLink(of uetr: UUIDv4, _ messages: borrowing [Outgoing]) -> Int? {
        for index in messages.indices {
            guard case .link(let link) = ways[index],
                messages[index].message.kind == Message.Kind.creditTransfer,
                messages[index].message.uetr == uetr
            else { continue }
            return link
        }
        return nil
    }

    private func instructionWrite(
        _ source: InstructionSource?,
        _ item: Item,
        _ messages: borrowing [Outgoing]
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
            guard case .link = ways[index] else { return .hosted(message) }
            // `seal` numbers the remote messages in this very order.
            var place = remote.count
            for before in 0..<index { if case .link = ways[before] { place += 1 } }
            return .sent(index: place, message)
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

    private mutating func apply(_ change: consuming RecordChange, instance: PartyID) {
        let place = facts.table.insert(.record(instance, change.kind, change.key))
        precondition(
            (facts.table.standing(at: place)?.version ?? 0) == change.expectedVersion,
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

    private mutating func apply(_ journal: consuming Journal, at: Instant) {
        if batch.balances.isEmpty {
            batch.balances.reserveCapacity(max(entries.count, journal.transfers.count) * 2)
        }
        let transfers = journal.transfers
        for index in transfers.indices {
            let (debit, credit) = transfers[index].accounts(in: journal.book)
            let change = journal.change(by: transfers[index])
            book(change.debit, on: consume debit, isGuarded: change.isGuarded)
            book(change.credit, on: consume credit, isGuarded: change.isGuarded)
        }
        batch.journals.append(JournalWrite(at: at, journal: journal))
    }

    private mutating func book(
        _ delta: Balance,
        on account: consuming AccountKey,
        isGuarded: Bool
    ) {
        let place = facts.table.insert(.account(consume account))
        facts.table.add(delta, at: place)
        if let index = facts.table.entries[place].write {
            return batch.balances[index].add(delta, isGuarded: isGuarded)
        }
        guard case .account(let account) = facts.table.entries[place].key else { return }
        facts.table.entries[place].write = batch.balances.count
        batch.balances.append(BalanceWrite(account: account, delta: delta, isGuarded: isGuarded))
    }
}
