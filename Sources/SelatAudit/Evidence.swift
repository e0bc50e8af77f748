import SelatISO20022
import SelatLedger
import SelatMoney
import SelatNode
import SelatScheme
import SelatStorage
import SelatTime

/// Everything the region holds about each payment, read again from rows and raw messages.
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
        var holdings: [Holding] = []
        /// The pacs.008 of each leg, parsed from the bytes that crossed the hops.
        var source: CreditTransfer?
        var destination: CreditTransfer?
        /// First receipt of the source leg's message at the hub.
        var reachedHub: Instant?
        /// Net posted minor units, and reservations still open, by account.
        var posted: [AccountKey: Int64] = [:]
        var pending: [AccountKey: Int64] = [:]
    }

    private(set) var payments: [UUIDv4: Payment] = [:]
    private var quotes: [UUIDv4: Quote] = [:]

    init(topology: AuditTopology, dumps: [String: NodeDump]) {
        // The hub first: it has both legs of every payment that it sent on.
        let hub = topology.nodes[.hub]
        let sorted = dumps.sorted {
            ($0.key != hub ? 1 : 0, $0.key) < ($1.key != hub ? 1 : 0, $1.key)
        }
        for (node, dump) in sorted {
            for stored in dump.payments {
                let kind = topology.kinds[stored.instance]
                payments[stored.uetr, default: Payment()].holdings.append(
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
            for stored in dump.records where stored.kind == .quote {
                do {
                    let quote = try Quote(record: stored.row.content)
                    quotes[quote.id] = quote
                } catch { continue }
            }
            for message in dump.messages where message.kind == Message.Kind.creditTransfer {
                note(message, topology)
            }
        }
    }

    /// The quote that a message names, as the hub stored it.
    func quote(of transfer: CreditTransfer) -> Quote? {
        transfer.message.agreedRate.quoteIdentification.flatMap { quotes[$0] }
    }

    /// Payments that are final wherever they are held.
    var finalEverywhere: Set<UUIDv4> {
        Set(
            payments.filter { _, payment in
                !payment.holdings.isEmpty
                    && payment.holdings.allSatisfy { $0.state?.outcome.isFinal ?? false }
            }.keys
        )
    }

    /// Payments that are rejected somewhere while a 4-step access provider has not reversed its
    /// credit yet. The credit is quiescent, so while a region runs they are still in flight.
    var awaitingReversal: Set<UUIDv4> {
        Set(
            payments.filter { _, payment in
                payment.holdings.contains { $0.state?.outcome == .rejected }
                    && payment.holdings.contains { $0.state?.name == "Credited" }
            }.keys
        )
    }

    /// `sg SentToHub`, for people.
    func openPlaces(_ uetr: UUIDv4) -> [String] {
        (payments[uetr]?.holdings ?? []).filter { !($0.state?.outcome.isFinal ?? false) }
            .map { "\($0.instance) \($0.state?.name ?? "state \($0.row.state)")" }
    }

    private mutating func note(_ journal: Journal) {
        guard payments[journal.subject] != nil || !journal.transfers.isEmpty else { return }
        journal.forEachDelta { key, delta, _ in
            payments[journal.subject, default: Payment()].posted[key, default: 0] +=
                delta.postedDebits - delta.postedCredits
            payments[journal.subject, default: Payment()].pending[key, default: 0] +=
                delta.pendingDebits + delta.pendingCredits
        }
    }

    private mutating func note(_ message: StoredMessage, _ topology: AuditTopology) {
        // Once both legs are known, the other copies of their messages tell nothing new: the hub's
        // first receipt comes before its sending on.
        guard let uetr = message.uetr, let known = payments[uetr],
            known.source == nil || known.destination == nil,
            case .message(.iso(.creditTransfer(let decoded))) = Message.decode(
                kind: message.kind,
                message.bytes
            )
        else { return }
        let transfer: CreditTransfer
        do { transfer = try CreditTransfer(parsing: decoded) } catch { return }
        if decoded.previousInstructingAgent1 == nil {
            if payments[uetr]?.source == nil { payments[uetr]?.source = transfer }
        } else if payments[uetr]?.destination == nil {
            payments[uetr]?.destination = transfer
        }
        if message.direction == .received, message.hop?.to == .hub,
            payments[uetr]?.reachedHub.map({ $0 > message.at }) ?? true
        {
            payments[uetr]?.reachedHub = message.at
        }
    }
}
