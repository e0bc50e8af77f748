import SelatAudit
import SelatFXProvider
import SelatHub
import SelatISO20022
import SelatInstantPaymentSystem
import SelatMoney
import SelatNode
import SelatParticipant
import SelatProxyDirectory
import SelatScheme
import SelatTime

/// Two or three countries, one or two FX providers and the hub: who exists, who hosts whom, and
/// what each knows. Which participants are hosted by their system and which are nodes of their own
/// is drawn; one participant more, in the first country, is the intruder's.
struct SimulatedRegion {
    struct Member {
        let bicfi: BICFI
        let isAccessProvider: Bool
        let isHosted: Bool
        let customers: [String]
        let party: PartyID
        /// The node it has when it is not hosted by its system.
        let nodeName: String

        init(bicfi: BICFI, isAccessProvider: Bool, isHosted: Bool, customers: [String]) {
            self.bicfi = bicfi
            self.isAccessProvider = isAccessProvider
            self.isHosted = isHosted
            self.customers = customers
            party = PartyID(checked: bicfi.code)
            nodeName = "psp-\(bicfi.code.lowercased())"
        }
    }

    struct System {
        let country: Country
        let members: [Member]
        var id: PartyID { country.system }
        var node: String { "ips-\(country.system)" }
        var directory: PartyID { PartyID(checked: "\(country.system).directory") }
    }

    /// A node: its roles and its links.
    struct Node {
        let name: String
        let roles: [PartyID: any Role]
        let routing: Routing
    }

    let systems: [System]
    let providers: [RegisteredProvider]
    let nodes: [Node]
    /// Who must be lawful. The intruder is a participant like another, but nobody reads its books.
    let topology: AuditTopology
    /// A participant with a certificate, an account and bad intentions.
    let intruder: Member

    /// Opening balances, in minor units, of those who have plenty.
    struct Wealth {
        let settlement: Int64
        let provider: Int64
        let customer: Int64

        /// With little of it funds run short at every institution.
        init(percent: Int64) {
            settlement = 900_000_000_00 * (percent < 100 ? 1 : 100) / 10_000
            provider = 500_000_000_00 * (percent < 100 ? 1 : 100) / 10_000
            customer = 50_000_00
        }
    }

    /// Customers per participant.
    static let customersPerMember = 6

    init(plan: SimulationPlan, isHosted: (String) -> Bool) {
        systems = SimulatedRegion.countries.filter { plan.countries.contains($0.code) }
            .map { country in
                System(
                    country: country,
                    members: SimulatedRegion.members(of: country).map { code, isAccessProvider in
                        Member(
                            bicfi: bicfi(code),
                            isAccessProvider: isAccessProvider,
                            isHosted: isHosted(code),
                            customers: (1...SimulatedRegion.customersPerMember).map {
                                "\(code.prefix(4))\(1_000_000 + $0)"
                            }
                        )
                    }
                )
            }
        providers = SimulatedRegion.makeProviders(systems, plan.providers)
        intruder = Member(
            bicfi: bicfi("RAKU\(systems[0].country.code)K0"),
            isAccessProvider: false,
            isHosted: false,
            customers: []
        )
        let joined = systems.enumerated().map { [intruder] index, system in
            (system, index == 0 ? system.members + [intruder] : system.members)
        }
        let reference = ReferenceData(
            countries: systems.map(\.country),
            institutions: joined.flatMap { system, members in
                members.map { member in
                    RegisteredInstitution(
                        bicfi: member.bicfi,
                        name: "Bank \(member.bicfi)",
                        country: system.country.code,
                        isOnNetwork: true,
                        isSettlementAccessProvider: member.isAccessProvider,
                        resolvesAccounts: true
                    )
                }
            },
            providers: providers
        )
        nodes =
            RegionBuilder(
                systems: systems,
                providers: providers,
                intruder: intruder,
                times: plan.times,
                participantRate: plan.participantRate,
                reference: reference,
                wealth: Wealth(percent: plan.wealthPercent)
            )
            .nodes()
        topology = SimulatedRegion.topology(systems, providers, intruder)
    }

    private static let countries: [Country] = [
        country(
            "SG",
            "Singapore",
            .sgd,
            "sg",
            "SGDFAST",
            .fiveStep,
            200_000_00,
            (50, 1000),
            (20, 0)
        ),
        country(
            "TH",
            "Thailand",
            .thb,
            "th",
            "THBPPAY",
            .fiveStep,
            2_000_000_00,
            (5_00, 1000),
            (10_00, 1500)
        ),
        country(
            "MY",
            "Malaysia",
            .myr,
            "my",
            "MYRRPP",
            .fourStep,
            10_000_000_00,
            (1_50, 1000),
            (1_00, 500)
        ),
    ]

