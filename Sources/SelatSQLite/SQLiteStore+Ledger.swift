import SelatLedger
import SelatMoney
import SelatNode
import SelatScheme
import SelatStorage
import SelatTime

/// The books: accounts, journals with their transfers, balances; and what stands beside them,
/// history and alerts.
extension SQLiteStore {
    func write(_ account: LedgerAccount) throws(Refusal) {
        let book = try number(of: account.key.book.name)
        let insert = statements.accounts.insertAccount
        insert.bind(book)
        insert.bind(account.key.name)
        insert.bind(account.key.currency.code)
        insert.bind(account.kind.rawValue)
        insert.bind(account.floor)
        insert.bind(account.balance)
        let id: Int64
        do {
            try insert.run()
            id = connection.lastRow
        } catch {
            throw error.isRangeViolation
                ? .failed(StorageSentence.balanceOutOfRange(account.key))
                : Refusal(insertion: error)
        }
        cache.accounts[account.key] = StoreCache.Account(id: id, account: account)
    }

    private func known(_ key: AccountKey) throws(Refusal) -> StoreCache.Account {
        guard let known = try found({ () throws(SQLiteError) in try account(key) }) else {
            throw .failed(StorageSentence.unknownAccount(key))
        }
        return known
    }

    // MARK: Balances

    func write(_ write: BalanceWrite) throws(Refusal) {
        var known = try known(write.account)
        let delta = write.delta
        let update: Statement
        if !write.isGuarded {
            update = statements.accounts.addToAccount
        } else if known.account.kind.isDebitNormal {
            update = statements.accounts.addToGuardedDebitNormal
        } else {
            update = statements.accounts.addToGuardedCreditNormal
        }
        update.bind(delta)
        update.bind(known.id)
        if write.isGuarded {
            // An inflow never fails: the floor holds against what leaves the account.
            update.bind(
                known.account.kind.isDebitNormal
                    ? delta.postedDebits - delta.postedCredits - delta.pendingCredits
                    : delta.postedCredits - delta.postedDebits - delta.pendingDebits
            )
        }
        let changed: Int64
        do {
            changed = try update.run()
        } catch {
            throw error.isRangeViolation
                ? .failed(StorageSentence.balanceOutOfRange(write.account)) : Refusal(error)
        }
        guard changed == 1 else { throw .conflict }
        known.account.balance += delta
        cache.accounts[write.account] = known
    }

    // MARK: Journals

    func write(_ write: JournalWrite) throws(Refusal) {
        let journal = write.journal
        let book = try number(of: journal.book.name)
        let subject = try subject(of: journal, book: book)
        var named: NamedJournal?
        if let number = journal.action.closes {
            named = try self.named(journal, number: number, subject)
            if let fault = journal.fault(closing: named) { throw .failed(fault) }
        }
        let insert = statements.journals.insertJournal
        insert.bind(write.at.nanoseconds)
        insert.bind(book)
        switch subject {
        case .payment(let id):
            insert.bind(id)
            insert.bindNull()
        case .other:
            insert.bindNull()
            insert.bind(journal.subject)
        }
        insert.bind(Int64(journal.number))
        insert.bind(journal.purpose.rawValue)
        insert.bind(journal.action.name)
        insert.bind(named?.sequence)
        do {
            try insert.run()
        } catch {
            throw error.isUniqueViolation
                ? .failed(StorageSentence.journalExists(journal)) : Refusal(error)
        }
        let sequence = connection.lastRow
        try writeTransfers(of: journal, sequence: sequence)
        remember(journal, sequence: sequence)
    }

    /// A payment of the book's own instance, by its number: journals in order of arrival dirty
    /// one page of their index, where random UETRs would dirty one each.
    private enum Subject {
        case payment(Int64)
        case other(book: Int64)
    }

    private func subject(of journal: Journal, book: Int64) throws(Refusal) -> Subject {
        let instance = PartyID(checked: journal.book.name)
        let payment = try found { () throws(SQLiteError) in
            try self.payment(instance, journal.subject)
        }
        if let payment { return .payment(payment.id) }
        guard journal.purpose != .payment else {
            throw .failed(StorageSentence.unknownPayment(of: journal))
        }
        return .other(book: book)
    }

