import SelatLedger
import SelatMoney
import SelatNode
import SelatSQLite
import SelatScheme
import SelatStorage
import SelatTime
import Testing

/// The drivers against each other: random batches, good and bad, must get the same answers and
/// leave the same data.
@Suite struct AgreementTests {
    @Test(arguments: 1...24 as ClosedRange<UInt64>)
    func driversAgreeOnRandomBatches(seed: UInt64) throws {
        var random = BatchGenerator(seed: seed)
        let model = MemoryStore()
        let others = [
            try StoreUnderTest(.sqlite), try StoreUnderTest(.sqliteFolded),
            try StoreUnderTest(.sqliteFolding),
        ]
        var outcomes: [String: Int] = [:]
        for step in 0..<120 {
            let batch = random.next()
            let expected = model.commit(batch)
            outcomes["\(expected)".prefix(6).description, default: 0] += 1
            if expected == .committed { random.wasCommitted(batch) }
            let keys = random.keys(of: batch)
            let facts = try model.fetch(keys)
            for other in others {
                #expect(other.store.commit(batch) == expected, "seed \(seed) step \(step)")
                #expect(try other.store.fetch(keys) == facts, "seed \(seed) step \(step)")
                if step % 40 == 39 {
                    try other.reopen()
                    #expect(try other.store.recover() == model.recover(), "seed \(seed)")
                }
            }
        }
        let dump = model.dump()
        for other in others {
            #expect(try other.dump() == dump, "seed \(seed)")
            let reader = try SQLiteReader(path: other.path)
            // Payments, subjects of other journals, and one that nobody knows.
            for number in [0, 1, 2, 3, 1001, 1002, 60_001] as [UInt64] {
                let uetr = Sample.uetr(number)
                #expect(try reader.dump(about: uetr) == dump.limited(to: uetr), "seed \(seed)")
            }
            try Self.agree(reader, dump, "seed \(seed)")
        }
        // The generator is worth something only while it makes both kinds.
        #expect(outcomes["commit", default: 0] > 20 && outcomes.count > 1, "seed \(seed)")
    }

    /// Read by stretches and by shares, a database says the same as the dump.
    private static func agree(
        _ reader: SQLiteReader,
        _ dump: NodeDump,
        _ seed: Comment
    ) throws {
        let node = LinkID("own")
        let history = try reader.history(of: node)
        let model = DumpHistory(node: node, dump)
        let shares = Shares(of: 20)
        var passed = NodeDump()
        var place: Int64 = 0
        while let (stretch, last) = try history.stretch(after: place, shares) {
            passed.journals += stretch.journals
            passed.messages += stretch.messages
            passed.alerts += stretch.alerts
            passed.accounts += stretch.accounts
            place = last
        }
        let standing = try history.standing()
        #expect(standing.accounts == dump.accounts && standing.links == dump.links, seed)
        #expect(passed.messages == dump.messages && passed.alerts == dump.alerts, seed)
        #expect(passed.journals.map(\.sequence) == dump.journals.map(\.sequence), seed)
        #expect(passed.journals.map(\.journal) == dump.journals.map(\.journal), seed)
        #expect(Set(passed.accounts.map(\.key)) == Set(dump.accounts.map(\.key)), seed)
        #expect(shares.count > 1, seed)
        var payments = 0
        for number in 0..<shares.count {
            let share = shares[number]
            let (part, expected) = (try history.part(share), model.part(share))
            #expect(part.dump.payments == expected.dump.payments, seed)
            #expect(part.dump.journals == expected.dump.journals, seed)
            #expect(part.dump.history == expected.dump.history, seed)
            #expect(part.dump.messages == expected.dump.messages, seed)
            #expect(part.crossings == expected.crossings, seed)
            payments += part.dump.payments.count
        }
        #expect(payments == dump.payments.count, seed)
        let keys = dump.records.map {
            RecordKey(instance: $0.instance, kind: $0.kind, key: $0.key)
        }
        #expect(try history.records(keys) == dump.records, seed)
    }
}

