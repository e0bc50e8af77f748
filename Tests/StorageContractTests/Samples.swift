import SelatLedger
import SelatMoney
import SelatNode
import SelatScheme
import SelatTime

/// Small values the cases are made of. All names are fictional.
enum Sample {
    static let hub = PartyID.hub
    static let bank = PartyID(checked: "DBSSSGS0XXX")
    static let other = PartyID(checked: "KASITHB0XXX")
    static let book = BookID("hub")
    static let link = LinkID("ips-sg")
    static let secondLink = LinkID("ips-th")

    static func at(_ second: Int64) -> Instant { Instant(nanoseconds: second * 1_000_000_000) }

    static func uetr(_ number: UInt64) -> UUIDv4 {
        UUIDv4(Seed(high: number &* 0x9E37_79B9_7F4A_7C15, low: number))
    }

    static func receipt(_ number: UInt64) -> Receipt {
        Receipt(uetr: uetr(number), digest: ContentDigest(high: .max - number, low: number))
    }

    /// Bytes that no packing makes smaller.
    static func noise(_ seed: UInt64, count: Int) -> [UInt8] {
        var random = SeededGenerator(seed: seed, stream: "noise")
        return (0..<count).map { _ in UInt8(truncatingIfNeeded: random.next() >> 32) }
    }

    /// A message whose codec does not change with the ISO profile.
    static func message(_ number: UInt64) -> Message {
        .rate(
            RateAnnouncement(
                id: uetr(number),
                sourceCountry: "SG",
                destinationCountry: "TH",
                rate: nil
            )
        )
    }

    static func retained(
        _ sequence: UInt64,
        on link: LinkID = link,
        epoch: UInt64 = 7,
        about uetr: UUIDv4? = nil
    ) -> RetainedMessage {
        let (kind, bytes) = message(sequence).encoded()
        return RetainedMessage(
            link: link,
            epoch: epoch,
            sequence: sequence,
            kind: kind,
            from: hub,
            to: bank,
            at: at(Int64(sequence)),
            uetr: uetr,
            bytes: bytes
        )
    }

    static func payment(
        _ number: UInt64,
        from version: Int64 = 0,
        state: UInt8 = 1,
        due: Instant? = nil,
        instruction: InstructionWrite? = nil
    ) -> PaymentWrite {
        PaymentWrite(
            instance: hub,
            uetr: uetr(number),
            expectedVersion: version,
            row: PaymentRow(
                version: version + 1,
                state: state,
                due: due,
                content: [1, state, UInt8(truncatingIfNeeded: number)]
            ),
            instruction: instruction
        )
    }

    static func record(_ key: String, from version: Int64 = 0, _ content: [UInt8]?) -> RecordWrite {
        RecordWrite(
            instance: hub,
            kind: .quote,
            key: key,
            expectedVersion: version,
            row: content.map { RecordRow(version: version + 1, content: $0) }
        )
    }

    static func receiptWrite(_ number: UInt64, id: String) -> ReceiptWrite {
        ReceiptWrite(
            instance: hub,
            insertion: ReceiptInsertion(
                sender: bank,
                messageIdentification: id,
                receipt: receipt(number)
            )
        )
    }

    static func history(_ number: UInt64, _ from: UInt8?, _ to: UInt8) -> HistoryRow {
        HistoryRow(at: at(1), instance: hub, uetr: uetr(number), from: from, to: to, cause: "M4")
    }

    static func key(_ name: String) -> AccountKey {
        AccountKey(book: book, name: name, currency: .sgd)
    }

    static let customer = key("customer:3920017745")
    static let settlement = key("settlement")
    static let income = key("fee-income:source")

    /// A customer with 1000, a settlement account with as much, an income account.
    static var accounts: [LedgerAccount] {
        [
            LedgerAccount(
                key: customer,
                kind: .liability,
                floor: 0,
                balance: Balance(postedCredits: 1000)
            ),
            LedgerAccount(
                key: settlement,
                kind: .asset,
                floor: -500,
                balance: Balance(postedDebits: 1000)
            ),
            LedgerAccount(key: income, kind: .income, floor: nil),
        ]
    }

    static func transfer(_ debit: AccountKey, _ credit: AccountKey, _ amount: Int64) -> Transfer {
        Transfer(
            debit: debit.name,
            credit: credit.name,
            amount: Money(minorUnits: amount, currency: .sgd)
        )
    }

    static func journal(
        _ subject: UInt64,
        _ number: Int,
        _ action: Journal.Action,
        _ transfers: [Transfer],
        purpose: JournalPurpose = .operator
    ) -> Journal {
        Journal(
            book: book,
            subject: uetr(subject),
            number: number,
            purpose: purpose,
            action: action,
            transfers: transfers
        )
    }
}

extension CommitBatch {
    /// Adds journals and the balances that follow from them, as the core's working set does.
    mutating func book(_ journals: Journal..., at: Instant = Sample.at(1)) {
        var sums: [AccountKey: BalanceWrite] = [:]
        for write in balances { sums[write.account] = write }
        for journal in journals {
            self.journals.append(JournalWrite(at: at, journal: journal))
            journal.forEachDelta { key, delta, isGuarded in
                var sum = sums[key]?.delta ?? Balance()
                sum += delta
                sums[key] = BalanceWrite(
                    account: key,
                    delta: sum,
                    isGuarded: isGuarded || sums[key]?.isGuarded ?? false
                )
            }
        }
        balances = sums.values.sorted { $0.account < $1.account }
    }
}

/// A batch built in place.
func batch(at second: Int64 = 1, _ fill: (inout CommitBatch) -> Void) -> CommitBatch {
    var batch = CommitBatch(at: Sample.at(second))
    fill(&batch)
    return batch
}
