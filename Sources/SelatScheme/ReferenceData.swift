public import SelatISO20022
public import SelatMoney

/// How a payment system settles: whether the creditor agent credits before or after it.
/// Rulebook: 4-step and 5-step processes.
public enum SettlementModel: String, Sendable, CaseIterable {
    /// The IPS settles on the creditor agent's answer.
    case fourStep = "4-step"
    /// The IPS confirms to both agents before the creditor is credited.
    case fiveStep = "5-step"

    /// Only a 5-step system can make settlement depend on the hub's confirmation.
    public var supportsHighPriority: Bool { self == .fiveStep }
}

/// One country of the network as the hub knows it.
public struct Country: Hashable, Sendable {
    /// ISO 3166-1 alpha-2.
    public let code: String
    public let name: String
    public let currency: Currency
    /// The payment system that serves it.
    public let system: PartyID
    /// Proprietary clearing system id carried in SttlmInf/ClrSys.
    public let clearingSystem: String
    /// BICFI under which the system assigns acmt messages.
    public let systemBICFI: BICFI
    public let settlementModel: SettlementModel
    /// The most one payment may carry, in `currency`.
    public let maximumAmount: Money
    /// Owed by the source system to the hub.
    public let schemeFee: FeeFormula
    /// Deducted by the creditor agent.
    public let creditorAgentFee: FeeFormula
    public let addressTypes: [AddressType]

    public init(
        code: String,
        name: String,
        currency: Currency,
        system: PartyID,
        clearingSystem: String,
        systemBICFI: BICFI,
        settlementModel: SettlementModel,
        maximumAmount: Money,
        schemeFee: FeeFormula,
        creditorAgentFee: FeeFormula,
        addressTypes: [AddressType]
    ) {
        self.code = code
        self.name = name
        self.currency = currency
        self.system = system
        self.clearingSystem = clearingSystem
        self.systemBICFI = systemBICFI
        self.settlementModel = settlementModel
        self.maximumAmount = maximumAmount
        self.schemeFee = schemeFee
        self.creditorAgentFee = creditorAgentFee
        self.addressTypes = addressTypes
    }
}

/// One way to address a recipient in a country: data, never code. Rulebook: Address inputs.
public struct AddressType: Hashable, Sendable {
    /// `ACCT`, `IBAN`, or a proxy type code such as `MBNO`.
    public let code: String
    public let title: String
    /// Anchored regular expression that a client validates the value with.
    public let pattern: String
    public let placeholder: String
    /// Whether an institution id must be given with it.
    public let requiresInstitution: Bool

    public init(
        code: String,
        title: String,
        pattern: String,
        placeholder: String,
        requiresInstitution: Bool
    ) {
        self.code = code
        self.title = title
        self.pattern = pattern
        self.placeholder = placeholder
        self.requiresInstitution = requiresInstitution
    }
}

/// An institution registered by its payment system, on the network or only known to it.
public struct RegisteredInstitution: Hashable, Sendable {
    public let bicfi: BICFI
    public let name: String
    public let country: String
    /// False: exists, other rails may reach it, this network does not (AGNT).
    public let isOnNetwork: Bool
    /// May hold FX providers' accounts and settle for them.
    public let isSettlementAccessProvider: Bool
    /// Answers acmt.023 about its own accounts.
    public let resolvesAccounts: Bool

    public init(
        bicfi: BICFI,
        name: String,
        country: String,
        isOnNetwork: Bool,
        isSettlementAccessProvider: Bool,
        resolvesAccounts: Bool
    ) {
        self.bicfi = bicfi
        self.name = name
        self.country = country
        self.isOnNetwork = isOnNetwork
        self.isSettlementAccessProvider = isSettlementAccessProvider
        self.resolvesAccounts = resolvesAccounts
    }

    public var party: PartyID { PartyID(checked: bicfi.code) }
}

