import SelatISO20022
import SelatJSON
import SelatNode
import SelatScheme
import SelatTime

/// acmt.023 and acmt.024: as the bank of the account that is asked about, and as the bank of the
/// Sender who asks. Rulebook: Addressing.
extension Participant {
    // MARK: Asked about an account of ours

    func resolutionFacts(_ request: IdentificationVerificationRequest) -> [FactKey] {
        guard let number = request.account?.number else { return [] }
        return [.record(instance, .customer, number)]
    }

    func verify(
        _ request: IdentificationVerificationRequest,
        _ event: Event,
        _ facts: Facts
    ) -> Decision {
        var report = IdentificationVerificationReport(
            messageIdentification: MessageIdentification.derive(
                sender: instance,
                at: event.at,
                seed: event.seed,
                purpose: 1
            ),
            creationDateTime: event.at.wholeMilliseconds,
            creator: request.creator,
            firstAgent: request.firstAgent,
            assigner: ownAgent,
            assignee: request.firstAgent,
            originalAssignment: OriginalAssignment(
                messageIdentification: request.messageIdentification,
                creationDateTime: request.creationDateTime
            ),
            originalIdentification: request.verificationIdentification,
            verification: false,
            originalParty: request.party,
            originalAccount: request.account,
            originalAgent: request.agent
        )
        switch find(request, facts) {
        case .failure(let refusal): report.reason = refusal.reason.code
        case .success(let customer):
            report.verification = true
            report.updatedParty = Party(
                name: customer.name,
                postalAddress: customer.address(country: configuration.country)
            )
            report.updatedAccount = Account(
                identification: request.account?.identification,
                name: customer.displayName.isEmpty ? nil : customer.displayName
            )
            report.updatedAgent = Agent(bicfi: configuration.bicfi)
        }
        var decision = Decision()
        decision.messages.append(
            Outgoing(to: configuration.system, .iso(.verificationReport(report)))
        )
        return decision
    }

    private func find(
        _ request: IdentificationVerificationRequest,
        _ facts: Facts
    ) -> Result<CustomerRecord, Refusal> {
        func refused(_ reason: ReasonCode) -> Result<CustomerRecord, Refusal> {
            .failure(Refusal(reason: reason, text: "not resolved"))
        }
        guard configuration.resolvesAccounts else { return refused(.ab08) }
        guard let number = request.account?.number,
            let row = facts.record(instance, .customer, number)
        else { return refused(.ac01) }
        let customer = CustomerRecord.stored(row)
        switch customer.status {
        case .open: return .success(customer)
        case .closed: return refused(.ac04)
        case .blocked: return refused(.ac06)
        }
    }

    // MARK: Asking

    func resolveFacts(_ body: JSONCursor, _ event: Event) -> [FactKey] {
        var keys: [FactKey] = [
            .record(instance, .marker, OpeningMarker.key),
            .record(instance, .answer, requestIdentification(event)),
        ]
        if case .string(let account) = body["debtorAccount"] {
            keys.append(.record(instance, .customer, account))
        }
        return keys
    }

    private func requestIdentification(_ event: Event) -> String {
        MessageIdentification.derive(
            sender: instance,
            at: event.at,
            seed: event.seed,
            purpose: 1
        )
    }

    /// `resolve`: asks who stands behind a proxy or an account.
    func resolve(
        _ body: JSONCursor,
        _ id: RequestID,
        _ event: Event,
        _ facts: Facts
    ) throws(JSONError) -> Decision {
        try body.allow([
            "country", "proxyCode", "proxyValue", "account", "agent", "debtorAccount",
        ])
        let country = try body.string("country")
        let agent = try body.optional("agent")?.parsed("a BICFI", { BICFI($0) })
        let asked = try subject(body, at: agent)
        let identification = requestIdentification(event)
        let request = IdentificationVerificationRequest(
            messageIdentification: identification,
            creationDateTime: event.at.wholeMilliseconds,
            creator: creator(try body.optionalString("debtorAccount"), facts),
            firstAgent: ownAgent,
            assigner: ownAgent,
            assignee: Agent(bicfi: configuration.systemBICFI, country: country),
            verificationIdentification: identification,
            account: asked,
            agent: agent.map { Agent(bicfi: $0) }
        )
        if let rejection = request.violations().first {
            return .replying(
                Reply(
                    request: id,
                    status: 422,
                    body: [
                        "error": .string(rejection.description),
                        "reason": .string(rejection.reason.code),
                    ]
                )
            )
        }
        var decision = Decision()
        decision.messages.append(
            Outgoing(to: configuration.system, .iso(.verificationRequest(request)))
        )
        decision.records.append(
            RecordChange(
                kind: .answer,
                key: identification,
                expectedVersion: facts.record(instance, .answer, identification)?.version ?? 0,
                content: ResolutionRecord().bytes
            )
        )
        decision.replies.append(
            .ok(id, ["messageIdentification": .string(identification)])
        )
        return decision
    }

