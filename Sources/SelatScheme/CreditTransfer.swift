public import SelatISO20022
public import SelatMoney
public import SelatTime

/// One payment instruction that passed every rule which needs no database. Its initialiser is
/// the only door from the wire's pacs.008 into the domain.
public struct CreditTransfer: Hashable, Sendable {
    /// The message as it came, for forwarding.
    public let message: FIToFICustomerCreditTransfer
    /// ISO: /Document/FIToFICstmrCdtTrf/CdtTrfTxInf/PmtId/UETR
    public let uetr: UUIDv4
    /// ISO: .../IntrBkSttlmAmt
    public let settlementAmount: Money
    /// ISO: .../InstdAmt
    public let instructedAmount: Money
    /// ISO: .../AgrdRate/PreAgrdXchgRate
    public let rate: ExchangeRate
    /// ISO: .../ChrgsInf[1], deducted by the debtor agent before conversion.
    public let sourceFee: Money
    /// ISO: .../ChrgsInf[2], deducted by the creditor agent after conversion.
    public let destinationFee: Money
    public let instructingAgent: BICFI
    public let instructedAgent: BICFI
    public let debtorAgent: BICFI
    public let creditorAgent: BICFI

    /// A message as read: the instruction, or the first rule that it breaks.
    public enum Reading: Hashable, Sendable {
        case readable(CreditTransfer)
        case unreadable(Rejection)

        /// - Parameters:
        ///   - message: What came.
        ///   - backfill: As of `CreditTransfer(parsing:backfill:)`.
        public init(_ message: FIToFICustomerCreditTransfer, backfill: UUIDv4? = nil) {
            do throws(Rejection) {
                self = .readable(try CreditTransfer(parsing: message, backfill: backfill))
            } catch {
                self = .unreadable(error)
            }
        }
    }

    /// Fails with the first rule the message breaks, and the reason to answer.
    ///
    /// `backfill` is the UETR a source payment system gives a message that has none; without it
    /// a missing UETR is rejected with CH21.
    public init(
        parsing message: FIToFICustomerCreditTransfer,
        backfill: UUIDv4? = nil
    ) throws(Rejection) {
        var message = message
        if message.uetr == nil { message.uetr = backfill }
        if let rejection = message.violations().first { throw rejection }
        guard let uetr = message.uetr else {
            throw CreditTransfer.missing(.ch21, "PmtId/UETR")
        }
        self.uetr = uetr
        settlementAmount = try CreditTransfer.money(
            message.interbankSettlementAmount,
            "IntrBkSttlmAmt"
        )
        instructedAmount = try CreditTransfer.money(message.instructedAmount, "InstdAmt")
        guard let rate = ExchangeRate(message.agreedRate.preAgreedExchangeRate) else {
            throw CreditTransfer.missing(.ab04, "AgrdRate/PreAgrdXchgRate")
        }
        self.rate = rate
        guard message.chargesInformation.count == 2 else {
            throw CreditTransfer.missing(.ch21, "ChrgsInf")
        }
        sourceFee = try CreditTransfer.money(message.chargesInformation[0].amount, "ChrgsInf/Amt")
        destinationFee = try CreditTransfer.money(
            message.chargesInformation[1].amount,
            "ChrgsInf/Amt"
        )
        instructingAgent = try CreditTransfer.bicfi(message.instructingAgent, "InstgAgt")
        instructedAgent = try CreditTransfer.bicfi(message.instructedAgent, "InstdAgt")
        debtorAgent = try CreditTransfer.bicfi(message.debtorAgent, "DbtrAgt")
        creditorAgent = try CreditTransfer.bicfi(message.creditorAgent, "CdtrAgt")
        self.message = message
    }

    /// What the creditor gets: the settlement amount less the exact stated fee, on the
    /// destination leg.
    public var creditorAccountAmount: Money { settlementAmount - destinationFee }

    public var isHighPriority: Bool { message.instructionPriority == .high }

    /// Over everything that makes this payment what it is; not over the message's own id and
    /// creation time, which a resend may or may not keep.
    public var digest: ContentDigest {
        var writer = DigestWriter()
        writer.feed(uetr.high)
        writer.feed(uetr.low)
        writer.feed(settlementAmount)
        writer.feed(instructedAmount)
        writer.feed(sourceFee)
        writer.feed(destinationFee)
        writer.feed(UInt64(bitPattern: rate.decimal.mantissa))
        writer.feed(UInt64(rate.decimal.scale))
        writer.feed(message.agreedRate.quoteIdentification?.high ?? 0)
        writer.feed(message.agreedRate.quoteIdentification?.low ?? 0)
        writer.feed(UInt64(bitPattern: message.acceptanceDateTime.nanoseconds))
        writer.feed(isHighPriority ? 1 : 0)
        writer.feed(instructingAgent)
        writer.feed(instructedAgent)
        writer.feed(debtorAgent)
        writer.feed(creditorAgent)
        writer.feed(message.intermediaryAgent1?.bicfi)
        writer.feed(message.intermediaryAgent2?.bicfi)
        writer.feed(message.previousInstructingAgent1?.bicfi)
        writer.feed(message.intermediaryAgent1Account?.number)
        writer.feed(message.intermediaryAgent2Account?.number)
        writer.feed(message.previousInstructingAgent1Account?.number)
        writer.feed(message.debtorAccount.number)
        writer.feed(message.creditorAccount.number)
        writer.feed(message.endToEndIdentification)
        writer.feed(message.instructionIdentification)
        writer.feed(message.transactionIdentification)
        writer.feed(message.debtor.name)
        writer.feed(message.creditor.name)
        writer.feed(message.purpose)
        writer.feed(message.categoryPurpose)
        writer.feed(message.remittanceInformation?.unstructured)
        return writer.digest
    }

    private static func money(
        _ value: CurrencyAndAmount,
        _ element: String
    ) throws(Rejection) -> Money {
        do {
            return try Money(value.amount, currency: value.currency)
        } catch {
            switch error {
            case .unknownCurrency: throw missing(.am03, element)
            case .surplusDecimals: throw missing(.ch20, element)
            case .outOfRange: throw missing(.am02, element)
            }
        }
    }

    private static func bicfi(_ agent: Agent, _ element: String) throws(Rejection) -> BICFI {
        guard let bicfi = agent.bicfi else { throw missing(.rc04, element) }
        return bicfi
    }

    private static func missing(_ reason: ReasonCode, _ element: String) -> Rejection {
        Rejection(
            reason: reason,
            path: ElementPath("/Document/FIToFICstmrCdtTrf/CdtTrfTxInf/" + element),
            expected: "a value this network can settle",
            found: "none or another"
        )
    }
}

extension DigestWriter {
    /// As the text of its code.
    fileprivate mutating func feed(_ bicfi: BICFI) {
        let (head, branch) = bicfi.words
        feed(head)
        feed(branch)
        feed(branch == 0 ? 8 : 11)
    }

    fileprivate mutating func feed(_ bicfi: BICFI?) {
        guard let bicfi else { return feed(UInt64.max) }
        feed(bicfi)
    }

    fileprivate mutating func feed(_ money: Money) {
        feed(UInt64(bitPattern: money.minorUnits))
        feed(money.currency.code)
    }
}

extension Account {
    /// The account number, whichever way it is identified.
    public var number: String? {
        switch identification {
        case .iban(let iban): iban
        case .other(let other): other
        case nil: nil
        }
    }
}
