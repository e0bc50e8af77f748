public import SelatISO20022
public import SelatMoney
public import SelatTime

/// Which of the two amounts the Sender fixed.
public enum FixedAmount: Hashable, Sendable {
    /// The source settlement amount (debtor account amount less the source fee).
    case source(Money)
    /// The creditor account amount.
    case destination(Money)

    public var money: Money {
        switch self {
        case .source(let money), .destination(let money): money
        }
    }
}

/// The amounts of one payment at one rate. Each is rounded once, half-up, and then only copied.
/// Source: Specs/Rulebook/Bookings.md §1.
public struct PaymentAmounts: Hashable, Sendable {
    /// sIBS.
    public let sourceSettlement: Money
    /// dIBS.
    public let destinationSettlement: Money
    /// ChrgsInf[2].
    public let destinationFee: Money
    /// CAA.
    public let creditorAccount: Money

    /// `nil` when an amount leaves 64 bits or the creditor would get nothing.
    public init?(
        fixed: FixedAmount,
        rate: ExchangeRate,
        source: Currency,
        destination: Currency,
        fee: FeeFormula
    ) {
        switch fixed {
        case .source(let amount):
            guard let converted = rate.convert(amount, to: destination, rounding: .halfUp) else {
                return nil
            }
            sourceSettlement = amount
            destinationSettlement = converted
            destinationFee = fee.fee(on: converted)
        case .destination(let amount):
            let gross = fee.gross(forNet: amount)
            guard let inverted = rate.invert(gross, to: source, rounding: .halfUp) else {
                return nil
            }
            sourceSettlement = inverted
            destinationSettlement = gross
            destinationFee = gross - amount
        }
        creditorAccount = destinationSettlement - destinationFee
        guard creditorAccount.isPositive, sourceSettlement.isPositive else { return nil }
    }

    public init(
        sourceSettlement: Money,
        destinationSettlement: Money,
        destinationFee: Money,
        creditorAccount: Money
    ) {
        self.sourceSettlement = sourceSettlement
        self.destinationSettlement = destinationSettlement
        self.destinationFee = destinationFee
        self.creditorAccount = creditorAccount
    }
}

/// What the hub promised one PSP for 600 s: used up by the first payment that names it.
public struct Quote: Hashable, Sendable {
    /// How long a quote binds, for every provider. Rulebook: Quotes.
    public static let lifetime: Duration = .seconds(600)

    public var id: UUIDv4
    public var issued: Instant
    public var provider: PartyID
    /// The PSP that asked: nobody else may use it.
    public var requester: BICFI
    public var sourceCountry: String
    public var destinationCountry: String
    public var fixed: FixedAmount
    public var amounts: PaymentAmounts
    public var rate: ExchangeRate
    public var schemeFee: Money
    public var intermediaryAgent1: ProviderAccount
    public var intermediaryAgent2: ProviderAccount
    public var isCappedToMaximumAmount: Bool
    /// The pushed rate it rests on, and the improvements that were added.
    public var rateID: UUIDv4
    public var tierBasisPoints: Int
    public var relationshipBasisPoints: Int
    /// The payment that used it up.
    public var usedBy: UUIDv4?

    public init(
        id: UUIDv4,
        issued: Instant,
        provider: PartyID,
        requester: BICFI,
        sourceCountry: String,
        destinationCountry: String,
        fixed: FixedAmount,
        amounts: PaymentAmounts,
        rate: ExchangeRate,
        schemeFee: Money,
        intermediaryAgent1: ProviderAccount,
        intermediaryAgent2: ProviderAccount,
        isCappedToMaximumAmount: Bool,
        rateID: UUIDv4,
        tierBasisPoints: Int,
        relationshipBasisPoints: Int,
        usedBy: UUIDv4? = nil
    ) {
        self.id = id
        self.issued = issued
        self.provider = provider
        self.requester = requester
        self.sourceCountry = sourceCountry
        self.destinationCountry = destinationCountry
        self.fixed = fixed
        self.amounts = amounts
        self.rate = rate
        self.schemeFee = schemeFee
        self.intermediaryAgent1 = intermediaryAgent1
        self.intermediaryAgent2 = intermediaryAgent2
        self.isCappedToMaximumAmount = isCappedToMaximumAmount
        self.rateID = rateID
        self.tierBasisPoints = tierBasisPoints
        self.relationshipBasisPoints = relationshipBasisPoints
        self.usedBy = usedBy
    }

    /// Tested at the moment the hub receives the pacs.008.
    public func isExpired(at instant: Instant) -> Bool { instant >= issued + Quote.lifetime }
}

extension Quote {
    private static let layout: UInt8 = 1

    /// The stored form.
    public var record: [UInt8] {
        RecordWriter.record(layout: Quote.layout) { writer in
            writer.write(id)
            writer.write(issued)
            writer.write(provider)
            writer.write(requester)
            writer.write(sourceCountry)
            writer.write(destinationCountry)
            switch fixed {
            case .source(let money):
                writer.write(true)
                writer.write(money)
            case .destination(let money):
                writer.write(false)
                writer.write(money)
            }
            writer.write(amounts.sourceSettlement)
            writer.write(amounts.destinationSettlement)
            writer.write(amounts.destinationFee)
            writer.write(amounts.creditorAccount)
            writer.write(rate.decimal)
            writer.write(schemeFee)
            writer.write(intermediaryAgent1.accessProvider)
            writer.write(intermediaryAgent1.account)
            writer.write(intermediaryAgent2.accessProvider)
            writer.write(intermediaryAgent2.account)
            writer.write(isCappedToMaximumAmount)
            writer.write(rateID)
            writer.write(tierBasisPoints)
            writer.write(relationshipBasisPoints)
            writer.write(usedBy != nil)
            if let usedBy { writer.write(usedBy) }
        }
    }

    /// Reads the stored form.
    public init(record bytes: [UInt8]) throws(RecordError) {
        var reader = try RecordReader(bytes, layout: Quote.layout)
        id = try reader.uuid()
        issued = try reader.instant()
        provider = try reader.party()
        requester = try reader.bicfi()
        sourceCountry = try reader.text()
        destinationCountry = try reader.text()
        fixed = try reader.flag() ? .source(try reader.money()) : .destination(try reader.money())
        let sourceSettlement = try reader.money()
        let destinationSettlement = try reader.money()
        let destinationFee = try reader.money()
        amounts = PaymentAmounts(
            sourceSettlement: sourceSettlement,
            destinationSettlement: destinationSettlement,
            destinationFee: destinationFee,
            creditorAccount: try reader.money()
        )
        guard let rate = ExchangeRate(try reader.decimal()) else { throw .damaged(at: 0) }
        self.rate = rate
        schemeFee = try reader.money()
        intermediaryAgent1 = try reader.providerAccount()
        intermediaryAgent2 = try reader.providerAccount()
        isCappedToMaximumAmount = try reader.flag()
        rateID = try reader.uuid()
        tierBasisPoints = Int(try reader.integer())
        relationshipBasisPoints = Int(try reader.integer())
        usedBy = try reader.flag() ? try reader.uuid() : nil
    }
}

extension RecordReader {
    mutating func providerAccount() throws(RecordError) -> ProviderAccount {
        let accessProvider = try bicfi()
        return ProviderAccount(accessProvider: accessProvider, account: try text())
    }
}
