import SelatISO20022
import SelatMoney
import SelatScheme

// Countries, their directories and their participants.

extension SystemEntry {
    static let keys = ["id", "country", "bicfi", "clearingSystem", "currency", "settlementModel"]

    init(_ fields: ConfigurationFields) throws(RuntimeError) {
        id = try fields["id"].party()
        country = try fields["country"].countryCode()
        bicfi = try fields["bicfi"].bicfi()
        clearingSystem = try fields["clearingSystem"].clearingSystem()
        currency = try fields["currency"].currency()
        model = try fields["settlementModel"].choice(SettlementModel.self)
    }
}

extension CountryEntry {
    init(_ top: ConfigurationNode) throws(RuntimeError) {
        let fields = try top.fields(
            required: ["node", "kind", "listen", "hub", "system", "directory", "participants"],
            optional: ["times", "limits"]
        )
        listen = try Endpoint(fields["listen"])
        hub = try DialledNode(fields["hub"])
        let members = try fields["system"].fields(required: SystemEntry.keys + ["maximumAmount"])
        system = try SystemEntry(members)
        maximumAmount = try members["maximumAmount"].money(in: system.currency)
        directory = try DirectoryEntry(fields["directory"])
        var participants: [ParticipantEntry] = []
        for element in try fields["participants"].elements() {
            participants.append(try ParticipantEntry(element, system: system, mayBeElsewhere: true))
        }
        self.participants = participants
        try fields["participants"].requireUnique(participants.map(\.bicfi.code), "institution")
    }
}

extension ParticipantNodeEntry {
    init(_ top: ConfigurationNode) throws(RuntimeError) {
        let fields = try top.fields(
            required: ["node", "kind", "link", "system", "participants"],
            optional: ["times", "limits"]
        )
        link = try DialledNode(fields["link"])
        system = try SystemEntry(try fields["system"].fields(required: SystemEntry.keys))
        var participants: [ParticipantEntry] = []
        for element in try fields["participants"].elements() {
            participants.append(
                try ParticipantEntry(element, system: system, mayBeElsewhere: false)
            )
        }
        self.participants = participants
        try fields["participants"].requireUnique(participants.map(\.bicfi.code), "institution")
        guard !participants.isEmpty else {
            throw fields["participants"].mistake(
                expected: "at least one participant",
                got: "none",
                remedy: "add one, or do not run the node"
            )
        }
    }
}

extension DirectoryEntry {
    init(_ node: ConfigurationNode) throws(RuntimeError) {
        let fields = try node.fields(required: ["id", "bicfi"], optional: ["registrations"])
        id = try fields["id"].party()
        bicfi = try fields["bicfi"].bicfi()
        var registrations: [RegistrationEntry] = []
        for element in try fields.elements("registrations") {
            let members = try element.fields(required: [
                "code", "value", "bicfi", "account", "name", "displayName",
            ])
            registrations.append(
                RegistrationEntry(
                    code: try members["code"].text(expected: "a proxy type code such as MBNO"),
                    value: try members["value"].privateText(limit: 2_048),
                    bicfi: try members["bicfi"].bicfi(),
                    account: try members["account"].privateText(limit: 34),
                    name: try members["name"].privateText(limit: 140),
                    displayName: try members["displayName"].privateText(limit: 140)
                )
            )
        }
        self.registrations = registrations
    }
}

extension ParticipantEntry {
    private static let own = ["lei", "sourceFee", "providers", "customers"]
    /// Messages and requests a second of an external participant whose entry says nothing.
    private static let rate = 500

    init(
        _ element: ConfigurationNode,
        system: SystemEntry,
        mayBeElsewhere: Bool
    ) throws(RuntimeError) {
        let fields = try element.fields(
            required: ["bicfi", "name"],
            optional: [
                "onNetwork", "hosted", "node", "rate", "accessProvider", "resolvesAccounts",
                "settlement",
            ] + ParticipantEntry.own
        )
        bicfi = try fields["bicfi"].bicfi()
        name = try fields["name"].text(expected: "the institution's name")
        let isOnNetwork = try fields.optional("onNetwork")?.bool() ?? true
        isSettlementAccessProvider = try fields.optional("accessProvider")?.bool() ?? false
        resolvesAccounts = try fields.optional("resolvesAccounts")?.bool() ?? isOnNetwork
        let placement = try ParticipantEntry.placement(fields, system, isOnNetwork)
        if case .hosted = placement {
        } else if !mayBeElsewhere {
            throw element.mistake(
                expected: "a participant that this node hosts",
                got: "one that is elsewhere",
                remedy: "remove 'hosted' and 'onNetwork'; they belong into the country's file"
            )
        }
        self.placement = placement
        switch placement {
        case .hosted, .external:
            let settlement = try ParticipantEntry.settlement(fields, system, element)
            settlementOpening = settlement.opening
            settlementCap = settlement.cap
        case .offNetwork:
            settlementOpening = .zero(system.currency)
            settlementCap = .zero(system.currency)
        }
    }

