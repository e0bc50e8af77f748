import DequeModule
import SelatLedger
import SelatMoney
package import SelatNode
import SelatScheme
import SelatTime

/// Why a batch was not applied.
package enum Refusal: Error, Hashable {
    case conflict
    case failed(String)
}

@discardableResult
private func found<Value>(_ read: () throws(StoreError) -> Value) throws(Refusal) -> Value {
    do { return try read() } catch { throw .failed(error.description) }
}

/// A new batch, checked as it is applied. The checks stand in the contract's order; after a
/// refusal the state is half changed and must be made again from the log.
extension LiveState {
    package mutating func apply(_ batch: CommitBatch) throws(Refusal) {
        let number = lastBatch + 1
        // Rows are looked at where they stand: wide values would be copied to be handed over.
        let last = greatestInstant
        let payments = batch.payments.span
        for place in payments.indices { try apply(payments, place, batch, number) }
        let received = batch.received.span
        for place in received.indices { try apply(received[place], .received, batch, number) }
        let sent = batch.sent.span
        for place in sent.indices { try apply(sent[place], .sent, batch, number) }
        let receipts = batch.receipts.span
        for place in receipts.indices { try apply(receipts, place, number) }
        let records = batch.records.span
        for place in records.indices { try apply(records, place) }
        for account in batch.accounts { try open(account) }
        let journals = batch.journals.span
        for place in journals.indices { try apply(journals, place, number) }
        let balances = batch.balances.span
        for place in balances.indices { try apply(balances[place]) }
        let history = batch.history.span
        var next = 0
        for place in history.indices { try check(history, place, payments, &next) }
        for row in batch.alerts {
            guard let uetr = row.alert.uetr else { continue }
            try found { () throws(StoreError) in try mention(uetr, in: number) }
        }
        note(batch, number)
        greatestInstant = max(last, batch.at)
    }

    /// The payment of a step is there. Steps stand in the order of the payments that took them,
    /// which were written before; only another one is looked for.
    private mutating func check(
        _ steps: Span<HistoryRow>,
        _ place: Int,
        _ payments: Span<PaymentWrite>,
        _ next: inout Int
    ) throws(Refusal) {
        if next < payments.count, payments[next].uetr == steps[place].uetr,
            payments[next].instance == steps[place].instance
        {
            next += 1
            return
        }
        let uetr = steps[place].uetr
        let instance = steps[place].instance
        let dossier = try found { () throws(StoreError) in try self.dossier(uetr) }
        guard let dossier, dossier.index(of: instance) != nil else {
            throw .failed(StorageSentence.unknownPayment(instance, uetr))
        }
    }

    /// What needs no check: positions, undelivered messages, numbers.
    mutating func note(_ batch: CommitBatch, _ number: Int64) {
        for position in batch.links { note(position) }
        let sent = batch.sent.span
        for index in sent.indices {
            let message = sent[index]
            guard let link = links.index(forKey: message.link),
                message.epoch == links.values[link].sendEpoch,
                message.sequence > links.values[link].acknowledged
            else { continue }
            undelivered[message.link, default: []].append(
                Undelivered(
                    epoch: message.epoch,
                    sequence: message.sequence,
                    place: Dossier.MessagePlace(
                        batch: number,
                        index: batch.received.count + index
                    )
                )
            )
        }
        numbers = numbers.after(batch)
        lastBatch = number
        young.lastBatch = number
        young.batches += 1
        forgetFound()
    }

    private mutating func note(_ position: LinkPosition) {
        links[position.link] = position
        undelivered[position.link]?.forgetDelivered(as: position)
    }

    // MARK: Payments, messages, receipts, records

    private mutating func apply(
        _ writes: Span<PaymentWrite>,
        _ place: Int,
        _ batch: CommitBatch,
        _ number: Int64
    ) throws(Refusal) {
        let uetr = writes[place].uetr
        let dossier = try found { () throws(StoreError) in try opened(uetr, in: number) }
        let instance = writes[place].instance
        let expected = writes[place].expectedVersion
        if expected != 0 {
            // A second write in one batch would find the version of the first.
            guard dossier.change(instance, from: expected, to: writes[place].row) else {
                throw .conflict
            }
            return
        }
        guard dossier.index(of: instance) == nil else { throw .conflict }
        let message = try self.place(ofInstructionOf: writes, place, batch, number)
        var kept: Dossier.Kept?
        if writes[place].row.due != nil, let instruction = writes[place].instruction {
            kept = .message(instruction.message)
            hasInstructionAtHand(uetr)
        }
        dossier.payments.append(
            Dossier.Payment(
                instance: instance,
                row: writes[place].row,
                place: message,
                kept: kept
            )
        )
    }

