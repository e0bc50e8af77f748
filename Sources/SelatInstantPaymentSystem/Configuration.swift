package import SelatISO20022
package import SelatMoney
package import SelatScheme

extension InstantPaymentSystem {
    /// Everything that makes one system; a new country is a configuration, never code.
    package struct Configuration: Hashable, Sendable {
        /// The system's party id and the name of its book: `sg`.
        package let id: PartyID
        /// ISO 3166-1 alpha-2.
        package let country: String
        /// Under which it answers acmt messages.
        package let bicfi: BICFI
        /// Proprietary clearing system id: `SGDFAST`. ISO: SttlmInf/ClrSys/Prtry
        package let clearingSystem: String
        /// The one currency it settles in.
        package let currency: Currency
        /// Whether the creditor agent credits before or after settlement.
        package let model: SettlementModel
        /// The most one payment may carry, in `currency`, the limit included.
        package let maximumAmount: Money
        /// Every wait of this system.
        package let times: SchemeTimes
        /// The proxy directory of the country.
        package let directory: PartyID
        /// Sorted by BICFI, so that whatever is done for each is done in one order.
        package let participants: [Member]

        /// Traps when an amount is not of `currency`: a configuration is checked when read.
        package init(
            id: PartyID,
            country: String,
            bicfi: BICFI,
            clearingSystem: String,
            currency: Currency,
            model: SettlementModel,
            maximumAmount: Money,
            times: SchemeTimes,
            directory: PartyID,
            participants: [Member]
        ) {
            precondition(maximumAmount.currency == currency, "a system has one currency")
            for member in participants {
                precondition(
                    member.opening.currency == currency && member.cap.currency == currency,
                    "a settlement account is in its system's currency"
                )
            }
            self.id = id
            self.country = country
            self.bicfi = bicfi
            self.clearingSystem = clearingSystem
            self.currency = currency
            self.model = model
            self.maximumAmount = maximumAmount
            self.times = times
            self.directory = directory
            self.participants = participants.sorted { $0.bicfi < $1.bicfi }
        }

        /// An institution with a settlement account at this system.
        package struct Member: Hashable, Sendable {
            /// Also its party id.
            package let bicfi: BICFI
            /// For people; never sent.
            package let name: String
            /// False: known here, but not reachable over this network (AGNT).
            package let isOnNetwork: Bool
            /// May hold FX providers' accounts, and settle for them.
            package let isSettlementAccessProvider: Bool
            /// Answers acmt.023 about its own accounts.
            package let resolvesAccounts: Bool
            /// The first balance of its settlement account, not negative.
            package let opening: Money
            /// How far the account may go below zero; zero when prefunded.
            package let cap: Money

            /// Traps on a negative opening balance or cap.
            package init(
                bicfi: BICFI,
                name: String,
                isOnNetwork: Bool,
                isSettlementAccessProvider: Bool,
                resolvesAccounts: Bool,
                opening: Money,
                cap: Money
            ) {
                precondition(
                    opening.minorUnits >= 0 && cap.minorUnits >= 0,
                    "an opening balance and a cap are not negative"
                )
                self.bicfi = bicfi
                self.name = name
                self.isOnNetwork = isOnNetwork
                self.isSettlementAccessProvider = isSettlementAccessProvider
                self.resolvesAccounts = resolvesAccounts
                self.opening = opening
                self.cap = cap
            }

            /// The party that messages to it are addressed to.
            package var party: PartyID { PartyID(checked: bicfi.code) }
        }
    }
}
