import SelatLedger
import SelatMoney
import SelatNode
import SelatScheme
import SelatTime

/// The hub's books: opened once, and widened when the reference data has grown.
extension Hub {
    static let openMarker = "open"
    private static let markerLayout: UInt8 = 1

    /// Every account of the chart, in order. None has a floor: the hub holds nobody's money, and
    /// the access providers check funds.
    func chart(of instance: PartyID) -> [LedgerAccount] {
        let book = BookID(instance.name)
        var accounts: [LedgerAccount] = []
        var seen: Set<AccountKey> = []
        func add(_ name: String, _ currency: Currency, _ kind: AccountKind) {
            let key = AccountKey(book: book, name: name, currency: currency)
            guard seen.insert(key).inserted else { return }
            accounts.append(LedgerAccount(key: key, kind: kind, floor: nil))
        }
        for country in reference.countries {
            add(Chart.cleared(country.system), country.currency, .memorandumDebit)
            add(Chart.receivable(country.system), country.currency, .asset)
            add(Chart.schemeFeeIncome, country.currency, .income)
            for provider in reference.providers where provider.accounts[country.code] != nil {
                add(Chart.position(provider.id), country.currency, .memorandumCredit)
            }
        }
        return accounts.sorted { $0.key < $1.key }
    }

    /// Opens what is not open yet. The marker lists what is, because accounts are points: the
    /// hub cannot ask which there are.
    func open(_ event: Event, facts: Facts) -> Decision {
        let row = facts.record(event.instance, .marker, Hub.openMarker)
        var open = row.map { Hub.openAccounts(stored: $0.content) } ?? []
        let missing = chart(of: event.instance).filter { !open.contains($0.key.description) }
        guard row == nil || !missing.isEmpty else { return .nothing }
        open += missing.map(\.key.description)
        var decision = Decision()
        decision.accounts = missing
        decision.records.append(
            RecordChange(
                kind: .marker,
                key: Hub.openMarker,
                expectedVersion: row?.version ?? 0,
                content: RecordWriter.record(layout: Hub.markerLayout) { writer in
                    writer.write(open.count)
                    for name in open { writer.write(name) }
                }
            )
        )
        return decision
    }

    private static func openAccounts(stored bytes: [UInt8]) -> [String] {
        do throws(RecordError) {
            var reader = try RecordReader(bytes, layout: markerLayout)
            var names: [String] = []
            for _ in 0..<max(0, try reader.integer()) { names.append(try reader.text()) }
            return names
        } catch {
            preconditionFailure("the list of open accounts cannot be read: \(error)")
        }
    }
}