    private mutating func place(
        ofInstructionOf writes: Span<PaymentWrite>,
        _ place: Int,
        _ batch: CommitBatch,
        _ number: Int64
    ) throws(Refusal) -> Dossier.MessagePlace? {
        let index: Int
        switch writes[place].instruction {
        case nil: return nil
        case .received(let received, _):
            guard batch.received.indices.contains(received) else {
                throw .failed(StorageSentence.noSuchMessage)
            }
            index = received
        case .sent(let sent, _):
            guard batch.sent.indices.contains(sent) else {
                throw .failed(StorageSentence.noSuchMessage)
            }
            index = batch.received.count + sent
        case .hosted:
            if hostedBatch != number { (hostedBatch, hosted) = (number, 0) }
            index = batch.received.count + batch.sent.count + hosted
            hosted += 1
        }
        return Dossier.MessagePlace(batch: number, index: index)
    }

    private mutating func apply(
        _ message: RetainedMessage,
        _ direction: StoredMessage.Direction,
        _ batch: CommitBatch,
        _ number: Int64
    ) throws(Refusal) {
        guard
            links.index(forKey: message.link) != nil
                || batch.links.contains(where: { $0.link == message.link })
        else {
            throw .failed(StorageSentence.unknownLink(message.link))
        }
        let stream = Stream(link: message.link, direction: direction, epoch: message.epoch)
        guard LiveState.raise(&highest[stream, default: 0], to: message.sequence) else {
            throw .failed(StorageSentence.messageExists(message))
        }
        guard let uetr = message.uetr else { return }
        try found { () throws(StoreError) in try self.mention(uetr, in: number) }
    }

    /// False when it is as high already.
    private static func raise(_ highest: inout UInt64, to sequence: UInt64) -> Bool {
        guard sequence > highest else { return false }
        highest = sequence
        return true
    }

    private mutating func apply(
        _ writes: Span<ReceiptWrite>,
        _ place: Int,
        _ number: Int64
    ) throws(Refusal) {
        let key = ReceiptKey(writes[place])
        let word = word(of: key)
        let known = try found { () throws(StoreError) in try self.receipt(key, word) }
        guard known == nil else { throw .conflict }
        let receipt = writes[place].insertion.receipt
        try found { () throws(StoreError) in try add(receipt, key, word, number) }
    }

    mutating func add(
        _ receipt: Receipt,
        _ key: ReceiptKey,
        _ word: KeyWord,
        _ number: Int64
    ) throws(StoreError) {
        let dossier = try opened(receipt.uetr, in: number)
        dossier.add(receipt, key, &scratch)
        young.note(key, word, of: dossier)
    }

    private mutating func apply(_ writes: Span<RecordWrite>, _ place: Int) throws(Refusal) {
        let key = RecordKey(
            instance: writes[place].instance,
            kind: writes[place].kind,
            key: writes[place].key
        )
        let word = word(of: key)
        let expected = writes[place].expectedVersion
        if let known = young.records.place(of: key, word) {
            guard (young.records[known].row?.version ?? 0) == expected else { throw .conflict }
            young.records[known].row = writes[place].row
            return
        }
        let known = try found { () throws(StoreError) in try record(key, word) }
        guard (known?.row?.version ?? 0) == expected else { throw .conflict }
        insert(writes[place].row, key, word, known)
    }

    /// Takes a record that the young generation does not have.
    private mutating func insert(
        _ row: RecordRow?,
        _ key: RecordKey,
        _ word: KeyWord,
        _ known: RecordEntry?
    ) {
        // What was deleted has no key in the tables any more.
        if let known, known.row != nil {
            // One that is on its way to the tables will be there before this generation is.
            let storedAsOf = known.storedAsOf > 0 ? known.storedAsOf : frozen?.lastBatch ?? 0
            let entry = RecordEntry(id: known.id, storedAsOf: storedAsOf, row: row)
            young.records.insert(key, word, entry)
        } else if let row {
            young.records.insert(key, word, RecordEntry(id: nextRecord, storedAsOf: 0, row: row))
            young.note(RowKey(hash: word.hash, table: .record, row: nextRecord))
            nextRecord += 1
        }
    }

