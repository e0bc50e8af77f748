import SelatISO20022
import SelatMoney
import SelatNode
import SelatScheme

// What several files say about the same thing must be the same: balances kept by two, accounts
// named by two, and who is whose neighbour.
extension Topology {
    /// Every contradiction between the files; empty when the region can be started.
    package var contradictions: [ConfigurationMistake] {
        var found = Findings()
        var seen: Set<String> = []
        for node in nodes where !seen.insert(node.node).inserted {
            found.add(node, "node", "an id of its own", "'\(node.node)' a second time")
        }
        let hubs = nodes.filter { $0.kindName == .hub }
        if hubs.count != 1 {
            found.mistakes.append(
                ConfigurationMistake(
                    file: file,
                    line: 0,
                    key: "nodes",
                    expected: "exactly one hub",
                    got: "\(hubs.count)",
                    remedy: "list one node of kind hub"
                )
            )
        }
        for node in nodes {
            switch node.kind {
            case .hub(let hub): check(node, hub, &found)
            case .country(let country): check(node, country, &found)
            case .provider(let provider): check(node, provider, &found)
            case .participant(let participant): check(node, participant, &found)
            }
        }
        return found.mistakes
    }

    /// The list under construction.
    private struct Findings {
        var mistakes: [ConfigurationMistake] = []

        mutating func add(
            _ node: NodeConfiguration,
            _ key: String,
            _ expected: String,
            _ got: String
        ) {
            mistakes.append(
                ConfigurationMistake(
                    file: node.file,
                    line: 0,
                    key: key,
                    expected: expected,
                    got: got,
                    remedy: "make both files say the same"
                )
            )
        }

        mutating func same<Value: Equatable>(
            _ node: NodeConfiguration,
            _ key: String,
            _ here: Value,
            _ there: Value,
            in other: NodeConfiguration
        ) {
            guard here != there else { return }
            add(node, key, "\(there) as in \(other.file)", "\(here)")
        }
    }

    // MARK: The hub

    private func check(
        _ node: NodeConfiguration,
        _ hub: HubEntry,
        _ found: inout Findings
    ) {
        for entry in hub.countries {
            let key = "countries.\(entry.country.code)"
            guard let other = self.node(entry.node), case .country(let country) = other.kind else {
                found.add(node, "\(key).node", "a country's node", "'\(entry.node)'")
                continue
            }
            let mine = entry.country
            let system = country.system
            found.same(node, "\(key).code", mine.code, system.country, in: other)
            found.same(node, "\(key).system", mine.system, system.id, in: other)
            found.same(node, "\(key).bicfi", mine.systemBICFI, system.bicfi, in: other)
            found.same(
                node,
                "\(key).clearingSystem",
                mine.clearingSystem,
                system.clearingSystem,
                in: other
            )
            found.same(node, "\(key).currency", mine.currency, system.currency, in: other)
            found.same(
                node,
                "\(key).settlementModel",
                mine.settlementModel,
                system.model,
                in: other
            )
            found.same(
                node,
                "\(key).maximumAmount",
                mine.maximumAmount,
                country.maximumAmount,
                in: other
            )
            found.same(node, "\(key).directory", entry.directory, country.directory.id, in: other)
            check(node, entry.institutions, country.participants, of: other, key, &found)
        }
        for entry in hub.providers {
            guard let other = self.node(entry.node), case .provider(let provider) = other.kind
            else {
                found.add(
                    node,
                    "providers.\(entry.provider.id).node",
                    "a provider's node",
                    "'\(entry.node)'"
                )
                continue
            }
            let key = "providers.\(entry.provider.id)"
            found.same(node, "\(key).id", entry.provider.id, provider.id, in: other)
            for code in Set(entry.provider.accounts.keys).union(provider.accounts.map(\.country))
                .sorted()
            {
                let mine = entry.provider.accounts[code]
                let its = provider.accounts.first { $0.country == code }
                guard mine?.accessProvider != its?.accessProvider || mine?.account != its?.account
                else { continue }
                found.add(
                    node,
                    "\(key).accounts.\(code)",
                    "the access provider and account of \(other.file)",
                    "others"
                )
            }
        }
    }

    private func check(
        _ node: NodeConfiguration,
        _ registered: [RegisteredInstitution],
        _ participants: [ParticipantEntry],
        of other: NodeConfiguration,
        _ key: String,
        _ found: inout Findings
    ) {
        for code in Set(registered.map(\.bicfi.code)).union(participants.map(\.bicfi.code)).sorted()
        {
            let key = "\(key).institutions.\(code)"
            guard let mine = registered.first(where: { $0.bicfi.code == code }) else {
                found.add(node, key, "the institution of \(other.file)", "none")
                continue
            }
            guard let its = participants.first(where: { $0.bicfi.code == code }) else {
                found.add(other, "participants.\(code)", "the institution of \(node.file)", "none")
                continue
            }
            found.same(node, "\(key).onNetwork", mine.isOnNetwork, its.isOnNetwork, in: other)
            found.same(
                node,
                "\(key).accessProvider",
                mine.isSettlementAccessProvider,
                its.isSettlementAccessProvider,
                in: other
            )
            found.same(
                node,
                "\(key).resolvesAccounts",
                mine.resolvesAccounts,
                its.resolvesAccounts,
                in: other
            )
        }
    }

