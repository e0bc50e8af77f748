import ArgumentParser
import SelatISO20022
import SelatJSON
import SelatMoney
import SelatNode
import SelatRuntime
import SelatScheme
import SelatTime

/// What a Sender wants, as it was typed.
struct PaymentIntention {
    let sender: SenderAddress
    let recipient: RecipientAddress
    let amount: Money
    let isHighPriority: Bool
    let provider: String?
    let creditorName: String?
    let remittance: String?
    let purpose: String?
    let endToEndIdentification: String?
}

/// One payment from the question to the final status.
struct NewPayment {
    let intention: PaymentIntention
    let region: Region
    /// Whether nobody is to be asked.
    let isApproved: Bool
    let patience: Duration
    let output: Output

    /// - Throws: `CommandFailure` when nothing was sent, the exit code of the outcome otherwise.
    func run() throws {
        let sender = try Sender(intention.sender, in: region.topology, needsAccount: true)
        let desk = PaymentDesk(region: region, sender: sender)
        let country = try desk.country(intention.recipient.country)
        let offer = try choose(from: try desk.offers(for: intention.amount, to: country))
        let (payee, warnings) = try recipient(desk)
        guard let creditorName = intention.creditorName ?? payee.name else {
            throw CommandFailure(
                Exit.usage,
                "expected the recipient's name, which nobody tells; add --creditor-name; nothing "
                    + "was sent"
            )
        }
        let disclosure = Disclosure(
            sender: sender,
            recipient: intention.recipient,
            payee: payee,
            offer: offer,
            isHighPriority: intention.isHighPriority,
            warnings: warnings + highPriorityWarning(country)
        )
        output.result(disclosure.text)
        guard isApproved || output.confirm("Pay \(offer.debit)?") else {
            throw CommandFailure(Exit.rejected, "not approved; nothing was sent")
        }
        var generator = SystemRandomNumberGenerator()
        let uetr = UUIDv4(Seed(high: generator.next(), low: generator.next()))
        output.result("UETR      \(uetr)")
        let order = body(uetr, sender, payee, creditorName, offer)
        try send(order, uetr, sender, disclosure)
    }

    // MARK: Before

    private func choose(from offers: [Offer]) throws -> Offer {
        let chosen =
            intention.provider.map { wanted in offers.first { $0.provider == wanted } }
            ?? offers.first
        guard let offer = chosen else {
            throw CommandFailure(
                Exit.rejected,
                "expected an offer of \(intention.provider ?? "a provider"), got "
                    + "\(offers.map(\.provider).joined(separator: ", ")); nothing was sent"
            )
        }
        guard !offer.isCapped else {
            throw CommandFailure(
                Exit.rejected,
                "AM02: \(intention.amount) is above what can be sent at once; the most is "
                    + "\(offer.debit), which gives \(offer.credit); nothing was sent"
            )
        }
        return offer
    }

    private func recipient(_ desk: PaymentDesk) throws -> (Payee, [String]) {
        switch try desk.resolve(intention.recipient, patience: .seconds(20)) {
        case .verified(let payee):
            let warnings =
                payee.displayName == nil
                ? ["nobody confirms who holds this account: make sure that it is the right one"]
                : []
            return (payee, warnings)
        case .refused(let reason):
            // Only a bank that can not answer leaves the Sender free to go on. Rulebook:
            // Addressing (both names blank).
            guard reason == "AB08",
                case .account(let agent, let number) = intention.recipient.target
            else {
                throw CommandFailure(
                    Exit.rejected,
                    "\(ReasonWords.sentence(reason)); nothing was sent"
                )
            }
            let payee = Payee(
                account: number,
                agent: agent,
                displayName: nil,
                name: nil,
                town: nil
            )
            return (
                payee,
                [
                    "\(agent) can not confirm who holds this account: make sure that it is the right one"
                ]
            )
        }
    }

    private func highPriorityWarning(_ country: CountryFacts) -> [String] {
        guard intention.isHighPriority, !country.supportsHighPriority else { return [] }
        return ["\(country.name) takes no HIGH payments: the hub will refuse this one (AG03)"]
    }

    private func body(
        _ uetr: UUIDv4,
        _ sender: Sender,
        _ payee: Payee,
        _ creditorName: String,
        _ offer: Offer
    ) -> JSONValue {
        var creditor = [
            JSONMember("name", .string(creditorName)),
            JSONMember("account", .string(payee.account)),
            JSONMember("agent", .string(payee.agent.code)),
            JSONMember("country", .string(intention.recipient.country)),
        ]
        if let town = payee.town { creditor.append(JSONMember("town", .string(town))) }
        if case .proxy(let code, let value) = intention.recipient.target {
            creditor.append(JSONMember("proxy", ["code": .string(code), "value": .string(value)]))
        }
        var members = [
            JSONMember("uetr", .string(uetr.description)),
            JSONMember("debtorAccount", sender.account.map { .string($0) } ?? .null),
            JSONMember("quote", offer.quote),
            JSONMember("debtorAccountAmount", offer.debit.json),
            JSONMember("instructed", intention.amount.json),
            JSONMember("creditor", .object(creditor)),
            JSONMember("priority", .string(intention.isHighPriority ? "HIGH" : "NORM")),
        ]
        let texts = [
            ("remittance", intention.remittance), ("purpose", intention.purpose),
            ("endToEndId", intention.endToEndIdentification),
        ]
        for (name, text) in texts {
            if let text { members.append(JSONMember(name, .string(text))) }
        }
        return .object(members)
    }

    // MARK: Sending

    private func send(
        _ order: JSONValue,
        _ uetr: UUIDv4,
        _ sender: Sender,
        _ disclosure: Disclosure
    ) throws {
        let (watch, lost) = RegionWatch.start(
            uetr,
            at: region.topology.nodes.map(\.node),
            in: region.directory
        )
        for (node, why) in lost.sorted(by: { $0.key < $1.key }) {
            output.note("selat: the steps at \(node) will not be shown: \(why)")
        }
        var report = PaymentReport(uetr: uetr, members: disclosure.members, output: output)
        let answer: OperatorClient.Answer
        do {
            answer = try region.ask(sender.party, "pay", order)
        } catch {
            return try report.finish(.unknown(why: "\(error)"))
        }
        guard answer.isPositive else {
            let reason = answer.body["reason"].flatMap { value -> String? in
                guard case .string(let code) = value else { return nil }
                return code
            }
            report.refuse(answer.errorText, reason: reason)
            throw answer.status == 503 ? Exit.unreachable : Exit.rejected
        }
        var follower = PaymentFollower(
            region: region,
            watch: watch,
            debtorAgent: sender.party,
            output: output
        )
        let ending = follower.follow(patience: patience)
        report.note(follower)
        try report.finish(ending)
    }
}
