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
        let firstReceived = content.messages.count
        for message in batch.received { append(message, .received) }
        let firstSent = content.messages.count
        for message in batch.sent { append(message, .sent) }
        for (write, place) in zip(batch.payments, found.payments) {
            if let place {
                content.payments[place] = StoredPayment(
                    instance: write.instance,
                    uetr: write.uetr,
                    row: write.row,
                    instruction: content.payments[place].instruction
                )
            } else {
                insert(write, at: batch.at, firstReceived: firstReceived, firstSent: firstSent)
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
        for (write, closes) in zip(batch.journals, found.closes) { apply(write, closes: closes) }
        for (place, balance) in found.balances { content.accounts[place].balance = balance }
        for row in batch.history {
            content.history.append(
                StoredStep(sequence: Int64(content.history.count) + 1, row: row)
            )
        }
        content.alerts.append(contentsOf: batch.alerts)
    }

    private func append(_ message: RetainedMessage, _ direction: StoredMessage.Direction) {
        content.messages.append(
            StoredMessage(
                number: Int64(content.messages.count) + 1,
                direction: direction,
                message
            )
        )
    }

    private func insert(
        _ write: PaymentWrite,
        at: Instant,
        firstReceived: Int,
        firstSent: Int
    ) {
        let key = PaymentKey(write)
        let number: Int?
        switch write.instruction {
        case .received(let index, let message):
            number = firstReceived + index + 1
            content.instructions[key] = message
        case .sent(let index, let message):
            number = firstSent + index + 1
            content.instructions[key] = message
        case .hosted(let message):
            content.messages.append(
                StoredMessage(
                    number: Int64(content.messages.count) + 1,
                    hosted: message,
                    of: write.uetr,
                    at: at
                )
            )
            number = content.messages.count
            content.instructions[key] = message
        case nil: number = nil
        }
        content.paymentIndex[key] = content.payments.count
        content.payments.append(
            StoredPayment(
                instance: write.instance,
                uetr: write.uetr,
                row: write.row,
                instruction: number.map(Int64.init)
            )
        )
    }

    /// `closes` is the sequence of the journal that this one names.
    private func apply(_ write: JournalWrite, closes: Int64?) {
        let journal = write.journal
        if let closes { content.closed.insert(closes) }
        content.journalIndex[JournalKey(journal, number: journal.number)] = content.journals.count
        content.journals.append(
            StoredJournal(
                sequence: Int64(content.journals.count) + 1,
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