/// Where an FX provider keeps one currency: exactly one access provider per system.
public struct ProviderAccount: Hashable, Sendable {
    public let accessProvider: BICFI
    public let account: String

    public init(accessProvider: BICFI, account: String) {
        self.accessProvider = accessProvider
        self.account = account
    }
}

/// An improvement for larger amounts, per provider and source currency.
public struct RateTier: Hashable, Sendable {
    /// Inclusive, in the source currency.
    public let threshold: Money
    public let basisPoints: Int

    public init(threshold: Money, basisPoints: Int) {
        self.threshold = threshold
        self.basisPoints = basisPoints
    }
}

/// An FX provider as the hub knows it.
public struct RegisteredProvider: Hashable, Sendable {
    public let id: PartyID
    public let name: String
    /// By country code.
    public let accounts: [String: ProviderAccount]
    /// Institutions that it has approved, with their improvement in basis points.
    public let approvedInstitutions: [BICFI: Int]
    /// Ascending by threshold within a currency.
    public let tiers: [RateTier]
    /// False when it opted out of completed-payment notifications.
    public let wantsNotifications: Bool

    public init(
        id: PartyID,
        name: String,
        accounts: [String: ProviderAccount],
        approvedInstitutions: [BICFI: Int],
        tiers: [RateTier],
        wantsNotifications: Bool
    ) {
        self.id = id
        self.name = name
        self.accounts = accounts
        self.approvedInstitutions = approvedInstitutions
        self.tiers = tiers.sorted {
            ($0.threshold.currency, $0.threshold.minorUnits)
                < ($1.threshold.currency, $1.threshold.minorUnits)
        }
        self.wantsNotifications = wantsNotifications
    }

    /// The highest tier that `amount` reaches, threshold included; `nil` below the lowest.
    public func tier(for amount: Money) -> RateTier? {
        tiers.last {
            $0.threshold.currency == amount.currency
                && $0.threshold.minorUnits <= amount.minorUnits
        }
    }
}

/// The hub's immutable snapshot of who is who; replaced as a whole, never edited.
public struct ReferenceData: Hashable, Sendable {
    public let countries: [Country]
    public let institutions: [RegisteredInstitution]
    public let providers: [RegisteredProvider]
    private let countryByCode: [String: Country]
    private let institutionByBICFI: [BICFI: RegisteredInstitution]
    private let providerByID: [PartyID: RegisteredProvider]
    private let countryBySystem: [PartyID: Country]

    public init(
        countries: [Country],
        institutions: [RegisteredInstitution],
        providers: [RegisteredProvider]
    ) {
        self.countries = countries.sorted { $0.code < $1.code }
        self.institutions = institutions.sorted { $0.bicfi.code < $1.bicfi.code }
        self.providers = providers.sorted { $0.id < $1.id }
        countryByCode = Dictionary(countries.map { ($0.code, $0) }) { first, _ in first }
        countryBySystem = Dictionary(countries.map { ($0.system, $0) }) { first, _ in first }
        institutionByBICFI = Dictionary(institutions.map { ($0.bicfi, $0) }) { first, _ in first }
        providerByID = Dictionary(providers.map { ($0.id, $0) }) { first, _ in first }
    }

    public func country(_ code: String) -> Country? { countryByCode[code] }
    public func country(of system: PartyID) -> Country? { countryBySystem[system] }
    public func institution(_ bicfi: BICFI) -> RegisteredInstitution? { institutionByBICFI[bicfi] }
    /// Whether a party is a provider; nothing of it is copied to tell.
    public func isProvider(_ party: PartyID) -> Bool { providerByID.index(forKey: party) != nil }
    /// Whether a party is a country's payment system; nothing of it is copied to tell.
    public func isSystem(_ party: PartyID) -> Bool { countryBySystem.index(forKey: party) != nil }
    public func provider(_ id: PartyID) -> RegisteredProvider? { providerByID[id] }
}
