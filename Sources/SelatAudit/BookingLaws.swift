import SelatISO20022
import SelatLedger
import SelatMoney
import SelatNode
import SelatScheme
import SelatStorage
import SelatTime

/// What every book must show for a payment once it is final. Laws I3 and I5.
/// Source: Specs/Rulebook/Bookings.md §5.
extension Audit {
    func bookingViolations(_ payment: Evidence.Payment, _ evidence: Evidence) -> [Violation] {
        var violations: [Violation] = []
        for movement in payment.movements where movement.pending != 0 {
            let key = movement.account
            violations.append(
                Violation(
                    .bothLegsOrNeither,
                    at: key.book.name,
                    uetr: payment.uetr,
                    "final, but \(movement.pending) is still reserved on \(key.redacted)"
                )
            )
        }
        // What is expected is taken off what was found: nothing may be left.
        var differences: [(key: AccountKey, wanted: Int64, found: Int64)] = []
        let expected = expectedPostings(payment, evidence)
        for movement in payment.movements {
            let wanted = expected.first { $0.key == movement.account }?.sum ?? 0
            guard wanted != movement.posted else { continue }
            differences.append((movement.account, wanted, movement.posted))
        }
        for (key, wanted) in expected where wanted != 0 {
            guard !payment.movements.contains(where: { $0.account == key }) else { continue }
            differences.append((key, wanted, 0))
        }
        for (key, wanted, found) in differences.sorted(by: { $0.key < $1.key }) {
            guard covers(key.book, evidence) else { continue }
            let isCustomer = key.name.hasPrefix("customer:")
            violations.append(
                Violation(
                    isCustomer ? .noDoubleCredit : .bothLegsOrNeither,
                    at: key.book.name,
                    uetr: payment.uetr,
                    "\(key.redacted) moved by \(found), lawful is \(wanted)"
                )
            )
        }
        return violations
    }

    /// A provider hears of a payment after it is final; until all stands still its book may lag.
    private func covers(_ book: BookID, _ evidence: Evidence) -> Bool {
        let party = PartyID(checked: book.name)
        guard let node = topology.nodes[party], evidence.nodes.contains(node) else { return false }
        switch topology.kinds[party] {
        case .provider: return moment == .stopped
        case .hub, .system, .participant: return true
        case .directory, nil: return false
        }
    }

    /// Debits less credits per account; empty for a rejected payment.
    private func expectedPostings(
        _ payment: Evidence.Payment,
        _ evidence: Evidence
    ) -> [(key: AccountKey, sum: Int64)] {
        guard
            let outcome = payment.holdings.first(where: { $0.instance == .hub })?.state?.outcome,
            outcome == .completed || outcome == .blocked, let source = payment.source,
            let destination = payment.destination, let quote = evidence.quote(of: source)
        else { return [] }
        var postings = Postings()
        let isOneSource = source.instructingAgent == source.instructedAgent
        let isOneDestination = destination.instructingAgent == destination.instructedAgent
        let provider = "fxp:\(quote.provider)"
        let sIBS = source.settlementAmount
        let dIBS = destination.settlementAmount
        sourceBooks(source, provider, isOneSource, &postings)
        destinationBooks(
            payment,
            destination,
            provider,
            isOneDestination,
            outcome == .blocked,
            &postings
        )
        hubBook(source, destination, quote, &postings)
        let view = quote.provider.name
        if topology.kinds[quote.provider] == .provider,
            payment.movements.contains(where: {
                $0.account.book.name == view
            }) || moment == .stopped
        {
            postings.move(
                view,
                "nostro:\(source.instructedAgent.code)",
                "fx-position:\(sIBS.currency)",
                sIBS
            )
            postings.move(
                view,
                "fx-position:\(dIBS.currency)",
                "nostro:\(destination.instructingAgent.code)",
                dIBS
            )
        }
        return postings.sums
    }

    private func sourceBooks(
        _ source: CreditTransfer,
        _ provider: String,
        _ isOne: Bool,
        _ postings: inout Postings
    ) {
        let amount = source.settlementAmount
        let debtorAgent = source.debtorAgent.code
        let access = source.instructedAgent.code
        let customer = "customer:\(source.message.debtorAccount.number ?? "")"
        postings.move(debtorAgent, customer, isOne ? provider : "settlement", amount)
        postings.move(debtorAgent, customer, "fee-income:source", source.sourceFee)
        guard !isOne else { return }
        if let system = system(of: debtorAgent) {
            postings.move(system, "participant:\(debtorAgent)", "participant:\(access)", amount)
        }
        postings.move(access, "settlement", provider, amount)
    }

    private func destinationBooks(
        _ payment: Evidence.Payment,
        _ destination: CreditTransfer,
        _ provider: String,
        _ isOne: Bool,
        _ isBlocked: Bool,
        _ postings: inout Postings
    ) {
        let amount = destination.settlementAmount
        let creditorAgent = destination.creditorAgent.code
        let access = destination.instructingAgent.code
        let funds = isOne ? provider : "settlement"
        if isBlocked {
            postings.move(creditorAgent, funds, "blocked", amount)
        } else {
            // A customer's account that was closed after the promise is credited as unapplied.
            let customer = "customer:\(destination.message.creditorAccount.number ?? "")"
            let unapplied = AccountKey(
                book: BookID(creditorAgent),
                name: "unapplied",
                currency: amount.currency
            )
            let isUnapplied = payment.posted(unapplied) != 0
            let net = destination.creditorAccountAmount
            postings.move(creditorAgent, funds, isUnapplied ? "unapplied" : customer, net)
            postings.move(
                creditorAgent,
                funds,
                "fee-income:destination",
                destination.destinationFee
            )
        }
        guard !isOne else { return }
        postings.move(access, provider, "settlement", amount)
        if let system = system(of: creditorAgent) {
            postings.move(
                system,
                "participant:\(access)",
                "participant:\(creditorAgent)",
                amount
            )
        }
    }

    private func hubBook(
        _ source: CreditTransfer,
        _ destination: CreditTransfer,
        _ quote: Quote,
        _ postings: inout Postings
    ) {
        guard let from = system(of: source.debtorAgent.code),
            let to = system(of: destination.creditorAgent.code)
        else { return }
        let position = "position:\(quote.provider)"
        postings.move("hub", "cleared:\(from)", position, source.settlementAmount)
        postings.move("hub", position, "cleared:\(to)", destination.settlementAmount)
        postings.move("hub", "receivable:\(from)", "scheme-fee-income", quote.schemeFee)
    }

    private func system(of institution: String) -> String? {
        guard case .participant(let system) = topology.kinds[PartyID(checked: institution)] else {
            return nil
        }
        return system.name
    }
}

/// Collects debits and credits.
private struct Postings {
    /// One entry per account: few, and compared faster than hashed.
    var sums: [(key: AccountKey, sum: Int64)] = []

    mutating func move(_ book: String, _ debit: String, _ credit: String, _ amount: Money) {
        guard amount.isPositive else { return }
        for (name, sign) in [(debit, Int64(1)), (credit, -1)] {
            let key = AccountKey(book: BookID(book), name: name, currency: amount.currency)
            if let place = sums.firstIndex(where: { $0.key == key }) {
                sums[place].sum += sign * amount.minorUnits
            } else {
                sums.append((key, sign * amount.minorUnits))
            }
        }
    }
}
