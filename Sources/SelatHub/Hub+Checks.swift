import SelatISO20022
import SelatMoney
import SelatNode
import SelatScheme
import SelatTime

/// Why a first copy is refused: the rule it breaks, and the reason it is told.
struct Refusal: Error, Hashable {
    let rule: Rule
    let reason: ReasonCode

    init(_ rule: Rule, _ reason: ReasonCode? = nil) {
        self.rule = rule
        self.reason = reason ?? rule.reason
    }

    /// For the answer: who refused, why, and by which rule.
    var statusReason: StatusReason {
        StatusReason(
            originatorName: "hub",
            code: reason.code,
            additionalInformation: ["Rule \(rule.number)"]
        )
    }
}

/// A first copy that passed every check: nothing can refuse it any more.
struct Approval: ~Copyable {
    let transfer: CreditTransfer
    let destination: Country
    var quote: Quote
    /// Of the quote's record.
    let quoteVersion: Int64
    /// HIGH only.
    let deadline: Instant?
}

/// The rulebook's checks on a first copy of M4. A flat ladder: the first broken rule answers.
extension Hub {
    /// Source: Specs/Rulebook/Hub.md.
    func approve(
        _ message: FIToFICustomerCreditTransfer,
        as reading: CreditTransfer.Reading,
        from source: Country,
        event: Event,
        facts: Facts
    ) throws(Refusal) -> Approval {
        try checkAuthority(message, source)
        let transfer = try transfer(of: reading)
        try checkAge(transfer, at: event.at)
        let destination = try checkCorridor(transfer, source)
        let deadline = try checkPriority(transfer, destination, at: event.at)
        let (quote, version) = try checkQuote(
            transfer,
            source,
            destination,
            event: event,
            facts: facts
        )
        try checkAmounts(transfer, quote)
        try checkIntermediaries(transfer, quote)
        guard quote.amounts.destinationSettlement.minorUnits <= destination.maximumAmount.minorUnits
        else { throw Refusal(.isWithinDestinationMaximum) }
        guard !facts.isClosed(to: destination.system) else {
            throw Refusal(.destinationHasRoom)
        }
        return Approval(
            transfer: transfer,
            destination: destination,
            quote: quote,
            quoteVersion: version,
            deadline: deadline
        )
    }

    /// H01: a system speaks for its own institutions only.
    private func checkAuthority(
        _ message: FIToFICustomerCreditTransfer,
        _ source: Country
    ) throws(Refusal) {
        guard let bicfi = message.instructingAgent.bicfi,
            let institution = reference.institution(bicfi), institution.country == source.code
        else { throw Refusal(.senderSpeaksForInstructingAgent) }
    }

    /// H02, H03.
    private func transfer(
        of reading: CreditTransfer.Reading
    ) throws(Refusal) -> CreditTransfer {
        let transfer: CreditTransfer
        switch reading {
        case .readable(let readable): transfer = readable
        case .unreadable(let rejection): throw Refusal(.messageIsReadable, rejection.reason)
        }
        guard transfer.settlementAmount.isPositive, transfer.instructedAmount.isPositive else {
            throw Refusal(.amountsArePositive)
        }
        return transfer
    }

    /// H04, H05: for first copies only; an accepted payment is never measured again.
    private func checkAge(_ transfer: CreditTransfer, at now: Instant) throws(Refusal) {
        let accepted = transfer.message.acceptanceDateTime
        let limit = transfer.isHighPriority ? times.highAge : times.normalAge
        guard now <= accepted + limit else { throw Refusal(.isYoungEnough) }
        guard accepted <= now + times.clockTolerance else { throw Refusal(.isNotFromTheFuture) }
    }

    /// H06 to H10; the destination country.
    private func checkCorridor(
        _ transfer: CreditTransfer,
        _ source: Country
    ) throws(Refusal) -> Country {
        guard transfer.debtorAgent == transfer.instructingAgent,
            reference.institution(transfer.debtorAgent)?.isOnNetwork == true
        else { throw Refusal(.debtorAgentIsOnTheNetwork) }
        guard transfer.settlementAmount.currency == source.currency else {
            throw Refusal(.settlesInSourceCurrency)
        }
        guard let creditorAgent = reference.institution(transfer.creditorAgent),
            let destination = reference.country(creditorAgent.country)
        else { throw Refusal(.creditorAgentIsKnown) }
        guard creditorAgent.isOnNetwork else { throw Refusal(.creditorAgentIsOnTheNetwork) }
        guard destination.code != source.code, destination.currency != source.currency else {
            throw Refusal(.corridorExists)
        }
        return destination
    }

