import ArgumentParser
import SelatJSON
import SelatMoney
import SelatTime

/// `selat pay`
struct Pay: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Pay across the border.",
        discussion: """
            Shows what leaves and what arrives, the fees, the effective rate and the name that the \
            recipient's bank lets a sender see, and asks. Then every step as it happens, the final \
            status and what moved on the books. The UETR is printed before anything is sent: after \
            exit 4 'selat pay --resume UETR' sends the identical message once more, while a plain \
            rerun would be a second payment.

            Exits 0 when the recipient has the money, 1 when it was rejected (nothing is debited), \
            4 when the outcome is not known yet, 5 when the money is held by the recipient's bank.
            """
    )

    @Option(help: ArgumentHelp("sg:ACCOUNT or sg:BIC:ACCOUNT.", valueName: "sender"))
    var from: String?

    @Option(
        help: ArgumentHelp(
            "Such as th:mobile:+66812004417 or th:account:BIC:NUMBER.",
            valueName: "recipient"
        )
    )
    var to: String?

    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp(
            "Such as 100.00 SGD: in the sender's currency what leaves, in the recipient's what arrives.",
            valueName: "amount currency"
        )
    )
    var amount: [String] = []

    @Option(
        help: "NORM, or HIGH: completed by its deadline or refused.",
        completion: .list(["NORM", "HIGH"])
    )
    var priority = "NORM"

    @Option(help: "The provider whose offer to take; without it, the best one.")
    var provider: String?

    @Option(help: "The recipient's name, where nobody tells it.")
    var creditorName: String?

    @Option(help: "Up to 140 characters for the recipient.")
    var remittance: String?

    @Option(help: "Why it is paid: a code of ExternalPurpose1Code such as GDDS.")
    var purpose: String?

    @Option(help: "The sender's own reference, up to 35 characters.")
    var endToEndId: String?

    @Option(help: "Send the identical message of this payment once more.")
    var resume: String?

    @Flag(help: "Approve without being asked.")
    var yes = false

    @Option(help: "The longest wait for the final status, in seconds.")
    var timeout = 60

    @OptionGroup var data: DataOptions
    @OptionGroup var options: OutputOptions

    func validate() throws {
        guard (1...86_400).contains(timeout) else {
            throw ValidationError("--timeout: expected 1 to 86400, got \(timeout)")
        }
        guard priority == "NORM" || priority == "HIGH" else {
            throw ValidationError("--priority: expected NORM or HIGH, got '\(priority)'")
        }
        if resume == nil {
            guard from != nil, to != nil, !amount.isEmpty else {
                throw ValidationError("expected --from, --to and --amount, or --resume")
            }
        } else {
            guard from == nil, to == nil, amount.isEmpty else {
                throw ValidationError("--resume takes no --from, --to or --amount")
            }
        }
    }

    func run() throws {
        if let resume {
            guard let uetr = UUIDv4(resume) else {
                throw CommandFailure(
                    Exit.usage,
                    "--resume: expected a UETR in lower case, got '\(resume)'"
                )
            }
            return try PaymentResumption(
                uetr: uetr,
                region: try Region(data.directory),
                patience: .seconds(timeout),
                output: options.output
            ).run()
        }
        let order = try PaymentIntention(
            sender: SenderAddress(from ?? ""),
            recipient: RecipientAddress(to ?? ""),
            amount: AmountText.read(amount),
            isHighPriority: priority == "HIGH",
            provider: provider,
            creditorName: creditorName,
            remittance: remittance,
            purpose: purpose,
            endToEndIdentification: endToEndId
        )
        guard yes || Output.canAsk else {
            throw CommandFailure(
                Exit.usage,
                "expected a terminal to ask for approval on, or --yes, got neither; nothing was sent"
            )
        }
        try NewPayment(
            intention: order,
            region: try Region(data.directory),
            isApproved: yes,
            patience: .seconds(timeout),
            output: options.output
        ).run()
    }
}
