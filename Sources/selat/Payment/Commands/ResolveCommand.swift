import ArgumentParser
import SelatISO20022
package import SelatJSON

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
        let verdict = try desk.resolve(recipient, patience: .seconds(timeout))
        output.result(ResolveDocument.text(verdict))
        output.document("resolve", ResolveDocument.members(verdict))
        if case .refused = verdict { throw Exit.rejected }
    }
}

/// What `selat resolve` answers. Source: Specs/Protocol/CommandLine.md.
package enum ResolveDocument {
    /// For people.
    package static func text(_ verdict: Payee.Verdict) -> String {
        switch verdict {
        case .refused(let reason): "not resolved: \(ReasonWords.sentence(reason))"
        case .verified(let payee):
            "\(payee.displayName ?? "(no name shown)"), account \(payee.account), \(payee.agent)"
        }
    }

    /// All but the schema; the real name is not among them.
    package static func members(_ verdict: Payee.Verdict) -> [JSONMember] {
        var payee: Payee?
        var reason: String?
        switch verdict {
        case .refused(let code): reason = code
        case .verified(let found): payee = found
        }
        return [
            JSONMember("verified", .bool(payee != nil)),
            JSONMember("reason", reason.map { .string($0) } ?? .null),
            JSONMember("account", payee.map { .string($0.account) } ?? .null),
            JSONMember("agent", payee.map { .string($0.agent.code) } ?? .null),
            JSONMember("displayName", payee?.displayName.map { .string($0) } ?? .null),
        ]
    }
}