    /// H11, H12; the deadline of a HIGH payment.
    ///
    /// A payment whose time is all but spent is refused at once: what remains must be more than
    /// the hub's own execution time, or M5 may leave when it is already lost.
    private func checkPriority(
        _ transfer: CreditTransfer,
        _ destination: Country,
        at now: Instant
    ) throws(Refusal) -> Instant? {
        guard transfer.isHighPriority else { return nil }
        guard destination.settlementModel.supportsHighPriority else {
            throw Refusal(.destinationSupportsPriority)
        }
        let end = transfer.message.acceptanceDateTime + times.highAge
        guard end > now + times.hubExecution else { throw Refusal(.deadlineCanBeMet) }
        return min(now + times.destinationExecution, end)
    }

    /// H13 to H17; the quote the payment names, and its record's version.
    private func checkQuote(
        _ transfer: CreditTransfer,
        _ source: Country,
        _ destination: Country,
        event: Event,
        facts: Facts
    ) throws(Refusal) -> (Quote, version: Int64) {
        guard let id = transfer.message.agreedRate.quoteIdentification else {
            throw Refusal(.quoteIsNamed)
        }
        guard let (quote, version) = quote(id, at: event.instance, facts),
            quote.requester == transfer.debtorAgent
        else { throw Refusal(.quoteIsTheDebtorAgents) }
        guard quote.usedBy == nil else { throw Refusal(.quoteIsUnused) }
        guard !quote.isExpired(at: event.at) else { throw Refusal(.quoteIsUnexpired) }
        guard quote.sourceCountry == source.code, quote.destinationCountry == destination.code
        else { throw Refusal(.quoteIsForTheCorridor) }
        return (quote, version)
    }

    /// H18 to H21: equal to the quote's, to the unit. The hub never repairs a rate.
    private func checkAmounts(_ transfer: CreditTransfer, _ quote: Quote) throws(Refusal) {
        let amounts = quote.amounts
        let source = amounts.sourceSettlement.currency
        let destination = amounts.destinationSettlement.currency
        let agreed = transfer.message.agreedRate
        guard transfer.rate == quote.rate, agreed.unitCurrency ?? source == source,
            agreed.quotedCurrency ?? destination == destination
        else { throw Refusal(.rateIsTheQuotes) }
        guard transfer.settlementAmount == amounts.sourceSettlement else {
            throw Refusal(.settlementAmountIsTheQuotes)
        }
        let isLawful: Bool =
            switch quote.fixed {
            case .source: transfer.instructs(amounts.sourceSettlement, plus: transfer.sourceFee)
            case .destination: transfer.instructedAmount == amounts.creditorAccount
            }
        guard isLawful else { throw Refusal(.instructedAmountFollowsFromTheQuote) }
        let charges = transfer.message.chargesInformation
        guard transfer.sourceFee.currency == source, transfer.sourceFee.minorUnits >= 0,
            transfer.destinationFee == amounts.destinationFee,
            charges[0].agent.bicfi == transfer.debtorAgent,
            charges[1].agent.bicfi == transfer.creditorAgent
        else { throw Refusal(.chargesAreTheQuotes) }
    }

    /// H22: S-SAP, D-SAP and the provider's accounts there.
    private func checkIntermediaries(_ transfer: CreditTransfer, _ quote: Quote) throws(Refusal) {
        let message = transfer.message
        let first = quote.intermediaryAgent1
        let second = quote.intermediaryAgent2
        guard transfer.instructedAgent == first.accessProvider,
            message.intermediaryAgent1?.bicfi == first.accessProvider,
            message.intermediaryAgent1Account?.number == first.account,
            message.intermediaryAgent2?.bicfi == second.accessProvider,
            message.intermediaryAgent2Account?.number == second.account
        else { throw Refusal(.intermediariesAreTheQuotes) }
    }
}

extension CreditTransfer {
    /// The instructed amount is `amount` and `fee` together; no peer's amounts can overflow it.
    fileprivate func instructs(_ amount: Money, plus fee: Money) -> Bool {
        guard fee.currency == amount.currency else { return false }
        let (sum, overflow) = amount.minorUnits.addingReportingOverflow(fee.minorUnits)
        return !overflow
            && instructedAmount == Money(minorUnits: sum, currency: amount.currency)
    }
}
