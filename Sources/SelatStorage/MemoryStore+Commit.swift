import SelatLedger
import SelatMoney
import SelatNode
import SelatScheme
import SelatTime

/// Writing a batch: everything is checked first, then everything is applied, so that a refusal
/// leaves nothing. The checks stand in the order in which the SQL drivers write.
extension MemoryStore {
    func write(_ batch: CommitBatch) -> CommitOutcome {
        let checks = [
            checkPayments, checkMessages, checkReceipts, checkRecords, checkAccounts,
            checkJournals, checkBalances, checkHistory,
        ]
        for check in checks {
            let outcome = check(batch)
            guard outcome == .committed else { return outcome }
        }
        apply(batch)
        return .committed
    }

    // MARK: Checks

    private func checkMessages(_ batch: CommitBatch) -> CommitOutcome {
        let opened = Set(batch.links.map(\.link))
        var seen: Set<MessageKey> = []
        for (direction, messages) in [
            (StoredMessage.Direction.received, batch.received), (.sent, batch.sent),
        ] {
            for message in messages {
                guard opened.contains(message.link) || content.links[message.link] != nil else {
                    return .failed(StorageSentence.unknownLink(message.link))
                }
                let key = MessageKey(message, direction)
                guard content.messageIndex[key] == nil, seen.insert(key).inserted else {
                    return .failed(StorageSentence.messageExists(message))
                }
            }
        }
        return .committed
    }

    private func checkPayments(_ batch: CommitBatch) -> CommitOutcome {
        var seen: Set<PaymentKey> = []
        for write in batch.payments {
            let key = PaymentKey(write)
            let known = content.paymentIndex[key].map { content.payments[$0].row.version } ?? 0
            guard known == write.expectedVersion, seen.insert(key).inserted else {
                return .conflict
            }
            guard write.expectedVersion == 0 else { continue }
            switch write.instruction {
            case .received(let index, _):
                guard batch.received.indices.contains(index) else {
                    return .failed(StorageSentence.noSuchMessage)
                }
            case .sent(let index, _):
                guard batch.sent.indices.contains(index) else {
                    return .failed(StorageSentence.noSuchMessage)
                }
            case .hosted, nil: break
            }
        }
        return .committed
    }

    private func checkReceipts(_ batch: CommitBatch) -> CommitOutcome {
        var seen: Set<ReceiptKey> = []
        for write in batch.receipts {
            let key = ReceiptKey(write)
            guard content.receipts[key] == nil, seen.insert(key).inserted else { return .conflict }
        }
        return .committed
    }

    private func checkRecords(_ batch: CommitBatch) -> CommitOutcome {
        var seen: Set<RecordKey> = []
        for write in batch.records {
            let key = RecordKey(instance: write.instance, kind: write.kind, key: write.key)
            guard (content.records[key]?.version ?? 0) == write.expectedVersion,
                seen.insert(key).inserted
            else { return .conflict }
        }
        return .committed
    }

    private func checkAccounts(_ batch: CommitBatch) -> CommitOutcome {
        var seen: Set<AccountKey> = []
        for account in batch.accounts {
            guard content.accounts[account.key] == nil, seen.insert(account.key).inserted else {
                return .conflict
            }
            guard Balance().adding(account.balance) != nil else {
                return .failed(StorageSentence.balanceOutOfRange(account.key))
            }
        }
        return .committed
    }

    private func checkJournals(_ batch: CommitBatch) -> CommitOutcome {
        let opened = Set(batch.accounts.map(\.key))
        let payments = Set(batch.payments.map { PaymentKey($0) })
        var added: [JournalKey: NamedJournal] = [:]
        var closed: Set<Int64> = []
        var sequence = Int64(content.journals.count)
        for write in batch.journals {
            let journal = write.journal
            let payment = PaymentKey(
                instance: PartyID(checked: journal.book.name),
                uetr: journal.subject
            )
            let hasPayment = payments.contains(payment) || content.paymentIndex[payment] != nil
            guard hasPayment || journal.purpose != .payment else {
                return .failed(StorageSentence.unknownPayment(of: journal))
            }
            let key = JournalKey(journal, number: journal.number)
            let named = namedJournal(journal, added: added, closed: closed)
            if let fault = journal.fault(closing: named) { return .failed(fault) }
            if let named { closed.insert(named.sequence) }
            guard content.journalIndex[key] == nil, added[key] == nil else {
                return .failed(StorageSentence.journalExists(journal))
            }
            for account in journal.accounts
            where !opened.contains(account) && content.accounts[account] == nil {
                return .failed(StorageSentence.unknownAccount(account))
            }
            sequence += 1
            added[key] = NamedJournal(
                sequence: sequence,
                action: journal.action.name,
                transfers: journal.transfers,
                isClosed: false
            )
        }
        return .committed
    }

