import ArgumentParser
import SelatISO20022
import SelatJSON

/// `selat resolve`
struct Resolve: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Ask who stands behind a proxy or an account.",
        discussion: """
            Shows the name that the recipient's bank or directory lets a sender see, never the \
            real one. Exits 1 when the address leads to nobody.
            """
    )

    @Option(
        help: ArgumentHelp("Who asks: sg:ACCOUNT, sg:BIC:ACCOUNT or sg:BIC.", valueName: "sender")
    )
    var from: String

    @Option(
        help: ArgumentHelp(
            "Such as th:mobile:+66812004417 or th:account:BIC:NUMBER.",
            valueName: "recipient"
        )
    )
    var to: String

    @Option(help: "The longest wait for the answer, in seconds.")
    var timeout = 20

    @OptionGroup var data: DataOptions
    @OptionGroup var options: OutputOptions

    func run() throws {
        let output = options.output
        let address = try SenderAddress(from)
        let recipient = try RecipientAddress(to)
        let region = try Region(data.directory)
        let sender = try Sender(address, in: region.topology, needsAccount: false)
        let desk = PaymentDesk(region: region, sender: sender)
        switch try desk.resolve(recipient, patience: .seconds(timeout)) {
        case .refused(let reason):
            output.result("not resolved: \(ReasonWords.sentence(reason))")
            output.document(
                "resolve",
                [JSONMember("verified", false), JSONMember("reason", .string(reason))]
            )
            throw Exit.rejected
        case .verified(let payee):
            output.result(
                "\(payee.displayName ?? "(no name shown)"), account \(payee.account), "
                    + "\(payee.agent)"
            )
            output.document(
                "resolve",
                [
                    JSONMember("verified", true),
                    JSONMember("account", .string(payee.account)),
                    JSONMember("agent", .string(payee.agent.code)),
                    JSONMember("displayName", payee.displayName.map { .string($0) } ?? .null),
                ]
            )
        }
    }
}
