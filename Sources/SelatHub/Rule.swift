package import SelatISO20022

/// The hub's checks on a first copy of M4, in the order in which they are made: the first one
/// broken gives the answer, and its number stands in the answer's additional information.
///
/// Source: Specs/Rulebook/Hub.md. A number is never given another meaning.
package enum Rule: Int, Hashable, Sendable, CaseIterable {
    /// The payment system that sent it is the instructing agent's own.
    case senderSpeaksForInstructingAgent = 1
    /// Schema, mandatory elements, codes, decimals: everything that needs no database. Answered
    /// with the decoder's own reason.
    case messageIsReadable = 2
    /// Settlement and instructed amount are more than nothing.
    case amountsArePositive = 3
    /// Not accepted longer ago than the age limit.
    case isYoungEnough = 4
    /// Not accepted in the future, the clocks' tolerance aside.
    case isNotFromTheFuture = 5
    /// The debtor agent instructs, and is on the network.
    case debtorAgentIsOnTheNetwork = 6
    /// The settlement amount is in the source country's currency.
    case settlesInSourceCurrency = 7
    /// The creditor agent is registered.
    case creditorAgentIsKnown = 8
    /// The creditor agent is on the network.
    case creditorAgentIsOnTheNetwork = 9
    /// Another country, and another currency.
    case corridorExists = 10
    /// HIGH only to a system that can make settlement depend on the hub's confirmation.
    case destinationSupportsPriority = 11
    /// HIGH only while its deadline can be met.
    case deadlineCanBeMet = 12
    /// A quote is named: no PSP is registered with FX of its own.
    case quoteIsNamed = 13
    /// The quote was issued, to this debtor agent.
    case quoteIsTheDebtorAgents = 14
    /// No payment has used the quote.
    case quoteIsUnused = 15
    /// The quote is younger than 600 s when M4 comes.
    case quoteIsUnexpired = 16
    /// The quote is for this corridor.
    case quoteIsForTheCorridor = 17
    /// Agreed rate and currencies equal the quote's.
    case rateIsTheQuotes = 18
    /// The settlement amount equals the quote's.
    case settlementAmountIsTheQuotes = 19
    /// The instructed amount follows from the quote's.
    case instructedAmountFollowsFromTheQuote = 20
    /// Both charges are stated by the right agents, in the right currencies; the creditor
    /// agent's equals the quote's.
    case chargesAreTheQuotes = 21
    /// Instructed agent, intermediary agents and their accounts are those of the quote.
    case intermediariesAreTheQuotes = 22
    /// The converted amount is within the destination system's maximum.
    case isWithinDestinationMaximum = 23
    /// Not too much is under way to the destination, nor waits at the hub. Transient.
    case destinationHasRoom = 24

    /// `H07`, as the rulebook numbers it.
    package var number: String { rawValue < 10 ? "H0\(rawValue)" : "H\(rawValue)" }

    /// What a payment that breaks it is refused with.
    package var reason: ReasonCode {
        switch self {
        case .senderSpeaksForInstructingAgent, .debtorAgentIsOnTheNetwork,
            .creditorAgentIsOnTheNetwork:
            .agnt
        case .messageIsReadable: .ff01
        case .amountsArePositive: .am06
        case .isYoungEnough, .isNotFromTheFuture: .tm01
        case .settlesInSourceCurrency: .curr
        case .creditorAgentIsKnown: .rc07
        case .corridorExists: .am03
        case .destinationSupportsPriority: .ag03
        case .deadlineCanBeMet: .ab03
        case .quoteIsNamed, .intermediariesAreTheQuotes: .rc11
        case .quoteIsTheDebtorAgents, .quoteIsUnused, .quoteIsUnexpired, .quoteIsForTheCorridor,
            .rateIsTheQuotes, .settlementAmountIsTheQuotes, .instructedAmountFollowsFromTheQuote,
            .chargesAreTheQuotes:
            .ab04
        case .isWithinDestinationMaximum: .am13
        case .destinationHasRoom: .ed06
        }
    }
}