    // MARK: Books

    private mutating func open(_ account: LedgerAccount) throws(Refusal) {
        let known = try found { () throws(StoreError) in try self.account(account.key) }
        guard known == nil else { throw .conflict }
        guard Balance().adding(account.balance) != nil else {
            throw .failed(StorageSentence.balanceOutOfRange(account.key))
        }
        young.accounts[account.key] = AccountEntry(storedAsOf: 0, account: account)
    }

    private mutating func apply(_ write: BalanceWrite) throws(Refusal) {
        // Mostly changed where it stands.
        if let place = young.accounts.index(forKey: write.account) {
            return try young.accounts.values[place].account.change(by: write)
        }
        let known = try found { () throws(StoreError) in try account(write.account) }
        guard var known else { throw .failed(StorageSentence.unknownAccount(write.account)) }
        try known.account.change(by: write)
        young.accounts[write.account] = known
    }

    private mutating func apply(
        _ writes: Span<JournalWrite>,
        _ place: Int,
        _ number: Int64
    ) throws(Refusal) {
        let subject = writes[place].journal.subject
        let dossier = try found { () throws(StoreError) in try opened(subject, in: number) }
        if writes[place].journal.purpose == .payment {
            guard dossier.index(of: writes[place].journal.book.name) != nil else {
                throw .failed(StorageSentence.unknownPayment(of: writes[place].journal))
            }
        }
        let written = dossier.write(writes, place, &scratch)
        // What agrees byte for byte needs no second look.
        if !written.agrees, writes[place].journal.action.closes != nil {
            let journal = writes[place].journal
            if let fault = dossier.fault(journal, written) { throw .failed(fault) }
        }
        guard dossier.book(written, scratch) else {
            throw .failed(StorageSentence.journalExists(writes[place].journal))
        }
        if writes[place].journal.action.closes == nil {
            // What ends another moves the accounts that one was checked for.
            let transfers = writes[place].journal.transfers.span
            for transfer in transfers.indices {
                let (debit, credit) = transfers[transfer].accounts(in: writes[place].journal.book)
                try check(debit)
                try check(credit)
            }
        }
    }

    /// The account is open.
    private mutating func check(_ key: AccountKey) throws(Refusal) {
        if young.accounts.index(forKey: key) != nil { return }
        guard try found({ () throws(StoreError) in try account(key) }) != nil else {
            throw .failed(StorageSentence.unknownAccount(key))
        }
    }
}

extension LedgerAccount {
    fileprivate mutating func change(by write: BalanceWrite) throws(Refusal) {
        guard let balance = balance.adding(write.delta) else {
            throw .failed(StorageSentence.balanceOutOfRange(key))
        }
        guard write.isGuarded, let floor else {
            self.balance = balance
            return
        }
        let before = (balance: self.balance, available: available)
        self.balance = balance
        // An inflow never fails: the floor holds against what leaves the account.
        if available < floor, available < before.available {
            self.balance = before.balance
            throw .conflict
        }
    }
}

extension Dossier {
    func change(_ index: Int, to row: PaymentRow) { payments[index].change(to: row) }

    /// False when there is no payment of that version.
    func change(_ instance: PartyID, from version: Int64, to row: PaymentRow) -> Bool {
        guard let index = index(of: instance) else { return false }
        return payments[index].change(from: version, to: row)
    }
}

extension Dossier.Payment {
    fileprivate mutating func change(to row: PaymentRow) {
        self.row = row
        if row.due == nil { kept = nil }
    }

    fileprivate mutating func change(from version: Int64, to row: PaymentRow) -> Bool {
        guard self.row.version == version else { return false }
        change(to: row)
        return true
    }
}

// MARK: Replay

