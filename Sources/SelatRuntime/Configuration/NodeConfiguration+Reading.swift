import SelatISO20022
import SelatMoney
import SelatNode
import SelatScheme
import SelatTime

extension NodeConfiguration {
    /// Reads one node's file.
    ///
    /// - Parameter file: The path.
    /// - Returns: The node.
    /// - Throws: `RuntimeError` naming the file, and the line and key of the first mistake.
    package static func read(file: String) throws(RuntimeError) -> NodeConfiguration {
        try NodeConfiguration(file: file, text: try TextFile.read(file))
    }

    /// Reads one node's file from its text.
    ///
    /// - Parameters:
    ///   - file: The path, for the sentences.
    ///   - text: The YAML.
    /// - Throws: `RuntimeError` naming the line and key of the first mistake.
    package init(file: String, text: String) throws(RuntimeError) {
        let top = try ConfigurationNode(file: file, text: text)
        // The kind decides which other keys there may be, so it is looked at first.
        let all = try top.fields(
            required: ["node", "kind"],
            optional: [
                "listen", "times", "limits", "countries", "providers", "hub", "system", "directory",
                "participants", "link", "provider", "rates", "accounts",
            ]
        )
        self.file = file
        node = try all["node"].nodeID()
        let kindName = try all["kind"].choice(KindName.self)
        times = try SchemeTimes(all.optional("times"))
        limits = try NodeLimits(all.optional("limits"), of: kindName)
        switch kindName {
        case .hub: kind = .hub(try HubEntry(top))
        case .country: kind = .country(try CountryEntry(top))
        case .provider: kind = .provider(try ProviderEntry(top))
        case .participant: kind = .participant(try ParticipantNodeEntry(top))
        }
    }
}

/// The keys every kind of node has.
private let common = ["node", "kind"]

extension SchemeTimes {
    /// The defaults with the file's values in their place.
    init(_ node: ConfigurationNode?) throws(RuntimeError) {
        self.init()
        guard let node else { return }
        let settings: [(String, WritableKeyPath<SchemeTimes, Duration>)] = [
            ("sourceAccessProviderAnswer", \.sourceAccessProviderAnswer),
            ("enquiry", \.enquiry),
            ("enquiryLimit", \.enquiryLimit),
            ("destinationAccessProviderAnswer", \.destinationAccessProviderAnswer),
            ("creditorAgentAnswer", \.creditorAgentAnswer),
            ("creditorAgentEnquiry", \.creditorAgentEnquiry),
            ("confirmation", \.confirmation),
            ("sourceExecution", \.sourceExecution),
            ("hubExecution", \.hubExecution),
            ("destinationExecution", \.destinationExecution),
            ("normalAge", \.normalAge),
            ("clockTolerance", \.clockTolerance),
        ]
        let fields = try node.fields(required: [], optional: settings.map(\.0))
        for (name, path) in settings {
            guard let value = fields.optional(name) else { continue }
            self[keyPath: path] = try value.duration()
        }
        if let conflict {
            throw node.mistake(
                expected: "times by which the destination rejects before the hub does",
                got: "others",
                remedy: conflict
            )
        }
    }
}

extension NodeLimits {
    /// The kind's own with the file's values in their place.
    ///
    /// The hub refuses first: a payment that cannot be carried on is turned away before anybody
    /// has reserved money for it.
    init(
        _ node: ConfigurationNode?,
        of kind: NodeConfiguration.KindName
    ) throws(RuntimeError) {
        self.init()
        switch kind {
        case .hub:
            paymentsInFlight = 2048
        case .country, .provider, .participant: break
        }
        guard let node else { return }
        let fields = try node.fields(required: [], optional: ["paymentsInFlight"])
        if let value = fields.optional("paymentsInFlight") {
            paymentsInFlight = try value.integer(1...1_000_000)
        }
    }
}

extension Endpoint {
    init(_ node: ConfigurationNode) throws(RuntimeError) {
        let fields = try node.fields(required: ["host", "port"])
        try self.init(fields)
    }

    init(_ fields: ConfigurationFields) throws(RuntimeError) {
        host = try fields["host"].text(expected: "a host name or address")
        port = try fields["port"].integer(0...65_535)
    }
}

