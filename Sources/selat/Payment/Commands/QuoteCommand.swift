import ArgumentParser
import SelatJSON

/// `selat quote`
struct QuoteCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "quote",
        abstract: "Ask the FX providers for their offers.",
        discussion: """
            Each offer binds its provider for 600 s. An amount in the sender's currency is what \
            leaves the account, one in the recipient's is what arrives there.
            """
    )

    @Option(
        help: ArgumentHelp("Who asks: sg:ACCOUNT, sg:BIC:ACCOUNT or sg:BIC.", valueName: "sender")
    )
    var from: String

    @Option(help: ArgumentHelp("The country to pay to, such as th.", valueName: "country"))
    var to: String

    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp("How much, such as 100.00 SGD.", valueName: "amount currency")
    )
    var amount: [String]

    @OptionGroup var data: DataOptions
    @OptionGroup var options: OutputOptions

    func run() throws {
        let output = options.output
        let amount = try AmountText.read(amount)
        let address = try SenderAddress(from)
        guard let country = CountryCode.read(to) else {
            throw CommandFailure(Exit.usage, "--to: expected a country such as th, got '\(to)'")
        }
        let region = try Region(data.directory)
        let sender = try Sender(address, in: region.topology, needsAccount: false)
        let desk = PaymentDesk(region: region, sender: sender)
        let offers = try desk.offers(for: amount, to: try desk.country(country))
        output.result(Offer.table(offers))
        if offers.contains(where: \.isCapped) {
            output.result("! the amounts are the most that can be sent, not what was asked for")
        }
        output.document("quote", [JSONMember("offers", .array(offers.map(\.json)))])
    }
}