    /// A proxy, or an account: by its number where its institution is named, else by its IBAN.
    private func subject(_ body: JSONCursor, at agent: BICFI?) throws(JSONError) -> Account {
        guard let code = try body.optionalString("proxyCode") else {
            let number = try body.string("account")
            return Account(identification: agent == nil ? .iban(number) : .other(number))
        }
        let value = try body.string("proxyValue")
        return Account(proxy: Proxy(code: code, identification: Participant.spelled(value, code)))
    }

    /// Telephone numbers travel as E.164, whatever a person put between the digits.
    private static func spelled(_ value: String, _ code: String) -> String {
        guard code == "MBNO" || code == "TELE" else { return value }
        return value.filter { !" -()".contains($0) }
    }

    /// The Sender, by name where the account is known, and by a token that is the same at every
    /// look-up and tells nothing.
    private func creator(_ account: String?, _ facts: Facts) -> Party? {
        guard let row = facts.record(instance, .marker, OpeningMarker.key) else { return nil }
        let token = OpeningMarker(row).token(for: account ?? configuration.bicfi.code)
        let customer = account.flatMap { facts.record(instance, .customer, $0) }
        return Party(
            name: customer.map { CustomerRecord.stored($0).name },
            identification: .person(PrivateIdentification(other: token))
        )
    }

    // MARK: Being answered

    /// Where the answer belongs; its `OrgnlId` is the request's MsgId too.
    func answerKey(_ report: IdentificationVerificationReport) -> FactKey? {
        .record(
            instance,
            .answer,
            report.originalAssignment?.messageIdentification ?? report.originalIdentification
        )
    }

    /// Keeps the first answer to a question of ours; a second one changes nothing.
    func note(_ report: IdentificationVerificationReport, _ facts: Facts) -> Decision {
        let asked =
            report.originalAssignment?.messageIdentification ?? report.originalIdentification
        guard let row = facts.record(instance, .answer, asked) else {
            return .alert(.notice, "an acmt.024 answers no question of this institution")
        }
        var resolution = ResolutionRecord(row)
        guard resolution.answer == nil else { return .nothing }
        resolution.answer = ResolutionRecord.Answer(
            verification: report.verification,
            reason: report.reason,
            name: report.updatedParty?.name,
            displayName: report.updatedAccount?.name,
            account: report.updatedAccount?.number,
            agent: report.updatedAgent?.bicfi,
            town: report.updatedParty?.postalAddress?.townName,
            country: report.updatedParty?.postalAddress?.country
        )
        var decision = Decision()
        decision.records.append(
            RecordChange(
                kind: .answer,
                key: asked,
                expectedVersion: row.version,
                content: resolution.bytes
            )
        )
        return decision
    }

    func resolutionAnswerFacts(_ body: JSONCursor) -> [FactKey] {
        guard case .string(let asked) = body["messageIdentification"] else { return [] }
        return [.record(instance, .answer, asked)]
    }

    /// `resolution`: what came back, once it has.
    func describeResolution(
        _ body: JSONCursor,
        _ id: RequestID,
        _ facts: Facts
    ) throws(JSONError) -> Decision {
        let asked = try body.string("messageIdentification")
        guard let row = facts.record(instance, .answer, asked),
            let answer = ResolutionRecord(row).answer
        else { return .replying(.error(id, 404, "no answer has come under this id")) }
        var members = [JSONMember("verification", .bool(answer.verification))]
        let texts: [(String, String?)] = [
            ("reason", answer.reason), ("name", answer.name),
            ("displayName", answer.displayName), ("account", answer.account),
            ("agent", answer.agent?.code), ("town", answer.town), ("country", answer.country),
        ]
        for (name, text) in texts {
            if let text { members.append(JSONMember(name, .string(text))) }
        }
        return .replying(.ok(id, .object(members)))
    }
}
