package import SelatISO20022
package import SelatMoney
package import SelatNode
package import SelatScheme

/// What one node is, as `Nodes/<node-id>.yaml` says. Format: Specs/Protocol/NodeFiles.md.
package struct NodeConfiguration: Hashable, Sendable {
    /// The path it was read from.
    package let file: String
    /// The node's id, as its certificate proves it.
    package let node: String
    package let kind: Kind
    package let times: SchemeTimes
    package let limits: NodeLimits

    /// The four kinds of nodes.
    package enum Kind: Hashable, Sendable {
        /// Routes, converts and keeps the memorandum books.
        case hub(HubEntry)
        /// A payment system with its directory and its hosted participants.
        case country(CountryEntry)
        /// An FX provider.
        case provider(ProviderEntry)
        /// Participants in a process of their own.
        case participant(ParticipantNodeEntry)
    }

    /// The word for the kind, as the file and `selat up` spell it.
    package enum KindName: String, Hashable, Sendable, CaseIterable {
        case hub
        case country
        case provider
        case participant

        /// The role a node of this kind proves by its certificate.
        package var certificateRole: String {
            switch self {
            case .hub: "hub"
            case .country: "ips"
            case .provider: "fxp"
            case .participant: "psp"
            }
        }
    }

    package var kindName: KindName {
        switch kind {
        case .hub: .hub
        case .country: .country
        case .provider: .provider
        case .participant: .participant
        }
    }

    /// Where the node listens unless `endpoints.json` says otherwise; `nil` for nodes that only
    /// dial.
    package var listen: Endpoint? {
        switch kind {
        case .hub(let hub): hub.listen
        case .country(let country): country.listen
        case .provider, .participant: nil
        }
    }
}

/// A host and a TCP port.
package struct Endpoint: Hashable, Sendable, CustomStringConvertible {
    /// A name or an address, IPv6 without brackets.
    package let host: String
    /// 0...65535; 0 lets the system choose.
    package let port: Int

    /// - Parameters:
    ///   - host: A name or an address.
    ///   - port: 0...65535.
    package init(host: String, port: Int) {
        self.host = host
        self.port = port
    }

    package var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}

/// A node that this one dials.
package struct DialledNode: Hashable, Sendable {
    package let node: String
    package let endpoint: Endpoint
}

/// `kind: hub`.
package struct HubEntry: Hashable, Sendable {
    package let listen: Endpoint
    package let countries: [HubCountryEntry]
    package let providers: [HubProviderEntry]

    /// The snapshot the hub's role decides by.
    package var reference: ReferenceData {
        ReferenceData(
            countries: countries.map(\.country),
            institutions: countries.flatMap(\.institutions),
            providers: providers.map(\.provider)
        )
    }
}

/// One country as the hub's file describes it.
package struct HubCountryEntry: Hashable, Sendable {
    /// The node that speaks for the country's system, directory and institutions.
    package let node: String
    package let directory: PartyID
    package let country: Country
    package let institutions: [RegisteredInstitution]
}

/// One FX provider as the hub's file describes it.
package struct HubProviderEntry: Hashable, Sendable {
    package let node: String
    package let provider: RegisteredProvider
}

/// A payment system as its own and its participants' files describe it.
package struct SystemEntry: Hashable, Sendable {
    package let id: PartyID
    package let country: String
    package let bicfi: BICFI
    package let clearingSystem: String
    package let currency: Currency
    package let model: SettlementModel
}

/// `kind: country`.
package struct CountryEntry: Hashable, Sendable {
    package let listen: Endpoint
    package let hub: DialledNode
    package let system: SystemEntry
    /// The most one payment may carry, in the system's currency.
    package let maximumAmount: Money
    package let directory: DirectoryEntry
    package let participants: [ParticipantEntry]
}

/// A country's proxy directory.
package struct DirectoryEntry: Hashable, Sendable {
    package let id: PartyID
    package let bicfi: BICFI
    package let registrations: [RegistrationEntry]
}

/// One proxy and what it stands for.
package struct RegistrationEntry: Hashable, Sendable {
    /// `MBNO`, `NIDN`, `EWAL`, ...
    package let code: String
    package let value: String
    package let bicfi: BICFI
    package let account: String
    package let name: String
    package let displayName: String
}

/// An institution of a country.
package struct ParticipantEntry: Hashable, Sendable {
    /// Who runs the institution's role.
    package enum Placement: Hashable, Sendable {
        /// This process.
        case hosted(InstitutionEntry)
        /// The node at the end of a link of its own.
        ///
        /// `rate` is how many messages and requests a second its link is listened to.
        case external(node: String, rate: Int)
        /// Nobody: known to the system, not on the network (AGNT).
        case offNetwork
    }

    package let bicfi: BICFI
    package let name: String
    /// May hold FX providers' accounts.
    package let isSettlementAccessProvider: Bool
    /// Answers acmt.023 about its own accounts.
    package let resolvesAccounts: Bool
    /// Its settlement account at the payment system when the books are opened.
    package let settlementOpening: Money
    /// How far that account may fall below zero; zero when prefunded.
    package let settlementCap: Money
    package let placement: Placement
}

/// What only the institution itself knows.
package struct InstitutionEntry: Hashable, Sendable {
    package let lei: LEI?
    /// Deducted from the Sender's amount before conversion.
    package let sourceFee: FeeFormula
    /// FX providers' accounts here; none unless a settlement access provider.
    package let providers: [ProviderAccountEntry]
    package let customers: [CustomerEntry]
}

/// An FX provider's account at a settlement access provider.
package struct ProviderAccountEntry: Hashable, Sendable {
    package let provider: PartyID
    package let account: String
    package let creditLine: Money
    package let opening: Money
}

/// A customer's account.
package struct CustomerEntry: Hashable, Sendable {
    /// What may be done with it.
    package enum Status: String, Hashable, Sendable, CaseIterable {
        case open
        case closed
        case blocked
    }

    package let account: String
    package let name: String
    /// What a Sender abroad is shown.
    package let displayName: String
    package let street: String?
    package let postCode: String?
    package let town: String
    package let status: Status
    package let opening: Money
    package let overdraft: Money
}

/// `kind: participant`.
package struct ParticipantNodeEntry: Hashable, Sendable {
    package let system: SystemEntry
    /// The country's node.
    package let link: DialledNode
    /// Each `.hosted`.
    package let participants: [ParticipantEntry]
}

/// `kind: provider`.
package struct ProviderEntry: Hashable, Sendable {
    package let hub: DialledNode
    package let id: PartyID
    package let name: String
    package let rates: [RateEntry]
    package let accounts: [NostroEntry]
}

/// A standing rate that the provider pushes at every start.
package struct RateEntry: Hashable, Sendable {
    package let sourceCountry: String
    package let destinationCountry: String
    /// Destination units per source unit.
    package let rate: ExchangeRate
}

/// The provider's money at one access provider: the mirror of its `fxp:` account there.
package struct NostroEntry: Hashable, Sendable {
    package let country: String
    package let accessProvider: BICFI
    package let account: String
    package let opening: Money
}
