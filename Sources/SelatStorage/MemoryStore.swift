package import SelatLedger
package import SelatNode
package import SelatScheme
import SelatTime

/// A store that lives as long as the simulated disk: for the simulator and for tests.
///
/// It keeps the contract of the durable drivers to the letter; the contract suite runs over all
/// of them and compares their dumps. A commit is durable when it returns, so a crash loses
/// nothing but what was never committed. Faults are ordered by `inject`.
package final class MemoryStore: Store {
    /// How a coming commit goes wrong.
    package enum Fault: Hashable, Sendable, CaseIterable {
        /// Nothing is written; the batch is to be decided again.
        case conflict
        /// Nothing is written; the node stops.
        case failed
        /// The answer is lost and the batch with it.
        case unknownLost
        /// The answer is lost; the batch is durable.
        case unknownDurable
    }

    struct JournalKey: WordHashable {
        let book: BookID
        let subject: UUIDv4
        let number: Int

        func feed(_ hasher: inout WordHasher) {
            book.feed(&hasher)
            subject.feed(&hasher)
            hasher.combine(UInt64(bitPattern: Int64(number)))
        }
    }

    struct Stream: WordHashable {
        let epoch: UInt64
        let direction: StoredMessage.Direction
        let link: LinkID

        func feed(_ hasher: inout WordHasher) {
            hasher.combine(epoch ^ (direction == .sent ? 1 : 0))
            link.feed(&hasher)
        }
    }

    /// What is on the simulated disk.
    struct Content {
        var greatestInstant = Instant.distantPast
        var payments: [StoredPayment] = []
        var paymentIndex: [PaymentKey: Int] = [:]
        /// The kept pacs.008 as a value, beside its bytes among the messages.
        var instructions: [PaymentKey: Message] = [:]
        var receipts: [ReceiptKey: StoredReceipt] = [:]
        var records: [RecordKey: RecordRow] = [:]
        var accounts: [LedgerAccount] = []
        var accountIndex: [AccountKey: Int] = [:]
        var journals: [StoredJournal] = []
        var journalIndex: [JournalKey: Int] = [:]
        var closed: Set<Int64> = []
        var history: [StoredStep] = []
        var alerts: [AlertRow] = []
        var messages: [StoredMessage] = []
        /// The highest number of each stream of messages.
        var highest: [Stream: UInt64] = [:]
        var links: [LinkID: LinkPosition] = [:]
    }

    var content = Content()
    private var faults: [(commits: Int, fault: Fault)] = []
    private var stopped: String?
    /// While true, every fetch throws `StoreError.unavailable`.
    package var isFetchFailing = false
    /// Whether facts will be asked for.
    let answersFacts: Bool
    /// The numbers of the rows at hand, where they do not follow from what is stored.
    var numbers: BatchPart.RowNumbers?

    /// An empty disk.
    package init() { answersFacts = true }

    /// A disk for parts of batches, which answers no instructions.
    ///
    /// - Parameters:
    ///   - accounts: Those that the parts book on but do not open.
    ///   - links: Those that the parts' messages crossed.
    package init(partsWith accounts: [LedgerAccount], _ links: [LinkPosition]) {
        answersFacts = false
        for account in accounts {
            content.accountIndex[account.key] = content.accounts.count
            content.accounts.append(account)
        }
        for position in links { content.links[position.link] = position }
    }

    // MARK: Faults

    /// Orders a fault for the commit after `commits` more have gone well.
    package func inject(_ fault: Fault, after commits: Int = 0) {
        faults.append((commits, fault))
    }

    /// The process died and another opens the same disk: what is committed stands, a store that
    /// had stopped answers again, and faults ordered and not met are forgotten.
    package func crash() {
        stopped = nil
        faults.removeAll()
        isFetchFailing = false
    }

    // MARK: Store

    package func recover() throws(StoreError) -> Recovered {
        if let stopped { throw .unavailable(StorageSentence.refused(stopped)) }
        var recovered = Recovered(
            greatestInstant: content.greatestInstant,
            links: content.links.values.sorted { $0.link < $1.link }
        )
        recovered.undelivered =
            content.messages.lazy
            .filter { $0.direction == .sent }
            .compactMap(\.retained)
            .filter { [links = content.links] message in
                guard let link = links[message.link] else { return false }
                return message.epoch == link.sendEpoch && message.sequence > link.acknowledged
            }
            .sorted { ($0.link, $0.sequence) < ($1.link, $1.sequence) }
        for payment in content.payments {
            guard let due = payment.row.due else { continue }
            recovered.timers.append(
                ArmedTimer(
                    due: due,
                    instance: payment.instance,
                    uetr: payment.uetr,
                    version: payment.row.version
                )
            )
        }
        recovered.timers.sort(by: ArmedTimer.isEarlier)
        return recovered
    }

    package func sent(
        _ link: LinkID,
        epoch: UInt64,
        from first: UInt64,
        through last: UInt64
    ) throws(StoreError) -> [RetainedMessage] {
        if let stopped { throw .unavailable(StorageSentence.refused(stopped)) }
        return content.messages.lazy
            .filter { $0.direction == .sent }
            .compactMap(\.retained)
            .filter { $0.link == link && $0.epoch == epoch }
            .filter { $0.sequence >= first && $0.sequence <= last }
            .sorted { $0.sequence < $1.sequence }
    }

    package func fetch(_ keys: [FactKey]) throws(StoreError) -> [Fact] {
        if let stopped { throw .unavailable(StorageSentence.refused(stopped)) }
        guard !isFetchFailing else { throw .unavailable("a fault was ordered for this fetch") }
        return keys.map(fact)
    }

    package func commit(_ batch: CommitBatch) -> CommitOutcome {
        if let stopped { return .failed(StorageSentence.refused(stopped)) }
        switch takeFault() {
        case .conflict: return .conflict
        case .failed: return .failed("a fault was ordered for this commit")
        case .unknownLost: return stop()
        case .unknownDurable:
            let outcome = write(batch)
            return outcome == .committed ? stop() : outcome
        case nil: return write(batch)
        }
    }

    /// Commits some rows of a batch under the numbers that they have in the log.
    package func commit(_ part: BatchPart) -> CommitOutcome {
        numbers = part.numbers
        defer { numbers = nil }
        return write(part.batch)
    }

    /// Forgets the messages and answers them; they are checked on as if they were there.
    package func takeMessages() -> [StoredMessage] {
        let messages = content.messages
        content.messages = []
        return messages
    }

    /// Everything on the disk; without the receipts where nobody reads them.
    package func dump(withReceipts: Bool = true) -> NodeDump {
        var dump = NodeDump()
        dump.greatestInstant = content.greatestInstant
        dump.accounts = content.accounts.sorted { $0.key < $1.key }
        dump.journals = content.journals
        dump.payments = content.payments
        if withReceipts {
            dump.receipts = content.receipts.values.sorted(by: StoredReceipt.isBefore)
        }
        dump.records = content.records
            .map {
                StoredRecord(
                    instance: $0.key.instance,
                    kind: $0.key.kind,
                    key: $0.key.key,
                    row: $0.value
                )
            }
            .sorted(by: StoredRecord.isBefore)
        dump.history = content.history
        dump.alerts = content.alerts
        dump.messages = content.messages
        dump.links = content.links.values.sorted { $0.link < $1.link }
        return dump
    }

    /// The states of an instance's payments, by their published numbers.
    package func states(of instance: PartyID) -> [UInt8] {
        content.payments.lazy.filter { $0.instance == instance }.map(\.row.state)
    }

    // MARK: Helpers

    private func fact(_ key: FactKey) -> Fact {
        switch key {
        case .payment(let instance, let uetr):
            let index = content.paymentIndex[PaymentKey(instance: instance, uetr: uetr)]
            return index.map { .payment(content.payments[$0].row) } ?? .absent
        case .instruction(let instance, let uetr):
            let message = content.instructions[PaymentKey(instance: instance, uetr: uetr)]
            return message.map { .instruction($0) } ?? .absent
        case .receipt(let instance, let sender, let messageIdentification):
            let key = ReceiptKey(
                instance: instance,
                sender: sender,
                messageIdentification: messageIdentification
            )
            return content.receipts[key].map { .receipt($0.receipt) } ?? .absent
        case .account(let key):
            return content.accountIndex[key].map { .account(content.accounts[$0]) } ?? .absent
        case .record(let instance, let kind, let key):
            let row = content.records[RecordKey(instance: instance, kind: kind, key: key)]
            return row.map { .record($0) } ?? .absent
        }
    }

    private func takeFault() -> Fault? {
        guard let first = faults.first else { return nil }
        guard first.commits == 0 else {
            faults[0].commits -= 1
            return nil
        }
        faults.removeFirst()
        return first.fault
    }

    private func stop() -> CommitOutcome {
        let why = "a fault was ordered for this commit"
        stopped = why
        return .unknown(why)
    }
}

