import SelatISO20022
import SelatLedger
import SelatMoney
import SelatNode
import SelatScheme
import SelatStorage
import SelatTime

/// Everything the region holds about each payment of a share, read again from rows and raw messages.
struct Evidence: Sendable {
    /// One instance's row.
    struct Holding: Sendable {
        let node: String
        let instance: PartyID
        let state: PublishedState?
        let row: PaymentRow
    }

    /// One payment over all nodes.
    struct Payment: Sendable {
        let uetr: UUIDv4
        var holdings: [Holding] = []
        /// The pacs.008 of each leg, parsed from the bytes that crossed the hops.
        var source: CreditTransfer?
        var destination: CreditTransfer?
        /// First receipt of the source leg's message at the hub.
        var reachedHub: Instant?
        /// What its journals moved, one entry per account, in the order first touched.
        var movements: [Movement] = []
        /// The messages that were read for its legs: an equal copy tells nothing new.
        var read: [[UInt8]] = []

        init(_ uetr: UUIDv4) { self.uetr = uetr }

        var isFinal: Bool {
            !holdings.isEmpty && holdings.allSatisfy { $0.state?.outcome.isFinal ?? false }
        }

        /// Rejected somewhere while a 4-step access provider has not reversed its credit yet. The
        /// credit is quiescent, so while a region runs the payment is still in flight.
        var awaitsReversal: Bool {
            holdings.contains { $0.state?.outcome == .rejected }
                && holdings.contains { $0.state?.name == "Credited" }
        }

        /// Net posted minor units on an account.
        func posted(_ key: AccountKey) -> Int64 {
            movements.first { $0.account == key }?.posted ?? 0
        }
    }

    /// What one payment moved on one account.
    struct Movement: Sendable {
        let account: AccountKey
        /// Net posted minor units.
        var posted: Int64 = 0
        /// Reservations still open.
        var pending: Int64 = 0
    }

    /// Those that were read, whether they hold something of the share or not.
    let nodes: Set<String>
    /// In the order of their UETRs.
    private(set) var payments: [Payment] = []
    private var index: [UUIDv4: Int] = [:]
    private var quotes: [UUIDv4: Quote] = [:]

    init(topology: AuditTopology, dumps: [String: NodeDump]) {
        nodes = Set(dumps.keys)
        // The hub first: it has both legs of every payment that it sent on.
        let hub = topology.nodes[.hub]
        let sorted = dumps.sorted {
            ($0.key != hub ? 1 : 0, $0.key) < ($1.key != hub ? 1 : 0, $1.key)
        }
        var uetrs: Set<UUIDv4> = []
        for (_, dump) in sorted {
            for stored in dump.payments { uetrs.insert(stored.uetr) }
            for stored in dump.journals where stored.journal.purpose == .payment {
                uetrs.insert(stored.journal.subject)
            }
        }
        payments = uetrs.sorted().map { Payment($0) }
        index.reserveCapacity(payments.count)
        for place in payments.indices { index[payments[place].uetr] = place }
        for (node, dump) in sorted {
            for stored in dump.payments {
                guard let place = index[stored.uetr] else { continue }
                let kind = topology.kinds[stored.instance]
                payments[place].holdings.append(
                    Holding(
                        node: node,
                        instance: stored.instance,
                        state: kind.flatMap { PublishedState.of($0, number: stored.row.state) },
                        row: stored.row
                    )
                )
            }
            for stored in dump.journals where stored.journal.purpose == .payment {
                note(stored.journal)
            }
            for message in dump.messages where message.kind == Message.Kind.creditTransfer {
                note(message)
            }
        }
    }

    /// Where the hub keeps the quotes that the payments' source legs name.
    var namedQuotes: [RecordKey] {
        payments.compactMap { payment in
            payment.source?.message.agreedRate.quoteIdentification.map {
                RecordKey(instance: .hub, kind: .quote, key: $0.description)
            }
        }
    }

    /// Takes the hub's quotes.
    mutating func add(_ records: [StoredRecord]) {
        for stored in records {
            do {
                let quote = try Quote(record: stored.row.content)
                quotes[quote.id] = quote
            } catch { continue }
        }
    }

    /// `nil` where no node holds it and no book moved for it.
    func payment(_ uetr: UUIDv4) -> Payment? { index[uetr].map { payments[$0] } }

    /// The quote that a message names, as the hub stored it.
    func quote(of transfer: CreditTransfer) -> Quote? {
        transfer.message.agreedRate.quoteIdentification.flatMap { quotes[$0] }
    }

    private mutating func note(_ journal: Journal) {
        guard let place = index[journal.subject] else { return }
        journal.forEachDelta { key, delta, _ in
            var entry = payments[place].movements.firstIndex { $0.account == key }
            if entry == nil {
                entry = payments[place].movements.count
                payments[place].movements.append(Movement(account: key))
            }
            guard let entry else { return }
            payments[place].movements[entry].posted += delta.postedDebits - delta.postedCredits
            payments[place].movements[entry].pending += delta.pendingDebits + delta.pendingCredits
        }
    }

    private mutating func note(_ message: StoredMessage) {
        // Once both legs are known, the other copies of their messages tell nothing new: the hub's
        // first receipt comes before its sending on.
        guard let uetr = message.uetr, let place = index[uetr],
            payments[place].source == nil || payments[place].destination == nil
        else { return }
        guard !payments[place].read.contains(where: message.bytes.isSame) else { return }
        payments[place].read.append(message.bytes)
        guard
            case .message(.iso(.creditTransfer(let decoded))) = Message.decode(
                kind: message.kind,
                message.bytes
            )
        else { return }
        let transfer: CreditTransfer
        do { transfer = try CreditTransfer(parsing: decoded) } catch { return }
        if decoded.previousInstructingAgent1 == nil {
            if payments[place].source == nil { payments[place].source = transfer }
        } else if payments[place].destination == nil {
            payments[place].destination = transfer
        }
        if message.direction == .received, message.hop?.to == .hub,
            payments[place].reachedHub.map({ $0 > message.at }) ?? true
        {
            payments[place].reachedHub = message.at
        }
    }
}

extension Evidence.Payment {
    /// `sg SentToHub`, for people.
    var openPlaces: [String] {
        holdings.filter { !($0.state?.outcome.isFinal ?? false) }
            .map { "\($0.instance) \($0.state?.name ?? "state \($0.row.state)")" }
    }
}