extension DialledNode {
    init(_ node: ConfigurationNode) throws(RuntimeError) {
        let fields = try node.fields(required: ["node", "host", "port"])
        self.node = try fields["node"].nodeID()
        endpoint = try Endpoint(fields)
    }
}

extension FeeFormula {
    init(_ node: ConfigurationNode, currency: Currency) throws(RuntimeError) {
        let fields = try node.fields(required: ["nominal"], optional: ["ratioPerMillion"])
        self.init(
            nominal: try fields["nominal"].money(in: currency),
            ratioPerMillion: try fields.optional("ratioPerMillion")?.integer(0...999_999) ?? 0
        )
    }
}

extension HubEntry {
    init(_ top: ConfigurationNode) throws(RuntimeError) {
        let fields = try top.fields(
            required: common + ["listen", "countries", "providers"],
            optional: ["times", "limits"]
        )
        listen = try Endpoint(fields["listen"])
        var countries: [HubCountryEntry] = []
        for element in try fields["countries"].elements() {
            countries.append(try HubCountryEntry(element))
        }
        self.countries = countries
        var providers: [HubProviderEntry] = []
        for element in try fields["providers"].elements() {
            providers.append(try HubProviderEntry(element))
        }
        self.providers = providers
        try fields["countries"].requireUnique(countries.map(\.country.code), "country")
        try fields["countries"].requireUnique(
            countries.map(\.node) + providers.map(\.node),
            "node among countries and providers"
        )
        try fields["countries"].requireUnique(
            countries.flatMap { $0.institutions.map(\.bicfi.code) },
            "institution"
        )
    }
}

extension HubCountryEntry {
    init(_ element: ConfigurationNode) throws(RuntimeError) {
        let fields = try element.fields(required: [
            "code", "name", "node", "system", "directory", "bicfi", "clearingSystem", "currency",
            "settlementModel", "maximumAmount", "schemeFee", "creditorAgentFee", "addressTypes",
            "institutions",
        ])
        let currency = try fields["currency"].currency()
        let code = try fields["code"].countryCode()
        var addressTypes: [AddressType] = []
        for element in try fields["addressTypes"].elements() {
            addressTypes.append(try AddressType(element))
        }
        var institutions: [RegisteredInstitution] = []
        for element in try fields["institutions"].elements() {
            institutions.append(try RegisteredInstitution(element, country: code))
        }
        node = try fields["node"].nodeID()
        directory = try fields["directory"].party()
        country = Country(
            code: code,
            name: try fields["name"].text(expected: "the country's name"),
            currency: currency,
            system: try fields["system"].party(),
            clearingSystem: try fields["clearingSystem"].clearingSystem(),
            systemBICFI: try fields["bicfi"].bicfi(),
            settlementModel: try fields["settlementModel"].choice(SettlementModel.self),
            maximumAmount: try fields["maximumAmount"].money(in: currency),
            schemeFee: try FeeFormula(fields["schemeFee"], currency: currency),
            creditorAgentFee: try FeeFormula(fields["creditorAgentFee"], currency: currency),
            addressTypes: addressTypes
        )
        self.institutions = institutions
    }
}

extension AddressType {
    init(_ element: ConfigurationNode) throws(RuntimeError) {
        let fields = try element.fields(required: [
            "code", "title", "pattern", "placeholder", "requiresInstitution",
        ])
        self.init(
            code: try fields["code"].text(expected: "an address type code such as MBNO"),
            title: try fields["title"].text(expected: "a title"),
            pattern: try fields["pattern"].text(expected: "an anchored regular expression"),
            placeholder: try fields["placeholder"].text(expected: "an example value"),
            requiresInstitution: try fields["requiresInstitution"].bool()
        )
    }
}

extension RegisteredInstitution {
    init(_ element: ConfigurationNode, country: String) throws(RuntimeError) {
        let fields = try element.fields(
            required: ["bicfi", "name"],
            optional: ["onNetwork", "accessProvider", "resolvesAccounts"]
        )
        let isOnNetwork = try fields.optional("onNetwork")?.bool() ?? true
        self.init(
            bicfi: try fields["bicfi"].bicfi(),
            name: try fields["name"].text(expected: "the institution's name"),
            country: country,
            isOnNetwork: isOnNetwork,
            isSettlementAccessProvider: try fields.optional("accessProvider")?.bool() ?? false,
            resolvesAccounts: try fields.optional("resolvesAccounts")?.bool() ?? isOnNetwork
        )
    }
}

