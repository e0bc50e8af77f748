import SelatLedger
import SelatNode
import SelatScheme
import SelatTime

/// What makes a store refuse a batch, in the order in which the SQL drivers write.
///
/// A batch is mostly a handful of rows, which are compared with each other; only what is on the
/// disk is looked up by hash.
extension MemoryStore {
    /// Where the rows of a batch stand, found by the checks.
    struct Found {
        /// Per payment: its place, `nil` for a new one.
        var payments: [Int?] = []
        /// The highest number each stream of messages reaches.
        var highest: [(stream: Stream, sequence: UInt64)] = []
        /// Per journal: the sequence of the one it closes.
        var closes: [Int64?] = []
        /// Places of accounts with the balances they come to.
        var balances: [(place: Int, balance: Balance)] = []
    }

    func check(_ batch: CommitBatch, _ found: inout Found) throws(Refusal) {
        try checkPayments(batch, &found)
        for message in batch.received { try check(message, .received, batch, &found) }
        for message in batch.sent { try check(message, .sent, batch, &found) }
        try checkReceipts(batch)
        try checkRecords(batch)
        try checkAccounts(batch)
        try checkJournals(batch, &found)
        try checkBalances(batch, &found)
        for row in batch.history {
            guard isPayment(row.instance, row.uetr, batch) else {
                throw .failed(StorageSentence.unknownPayment(row.instance, row.uetr))
            }
        }
    }

    private func checkPayments(_ batch: CommitBatch, _ found: inout Found) throws(Refusal) {
        for (index, write) in batch.payments.enumerated() {
            let place = content.paymentIndex[PaymentKey(write)]
            guard (place.map { content.payments[$0].row.version } ?? 0) == write.expectedVersion,
                !batch.payments[..<index].contains(where: {
                    $0.uetr == write.uetr && $0.instance == write.instance
                })
            else { throw .conflict }
            found.payments.append(place)
            guard write.expectedVersion == 0 else { continue }
            switch write.instruction {
            case .received(let index, _):
                guard batch.received.indices.contains(index) else {
                    throw .failed(StorageSentence.noSuchMessage)
                }
            case .sent(let index, _):
                guard batch.sent.indices.contains(index) else {
                    throw .failed(StorageSentence.noSuchMessage)
                }
            case .hosted, nil: break
            }
        }
    }

    /// A number of a stream is used once, and they rise.
    private func check(
        _ message: RetainedMessage,
        _ direction: StoredMessage.Direction,
        _ batch: CommitBatch,
        _ found: inout Found
    ) throws(Refusal) {
        let stream = Stream(epoch: message.epoch, direction: direction, link: message.link)
        let place = found.highest.firstIndex { $0.stream == stream }
        if place == nil {
            guard
                batch.links.contains(where: { $0.link == message.link })
                    || content.links[message.link] != nil
            else { throw .failed(StorageSentence.unknownLink(message.link)) }
        }
        let before = place.map { found.highest[$0].sequence } ?? content.highest[stream] ?? 0
        guard message.sequence > before else {
            throw .failed(StorageSentence.messageExists(message))
        }
        if let place {
            found.highest[place].sequence = message.sequence
        } else {
            found.highest.append((stream, message.sequence))
        }
    }

    private func checkReceipts(_ batch: CommitBatch) throws(Refusal) {
        for (index, write) in batch.receipts.enumerated() {
            let key = ReceiptKey(write)
            guard content.receipts[key] == nil,
                !batch.receipts[..<index].contains(where: { ReceiptKey($0) == key })
            else { throw .conflict }
        }
    }

    private func checkRecords(_ batch: CommitBatch) throws(Refusal) {
        for (index, write) in batch.records.enumerated() {
            let key = RecordKey(instance: write.instance, kind: write.kind, key: write.key)
            guard (content.records[key]?.version ?? 0) == write.expectedVersion,
                !batch.records[..<index].contains(where: {
                    $0.key == write.key && $0.kind == write.kind && $0.instance == write.instance
                })
            else { throw .conflict }
        }
    }

