import SelatLedger
import SelatMoney
import SelatNode
import SelatScheme
import SelatTime

/// Makes a hub's batches; the time to make them is not measured.
struct Load {
    private let size: Int
    private var random = SeededGenerator(seed: 1, stream: "cost")
    private var second: Int64 = 1
    private var position = LinkPosition(link: LinkID("ips-sg"), sendEpoch: 7)
    private var pending: [UUIDv4] = []
    private let large: [UInt8]
    private let small: [UInt8]
    private let message = Message.rate(
        RateAnnouncement(
            id: UUIDv4(Seed(high: 1, low: 1)),
            sourceCountry: "SG",
            destinationCountry: "TH",
            rate: nil
        )
    )

    init(size: Int) {
        self.size = size
        large = (0..<2500).map { UInt8(truncatingIfNeeded: 32 + $0 % 90) }
        small = (0..<1200).map { UInt8(truncatingIfNeeded: 32 + $0 % 90) }
    }

    private static let book = BookID("hub")
    private static let sender = PartyID(checked: "ips-sg")
    private static let names: [(String, Currency)] = [
        ("cleared:ips-sg", .sgd), ("position:fxp", .sgd), ("position:fxp", .thb),
        ("cleared:ips-th", .thb), ("receivable:ips-sg", .sgd), ("scheme-fee-income", .sgd),
    ]

    private static func key(_ index: Int) -> AccountKey {
        AccountKey(book: book, name: names[index].0, currency: names[index].1)
    }

    private static let transfers: [Transfer] = [0, 2, 4].map { index in
        Transfer(
            debit: names[index].0,
            credit: names[index + 1].0,
            amount: Money(minorUnits: 49_800, currency: names[index].1)
        )
    }

    func opening() -> CommitBatch {
        var batch = CommitBatch(at: Instant(nanoseconds: 1))
        batch.accounts = Load.names.indices.map {
            LedgerAccount(key: Load.key($0), kind: .memorandumCredit, floor: nil)
        }
        batch.links = [position]
        return batch
    }

    /// The quotes of the next payments.
    mutating func quotes() -> CommitBatch {
        var batch = CommitBatch(at: advance())
        pending = (0..<size).map { _ in UUIDv4(random.nextSeed()) }
        batch.records = pending.map { quote($0, version: 0) }
        return batch
    }

    private func quote(_ uetr: UUIDv4, version: Int64) -> RecordWrite {
        RecordWrite(
            instance: .hub,
            kind: .quote,
            key: uetr.description,
            expectedVersion: version,
            row: RecordRow(version: version + 1, content: [UInt8](repeating: 7, count: 300))
        )
    }

    /// The payments of one batch, as their pacs.008 arrives.
    mutating func instructions() -> (keys: [FactKey], batch: CommitBatch) {
        var batch = CommitBatch(at: advance())
        var keys = Load.names.indices.map { FactKey.account(Load.key($0)) }
        for (index, uetr) in pending.enumerated() {
            let id = MessageIdentification.derive(
                sender: Load.sender,
                at: Instant(nanoseconds: batch.at.nanoseconds + Int64(index)),
                seed: random.nextSeed(),
                purpose: 1
            )
            keys.append(.payment(.hub, uetr))
            keys.append(.receipt(.hub, sender: Load.sender, messageIdentification: id))
            keys.append(.record(.hub, .quote, uetr.description))
            exchange(large, about: uetr, &batch)
            let instruction = InstructionWrite.received(index: index, message)
            add(uetr, version: 0, instruction, &batch)
            receive(uetr, id, &batch)
            batch.records.append(quote(uetr, version: 1))
            book(uetr, 1, .pending, &batch)
        }
        close(&batch)
        return (keys, batch)
    }

