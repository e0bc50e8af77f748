import SelatISO20022
import SelatMoney
import SelatNode
import SelatScheme
import SelatTime

/// M1, complete as the source leg demands it. ISO: pacs.008.001.13, /Document/FIToFICstmrCdtTrf
extension Participant {
    func creditTransfer(
        _ order: PaymentOrder,
        _ customer: CustomerRecord,
        _ amounts: SourceAmounts,
        _ event: Event
    ) -> FIToFICustomerCreditTransfer {
        let identification = MessageIdentification.derive(
            sender: instance,
            at: event.at,
            seed: event.seed,
            purpose: 1
        )
        let quote = order.quote
        let accessProvider = Agent(bicfi: quote.intermediaryAgent1.accessProvider)
        return FIToFICustomerCreditTransfer(
            messageIdentification: identification,
            creationDateTime: event.at.wholeMilliseconds,
            clearingSystem: .proprietary(configuration.clearingSystem),
            instructionIdentification: identification,
            endToEndIdentification: order.endToEndIdentification ?? "NOTPROVIDED",
            uetr: order.uetr,
            instructionPriority: order.priority,
            categoryPurpose: order.categoryPurpose,
            interbankSettlementAmount: amounts.settlement.wire,
            interbankSettlementDate: event.at.date,
            acceptanceDateTime: event.at.wholeMilliseconds,
            instructedAmount: amounts.instructed.wire,
            agreedRate: agreedRate(quote),
            chargeBearer: .shared,
            chargesInformation: [
                Charges(amount: amounts.fee.wire, agent: ownAgent),
                Charges(
                    amount: quote.destinationFee.wire,
                    agent: Agent(bicfi: order.creditor.agent)
                ),
            ],
            instructingAgent: ownAgent,
            instructedAgent: accessProvider,
            intermediaryAgent1: accessProvider,
            intermediaryAgent1Account: quote.intermediaryAgent1.wire,
            intermediaryAgent2: Agent(bicfi: quote.intermediaryAgent2.accessProvider),
            intermediaryAgent2Account: quote.intermediaryAgent2.wire,
            debtor: Party(
                name: customer.name,
                postalAddress: customer.address(country: configuration.country)
            ),
            debtorAccount: Account(identification: .other(order.debtorAccount)),
            debtorAgent: ownAgent,
            creditorAgent: Agent(bicfi: order.creditor.agent),
            creditor: order.creditor.party,
            creditorAccount: Account(
                identification: .other(order.creditor.account),
                proxy: order.creditor.proxy
            ),
            purpose: order.purpose,
            remittanceInformation: order.remittance.map { RemittanceInformation(unstructured: $0) }
        )
    }

    private func agreedRate(_ quote: QuotedTerms) -> AgreedRate {
        AgreedRate(
            unitCurrency: configuration.currency,
            quotedCurrency: quote.destinationSettlement.currency,
            preAgreedExchangeRate: quote.rate.decimal,
            quoteIdentification: quote.id
        )
    }
}

extension Money {
    /// As a message spells it.
    fileprivate var wire: CurrencyAndAmount {
        CurrencyAndAmount(amount: decimal, currency: currency)
    }
}

extension SelatScheme.ProviderAccount {
    /// The provider's account as a message names it.
    fileprivate var wire: Account { Account(identification: .other(account)) }
}

extension OrderedCreditor {
    /// Name and structured address.
    fileprivate var party: Party {
        Party(name: name, postalAddress: PostalAddress(townName: town, country: country))
    }
}