extension NodeDump {
    /// Only what is about one payment: what a reader that looks for it must find.
    func limited(to uetr: UUIDv4) -> NodeDump {
        var rest = NodeDump()
        rest.greatestInstant = greatestInstant
        rest.payments = payments.filter { $0.uetr == uetr }
        rest.journals = journals.filter { $0.journal.subject == uetr }
        rest.history = history.filter { $0.row.uetr == uetr }
        rest.alerts = alerts.filter { $0.alert.uetr == uetr }
        rest.messages = messages.filter { $0.uetr == uetr }
        return rest
    }
}

/// Makes batches that mostly fit what was committed so far, and sometimes do not.
struct BatchGenerator {
    private var random: SeededGenerator
    private var versions: [UInt64: Int64] = [:]
    private var records: [String: Int64] = [:]
    private var open: [UInt64: Journal] = [:]
    private var numbers: [UInt64: Int] = [:]
    private var hasAccounts = false
    private var nextSubject: UInt64 = 1000
    private var nextSequence: UInt64 = 1
    private var second: Int64 = 1

    init(seed: UInt64) { random = SeededGenerator(seed: seed, stream: "storage") }

    private mutating func number(below bound: UInt64) -> UInt64 { random.next() % bound }

    mutating func next() -> CommitBatch {
        second += Int64(number(below: 3))
        var batch = CommitBatch(at: Sample.at(second))
        if !hasAccounts || random.chance(1, in: 40) { batch.accounts = Sample.accounts }
        addMessages(&batch)
        for _ in 0..<number(below: 4) { addPayment(&batch) }
        for _ in 0..<number(below: 3) { addRecord(&batch) }
        if random.chance(1, in: 3) {
            let id = "M\(number(below: 200))"
            batch.receipts = [Sample.receiptWrite(number(below: 50), id: id)]
        }
        for _ in 0..<number(below: 3) { addJournal(&batch) }
        if random.chance(1, in: 5) {
            let alert = Alert(.incident, uetr: Sample.uetr(number(below: 9)), "random")
            batch.alerts = [AlertRow(at: batch.at, instance: Sample.bank, alert: alert)]
        }
        return batch
    }

    /// What a later batch may rest on.
    mutating func wasCommitted(_ batch: CommitBatch) {
        hasAccounts = true
        for write in batch.payments { versions[write.uetr.low & 0xFFFF] = write.row.version }
        for write in batch.records { records[write.key] = write.row?.version }
        for write in batch.journals {
            let subject = write.journal.subject.low & 0xFFFF
            numbers[subject] = write.journal.number
            switch write.journal.action {
            case .pending, .direct: open[subject] = write.journal
            case .post, .void, .reverse: open[subject] = nil
            }
        }
        for position in batch.links { nextSequence = position.nextSequence }
    }

    func keys(of batch: CommitBatch) -> [FactKey] {
        var keys: Set<FactKey> = [.account(Sample.customer), .account(Sample.settlement)]
        for write in batch.payments {
            keys.insert(.payment(write.instance, write.uetr))
            keys.insert(.instruction(write.instance, write.uetr))
        }
        for write in batch.records { keys.insert(.record(write.instance, write.kind, write.key)) }
        for write in batch.receipts {
            keys.insert(
                .receipt(
                    write.instance,
                    sender: write.insertion.sender,
                    messageIdentification: write.insertion.messageIdentification
                )
            )
        }
        return Array(keys)
    }

