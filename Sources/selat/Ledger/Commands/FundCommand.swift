import ArgumentParser
import SelatISO20022
import SelatJSON
import SelatMoney
import SelatRuntime
import SelatScheme

/// `selat fund`
struct Fund: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Bring money into the network, tagged as such.",
        discussion: """
            At an institution: settlement, customer:<account>, or fxp:<provider>. Where another \
            book mirrors the account (the payment system's, the provider's), both are booked.
            """
    )

    @Argument(help: "The institution, by its BIC.")
    var institution: String

    @Argument(help: "settlement, customer:<account> or fxp:<provider>.")
    var account: String

    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp("Such as 100.00 SGD.", valueName: "amount currency")
    )
    var amount: [String]

    @OptionGroup var data: DataOptions
    @OptionGroup var options: OutputOptions

    func run() throws {
        let output = options.output
        let amount = try AmountText.read(amount)
        let region = try Region(data.directory)
        let code = institution.uppercased()
        guard let found = region.topology.institutions.first(where: { $0.entry.bicfi.code == code })
        else {
            throw CommandFailure(
                Exit.usage,
                "expected an institution of this region, got '\(institution)'; 'selat accounts' "
                    + "lists them"
            )
        }
        var journals: [JSONValue] = []
        for booking in bookings(found, amount, region.topology) {
            let answer = try region.ask(booking.party, "fund", booking.body).checked()
            journals.append([
                "book": .string(booking.party.name),
                "journal": answer["journal"] ?? .null,
            ])
            output.result("\(booking.party): \(amount) into \(booking.account)")
        }
        output.document("fund", [JSONMember("journals", .array(journals))])
    }

    private struct Booking {
        let party: PartyID
        let account: String
        let body: JSONValue
    }

    /// The account's own book first, then its mirror.
    private func bookings(
        _ institution: RunningInstitution,
        _ amount: Money,
        _ topology: Topology
    ) -> [Booking] {
        let party = institution.entry.party
        var bookings = [Booking(party: party, account: account, body: Fund.body(account, amount))]
        if account == "settlement", let system = topology.system(of: institution.country) {
            bookings.append(
                Booking(
                    party: system,
                    account: "participant:\(party)",
                    body: [
                        "participant": .string(party.name),
                        "amount": .string(amount.amountText),
                    ]
                )
            )
        } else if account.hasPrefix("fxp:") {
            let mirror = "nostro:\(party)"
            bookings.append(
                Booking(
                    party: PartyID(checked: String(account.dropFirst(4))),
                    account: mirror,
                    body: Fund.body(mirror, amount)
                )
            )
        }
        return bookings
    }

    private static func body(_ account: String, _ amount: Money) -> JSONValue {
        [
            "account": .string(account),
            "amount": .string(amount.amountText),
            "currency": .string(amount.currency.code),
        ]
    }
}

extension Topology {
    /// A country's payment system.
    func system(of country: String) -> PartyID? {
        for node in nodes {
            if case .country(let entry) = node.kind, entry.system.country == country {
                return entry.system.id
            }
        }
        return nil
    }
}