    private func checkAccounts(_ batch: CommitBatch) throws(Refusal) {
        for (index, account) in batch.accounts.enumerated() {
            guard content.accountIndex[account.key] == nil,
                !batch.accounts[..<index].contains(where: { $0.key == account.key })
            else { throw .conflict }
            guard Balance().adding(account.balance) != nil else {
                throw .failed(StorageSentence.balanceOutOfRange(account.key))
            }
        }
    }

    private func isPayment(_ instance: PartyID, _ uetr: UUIDv4, _ batch: CommitBatch) -> Bool {
        batch.payments.contains { $0.uetr == uetr && $0.instance == instance }
            || content.paymentIndex[PaymentKey(instance: instance, uetr: uetr)] != nil
    }

    // MARK: Ledger

    private func checkJournals(_ batch: CommitBatch, _ found: inout Found) throws(Refusal) {
        for (index, write) in batch.journals.enumerated() {
            let journal = write.journal
            guard
                journal.purpose != .payment
                    || isPayment(PartyID(checked: journal.book.name), journal.subject, batch)
            else { throw .failed(StorageSentence.unknownPayment(of: journal)) }
            let earlier = batch.journals[..<index]
            let named = namedJournal(journal, earlier, found)
            if let fault = journal.fault(closing: named) { throw .failed(fault) }
            let isKnown = earlier.contains { $0.journal.isPlaced(like: journal, journal.number) }
            guard !isKnown,
                content.journalIndex[JournalKey(journal, number: journal.number)] == nil
            else { throw .failed(StorageSentence.journalExists(journal)) }
            found.closes.append(named?.sequence)
            // What is closed had its accounts when it was written.
            guard named == nil else { continue }
            for transfer in journal.transfers {
                let (debit, credit) = transfer.accounts(in: journal.book)
                for account in [debit, credit] where place(of: account, batch) == nil {
                    throw .failed(StorageSentence.unknownAccount(account))
                }
            }
        }
    }

    /// What a closing journal names, on the disk or earlier in the batch.
    private func namedJournal(
        _ journal: Journal,
        _ earlier: ArraySlice<JournalWrite>,
        _ found: Found
    ) -> NamedJournal? {
        guard let number = journal.action.closes else { return nil }
        let named: Journal
        let sequence: Int64
        if let index = earlier.firstIndex(where: { $0.journal.isPlaced(like: journal, number) }) {
            named = earlier[index].journal
            sequence = journalNumber(index, after: content.journals.count)
        } else if let index = content.journalIndex[JournalKey(journal, number: number)] {
            named = content.journals[index].journal
            sequence = content.journals[index].sequence
        } else {
            return nil
        }
        return NamedJournal(
            sequence: sequence,
            action: named.action.name,
            transfers: named.transfers,
            isClosed: content.closed.contains(sequence) || found.closes.contains(sequence)
        )
    }

    private func checkBalances(_ batch: CommitBatch, _ found: inout Found) throws(Refusal) {
        for write in batch.balances {
            guard let place = place(of: write.account, batch) else {
                throw .failed(StorageSentence.unknownAccount(write.account))
            }
            let before =
                place < content.accounts.count
                ? content.accounts[place] : batch.accounts[place - content.accounts.count]
            let changed = found.balances.firstIndex { $0.place == place }
            var after = before
            if let changed { after.balance = found.balances[changed].balance }
            let available = after.available
            guard let balance = after.balance.adding(write.delta) else {
                throw .failed(StorageSentence.balanceOutOfRange(write.account))
            }
            after.balance = balance
            if write.isGuarded, let floor = before.floor, after.available < floor,
                after.available < available
            {
                throw .conflict
            }
            if let changed {
                found.balances[changed].balance = balance
            } else {
                found.balances.append((place, balance))
            }
        }
    }

    /// Where an account stands, or will stand once the batch has opened it.
    private func place(of account: AccountKey, _ batch: CommitBatch) -> Int? {
        if let place = content.accountIndex[account] { return place }
        let opened = batch.accounts.firstIndex { $0.key == account }
        return opened.map { content.accounts.count + $0 }
    }
}

extension Journal {
    /// Whether it has the place of another's journal `number` of the same payment and book.
    fileprivate func isPlaced(like other: Journal, _ number: Int) -> Bool {
        self.number == number && subject == other.subject && book == other.book
    }
}
