import SelatISO20022
import Yams

/// A region to be put under load, made from another's files: some of its countries, and in each as
/// many institutions with a node of their own as are wanted, copies of the first of them. What is
/// written are node files like any others (Specs/Protocol/NodeFiles.md), read again when they are
/// whole.
package struct LoadedRegion: Sendable {
    /// ISO 3166-1 alpha-2 codes; what is of other countries is left out.
    package var countries: [String]
    /// Institutions with a node of their own, evenly over the countries, the first of which get
    /// what is left over; `nil` for those that are there.
    package var institutions: Int?
    /// Institutions besides, evenly too, that take no part in the load.
    package var idle = 0
    /// For every node's `times`, as the files spell them.
    package var times: [(name: String, duration: String)] = []
    /// For every node's `limits`.
    package var paymentsInFlight: Int?

    /// - Parameters:
    ///   - countries: ISO 3166-1 alpha-2 codes.
    ///   - institutions: With a node of their own, at least one for each country; `nil` for those
    ///     that are there.
    package init(countries: [String], institutions: Int?) {
        self.countries = countries
        self.institutions = institutions
    }

    /// The region as it was written.
    package struct Written: Sendable {
        package let topology: Topology
        /// The nodes that take no part in the load, in order.
        package let idle: [String]
    }

    /// An institution that is made after another.
    fileprivate struct Copy {
        let model: Model
        let node: String
        let bicfi: String
        let name: String
    }

    /// The first institution of a country that has a node of its own.
    fileprivate struct Model {
        let node: NodeConfiguration
        let bicfi: String
        let country: String

        /// - Parameters:
        ///   - number: From 1 within the country.
        ///   - isIdle: Takes no part in the load.
        /// - Returns: Who it is.
        func copy(_ number: Int, isIdle: Bool) -> Copy {
            // No bank has such a code: a letter and digits, and 0 as the eighth character.
            let digits = String(1000 + number).dropFirst()
            let idle = isIdle ? "idle-" : ""
            return Copy(
                model: self,
                node: "psp-\(idle)\(country.lowercased())-\(number)",
                bicfi: "\(isIdle ? "Q" : "P")\(digits)\(country)X0",
                name: "Fictional Bank \(idle)\(country)-\(number)"
            )
        }
    }

    // MARK: Writing

    /// Writes the nodes' files to `DIR/nodes` and their list to `DIR/region.yaml`.
    ///
    /// - Parameters:
    ///   - topology: Whose files are the models.
    ///   - directory: `DIR`; it and `DIR/nodes` exist.
    /// - Returns: The region, without contradictions.
    /// - Throws: `RuntimeError` where a country has no institution to copy, where the directory is
    ///   another region's, or where a file cannot be read or written.
    package func write(
        from topology: Topology,
        to directory: String
    ) throws(RuntimeError) -> Written {
        var kept = topology.nodes.filter { node in
            switch node.kind {
            case .hub, .provider: true
            case .country(let entry): countries.contains(entry.system.country)
            case .participant: false
            }
        }
        var copies: [Copy] = []
        var idle: [Copy] = []
        for (place, country) in countries.enumerated() {
            let present = topology.nodes.filter { $0.institutionCountry == country }
            let model = try model(of: country, among: present, topology)
            let wanted = institutions.map { share(of: $0, place) } ?? present.count
            kept += present.prefix(wanted)
            copies += (0..<wanted).dropFirst(present.count).map {
                model.copy($0 + 1, isIdle: false)
            }
            idle += (0..<share(of: self.idle, place)).map { model.copy($0 + 1, isIdle: true) }
        }
        copies += idle
        let ids = kept.map(\.node) + copies.map(\.node)
        try writeList(of: ids, topology.name, to: "\(directory)/region.yaml")
        for node in kept {
            var text = try Node.read(node.file)
            adapt(&text, of: node, copies)
            try write(text, to: "\(directory)/nodes/\(node.node).yaml")
        }
        for copy in copies {
            var text = try Node.read(copy.model.node.file)
            text["node"] = Node(copy.node)
            text.changeList("participants") { $0 = [$0[0].copied(as: copy)] }
            try write(text, to: "\(directory)/nodes/\(copy.node).yaml")
        }
        return Written(
            topology: try Topology.read(file: "\(directory)/region.yaml"),
            idle: idle.map(\.node)
        )
    }

    /// What a country gets of so many, by its place among the countries.
    private func share(of total: Int, _ place: Int) -> Int {
        total / countries.count + (place < total % countries.count ? 1 : 0)
    }

    private func model(
        of country: String,
        among present: [NodeConfiguration],
        _ topology: Topology
    ) throws(RuntimeError) -> Model {
        guard let node = present.first, case .participant(let entry) = node.kind else {
            throw .file(
                topology.file,
                line: 0,
                got: "it has no node of kind participant in \(country)",
                remedy: "list one, or load other countries"
            )
        }
        return Model(node: node, bicfi: entry.participants[0].bicfi.code, country: country)
    }

    private func writeList(
        of nodes: [String],
        _ name: String,
        to file: String
    ) throws(RuntimeError) {
        let text = (["name: \(name)", "nodes:"] + nodes.map { "  - nodes/\($0).yaml" })
            .joined(separator: "\n")
        if let present = try TextFile.readIfPresent(file), present != text + "\n" {
            throw .file(
                file,
                line: 0,
                got: "it lists other nodes than this run's",
                remedy: "ask for the same countries and institutions, or choose another directory"
            )
        }
        try TextFile.replace(file, with: text + "\n")
    }

    private func write(_ node: Node, to file: String) throws(RuntimeError) {
        var node = node
        if !times.isEmpty {
            node["times"] = Node(times.map { (Node($0.name), Node($0.duration)) })
        }
        if let paymentsInFlight {
            node["limits"] = Node([(Node("paymentsInFlight"), Node("\(paymentsInFlight)"))])
        }
        let text: String
        do {
            text = try Yams.serialize(node: node)
        } catch {
            preconditionFailure("what was read as YAML can be written as YAML: \(error)")
        }
        try TextFile.replace(file, with: text)
    }

    // MARK: Adapting

    /// Leaves out what is of other countries, and enters the copies.
    private func adapt(_ text: inout Node, of node: NodeConfiguration, _ copies: [Copy]) {
        switch node.kind {
        case .hub:
            text.changeList("countries") { entries in
                entries.removeAll { !isLoaded($0["code"]) }
                for index in entries.indices {
                    entries[index].changeList("institutions") { $0.append(copies: copies) }
                }
            }
            text.changeList("providers") { providers in
                for index in providers.indices {
                    providers[index].changeList("accounts") { entries in
                        entries.removeAll { !isLoaded($0["country"]) }
                    }
                    providers[index].changeList("approvedInstitutions") {
                        $0.append(copies: copies)
                    }
                }
            }
        case .provider:
            text.changeList("rates") { entries in
                entries.removeAll { !isLoaded($0["from"]) || !isLoaded($0["to"]) }
            }
            text.changeList("accounts") { entries in
                entries.removeAll { !isLoaded($0["country"]) }
            }
        case .country: text.changeList("participants") { $0.append(copies: copies) }
        case .participant: break
        }
    }

    private func isLoaded(_ country: Node?) -> Bool {
        country?.scalar.map { countries.contains($0.string) } ?? false
    }
}

