import ArgumentParser
import SelatJSON
import SelatRuntime
import SelatScheme

/// `selat accounts`
struct Accounts: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show accounts: posted, reserved to leave, available.",
        discussion: """
            Of a country (sg: its payment system and its institutions), of one party (MRLNSGS0, \
            sg, hub, fx-merlion), or of everybody.
            """
    )

    @Argument(help: ArgumentHelp("A country or a party.", valueName: "where"))
    var place: String?

    @OptionGroup var data: DataOptions
    @OptionGroup var options: OutputOptions

    func run() throws {
        let output = options.output
        let region = try Region(data.directory)
        var lines: [AccountLine] = []
        for party in try region.topology.books(place) {
            let answer = try region.ask(party, "accounts").checked()
            for element in try answer.cursor.elements("accounts") {
                lines.append(try AccountLine(element, book: party.name))
            }
        }
        output.result(AccountLine.table(lines))
        output.document("accounts", [JSONMember("accounts", .array(lines.map(\.json)))])
    }
}

extension Topology {
    /// The parties that keep books: of a country, one alone, or all, in the order of the files.
    ///
    /// - Parameter place: A country's code, a party's id, or `nil`.
    /// - Returns: At least one.
    /// - Throws: `CommandFailure` when nothing is called so.
    func books(_ place: String?) throws(CommandFailure) -> [PartyID] {
        let all = nodes.flatMap { node -> [(country: String?, party: PartyID)] in
            switch node.kind {
            case .hub: [(nil, .hub)]
            case .provider(let provider): [(nil, provider.id)]
            case .country(let country):
                [(country.system.country, country.system.id)]
                    + country.participants.filter(\.isHosted)
                    .map { (country.system.country, $0.party) }
            case .participant(let own):
                own.participants.map { (own.system.country, $0.party) }
            }
        }
        guard let place else { return all.map(\.party) }
        if let country = CountryCode.read(place) {
            let found = all.filter { $0.country == country }
            if !found.isEmpty { return found.map(\.party) }
        }
        let found = all.filter { $0.party.name.lowercased() == place.lowercased() }
        guard !found.isEmpty else {
            throw CommandFailure(
                Exit.usage,
                "expected a country or a party of this region, got '\(place)'; there are "
                    + all.map(\.party.name).joined(separator: ", ")
            )
        }
        return found.map(\.party)
    }
}
