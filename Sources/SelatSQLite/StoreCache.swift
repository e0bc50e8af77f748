import SelatLedger
import SelatNode
import SelatScheme
import SelatStorage
import SelatTime

/// What the writer remembers of its database. It is never stale: only this process writes, each
/// row is remembered as it is written, and a transaction that did not commit empties it.
struct StoreCache {
    struct PaymentKey: Hashable {
        let instance: PartyID
        let uetr: UUIDv4
    }

    struct Payment {
        let id: Int64
        var row: PaymentRow
        let instruction: Int64?
    }

    struct ReceiptKey: Hashable {
        let instance: PartyID
        let sender: PartyID
        let messageIdentification: String
    }

    struct RecordKey: Hashable {
        let instance: PartyID
        let kind: RecordKind
        let key: String
    }

    enum Record {
        case absent
        case present(id: Int64, RecordRow)
    }

    struct Account {
        let id: Int64
        var account: LedgerAccount
    }

    struct JournalKey: Hashable {
        let book: BookID
        let subject: UUIDv4
        let number: Int
    }

    /// Bounded by the topology and by the names its nodes speak for.
    var parties: [String: Int64] = [:]
    var links: [LinkID: Int64] = [:]
    /// The number of the youngest message.
    var lastMessage: Int64?
    var payments: GenerationCache<PaymentKey, Payment>
    /// By the message's number.
    var instructions: GenerationCache<Int64, Message>
    var receipts: GenerationCache<ReceiptKey, Receipt>
    var records: GenerationCache<RecordKey, Record>
    var accounts: GenerationCache<AccountKey, Account>
    var journals: GenerationCache<JournalKey, NamedJournal>

    init(_ options: SQLiteOptions) {
        payments = GenerationCache(capacity: options.cachedRows)
        instructions = GenerationCache(capacity: options.cachedInstructions)
        receipts = GenerationCache(capacity: options.cachedRows)
        records = GenerationCache(capacity: options.cachedRows)
        accounts = GenerationCache(capacity: options.cachedRows)
        journals = GenerationCache(capacity: options.cachedRows)
    }

    mutating func removeAll() {
        parties.removeAll()
        links.removeAll()
        lastMessage = nil
        payments.removeAll()
        instructions.removeAll()
        receipts.removeAll()
        records.removeAll()
        accounts.removeAll()
        journals.removeAll()
    }
}
