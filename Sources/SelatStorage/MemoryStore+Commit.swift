import SelatLedger
import SelatMoney
import SelatNode
import SelatScheme
import SelatTime

/// Writing a batch: everything is checked first, then everything is applied, so that a refusal
/// leaves nothing. What the checks found is not looked for again.
extension MemoryStore {
    func write(_ batch: CommitBatch) -> CommitOutcome {
        var found = Found()
        do { try check(batch, &found) } catch {
            switch error {
            case .conflict: return .conflict
            case .failed(let why): return .failed(why)
            }
        }
        apply(batch, found)
        return .committed
    }

    private func apply(_ batch: CommitBatch, _ found: Found) {
        content.greatestInstant = max(content.greatestInstant, batch.at)
        for position in batch.links { content.links[position.link] = position }
        for (stream, sequence) in found.highest { content.highest[stream] = sequence }
        var given = numbers?.messages[...]
        let firstReceived = content.messages.count
        for message in batch.received { append(message, .received, &given) }
        let firstSent = content.messages.count
        for message in batch.sent { append(message, .sent, &given) }
        for (index, write) in batch.payments.enumerated() {
            if let place = found.payments[index] {
                content.payments[place] = StoredPayment(
                    instance: write.instance,
                    uetr: write.uetr,
                    row: write.row,
                    instruction: content.payments[place].instruction
                )
            } else {
                let named = numbers.flatMap { $0.instructions[index] }
                insert(write, at: batch.at, (firstReceived, firstSent), &given, named)
            }
        }
        for write in batch.receipts {
            content.receipts[ReceiptKey(write)] = StoredReceipt(
                instance: write.instance,
                sender: write.insertion.sender,
                messageIdentification: write.insertion.messageIdentification,
                receipt: write.insertion.receipt,
                at: batch.at
            )
        }
        for write in batch.records {
            let key = RecordKey(instance: write.instance, kind: write.kind, key: write.key)
            content.records[key] = write.row
        }
        for account in batch.accounts {
            content.accountIndex[account.key] = content.accounts.count
            content.accounts.append(account)
        }
        let firstJournal = content.journals.count
        for (index, write) in batch.journals.enumerated() {
            let sequence = journalNumber(index, after: firstJournal)
            apply(write, sequence, closes: found.closes[index])
        }
        for (place, balance) in found.balances { content.accounts[place].balance = balance }
        for (index, row) in batch.history.enumerated() {
            let sequence = numbers?.steps[index] ?? Int64(content.history.count) + 1
            content.history.append(StoredStep(sequence: sequence, row: row))
        }
        content.alerts.append(contentsOf: batch.alerts)
    }

    /// The sequence of a batch's journal, `index` places behind those stored before.
    func journalNumber(_ index: Int, after stored: Int) -> Int64 {
        numbers?.journals[index] ?? Int64(stored + index) + 1
    }

    /// The number of the next message: the next of those `given`, or the next that is free.
    private func messageNumber(_ given: inout ArraySlice<Int64>?) -> Int64 {
        given?.popFirst() ?? Int64(content.messages.count) + 1
    }

    private func append(
        _ message: RetainedMessage,
        _ direction: StoredMessage.Direction,
        _ given: inout ArraySlice<Int64>?
    ) {
        content.messages.append(
            StoredMessage(number: messageNumber(&given), direction: direction, message)
        )
    }

    /// `first`: where the batch's messages begin; `named`: the number of the instruction, where it
    /// does not follow from that.
    private func insert(
        _ write: PaymentWrite,
        at: Instant,
        _ first: (received: Int, sent: Int),
        _ given: inout ArraySlice<Int64>?,
        _ named: Int64?
    ) {
        let key = PaymentKey(write)
        let place: Int?
        switch write.instruction {
        case .received(let index, _): place = first.received + index
        case .sent(let index, _): place = first.sent + index
        case .hosted(let message):
            place = content.messages.count
            content.messages.append(
                StoredMessage(
                    number: messageNumber(&given),
                    hosted: message,
                    of: write.uetr,
                    at: at
                )
            )
        case nil: place = nil
        }
        if answersFacts, let instruction = write.instruction {
            content.instructions[key] = instruction.message
        }
        content.paymentIndex[key] = content.payments.count
        content.payments.append(
            StoredPayment(
                instance: write.instance,
                uetr: write.uetr,
                row: write.row,
                instruction: named ?? place.map { content.messages[$0].number }
            )
        )
    }

    /// `closes` is the sequence of the journal that this one names.
    private func apply(_ write: JournalWrite, _ sequence: Int64, closes: Int64?) {
        let journal = write.journal
        if let closes { content.closed.insert(closes) }
        content.journalIndex[JournalKey(journal, number: journal.number)] = content.journals.count
        content.journals.append(
            StoredJournal(
                sequence: sequence,
                at: write.at,
                journal: journal,
                closes: closes
            )
        )
    }
}

extension PaymentKey {
    init(_ write: PaymentWrite) { self.init(instance: write.instance, uetr: write.uetr) }
}

extension MemoryStore.JournalKey {
    init(_ journal: Journal, number: Int) {
        self.init(book: journal.book, subject: journal.subject, number: number)
    }
}

extension Balance {
    /// The sum, or `nil` when a component would leave 0 ... 2^63 - 1.
    func adding(_ delta: Balance) -> Balance? {
        func sum(_ value: Int64, _ change: Int64) -> Int64? {
            let (sum, overflow) = value.addingReportingOverflow(change)
            return overflow || sum < 0 ? nil : sum
        }
        guard let postedDebits = sum(postedDebits, delta.postedDebits),
            let postedCredits = sum(postedCredits, delta.postedCredits),
            let pendingDebits = sum(pendingDebits, delta.pendingDebits),
            let pendingCredits = sum(pendingCredits, delta.pendingCredits)
        else { return nil }
        return Balance(
            postedDebits: postedDebits,
            postedCredits: postedCredits,
            pendingDebits: pendingDebits,
            pendingCredits: pendingCredits
        )
    }
}
