import SelatISO20022
package import SelatJSON
import SelatMoney
import SelatNode
import SelatScheme
import SelatTime

/// What a Sender is told before approving. Rulebook: Fees (mandatory disclosure): the exact debit,
/// the exact credit, the fees, the effective rate, and the recipient's name where it is known.
package struct Disclosure: Hashable, Sendable {
    package let sender: Sender
    package let recipient: RecipientAddress
    package let payee: Payee
    package let offer: Offer
    package let isHighPriority: Bool
    /// What the Sender should know besides.
    package let warnings: [String]

    /// From its parts.
    package init(
        sender: Sender,
        recipient: RecipientAddress,
        payee: Payee,
        offer: Offer,
        isHighPriority: Bool,
        warnings: [String]
    ) {
        self.sender = sender
        self.recipient = recipient
        self.payee = payee
        self.offer = offer
        self.isHighPriority = isHighPriority
        self.warnings = warnings
    }

    /// For people.
    package var text: String {
        var table = TextTable()
        table.add(["From", "account \(sender.account ?? "-"), \(sender.name) (\(sender.agent))"])
        table.add(["To", "\(payee.displayName ?? "(no name shown)"), \(recipient.text)"])
        table.add(["At", "account \(payee.account), \(payee.agent)"])
        table.add(["You pay", "\(offer.debit)"])
        table.add(["They get", "\(offer.credit)"])
        let rate = offer.effectiveRate ?? "-"
        table.add([
            "Rate",
            "\(rate) \(offer.credit.currency) for each \(offer.debit.currency), all fees included",
        ])
        table.add([
            "Fees",
            "\(offer.sourceFee) of your bank, \(offer.destinationFee) of theirs: both in the "
                + "amounts above",
        ])
        table.add(["Offer", "\(offer.provider), until \(offer.expires.timeOfDay.prefix(8)) UTC"])
        if isHighPriority {
            table.add(["Priority", "HIGH: completed by its deadline, or refused"])
        }
        return ([table.text] + warnings.map { "! \($0)" }).joined(separator: "\n")
    }

    /// Members of the document.
    package var members: [JSONMember] {
        var creditor = [
            JSONMember("country", .string(recipient.country)),
            JSONMember("account", .string(payee.account)),
            JSONMember("agent", .string(payee.agent.code)),
            JSONMember("displayName", payee.displayName.map { .string($0) } ?? .null),
        ]
        if case .proxy(let code, let value) = recipient.target {
            creditor.append(
                JSONMember("proxy", ["code": .string(code), "value": .string(value)])
            )
        }
        return [
            JSONMember(
                "debtor",
                [
                    "country": .string(sender.country),
                    "account": sender.account.map { .string($0) } ?? .null,
                    "agent": .string(sender.agent.code),
                ]
            ),
            JSONMember("creditor", .object(creditor)),
            JSONMember("offer", offer.json),
            JSONMember("priority", .string(isHighPriority ? "HIGH" : "NORM")),
            JSONMember("warnings", .array(warnings.map { .string($0) })),
        ]
    }
}