    // MARK: Countries and participants

    private func check(
        _ node: NodeConfiguration,
        _ country: CountryEntry,
        _ found: inout Findings
    ) {
        checkHub(node, country.hub, &found)
        check(node, providersOf: country.participants, &found)
        for participant in country.participants {
            guard case .external(let id, _) = participant.placement else { continue }
            let key = "participants.\(participant.bicfi)"
            // Nobody of the region runs it: a seat for whoever attaches.
            guard let other = self.node(id) else { continue }
            guard case .participant(let process) = other.kind,
                let its = process.participants.first(where: { $0.bicfi == participant.bicfi })
            else {
                found.add(node, "\(key).node", "a node that hosts it", "'\(id)'")
                continue
            }
            found.same(
                node,
                "\(key).settlement.opening",
                participant.settlementOpening,
                its.settlementOpening,
                in: other
            )
            found.same(
                node,
                "\(key).accessProvider",
                participant.isSettlementAccessProvider,
                its.isSettlementAccessProvider,
                in: other
            )
            found.same(
                node,
                "\(key).resolvesAccounts",
                participant.resolvesAccounts,
                its.resolvesAccounts,
                in: other
            )
        }
    }

    private func check(
        _ node: NodeConfiguration,
        _ participant: ParticipantNodeEntry,
        _ found: inout Findings
    ) {
        check(node, providersOf: participant.participants, &found)
        guard let other = self.node(participant.link.node), case .country(let country) = other.kind
        else {
            found.add(node, "link.node", "a country's node", "'\(participant.link.node)'")
            return
        }
        if participant.system != country.system {
            found.add(node, "system", "the system of \(other.file)", "another")
        }
        for entry in participant.participants {
            let its = country.participants.first { $0.bicfi == entry.bicfi }
            if case .external(node.node, _) = its?.placement { continue }
            found.add(
                other,
                "participants.\(entry.bicfi)",
                "'hosted: false' and 'node: \(node.node)' as \(node.file) hosts it",
                "something else"
            )
        }
    }

    // MARK: Providers

    private func check(
        _ node: NodeConfiguration,
        _ provider: ProviderEntry,
        _ found: inout Findings
    ) {
        checkHub(node, provider.hub, &found)
        for nostro in provider.accounts {
            let account = institution(nostro.accessProvider)?
                .providers.first { $0.provider == provider.id }
            let key = "accounts.\(nostro.country)"
            guard let account else {
                found.add(node, key, "an access provider that keeps the account", "one without it")
                continue
            }
            if account.account != nostro.account {
                found.add(node, "\(key).account", "the number its access provider gives", "another")
            }
            if account.opening != nostro.opening {
                found.add(node, "\(key).opening", "\(account.opening)", "\(nostro.opening)")
            }
        }
    }

    /// Every provider's account at an institution here is known to the provider.
    private func check(
        _ node: NodeConfiguration,
        providersOf participants: [ParticipantEntry],
        _ found: inout Findings
    ) {
        for participant in participants {
            guard case .hosted(let institution) = participant.placement else { continue }
            for account in institution.providers {
                let isKnown = nodes.contains { other in
                    guard case .provider(let provider) = other.kind else { return false }
                    return provider.id == account.provider
                        && provider.accounts.contains { $0.accessProvider == participant.bicfi }
                }
                guard !isKnown else { continue }
                found.add(
                    node,
                    "participants.\(participant.bicfi).providers.\(account.provider)",
                    "a provider whose own file names this access provider",
                    "none"
                )
            }
        }
    }

    private func checkHub(
        _ node: NodeConfiguration,
        _ hub: DialledNode,
        _ found: inout Findings
    ) {
        guard self.node(hub.node)?.kindName != .hub else { return }
        found.add(node, "hub.node", "the hub's node id", "'\(hub.node)'")
    }

    private func institution(_ bicfi: BICFI) -> InstitutionEntry? {
        for node in nodes {
            let participants: [ParticipantEntry] =
                switch node.kind {
                case .country(let country): country.participants
                case .participant(let participant): participant.participants
                case .hub, .provider: []
                }
            for participant in participants where participant.bicfi == bicfi {
                if case .hosted(let institution) = participant.placement { return institution }
            }
        }
        return nil
    }
}