    private mutating func addMessages(_ batch: inout CommitBatch) {
        let count = number(below: 3)
        // Sometimes a number that is taken, sometimes a link nobody opened.
        let first = random.chance(1, in: 25) ? 1 : nextSequence
        let link = random.chance(1, in: 40) ? Sample.secondLink : Sample.link
        for offset in 0..<count {
            let uetr: UUIDv4? = random.chance(1, in: 3) ? nil : Sample.uetr(number(below: 5))
            batch.sent.append(Sample.retained(first + offset, on: link, about: uetr))
        }
        batch.links = [
            LinkPosition(
                link: Sample.link,
                sendEpoch: 7,
                nextSequence: nextSequence + count,
                acknowledged: nextSequence / 2,
                receivedEpoch: random.next(),
                receivedSequence: number(below: 9)
            )
        ]
    }

    private mutating func addPayment(_ batch: inout CommitBatch) {
        let subject = number(below: 30)
        guard !batch.payments.contains(where: { $0.uetr == Sample.uetr(subject) }) else { return }
        let known = versions[subject] ?? 0
        let version = random.chance(1, in: 20) ? known + 1 : known
        let due: Instant? = random.chance(1, in: 2) ? Sample.at(Int64(number(below: 99))) : nil
        let instruction: InstructionWrite? =
            switch number(below: 4) {
            case 0: .hosted(Sample.message(subject))
            case 1 where !batch.sent.isEmpty:
                .sent(index: 0, Sample.message(batch.sent[0].sequence))
            case 2 where random.chance(1, in: 10): .received(index: 0, Sample.message(1))
            default: nil
            }
        batch.payments.append(
            Sample.payment(
                subject,
                from: version,
                state: UInt8(number(below: 9)),
                due: due,
                instruction: instruction
            )
        )
        let named = random.chance(1, in: 50) ? 60_000 : subject
        batch.history.append(Sample.history(named, version == 0 ? nil : 1, 2))
    }

    private mutating func addRecord(_ batch: inout CommitBatch) {
        let key = "k\(number(below: 20))"
        guard !batch.records.contains(where: { $0.key == key }) else { return }
        let known = records[key] ?? 0
        let version = random.chance(1, in: 20) ? known + 1 : known
        let content: [UInt8]? =
            random.chance(1, in: 4) ? nil : [UInt8(truncatingIfNeeded: random.next())]
        batch.records.append(Sample.record(key, from: version, content))
    }

    private mutating func addJournal(_ batch: inout CommitBatch) {
        let names = [Sample.customer, Sample.settlement, Sample.income]
        if random.chance(1, in: 2), let subject = open.keys.sorted().first, let old = open[subject]
        {
            var transfers = old.transfers
            let action: Journal.Action
            switch (old.action, number(below: 8)) {
            case (.direct, 1...), (.pending, 0):
                action = .reverse(number: old.number)
                transfers = transfers.map {
                    Transfer(debit: $0.credit, credit: $0.debit, amount: $0.amount)
                }
            case (_, 1...4): action = .post(number: old.number)
            default: action = .void(number: old.number)
            }
            if random.chance(1, in: 15) { transfers.reverse() }
            batch.book(
                Sample.journal(subject, old.number + 1, action, transfers, purpose: old.purpose),
                at: Sample.at(second)
            )
            return
        }
        nextSubject += 1
        // Half of them are a payment's, whose journals go on from number to number.
        let ofPayment = versions.keys.sorted().first { numbers[$0] == nil }
        let subject = random.chance(1, in: 2) ? ofPayment ?? nextSubject : nextSubject
        let isPayment = subject < 1000 || random.chance(1, in: 40)
        let transfers = (0...number(below: 2)).map { _ in
            let debit = Int(number(below: 3))
            let credit = (debit + 1 + Int(number(below: 2))) % 3
            let amount = Int64(number(below: 300) + 1)
            return Sample.transfer(names[debit], names[credit], amount)
        }
        batch.book(
            Sample.journal(
                subject,
                random.chance(1, in: 30) ? 2 : 1,
                random.chance(1, in: 3) ? .direct : .pending,
                transfers,
                purpose: isPayment ? .payment : .operator
            ),
            at: Sample.at(second)
        )
    }
}