    private static func country(
        _ code: String,
        _ name: String,
        _ currency: Currency,
        _ system: String,
        _ clearingSystem: String,
        _ model: SettlementModel,
        _ maximum: Int64,
        _ scheme: (Int64, Int),
        _ creditor: (Int64, Int)
    ) -> Country {
        Country(
            code: code,
            name: name,
            currency: currency,
            system: PartyID(checked: system),
            clearingSystem: clearingSystem,
            systemBICFI: bicfi("\(code)IP\(code)S0"),
            settlementModel: model,
            maximumAmount: Money(minorUnits: maximum, currency: currency),
            schemeFee: FeeFormula(
                nominal: Money(minorUnits: scheme.0, currency: currency),
                ratioPerMillion: scheme.1
            ),
            creditorAgentFee: FeeFormula(
                nominal: Money(minorUnits: creditor.0, currency: currency),
                ratioPerMillion: creditor.1
            ),
            addressTypes: []
        )
    }

    /// Two plain PSPs, one pure access provider, one that is both.
    private static func members(of country: Country) -> [(String, Bool)] {
        switch country.code {
        case "SG":
            [("MRLNSGS0", false), ("HRBRSGS0", false), ("STRTSGS0", true), ("KLLGSGS0", true)]
        case "TH":
            [("LTUSTHB0", false), ("CHPYTHB0", false), ("SMUTTHB0", true), ("KRBITHB0", true)]
        default: [("PNDNMYK0", false), ("WAUBMYK0", false), ("SLTNMYK0", true), ("KINBMYK0", true)]
        }
    }

    /// Each provider has another access provider in each country; each uses one PSP that is also
    /// an access provider somewhere, so that the agents coincide.
    private static func makeProviders(
        _ systems: [System],
        _ names: [String]
    ) -> [RegisteredProvider] {
        names.enumerated().map { index, id in
            var accounts: [String: ProviderAccount] = [:]
            for (place, system) in systems.enumerated() {
                let access = system.members.filter(\.isAccessProvider)
                accounts[system.country.code] = ProviderAccount(
                    accessProvider: access[(place + index) % 2].bicfi,
                    account: "70011822\(index)\(place)"
                )
            }
            return RegisteredProvider(
                id: PartyID(checked: id),
                name: id,
                accounts: accounts,
                approvedInstitutions: Dictionary(
                    uniqueKeysWithValues: systems.flatMap(\.members).map { ($0.bicfi, 10 * index) }
                ),
                tiers: systems.map {
                    RateTier(
                        threshold: Money(minorUnits: 1_000_00, currency: $0.country.currency),
                        basisPoints: 15
                    )
                },
                wantsNotifications: true
            )
        }
    }

    private static func topology(
        _ systems: [System],
        _ providers: [RegisteredProvider],
        _ intruder: Member
    ) -> AuditTopology {
        var kinds: [PartyID: AuditTopology.Kind] = [.hub: .hub]
        var nodes: [PartyID: String] = [.hub: "hub"]
        var speakers: [String: Set<PartyID>] = ["hub": [.hub]]
        for system in systems {
            kinds[system.id] = .system(
                country: system.country.code,
                model: system.country.settlementModel
            )
            nodes[system.id] = system.node
            kinds[system.directory] = .directory
            nodes[system.directory] = system.node
            speakers[system.node] = [system.id]
            for member in system.members {
                kinds[member.party] = .participant(system: system.id)
                nodes[member.party] = member.isHosted ? system.node : member.nodeName
                if !member.isHosted { speakers[member.nodeName] = [member.party] }
            }
        }
        kinds[intruder.party] = .participant(system: systems[0].id)
        nodes[intruder.party] = intruder.nodeName
        speakers[intruder.nodeName] = [intruder.party]
        for provider in providers {
            kinds[provider.id] = .provider
            nodes[provider.id] = provider.id.name
            speakers[provider.id.name] = [provider.id]
        }
        return AuditTopology(kinds: kinds, nodes: nodes, speakers: speakers)
    }
}

/// The simulated region's own codes are written here; a wrong one is a fault of this file.
func bicfi(_ code: String) -> BICFI {
    guard let bicfi = BICFI(code) else { preconditionFailure("\(code) is no BICFI") }
    return bicfi
}