extension StoredMessage {
    /// As the core knows it; `nil` for a hosted one.
    package var retained: RetainedMessage? {
        guard let hop else { return nil }
        return RetainedMessage(
            link: hop.link,
            epoch: hop.epoch,
            sequence: hop.sequence,
            kind: kind,
            from: hop.from,
            to: hop.to,
            at: at,
            uetr: uetr,
            bytes: bytes
        )
    }
}

extension ArmedTimer {
    /// The order in which a store hands timers to a starting node.
    package static func isEarlier(_ lhs: ArmedTimer, _ rhs: ArmedTimer) -> Bool {
        (lhs.due, lhs.instance, lhs.uetr) < (rhs.due, rhs.instance, rhs.uetr)
    }
}

extension StoredReceipt {
    /// The dump's order.
    package static func isBefore(_ lhs: StoredReceipt, _ rhs: StoredReceipt) -> Bool {
        (lhs.instance, lhs.sender, lhs.messageIdentification)
            < (rhs.instance, rhs.sender, rhs.messageIdentification)
    }
}

extension StoredRecord {
    /// The dump's order.
    package static func isBefore(_ lhs: StoredRecord, _ rhs: StoredRecord) -> Bool {
        (lhs.instance, lhs.kind, lhs.key) < (rhs.instance, rhs.kind, rhs.key)
    }
}
