package import SelatISO20022
package import SelatMoney
package import SelatScheme

extension Participant {
    /// Everything one institution needs to know: itself, its system, and whose accounts it keeps
    /// when its books are opened. Immutable; customers change by request afterwards.
    package struct Configuration: Hashable, Sendable {
        /// Its code, and with that its party id.
        package var bicfi: BICFI
        package var lei: LEI?
        package var name: String
        /// ISO 3166-1 alpha-2.
        package var country: String
        package var currency: Currency
        /// The payment system it is a member of: the only party it speaks with.
        package var system: PartyID
        /// Under which the system assigns acmt messages.
        package var systemBICFI: BICFI
        /// Proprietary id carried in SttlmInf/ClrSys.
        package var clearingSystem: String
        package var model: SettlementModel
        /// Deducted from the Sender's amount before conversion. Rulebook: Fees.
        package var sourceFee: FeeFormula
        /// The balance at the payment system when the books are opened.
        package var settlementOpening: Money
        /// Empty for an institution that is no settlement access provider.
        package var providers: [ProviderAccount]
        package var customers: [Customer]
        /// Answers acmt.023 about its own accounts.
        package var resolvesAccounts: Bool
        package var times: SchemeTimes

        package init(
            bicfi: BICFI,
            lei: LEI? = nil,
            name: String,
            country: String,
            currency: Currency,
            system: PartyID,
            systemBICFI: BICFI,
            clearingSystem: String,
            model: SettlementModel,
            sourceFee: FeeFormula,
            settlementOpening: Money,
            providers: [ProviderAccount] = [],
            customers: [Customer] = [],
            resolvesAccounts: Bool = true,
            times: SchemeTimes = SchemeTimes()
        ) {
            self.bicfi = bicfi
            self.lei = lei
            self.name = name
            self.country = country
            self.currency = currency
            self.system = system
            self.systemBICFI = systemBICFI
            self.clearingSystem = clearingSystem
            self.model = model
            self.sourceFee = sourceFee
            self.settlementOpening = settlementOpening
            self.providers = providers
            self.customers = customers
            self.resolvesAccounts = resolvesAccounts
            self.times = times
        }

        /// The party that messages to this institution are sent to.
        package var party: PartyID { PartyID(checked: bicfi.code) }
    }

    /// An FX provider's deposit with this institution. Rulebook: Settlement access providers.
    package struct ProviderAccount: Hashable, Sendable {
        package var provider: PartyID
        /// The number under which messages name it (IntrmyAgt1Acct, IntrmyAgt2Acct).
        package var account: String
        /// How far the deposit may go below zero.
        package var creditLine: Money
        package var opening: Money

        package init(provider: PartyID, account: String, creditLine: Money, opening: Money) {
            self.provider = provider
            self.account = account
            self.creditLine = creditLine
            self.opening = opening
        }
    }

    /// Whether an account can be used.
    package enum AccountStatus: String, Hashable, Sendable, CaseIterable {
        case open
        case closed
        case blocked
    }

    /// A customer with one account. All fictional.
    package struct Customer: Hashable, Sendable {
        /// The account's number, at most 34 characters.
        package var account: String
        /// The real name, at most 140 characters: for screening, never shown to a sender.
        package var name: String
        /// What a sender is shown, masked as the institution sees fit; at most 70 characters.
        package var displayName: String
        package var street: String?
        package var buildingNumber: String?
        package var postCode: String?
        package var town: String
        package var status: AccountStatus
        package var opening: Money
        /// How far the account may go below zero.
        package var overdraft: Money

        package init(
            account: String,
            name: String,
            displayName: String,
            street: String? = nil,
            buildingNumber: String? = nil,
            postCode: String? = nil,
            town: String,
            status: AccountStatus = .open,
            opening: Money,
            overdraft: Money
        ) {
            self.account = account
            self.name = name
            self.displayName = displayName
            self.street = street
            self.buildingNumber = buildingNumber
            self.postCode = postCode
            self.town = town
            self.status = status
            self.opening = opening
            self.overdraft = overdraft
        }
    }
}