extension HubProviderEntry {
    init(_ element: ConfigurationNode) throws(RuntimeError) {
        let fields = try element.fields(
            required: ["id", "node", "name", "accounts", "approvedInstitutions"],
            optional: ["tiers", "wantsNotifications"]
        )
        node = try fields["node"].nodeID()
        var accounts: [String: ProviderAccount] = [:]
        for element in try fields["accounts"].elements() {
            let members = try element.fields(required: ["country", "accessProvider", "account"])
            let code = try members["country"].countryCode()
            guard accounts[code] == nil else {
                throw members["country"].mistake(
                    expected: "one access provider per country",
                    got: "a second one in \(code)",
                    remedy: "keep one (Rulebook: one SAP per FX provider and system)"
                )
            }
            accounts[code] = ProviderAccount(
                accessProvider: try members["accessProvider"].bicfi(),
                account: try members["account"].privateText(limit: 34)
            )
        }
        var approved: [BICFI: Int] = [:]
        for element in try fields["approvedInstitutions"].elements() {
            let members = try element.fields(required: ["bicfi"], optional: ["basisPoints"])
            let improvement = try members.optional("basisPoints")?.integer(0...1_000) ?? 0
            approved[try members["bicfi"].bicfi()] = improvement
        }
        var tiers: [RateTier] = []
        for element in try fields.elements("tiers") {
            let members = try element.fields(required: ["threshold", "basisPoints"])
            tiers.append(
                RateTier(
                    threshold: try members["threshold"].money(),
                    basisPoints: try members["basisPoints"].integer(0...1_000)
                )
            )
        }
        provider = RegisteredProvider(
            id: try fields["id"].party(),
            name: try fields["name"].text(expected: "the provider's name"),
            accounts: accounts,
            approvedInstitutions: approved,
            tiers: tiers,
            wantsNotifications: try fields.optional("wantsNotifications")?.bool() ?? true
        )
    }
}

extension ProviderEntry {
    init(_ top: ConfigurationNode) throws(RuntimeError) {
        let fields = try top.fields(
            required: common + ["hub", "provider", "rates", "accounts"],
            optional: ["times", "limits"]
        )
        hub = try DialledNode(fields["hub"])
        let provider = try fields["provider"].fields(required: ["id", "name"])
        id = try provider["id"].party()
        name = try provider["name"].text(expected: "the provider's name")
        var rates: [RateEntry] = []
        for element in try fields["rates"].elements() {
            let members = try element.fields(required: ["from", "to", "rate"])
            rates.append(
                RateEntry(
                    sourceCountry: try members["from"].countryCode(),
                    destinationCountry: try members["to"].countryCode(),
                    rate: try members["rate"].rate()
                )
            )
        }
        self.rates = rates
        var accounts: [NostroEntry] = []
        for element in try fields["accounts"].elements() {
            let members = try element.fields(required: [
                "country", "accessProvider", "account", "opening",
            ])
            accounts.append(
                NostroEntry(
                    country: try members["country"].countryCode(),
                    accessProvider: try members["accessProvider"].bicfi(),
                    account: try members["account"].privateText(limit: 34),
                    opening: try members["opening"].money()
                )
            )
        }
        self.accounts = accounts
        try fields["rates"].requireUnique(
            rates.map { "\($0.sourceCountry) to \($0.destinationCountry)" },
            "corridor"
        )
        try fields["accounts"].requireUnique(accounts.map(\.country), "country")
    }
}

extension ConfigurationNode {
    /// At most 35 letters and digits, as SttlmInf/ClrSys carries it.
    func clearingSystem() throws(RuntimeError) -> String {
        let expected = "a clearing system id of 1 to 35 letters and digits"
        let text = try text(expected: expected)
        guard text.utf8.count <= 35, text.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber) })
        else {
            throw mistake(expected: expected, got: "'\(text.prefix(60))'", remedy: "shorten it")
        }
        return text
    }

    /// Nothing stands twice in a list.
    func requireUnique(_ values: [String], _ what: String) throws(RuntimeError) {
        var seen: Set<String> = []
        for value in values where !seen.insert(value).inserted {
            throw mistake(
                expected: "each \(what) once",
                got: "'\(value)' twice",
                remedy: "remove one of the two"
            )
        }
    }
}
