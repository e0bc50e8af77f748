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

/// Three countries, two FX providers and the hub: who exists, who hosts whom, and what each
/// knows. Which participants are hosted by their system and which are nodes of their own is drawn.
struct SimulatedRegion {
    struct Member {
        let bicfi: BICFI
        let isAccessProvider: Bool
        let isHosted: Bool
        let customers: [String]
        var party: PartyID { PartyID(checked: bicfi.code) }
        /// The node it has when it is not hosted by its system.
        var nodeName: String { "psp-\(bicfi.code.lowercased())" }
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
    let topology: AuditTopology

    /// Opening balances, in minor units: ample, so that funds run short only where meant to.
    static let settlementOpening: Int64 = 900_000_000_00
    static let providerOpening: Int64 = 500_000_000_00
    static let customerOpening: Int64 = 50_000_00

    /// Customers per participant.
    static let customersPerMember = 6

    init(times: SchemeTimes, isHosted: (String) -> Bool) {
        systems = SimulatedRegion.countries.map { country in
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
        providers = SimulatedRegion.makeProviders(systems)
        let reference = ReferenceData(
            countries: systems.map(\.country),
            institutions: systems.flatMap { system in
                system.members.map { member in
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
        nodes = Builder(systems: systems, providers: providers, times: times, reference: reference)
            .nodes()
        topology = SimulatedRegion.topology(systems, providers)
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
    private static func makeProviders(_ systems: [System]) -> [RegisteredProvider] {
        ["fx-merlion", "fx-andaman"].enumerated().map { index, id in
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
        _ providers: [RegisteredProvider]
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

/// Makes the nodes' roles and links from the region's plan.
private struct Builder {
    let systems: [SimulatedRegion.System]
    let providers: [RegisteredProvider]
    let times: SchemeTimes
    let reference: ReferenceData

    func nodes() -> [SimulatedRegion.Node] {
        var nodes = [hub()]
        for system in systems {
            nodes.append(country(system))
            for member in system.members where !member.isHosted {
                nodes.append(
                    SimulatedRegion.Node(
                        name: member.nodeName,
                        roles: [member.party: participant(member, of: system)],
                        routing: Routing(
                            links: [
                                system.id: LinkID(system.node), .hub: LinkID(system.node),
                            ],
                            speakers: [LinkID(system.node): [system.id]]
                        )
                    )
                )
            }
        }
        for provider in providers { nodes.append(self.provider(provider)) }
        return nodes
    }

    private func hub() -> SimulatedRegion.Node {
        var links: [PartyID: LinkID] = [:]
        var speakers: [LinkID: Set<PartyID>] = [:]
        for system in systems {
            let link = LinkID(system.node)
            links[system.id] = link
            // Service calls reach the hub in the name of the system's members.
            speakers[link] = Set([system.id] + system.members.map(\.party))
        }
        for provider in providers {
            links[provider.id] = LinkID(provider.id.name)
            speakers[LinkID(provider.id.name)] = [provider.id]
        }
        return SimulatedRegion.Node(
            name: "hub",
            roles: [.hub: Hub(reference: reference, times: times)],
            routing: Routing(links: links, speakers: speakers)
        )
    }

    private func country(_ system: SimulatedRegion.System) -> SimulatedRegion.Node {
        var roles: [PartyID: any Role] = [:]
        var links: [PartyID: LinkID] = [.hub: LinkID("hub")]
        var speakers: [LinkID: Set<PartyID>] = [LinkID("hub"): [.hub]]
        let currency = system.country.currency
        roles[system.id] = InstantPaymentSystem(
            InstantPaymentSystem.Configuration(
                id: system.id,
                country: system.country.code,
                bicfi: system.country.systemBICFI,
                clearingSystem: system.country.clearingSystem,
                currency: currency,
                model: system.country.settlementModel,
                maximumAmount: system.country.maximumAmount,
                times: times,
                directory: system.directory,
                participants: system.members.map { member in
                    .init(
                        bicfi: member.bicfi,
                        name: "Bank \(member.bicfi)",
                        isOnNetwork: true,
                        isSettlementAccessProvider: member.isAccessProvider,
                        resolvesAccounts: true,
                        opening: Money(
                            minorUnits: SimulatedRegion.settlementOpening,
                            currency: currency
                        ),
                        cap: .zero(currency)
                    )
                }
            )
        )
        roles[system.directory] = ProxyDirectory(
            ProxyDirectory.Configuration(
                id: system.directory,
                bicfi: system.country.systemBICFI,
                registrations: []
            )
        )
        for member in system.members {
            if member.isHosted {
                roles[member.party] = participant(member, of: system)
            } else {
                let link = LinkID(member.nodeName)
                links[member.party] = link
                speakers[link] = [member.party]
            }
        }
        return SimulatedRegion.Node(
            name: system.node,
            roles: roles,
            routing: Routing(links: links, speakers: speakers)
        )
    }

    private func participant(
        _ member: SimulatedRegion.Member,
        of system: SimulatedRegion.System
    ) -> Participant {
        let currency = system.country.currency
        return Participant(
            Participant.Configuration(
                bicfi: member.bicfi,
                name: "Bank \(member.bicfi)",
                country: system.country.code,
                currency: currency,
                system: system.id,
                systemBICFI: system.country.systemBICFI,
                clearingSystem: system.country.clearingSystem,
                model: system.country.settlementModel,
                sourceFee: FeeFormula(
                    nominal: Money(minorUnits: 50, currency: currency),
                    ratioPerMillion: 0
                ),
                settlementOpening: Money(
                    minorUnits: SimulatedRegion.settlementOpening,
                    currency: currency
                ),
                providers: providers.compactMap { provider in
                    guard let account = provider.accounts[system.country.code],
                        account.accessProvider == member.bicfi
                    else { return nil }
                    return Participant.ProviderAccount(
                        provider: provider.id,
                        account: account.account,
                        creditLine: .zero(currency),
                        opening: Money(
                            minorUnits: SimulatedRegion.providerOpening,
                            currency: currency
                        )
                    )
                },
                customers: member.customers.map { account in
                    Participant.Customer(
                        account: account,
                        name: "Customer \(account)",
                        displayName: "Cust***",
                        town: system.country.name,
                        opening: Money(
                            minorUnits: SimulatedRegion.customerOpening,
                            currency: currency
                        ),
                        overdraft: .zero(currency)
                    )
                },
                times: times
            )
        )
    }

    private func provider(_ provider: RegisteredProvider) -> SimulatedRegion.Node {
        var rates: [FXProvider.StandingRate] = []
        let units: [String: Int64] = ["SG": 1_000_000, "TH": 25_413_700, "MY": 3_312_100]
        for from in systems.map(\.country.code) {
            for to in systems.map(\.country.code) where from != to {
                guard let one = units[from], let other = units[to],
                    let rate = ExchangeRate(
                        Decimal(mantissa: other * 100_000 / one, scale: 5)
                    )
                else { continue }
                rates.append(
                    FXProvider.StandingRate(sourceCountry: from, destinationCountry: to, rate: rate)
                )
            }
        }
        return SimulatedRegion.Node(
            name: provider.id.name,
            roles: [
                provider.id: FXProvider(
                    FXProvider.Configuration(
                        id: provider.id,
                        name: provider.name,
                        rates: rates,
                        nostros: systems.compactMap { system in
                            guard let account = provider.accounts[system.country.code] else {
                                return nil
                            }
                            return FXProvider.Nostro(
                                accessProvider: account.accessProvider,
                                country: system.country.code,
                                opening: Money(
                                    minorUnits: SimulatedRegion.providerOpening,
                                    currency: system.country.currency
                                )
                            )
                        }
                    )
                )
            ],
            routing: Routing(
                links: [.hub: LinkID("hub")],
                speakers: [LinkID("hub"): [.hub]]
            )
        )
    }
}
