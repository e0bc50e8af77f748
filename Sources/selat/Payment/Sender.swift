import ArgumentParser
package import SelatISO20022
package import SelatMoney
package import SelatRuntime
package import SelatScheme

/// The institution that pays, and the account, found among the region's nodes.
package struct Sender: Hashable, Sendable {
    package let country: String
    package let agent: BICFI
    /// The institution's name.
    package let name: String
    package let currency: Currency
    package let account: String?

    /// From its parts.
    package init(
        country: String,
        agent: BICFI,
        name: String,
        currency: Currency,
        account: String?
    ) {
        self.country = country
        self.agent = agent
        self.name = name
        self.currency = currency
        self.account = account
    }

    /// Who the address means.
    ///
    /// - Parameters:
    ///   - address: As it was typed.
    ///   - topology: The region.
    ///   - needsAccount: Whether the institution alone does not suffice.
    /// - Throws: `CommandFailure` of `Exit.usage` when it is nobody or not one alone.
    package init(
        _ address: SenderAddress,
        in topology: Topology,
        needsAccount: Bool
    ) throws(CommandFailure) {
        let institutions = topology.institutions.filter { institution in
            institution.country == address.country
                && address.agent.map { $0 == institution.entry.bicfi } ?? true
                && address.account.map { institution.accounts.contains($0) } ?? true
        }
        guard let first = institutions.first else {
            throw CommandFailure(
                Exit.usage,
                "--from: expected an account of this region in \(address.country), found none like "
                    + "it; 'selat accounts \(address.country.lowercased())' lists them"
            )
        }
        guard institutions.count == 1 else {
            let banks = institutions.map(\.entry.bicfi.code).joined(separator: ", ")
            throw CommandFailure(
                Exit.usage,
                "--from: expected one institution, found \(banks); name it: "
                    + "\(address.country.lowercased()):BIC:ACCOUNT"
            )
        }
        guard address.account != nil || !needsAccount else {
            throw CommandFailure(
                Exit.usage,
                "--from: expected an account, got the institution \(first.entry.bicfi) alone; "
                    + "write \(address.country.lowercased()):BIC:ACCOUNT"
            )
        }
        self.init(
            country: address.country,
            agent: first.entry.bicfi,
            name: first.entry.name,
            currency: first.currency,
            account: address.account
        )
    }

    /// The institution as a party.
    package var party: PartyID { PartyID(checked: agent.code) }
}

/// An institution that some node of the region runs.
package struct RunningInstitution: Hashable, Sendable {
    package let country: String
    package let currency: Currency
    package let node: String
    package let entry: ParticipantEntry

    /// The numbers of its customers' accounts.
    package var accounts: [String] {
        guard case .hosted(let institution) = entry.placement else { return [] }
        return institution.customers.map(\.account)
    }
}

extension Topology {
    /// Every institution that a node of the region runs, in the order of the files.
    package var institutions: [RunningInstitution] {
        nodes.flatMap { node -> [RunningInstitution] in
            let system: SystemEntry
            let entries: [ParticipantEntry]
            switch node.kind {
            case .hub, .provider: return []
            case .country(let country): (system, entries) = (country.system, country.participants)
            case .participant(let own): (system, entries) = (own.system, own.participants)
            }
            return entries.filter(\.isHosted).map { entry in
                RunningInstitution(
                    country: system.country,
                    currency: system.currency,
                    node: node.node,
                    entry: entry
                )
            }
        }
    }
}