    /// Their answers.
    mutating func answers() -> (keys: [FactKey], batch: CommitBatch) {
        var batch = CommitBatch(at: advance())
        var keys = Load.names.indices.map { FactKey.account(Load.key($0)) }
        for (index, uetr) in pending.enumerated() {
            let id = MessageIdentification.derive(
                sender: Load.sender,
                at: Instant(nanoseconds: batch.at.nanoseconds + Int64(index)),
                seed: random.nextSeed(),
                purpose: 2
            )
            keys.append(.payment(.hub, uetr))
            keys.append(.instruction(.hub, uetr))
            keys.append(.receipt(.hub, sender: Load.sender, messageIdentification: id))
            exchange(small, about: uetr, &batch)
            add(uetr, version: 1, nil, &batch)
            receive(uetr, id, &batch)
            book(uetr, 2, .post(number: 1), &batch)
        }
        close(&batch)
        return (keys, batch)
    }

    private mutating func advance() -> Instant {
        second += 1
        return Instant(nanoseconds: second * 1_000_000_000)
    }

    private mutating func exchange(
        _ bytes: [UInt8],
        about uetr: UUIDv4,
        _ batch: inout CommitBatch
    ) {
        position.receivedSequence += 1
        for sequence in [position.receivedSequence, position.nextSequence] {
            let isReceived = batch.received.count == batch.sent.count
            let retained = RetainedMessage(
                link: position.link,
                epoch: 7,
                sequence: sequence,
                kind: 1,
                from: isReceived ? Load.sender : .hub,
                to: isReceived ? .hub : Load.sender,
                at: batch.at,
                uetr: uetr,
                bytes: bytes
            )
            if isReceived { batch.received.append(retained) } else { batch.sent.append(retained) }
        }
        position.nextSequence += 1
    }

    private func add(
        _ uetr: UUIDv4,
        version: Int64,
        _ instruction: InstructionWrite?,
        _ batch: inout CommitBatch
    ) {
        batch.payments.append(
            PaymentWrite(
                instance: .hub,
                uetr: uetr,
                expectedVersion: version,
                row: PaymentRow(
                    version: version + 1,
                    state: UInt8(version + 1),
                    due: version == 0 ? batch.at + .seconds(30) : nil,
                    content: [UInt8](repeating: 3, count: 200)
                ),
                instruction: instruction
            )
        )
        for state in 0..<(version == 0 ? 2 : 1) {
            batch.history.append(
                HistoryRow(
                    at: batch.at,
                    instance: .hub,
                    uetr: uetr,
                    from: version == 0 && state == 0 ? nil : 1,
                    to: UInt8(state + 1),
                    cause: "M4"
                )
            )
        }
    }

    private func receive(_ uetr: UUIDv4, _ id: String, _ batch: inout CommitBatch) {
        batch.receipts.append(
            ReceiptWrite(
                instance: .hub,
                insertion: ReceiptInsertion(
                    sender: Load.sender,
                    messageIdentification: id,
                    receipt: Receipt(
                        uetr: uetr,
                        digest: ContentDigest(high: uetr.low, low: uetr.high)
                    )
                )
            )
        )
    }

    private func book(
        _ uetr: UUIDv4,
        _ number: Int,
        _ action: Journal.Action,
        _ batch: inout CommitBatch
    ) {
        batch.journals.append(
            JournalWrite(
                at: batch.at,
                journal: Journal(
                    book: Load.book,
                    subject: uetr,
                    number: number,
                    action: action,
                    transfers: Load.transfers
                )
            )
        )
    }

    private mutating func close(_ batch: inout CommitBatch) {
        var sums: [AccountKey: Balance] = [:]
        for write in batch.journals {
            write.journal.forEachDelta { key, delta, _ in sums[key, default: Balance()] += delta }
        }
        batch.balances = sums.sorted { $0.key < $1.key }
            .map { BalanceWrite(account: $0.key, delta: $0.value, isGuarded: true) }
        // A peer has all but the last few.
        position.acknowledged = max(position.nextSequence, 1025) - 1025
        batch.links = [position]
    }
}