extension NodeConfiguration {
    /// The country of a node of kind participant.
    fileprivate var institutionCountry: String? {
        switch kind {
        case .participant(let entry): entry.system.country
        case .hub, .country, .provider: nil
        }
    }
}

extension [Node] {
    /// Where an institution that is copied stands, its copies' entries come at the end.
    fileprivate mutating func append(copies: [LoadedRegion.Copy]) {
        for entry in self {
            let bicfi = entry["bicfi"]?.scalar?.string
            for copy in copies where copy.model.bicfi == bicfi { append(entry.copied(as: copy)) }
        }
    }
}

extension Node {
    fileprivate static func read(_ file: String) throws(RuntimeError) -> Node {
        try ConfigurationNode(file: file, text: try TextFile.read(file)).node
    }

    /// An institution's entry with another's identity; LEI and customers are nobody else's.
    fileprivate func copied(as copy: LoadedRegion.Copy) -> Node {
        var entry = self
        entry["bicfi"] = Node(copy.bicfi)
        if entry["name"] != nil { entry["name"] = Node(copy.name) }
        if entry["node"] != nil { entry["node"] = Node(copy.node) }
        entry["lei"] = nil
        entry["customers"] = nil
        return entry
    }

    fileprivate mutating func changeList(_ key: String, _ change: (inout [Node]) -> Void) {
        guard let sequence = self[key]?.sequence else {
            preconditionFailure("the file was read before, so its '\(key)' is a list")
        }
        var elements = Array(sequence)
        change(&elements)
        self[key] = Node(elements)
    }
}
