import SelatFXProvider
import SelatHub
import SelatInstantPaymentSystem
package import SelatNode
import SelatParticipant
import SelatProxyDirectory
package import SelatScheme

extension NodeConfiguration {
    /// The parties that run in this node, each with its role.
    package var roles: [PartyID: any Role] {
        switch kind {
        case .hub(let hub): return [.hub: Hub(reference: hub.reference, times: times)]
        case .country(let country):
            var roles: [PartyID: any Role] = [
                country.system.id: country.role(times: times),
                country.directory.id: country.directory.role,
            ]
            for participant in country.participants {
                guard let role = participant.role(country.system, times: times) else { continue }
                roles[participant.party] = role
            }
            return roles
        case .provider(let provider): return [provider.id: provider.role]
        case .participant(let node):
            var roles: [PartyID: any Role] = [:]
            for participant in node.participants {
                guard let role = participant.role(node.system, times: times) else { continue }
                roles[participant.party] = role
            }
            return roles
        }
    }
}

extension CountryEntry {
    fileprivate func role(times: SchemeTimes) -> InstantPaymentSystem {
        InstantPaymentSystem(
            InstantPaymentSystem.Configuration(
                id: system.id,
                country: system.country,
                bicfi: system.bicfi,
                clearingSystem: system.clearingSystem,
                currency: system.currency,
                model: system.model,
                maximumAmount: maximumAmount,
                times: times,
                directory: directory.id,
                participants: participants.map { participant in
                    InstantPaymentSystem.Configuration.Member(
                        bicfi: participant.bicfi,
                        name: participant.name,
                        isOnNetwork: participant.isOnNetwork,
                        isSettlementAccessProvider: participant.isSettlementAccessProvider,
                        resolvesAccounts: participant.resolvesAccounts,
                        opening: participant.settlementOpening,
                        cap: participant.settlementCap
                    )
                }
            )
        )
    }
}

extension DirectoryEntry {
    fileprivate var role: ProxyDirectory {
        ProxyDirectory(
            ProxyDirectory.Configuration(
                id: id,
                bicfi: bicfi,
                registrations: registrations.map { entry in
                    ProxyDirectory.Registration(
                        code: entry.code,
                        value: entry.value,
                        bicfi: entry.bicfi,
                        account: entry.account,
                        name: entry.name,
                        displayName: entry.displayName
                    )
                }
            )
        )
    }
}

extension ParticipantEntry {
    /// `nil` where the institution's role runs elsewhere or nowhere.
    fileprivate func role(_ system: SystemEntry, times: SchemeTimes) -> Participant? {
        guard case .hosted(let institution) = placement else { return nil }
        return Participant(
            Participant.Configuration(
                bicfi: bicfi,
                lei: institution.lei,
                name: name,
                country: system.country,
                currency: system.currency,
                system: system.id,
                systemBICFI: system.bicfi,
                clearingSystem: system.clearingSystem,
                model: system.model,
                sourceFee: institution.sourceFee,
                settlementOpening: settlementOpening,
                providers: institution.providers.map { entry in
                    Participant.ProviderAccount(
                        provider: entry.provider,
                        account: entry.account,
                        creditLine: entry.creditLine,
                        opening: entry.opening
                    )
                },
                customers: institution.customers.map(\.customer),
                resolvesAccounts: resolvesAccounts,
                times: times
            )
        )
    }
}

extension CustomerEntry {
    fileprivate var customer: Participant.Customer {
        Participant.Customer(
            account: account,
            name: name,
            displayName: displayName,
            street: street,
            postCode: postCode,
            town: town,
            status: {
                switch status {
                case .open: .open
                case .closed: .closed
                case .blocked: .blocked
                }
            }(),
            opening: opening,
            overdraft: overdraft
        )
    }
}

extension ProviderEntry {
    fileprivate var role: FXProvider {
        FXProvider(
            FXProvider.Configuration(
                id: id,
                name: name,
                rates: rates.map { entry in
                    FXProvider.StandingRate(
                        sourceCountry: entry.sourceCountry,
                        destinationCountry: entry.destinationCountry,
                        rate: entry.rate
                    )
                },
                nostros: accounts.map { entry in
                    FXProvider.Nostro(
                        accessProvider: entry.accessProvider,
                        country: entry.country,
                        opening: entry.opening
                    )
                }
            )
        )
    }
}
