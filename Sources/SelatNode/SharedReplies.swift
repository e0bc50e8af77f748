package import SelatJSON
package import SelatLedger
package import SelatMoney

// The shapes that the replies of every role share. Source: Specs/Protocol/Requests.md.

extension Money {
    /// `{"amount":"498.00","currency":"SGD"}`.
    package var json: JSONValue {
        ["amount": .string(amountText), "currency": .string(currency.code)]
    }
}

extension Money {
    /// More than nothing, and small enough that no account's sums can leave 64 bits: at most
    /// 10^15 minor units. Whoever takes an amount from outside checks it before booking.
    package var isBookable: Bool { isPositive && minorUnits <= 1_000_000_000_000_000 }
}

extension LedgerAccount {
    /// One element of an `accounts` reply. `pending` is what is reserved to leave the account;
    /// a pending inflow is shown apart, because it is never available.
    package var json: JSONValue {
        let inflow = kind.isDebitNormal ? balance.pendingDebits : balance.pendingCredits
        return [
            "account": .string(key.name),
            "currency": .string(key.currency.code),
            "kind": .string(kind.rawValue),
            "posted": text(posted),
            "pending": text(posted - available),
            "pendingInflow": text(inflow),
            "available": text(available),
        ]
    }

    private func text(_ minorUnits: Int64) -> JSONValue {
        .string(Money(minorUnits: minorUnits, currency: key.currency).amountText)
    }
}
