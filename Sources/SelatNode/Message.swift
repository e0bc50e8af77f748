package import SelatISO20022
package import SelatMoney
package import SelatTime

/// What one party says to another. Hosted or remote, the same typed value; only a hop between
/// processes turns it into bytes.
package enum Message: Hashable, Sendable {
    case iso(ISOMessage)
    /// An FX provider's new standing rate for one corridor.
    indirect case rate(RateAnnouncement)
    /// M17: the hub tells an FX provider that a payment used its money. No personal data.
    indirect case notification(CompletedPayment)
}

/// A standing offer of one provider, in one direction between two systems, until replaced.
/// Rulebook: FX rates.
package struct RateAnnouncement: Hashable, Sendable {
    package let id: UUIDv4
    package let sourceCountry: String
    package let destinationCountry: String
    /// Destination units per source unit; `nil` withdraws the offer.
    package let rate: ExchangeRate?

    package init(id: UUIDv4, sourceCountry: String, destinationCountry: String, rate: ExchangeRate?)
    {
        self.id = id
        self.sourceCountry = sourceCountry
        self.destinationCountry = destinationCountry
        self.rate = rate
    }
}

/// One payment that moved a provider's money. Rulebook: FX provider notification.
package struct CompletedPayment: Hashable, Sendable {
    package let uetr: UUIDv4
    package let completed: Instant
    package let status: TransactionStatus
    package let source: Money
    package let destination: Money
    package let rate: ExchangeRate
    package let rateID: UUIDv4
    package let debtorAgent: BICFI
    package let creditorAgent: BICFI
    /// The provider's access providers, where its mirror accounts are.
    package let sourceAccessProvider: BICFI
    package let destinationAccessProvider: BICFI

    package init(
        uetr: UUIDv4,
        completed: Instant,
        status: TransactionStatus,
        source: Money,
        destination: Money,
        rate: ExchangeRate,
        rateID: UUIDv4,
        debtorAgent: BICFI,
        creditorAgent: BICFI,
        sourceAccessProvider: BICFI,
        destinationAccessProvider: BICFI
    ) {
        self.uetr = uetr
        self.completed = completed
        self.status = status
        self.source = source
        self.destination = destination
        self.rate = rate
        self.rateID = rateID
        self.debtorAgent = debtorAgent
        self.creditorAgent = creditorAgent
        self.sourceAccessProvider = sourceAccessProvider
        self.destinationAccessProvider = destinationAccessProvider
    }
}