    /// Rows for what is reserved or moved here; a posting and a release name their reservation.
    private func writeTransfers(of journal: Journal, sequence: Int64) throws(Refusal) {
        switch journal.action {
        case .post, .void: return
        case .pending, .direct, .reverse: break
        }
        let insert = statements.journals.insertTransfer
        for (line, transfer) in journal.transfers.enumerated() {
            let currency = transfer.amount.currency
            let debit = try known(
                AccountKey(book: journal.book, name: transfer.debit, currency: currency)
            )
            let credit = try known(
                AccountKey(book: journal.book, name: transfer.credit, currency: currency)
            )
            insert.bind(sequence)
            insert.bind(Int64(line) + 1)
            insert.bind(debit.id)
            insert.bind(credit.id)
            insert.bind(transfer.amount.minorUnits)
            try run(insert)
        }
    }

    private func remember(_ journal: Journal, sequence: Int64) {
        let key = StoreCache.JournalKey(
            book: journal.book,
            subject: journal.subject,
            number: journal.number
        )
        cache.journals[key] = NamedJournal(
            sequence: sequence,
            action: journal.action.name,
            transfers: journal.transfers,
            isClosed: false
        )
        guard let number = journal.action.closes else { return }
        let closed = StoreCache.JournalKey(
            book: journal.book,
            subject: journal.subject,
            number: number
        )
        guard let named = cache.journals[closed] else { return }
        cache.journals[closed] = NamedJournal(
            sequence: named.sequence,
            action: named.action,
            transfers: named.transfers,
            isClosed: true
        )
    }

    private func named(
        _ journal: Journal,
        number: Int,
        _ subject: Subject
    ) throws(Refusal) -> NamedJournal? {
        let key = StoreCache.JournalKey(
            book: journal.book,
            subject: journal.subject,
            number: number
        )
        if let known = cache.journals[key] { return known }
        return try found { () throws(SQLiteError) in
            let find: Statement
            switch subject {
            case .payment(let id):
                find = statements.journals.findJournalOfPayment
                find.bind(Int64(number))
                find.bind(id)
            case .other(let book):
                find = statements.journals.findJournalOfSubject
                find.bind(Int64(number))
                find.bind(book)
                find.bind(journal.subject)
            }
            defer { find.reset() }
            guard try find.step() else { return nil }
            let sequence = find.integer(0)
            let action = find.text(1)
            let source = action == "post" || action == "void" ? find.integer(2) : sequence
            let isClosed = find.integer(3) != 0
            return NamedJournal(
                sequence: sequence,
                action: action,
                transfers: try transfers(of: source),
                isClosed: isClosed
            )
        }
    }

    private func transfers(of sequence: Int64) throws(SQLiteError) -> [Transfer] {
        let find = statements.journals.findTransfers
        defer { find.reset() }
        find.bind(sequence)
        var transfers: [Transfer] = []
        while try find.step() { transfers.append(try find.transfer(from: 0)) }
        return transfers
    }

    // MARK: History and alerts

    func write(_ row: HistoryRow) throws(Refusal) {
        let known = try found { () throws(SQLiteError) in try payment(row.instance, row.uetr) }
        guard let known else {
            throw .failed(StorageSentence.unknownPayment(row.instance, row.uetr))
        }
        let insert = statements.payments.insertHistory
        insert.bind(row.at.nanoseconds)
        insert.bind(known.id)
        insert.bind(row.from.map(Int64.init))
        insert.bind(Int64(row.to))
        insert.bind(row.cause)
        try run(insert)
    }

    func write(_ row: AlertRow) throws(Refusal) {
        let instance = try number(of: row.instance.name)
        let insert = statements.payments.insertAlert
        insert.bind(row.at.nanoseconds)
        insert.bind(instance)
        insert.bind(row.alert.severity.rawValue)
        insert.bind(row.alert.uetr)
        insert.bind(row.alert.text)
        try run(insert)
    }
}

extension Statement {
    /// The four sums.
    fileprivate func bind(_ balance: Balance) {
        bind(balance.postedDebits)
        bind(balance.postedCredits)
        bind(balance.pendingDebits)
        bind(balance.pendingCredits)
    }

    /// Debit and credit account, amount, currency, in four columns.
    func transfer(from column: Int32) throws(SQLiteError) -> Transfer {
        let amount = integer(column + 2)
        let (debit, credit) = (text(column), text(column + 1))
        guard amount > 0 else { throw unreadable(column + 2, "a positive amount") }
        guard debit != credit else { throw unreadable(column + 1, "another account") }
        let currency = try parsed(column + 3, "a currency code", Currency.init)
        return Transfer(
            debit: debit,
            credit: credit,
            amount: Money(minorUnits: amount, currency: currency)
        )
    }
}
