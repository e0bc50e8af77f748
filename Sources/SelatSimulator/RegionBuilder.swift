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

/// Makes the nodes' roles and links from the region's plan.
struct RegionBuilder {
    let systems: [SimulatedRegion.System]
    let providers: [RegisteredProvider]
    let intruder: SimulatedRegion.Member
    let times: SchemeTimes
    let participantRate: Int?
    let reference: ReferenceData
    let wealth: SimulatedRegion.Wealth

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
        nodes.append(intrusion())
        return nodes
    }

    /// Those who have an account at a system: its members, and in the first country the intruder.
    private func members(of system: SimulatedRegion.System) -> [SimulatedRegion.Member] {
        system.id == systems[0].id ? system.members + [intruder] : system.members
    }

    /// A node with the intruder's certificate that speaks in everybody's name, to its country.
    private func intrusion() -> SimulatedRegion.Node {
        let target = systems[0]
        var parties = [PartyID.hub, intruder.party] + providers.map(\.id)
        for system in systems { parties += [system.id] + system.members.map(\.party) }
        parties.removeAll { $0 == target.id }
        let link = LinkID(target.node)
        return SimulatedRegion.Node(
            name: intruder.nodeName,
            roles: Dictionary(
                uniqueKeysWithValues: parties.map { ($0, IntrudingRole(target: target.id)) }
            ),
            routing: Routing(
                links: [target.id: link],
                speakers: [link: Set(parties)]
            )
        )
    }

    private func hub() -> SimulatedRegion.Node {
        var links: [PartyID: LinkID] = [:]
        var speakers: [LinkID: Set<PartyID>] = [:]
        for system in systems {
            let link = LinkID(system.node)
            links[system.id] = link
            // Service calls reach the hub in the name of the system's members.
            speakers[link] = Set([system.id] + members(of: system).map(\.party))
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
        var rates: [LinkID: Int] = [:]
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
                participants: members(of: system).map { member in
                    .init(
                        bicfi: member.bicfi,
                        name: "Bank \(member.bicfi)",
                        isOnNetwork: true,
                        isSettlementAccessProvider: member.isAccessProvider,
                        resolvesAccounts: true,
                        opening: Money(
                            minorUnits: wealth.settlement,
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
        for member in members(of: system) {
            if member.isHosted {
                roles[member.party] = participant(member, of: system)
            } else {
                let link = LinkID(member.nodeName)
                links[member.party] = link
                speakers[link] = [member.party]
                rates[link] = participantRate
            }
        }
        return SimulatedRegion.Node(
            name: system.node,
            roles: roles,
            routing: Routing(links: links, speakers: speakers, rates: rates)
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
                    minorUnits: wealth.settlement,
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
                            minorUnits: wealth.provider,
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
                            minorUnits: wealth.customer,
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
                                    minorUnits: wealth.provider,
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