    /// What a closing journal names, on the disk or earlier in the batch.
    private func namedJournal(
        _ journal: Journal,
        added: [JournalKey: NamedJournal],
        closed: Set<Int64>
    ) -> NamedJournal? {
        guard let number = journal.action.closes else { return nil }
        let key = JournalKey(journal, number: number)
        if let named = added[key] {
            return NamedJournal(
                sequence: named.sequence,
                action: named.action,
                transfers: named.transfers,
                isClosed: closed.contains(named.sequence)
            )
        }
        guard let index = content.journalIndex[key] else { return nil }
        let stored = content.journals[index]
        return NamedJournal(
            sequence: stored.sequence,
            action: stored.journal.action.name,
            transfers: stored.journal.transfers,
            isClosed: content.closed.contains(stored.sequence)
                || closed.contains(stored.sequence)
        )
    }

    private func checkBalances(_ batch: CommitBatch) -> CommitOutcome {
        var changed: [AccountKey: LedgerAccount] = [:]
        for account in batch.accounts { changed[account.key] = account }
        for write in batch.balances {
            guard let before = changed[write.account] ?? content.accounts[write.account] else {
                return .failed(StorageSentence.unknownAccount(write.account))
            }
            guard let balance = before.balance.adding(write.delta) else {
                return .failed(StorageSentence.balanceOutOfRange(write.account))
            }
            var after = before
            after.balance = balance
            if write.isGuarded, let floor = before.floor, after.available < floor,
                after.available < before.available
            {
                return .conflict
            }
            changed[write.account] = after
        }
        return .committed
    }

    private func checkHistory(_ batch: CommitBatch) -> CommitOutcome {
        let added = Set(batch.payments.map { PaymentKey($0) })
        for row in batch.history {
            let key = PaymentKey(instance: row.instance, uetr: row.uetr)
            guard added.contains(key) || content.paymentIndex[key] != nil else {
                return .failed(StorageSentence.unknownPayment(row.instance, row.uetr))
            }
        }
        return .committed
    }

    // MARK: Applying

    private func apply(_ batch: CommitBatch) {
        content.greatestInstant = max(content.greatestInstant, batch.at)
        for position in batch.links { content.links[position.link] = position }
        let firstReceived = content.messages.count
        for message in batch.received { append(message, .received) }
        let firstSent = content.messages.count
        for message in batch.sent { append(message, .sent) }
        for write in batch.payments {
            apply(write, at: batch.at, firstReceived: firstReceived, firstSent: firstSent)
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
        for account in batch.accounts { content.accounts[account.key] = account }
        for write in batch.journals { apply(write) }
        for write in batch.balances { content.accounts[write.account]?.balance += write.delta }
        for row in batch.history {
            content.history.append(
                StoredStep(sequence: Int64(content.history.count) + 1, row: row)
            )
        }
        content.alerts.append(contentsOf: batch.alerts)
    }

    private func append(_ message: RetainedMessage, _ direction: StoredMessage.Direction) {
        content.messageIndex[MessageKey(message, direction)] = content.messages.count
        content.messages.append(
            StoredMessage(
                number: Int64(content.messages.count) + 1,
                direction: direction,
                message
            )
        )
    }

    private func apply(
        _ write: PaymentWrite,
        at: Instant,
        firstReceived: Int,
        firstSent: Int
    ) {
        let key = PaymentKey(write)
        if let index = content.paymentIndex[key] {
            content.payments[index] = StoredPayment(
                instance: write.instance,
                uetr: write.uetr,
                row: write.row,
                instruction: content.payments[index].instruction
            )
            return
        }
        let number: Int?
        switch write.instruction {
        case .received(let index, let message):
            number = firstReceived + index + 1
            content.instructions[key] = message
        case .sent(let index, let message):
            number = firstSent + index + 1
            content.instructions[key] = message
        case .hosted(let message):
            let (kind, bytes) = message.encoded()
            content.messages.append(
                StoredMessage(
                    number: Int64(content.messages.count) + 1,
                    direction: .hosted,
                    hop: nil,
                    kind: kind,
                    at: at,
                    uetr: write.uetr,
                    bytes: bytes
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

    private func apply(_ write: JournalWrite) {
        let journal = write.journal
        let closes = journal.action.closes.flatMap {
            content.journalIndex[JournalKey(journal, number: $0)]
        }.map { content.journals[$0].sequence }
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

extension MemoryStore.MessageKey {
    init(_ message: RetainedMessage, _ direction: StoredMessage.Direction) {
        self.init(
            link: message.link,
            direction: direction,
            epoch: message.epoch,
            sequence: message.sequence
        )
    }
}

extension MemoryStore.PaymentKey {
    init(_ write: PaymentWrite) { self.init(instance: write.instance, uetr: write.uetr) }
}

extension MemoryStore.ReceiptKey {
    init(_ write: ReceiptWrite) {
        self.init(
            instance: write.instance,
            sender: write.insertion.sender,
            messageIdentification: write.insertion.messageIdentification
        )
    }
}

extension MemoryStore.JournalKey {
    init(_ journal: Journal, number: Int) {
        self.init(book: journal.book, subject: journal.subject, number: number)
    }
}

extension Journal {
    /// The accounts of its transfers, debit before credit.
    var accounts: [AccountKey] {
        transfers.flatMap { transfer in
            [transfer.debit, transfer.credit].map {
                AccountKey(book: book, name: $0, currency: transfer.amount.currency)
            }
        }
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
