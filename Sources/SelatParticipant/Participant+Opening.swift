import SelatLedger
import SelatMoney
import SelatNode
import SelatScheme
import SelatTime

/// The books. Source: Specs/Rulebook/Bookings.md §2.
extension Participant {
    /// One line of the chart of accounts.
    struct ChartLine {
        let name: String
        let kind: AccountKind
        let floor: Int64?
        /// What it holds when the books are opened, against equity.
        let opening: Money?
    }

    /// The whole chart, in the order in which it is shown.
    var chart: [ChartLine] {
        let own: [ChartLine] = [
            ChartLine(
                name: "settlement",
                kind: .asset,
                floor: nil,
                opening: configuration.settlementOpening
            ),
            ChartLine(name: "fee-income:source", kind: .income, floor: nil, opening: nil),
            ChartLine(name: "fee-income:destination", kind: .income, floor: nil, opening: nil),
            ChartLine(name: "blocked", kind: .liability, floor: 0, opening: nil),
            ChartLine(name: "unapplied", kind: .liability, floor: 0, opening: nil),
            ChartLine(name: "equity", kind: .equity, floor: nil, opening: nil),
        ]
        let deposits = configuration.providers.map {
            ChartLine(
                name: Participant.depositName($0.provider),
                kind: .liability,
                floor: 0 - $0.creditLine.minorUnits,
                opening: $0.opening
            )
        }
        let customers = configuration.customers.map {
            ChartLine(
                name: "customer:\($0.account)",
                kind: .liability,
                floor: 0 - $0.overdraft.minorUnits,
                opening: $0.opening
            )
        }
        return own + deposits + customers
    }

    var openingFacts: [FactKey] {
        [.record(instance, .marker, OpeningMarker.key)]
            + configuration.customers.map { .record(instance, .customer, $0.account) }
    }

    /// Opens the books at the first start; every later one finds them open.
    func open(_ event: Event, _ facts: Facts) -> Decision {
        var decision = Decision()
        guard facts.record(instance, .marker, OpeningMarker.key) == nil else { return decision }
        let chart = chart
        decision.accounts = chart.map {
            LedgerAccount(key: key($0.name), kind: $0.kind, floor: $0.floor)
        }
        let transfers = chart.compactMap { line -> Transfer? in
            guard let opening = line.opening, opening.isPositive else { return nil }
            return funding(line.name, opening)
        }
        if !transfers.isEmpty {
            decision.journals.append(
                Journal(
                    book: book,
                    subject: UUIDv4(event.seed.derived(0)),
                    number: 1,
                    purpose: .opening,
                    action: .direct,
                    transfers: transfers
                )
            )
        }
        for customer in configuration.customers {
            decision.records.append(
                RecordChange(
                    kind: .customer,
                    key: customer.account,
                    expectedVersion: 0,
                    content: CustomerRecord(customer).bytes
                )
            )
        }
        decision.records.append(
            RecordChange(
                kind: .marker,
                key: OpeningMarker.key,
                expectedVersion: 0,
                content: OpeningMarker(tokenKey: event.seed.derived(1)).bytes
            )
        )
        return decision
    }

    /// Money from outside: `settlement` grows against equity, deposits grow out of it.
    func funding(_ account: String, _ amount: Money) -> Transfer {
        account == "settlement"
            ? Transfer(debit: "settlement", credit: "equity", amount: amount)
            : Transfer(debit: "equity", credit: account, amount: amount)
    }
}