/// A batch that was committed before: applied without checks, as far as the tables do not hold it.
extension LiveState {
    package mutating func replay(_ logged: LoggedBatch, number: Int64) throws(StoreError) {
        let batch = logged.batch
        greatestInstant = max(greatestInstant, batch.at)
        var hosted = 0
        for (index, write) in batch.payments.enumerated() {
            let instruction = logged.instructions[index]
            let place = logged.place(of: instruction, batch: number, hosted: &hosted)
            try replay(write, logged.kept(instruction), place, number)
        }
        for message in batch.received { try replay(message, .received, number) }
        for message in batch.sent { try replay(message, .sent, number) }
        for write in batch.receipts { try replay(write, number) }
        for write in batch.records {
            let key = RecordKey(instance: write.instance, kind: write.kind, key: write.key)
            let word = word(of: key)
            let known = try record(key, word)
            if let known, known.storedAsOf >= number { continue }
            if let place = young.records.place(of: key, word) {
                young.records[place].row = write.row
            } else {
                insert(write.row, key, word, known)
            }
        }
        for account in batch.accounts where try self.account(account.key) == nil {
            young.accounts[account.key] = AccountEntry(storedAsOf: 0, account: account)
        }
        let journals = batch.journals.span
        for place in journals.indices {
            let dossier = try opened(journals[place].journal.subject, in: number)
            guard dossier.storedAsOf < number else { continue }
            let written = dossier.write(journals, place, &scratch)
            _ = dossier.book(written, scratch)
        }
        for write in batch.balances {
            guard var known = try account(write.account) else {
                throw .corrupt("batch \(number) books on an account that does not exist")
            }
            guard known.storedAsOf < number else { continue }
            known.account.balance += write.delta
            young.accounts[write.account] = known
        }
        for row in batch.alerts {
            if let uetr = row.alert.uetr { try mention(uetr, in: number) }
        }
        note(batch, number)
        numbers = logged.nextNumbers
    }

    private mutating func replay(
        _ write: PaymentWrite,
        _ message: (kind: UInt8, bytes: [UInt8])?,
        _ place: Dossier.MessagePlace?,
        _ number: Int64
    ) throws(StoreError) {
        let dossier = try opened(write.uetr, in: number)
        guard dossier.storedAsOf < number else { return }
        if let index = dossier.index(of: write.instance) {
            return dossier.change(index, to: write.row)
        }
        let kept: Dossier.Kept? =
            write.row.due == nil ? nil : message.map { .bytes(kind: $0.kind, $0.bytes) }
        if kept != nil { hasInstructionAtHand(write.uetr) }
        dossier.payments.append(
            Dossier.Payment(instance: write.instance, row: write.row, place: place, kept: kept)
        )
    }

    private mutating func replay(
        _ message: RetainedMessage,
        _ direction: StoredMessage.Direction,
        _ number: Int64
    ) throws(StoreError) {
        let stream = Stream(link: message.link, direction: direction, epoch: message.epoch)
        highest[stream] = max(highest[stream] ?? 0, message.sequence)
        if let uetr = message.uetr { try mention(uetr, in: number) }
    }

    private mutating func replay(_ write: ReceiptWrite, _ number: Int64) throws(StoreError) {
        let receipt = write.insertion.receipt
        guard try opened(receipt.uetr, in: number).storedAsOf < number else { return }
        let key = ReceiptKey(write)
        try add(receipt, key, word(of: key), number)
    }
}

extension LoggedBatch {
    /// The place of an instruction; `hosted` counts those before it.
    package func place(
        of instruction: Instruction?,
        batch number: Int64,
        hosted: inout Int
    ) -> Dossier.MessagePlace? {
        switch instruction {
        case nil: return nil
        case .received(let index): return Dossier.MessagePlace(batch: number, index: index)
        case .sent(let index):
            return Dossier.MessagePlace(batch: number, index: batch.received.count + index)
        case .hosted:
            defer { hosted += 1 }
            let index = batch.received.count + batch.sent.count + hosted
            return Dossier.MessagePlace(batch: number, index: index)
        }
    }

    /// The message at an index over the received, the sent and the hosted.
    package func message(at index: Int) -> (kind: UInt8, bytes: [UInt8])? {
        if index < batch.received.count { return kept(.received(index)) }
        let rest = index - batch.received.count
        if rest < batch.sent.count { return kept(.sent(rest)) }
        let hosted = instructions.lazy.compactMap { $0 }.filter { instruction in
            if case .hosted = instruction { true } else { false }
        }
        return kept(hosted.dropFirst(rest - batch.sent.count).first)
    }

    /// The numbers of the batch that follows.
    package var nextNumbers: Numbers {
        var next = numbers.after(batch)
        next.message += Int64(
            instructions.count { instruction in
                if case .hosted = instruction { true } else { false }
            }
        )
        return next
    }
}