    private static func placement(
        _ fields: ConfigurationFields,
        _ system: SystemEntry,
        _ isOnNetwork: Bool
    ) throws(RuntimeError) -> Placement {
        let isHosted = try fields.optional("hosted")?.bool() ?? isOnNetwork
        guard isHosted else {
            for key in own {
                guard let member = fields.optional(key) else { continue }
                throw member.mistake(
                    expected: "nothing for an institution that is not hosted here",
                    got: "a value",
                    remedy: "move it into the file of the participant's own node"
                )
            }
            guard isOnNetwork else { return .offNetwork }
            guard let node = fields.optional("node") else {
                throw fields.owner.mistake(
                    expected: "the node of a participant that is not hosted here",
                    got: "none",
                    remedy: "add 'node: psp-...', or host the participant here"
                )
            }
            return .external(
                node: try node.nodeID(),
                rate: try fields.optional("rate")?.integer(1...1_000_000)
                    ?? ParticipantEntry.rate
            )
        }
        if let elsewhere = fields.optional("node") ?? fields.optional("rate") {
            throw elsewhere.mistake(
                expected: "no node and no rate for a participant that is hosted here",
                got: "one",
                remedy: "remove it, or write 'hosted: false'"
            )
        }
        guard isOnNetwork else {
            throw fields.owner.mistake(
                expected: "an institution off the network to be hosted by nobody",
                got: "'hosted: true' with 'onNetwork: false'",
                remedy: "remove one of the two"
            )
        }
        return .hosted(try InstitutionEntry(fields, system: system))
    }

    private static func settlement(
        _ fields: ConfigurationFields,
        _ system: SystemEntry,
        _ element: ConfigurationNode
    ) throws(RuntimeError) -> (opening: Money, cap: Money) {
        guard let settlement = fields.optional("settlement") else {
            throw element.mistake(
                expected: "the settlement account of an institution on the network",
                got: "none",
                remedy: "add 'settlement: { opening: \(system.currency) ... }'"
            )
        }
        let members = try settlement.fields(required: ["opening"], optional: ["cap"])
        return (
            try members["opening"].money(in: system.currency),
            try members.optional("cap")?.money(in: system.currency) ?? .zero(system.currency)
        )
    }
}

extension InstitutionEntry {
    init(_ fields: ConfigurationFields, system: SystemEntry) throws(RuntimeError) {
        let none = Money.zero(system.currency)
        lei = try fields.optional("lei")?.lei()
        if let fee = fields.optional("sourceFee") {
            sourceFee = try FeeFormula(fee, currency: system.currency)
        } else {
            sourceFee = FeeFormula(nominal: none, ratioPerMillion: 0)
        }
        var providers: [ProviderAccountEntry] = []
        for element in try fields.elements("providers") {
            let members = try element.fields(
                required: ["provider", "account", "opening"],
                optional: ["creditLine"]
            )
            providers.append(
                ProviderAccountEntry(
                    provider: try members["provider"].party(),
                    account: try members["account"].privateText(limit: 34),
                    creditLine: try members.optional("creditLine")?.money(in: system.currency)
                        ?? none,
                    opening: try members["opening"].money(in: system.currency)
                )
            )
        }
        self.providers = providers
        if let list = fields.optional("providers") {
            guard try fields.optional("accessProvider")?.bool() ?? false else {
                throw list.mistake(
                    expected: "FX providers' accounts at settlement access providers only",
                    got: "some at an institution that is none",
                    remedy: "write 'accessProvider: true', or remove them"
                )
            }
            try list.requireUnique(providers.map(\.provider.name), "FX provider")
        }
        var customers: [CustomerEntry] = []
        for element in try fields.elements("customers") {
            customers.append(try CustomerEntry(element, currency: system.currency))
        }
        self.customers = customers
        var accounts: Set<String> = []
        for customer in customers where !accounts.insert(customer.account).inserted {
            throw fields.owner.mistake(
                expected: "each account number once",
                got: "one twice among the customers",
                remedy: "give every account a number of its own"
            )
        }
    }
}

extension CustomerEntry {
    init(_ element: ConfigurationNode, currency: Currency) throws(RuntimeError) {
        let fields = try element.fields(
            required: ["account", "name", "town"],
            optional: ["displayName", "street", "postCode", "status", "opening", "overdraft"]
        )
        account = try fields["account"].privateText(limit: 34)
        name = try fields["name"].privateText(limit: 140)
        displayName = try fields.optional("displayName")?.privateText(limit: 140) ?? name
        street = try fields.optional("street")?.privateText(limit: 70)
        postCode = try fields.optional("postCode")?.privateText(limit: 16)
        town = try fields["town"].privateText(limit: 35)
        status = try fields.optional("status")?.choice(Status.self) ?? .open
        opening = try fields.optional("opening")?.money(in: currency) ?? .zero(currency)
        overdraft = try fields.optional("overdraft")?.money(in: currency) ?? .zero(currency)
    }
}
