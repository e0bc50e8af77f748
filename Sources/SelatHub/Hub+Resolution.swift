import SelatISO20022
import SelatNode
import SelatScheme
import SelatTime

/// Proxy and account resolution: acmt.023 out, acmt.024 back. The hub changes the assignee and
/// nothing else, never masks or alters a name, and keeps nothing but a look-up it makes itself.
/// Rulebook: Resolution.
extension Hub {
    // MARK: acmt.023

    func route(
        _ request: IdentificationVerificationRequest,
        from sender: PartyID,
        event: Event
    ) -> Decision {
        guard let source = reference.country(of: sender) else {
            return .alert(.security, nil, "\(sender) sent an acmt.023 and is no payment system")
        }
        do throws(ResolutionRefusal) {
            let (destination, assignee) = try assignment(of: request, from: source)
            var forwarded = request
            forwarded.assignee = assignee
            var decision = Decision()
            decision.messages.append(
                Outgoing(to: destination.system, .iso(.verificationRequest(forwarded)))
            )
            return decision
        } catch {
            return refuse(request, error, to: source, event: event)
        }
    }

    /// Where a request goes and who is to answer it; a flat ladder of refusals.
    private func assignment(
        of request: IdentificationVerificationRequest,
        from source: Country
    ) throws(ResolutionRefusal) -> (Country, Agent) {
        guard let first = request.firstAgent.bicfi.flatMap({ reference.institution($0) }),
            first.country == source.code, first.isOnNetwork
        else { throw ResolutionRefusal(.rc06) }
        guard let destination = request.assignee.country.flatMap({ reference.country($0) }) else {
            throw ResolutionRefusal(.rc07)
        }
        guard destination.code != source.code, destination.currency != source.currency else {
            throw ResolutionRefusal(.agnt)
        }
        if request.account?.proxy != nil {
            // Some proxies are unique only together with the institution.
            if request.agent?.bicfi != nil { _ = try creditorAgent(request, destination) }
            let directory = Agent(bicfi: destination.systemBICFI, country: destination.code)
            return (destination, directory)
        }
        let agent = try creditorAgent(request, destination)
        guard agent.resolvesAccounts else { throw ResolutionRefusal(.ab08) }
        return (destination, Agent(bicfi: agent.bicfi, country: destination.code))
    }

    /// The institution the request names: blank, unknown or of another country is RC07, known
    /// and not on the network AGNT.
    private func creditorAgent(
        _ request: IdentificationVerificationRequest,
        _ destination: Country
    ) throws(ResolutionRefusal) -> RegisteredInstitution {
        guard let agent = request.agent?.bicfi.flatMap({ reference.institution($0) }),
            agent.country == destination.code
        else { throw ResolutionRefusal(.rc07) }
        guard agent.isOnNetwork else { throw ResolutionRefusal(.agnt) }
        return agent
    }

    /// The hub's own acmt.024, where nobody needs to be asked.
    private func refuse(
        _ request: IdentificationVerificationRequest,
        _ refusal: ResolutionRefusal,
        to source: Country,
        event: Event
    ) -> Decision {
        let answering = request.assignee.country.flatMap { reference.country($0) } ?? source
        let report = IdentificationVerificationReport(
            messageIdentification: identification(event, Purpose.verificationReport),
            creationDateTime: event.at.wholeMilliseconds,
            creator: request.creator,
            firstAgent: request.firstAgent,
            assigner: Agent(bicfi: answering.systemBICFI),
            assignee: request.firstAgent,
            originalAssignment: OriginalAssignment(
                messageIdentification: request.messageIdentification,
                creationDateTime: request.creationDateTime
            ),
            originalIdentification: request.verificationIdentification,
            verification: false,
            reason: refusal.reason.code,
            originalParty: request.party,
            originalAccount: request.account,
            originalAgent: request.agent
        )
        var decision = Decision()
        decision.messages.append(Outgoing(to: source.system, .iso(.verificationReport(report))))
        return decision
    }

    // MARK: acmt.024

    func factsForResolution(
        _ report: IdentificationVerificationReport,
        event: Event
    ) -> [FactKey] {
        let second = identification(event, Purpose.verificationRequest)
        var keys = [FactKey.record(event.instance, .resolution, second)]
        if let original = report.originalAssignment?.messageIdentification {
            keys.append(.record(event.instance, .resolution, original))
        }
        return keys
    }

    func route(
        _ report: IdentificationVerificationReport,
        from sender: PartyID,
        event: Event,
        facts: Facts
    ) -> Decision {
        guard let destination = reference.country(of: sender) else {
            return .alert(.security, nil, "\(sender) sent an acmt.024 and is no payment system")
        }
        if let original = report.originalAssignment?.messageIdentification,
            let row = facts.record(event.instance, .resolution, original)
        {
            return merge(report, from: sender, into: row, of: original)
        }
        guard let source = sourceCountry(of: report), source.code != destination.code else {
            return .alert(.notice, nil, "\(sender) answered a resolution of nobody on the network")
        }
        switch standing(of: report, destination) {
        case .foreign:
            return .alert(
                .security,
                nil,
                "\(sender) answered for an institution that is not its own"
            )
        case .unreachable: return pass(report.refused(.agnt), to: source)
        case .asItIs: return pass(report, to: source)
        case .resolving(let agent):
            return askCreditorAgent(agent, after: report, to: source, of: destination, event: event)
        }
    }

    /// What the hub makes of the creditor agent that an answer names.
    private enum Standing {
        /// Of another country than the system that answers.
        case foreign
        /// Found by proxy, and not on the network: nothing can be paid to it.
        case unreachable
        /// Found by proxy, and able to answer about its account itself.
        case resolving(RegisteredInstitution)
        /// Nothing to add.
        case asItIs
    }

    private func standing(
        of report: IdentificationVerificationReport,
        _ destination: Country
    ) -> Standing {
        guard report.verification, let bicfi = report.updatedAgent?.bicfi else { return .asItIs }
        let isProxy = report.originalAccount?.proxy != nil
        guard let agent = reference.institution(bicfi) else {
            return isProxy ? .unreachable : .asItIs
        }
        guard agent.country == destination.code else { return .foreign }
        guard isProxy else { return .asItIs }
        guard agent.isOnNetwork else { return .unreachable }
        let isResolvable = report.updatedAccount?.identification != nil && agent.resolvesAccounts
        return isResolvable ? .resolving(agent) : .asItIs
    }

    /// To whoever asked first; only the assignee is changed.
    private func pass(
        _ report: IdentificationVerificationReport,
        to source: Country
    ) -> Decision {
        var passed = report
        passed.assignee = report.firstAgent
        var decision = Decision()
        decision.messages.append(Outgoing(to: source.system, .iso(.verificationReport(passed))))
        return decision
    }

    private func sourceCountry(of report: IdentificationVerificationReport) -> Country? {
        report.firstAgent.bicfi.flatMap { reference.institution($0) }
            .flatMap { reference.country($0.country) }
    }

    /// Asks the creditor agent about the account that the directory named, and keeps the
    /// directory's answer until it comes. If it never comes the asking PSP gives up by itself:
    /// no timer is kept. Specs/Decisions/0012.
    private func askCreditorAgent(
        _ agent: RegisteredInstitution,
        after report: IdentificationVerificationReport,
        to source: Country,
        of destination: Country,
        event: Event
    ) -> Decision {
        let pending = PendingResolution(system: destination.system, report: report)
        // An answer that could not be read back is passed on at once.
        guard let record = pending.record else { return pass(report, to: source) }
        let id = identification(event, Purpose.verificationRequest)
        let request = IdentificationVerificationRequest(
            messageIdentification: id,
            creationDateTime: event.at.wholeMilliseconds,
            creator: report.creator,
            firstAgent: report.firstAgent,
            assigner: report.firstAgent,
            assignee: Agent(bicfi: agent.bicfi, country: destination.code),
            verificationIdentification: report.originalIdentification,
            account: Account(identification: report.updatedAccount?.identification),
            agent: Agent(bicfi: agent.bicfi)
        )
        var decision = Decision()
        decision.messages.append(
            Outgoing(to: destination.system, .iso(.verificationRequest(request)))
        )
        decision.records.append(
            RecordChange(
                kind: .resolution,
                key: id,
                expectedVersion: 0,
                content: record
            )
        )
        return decision
    }

    /// The creditor agent has answered: its data goes before the directory's.
    private func merge(
        _ second: IdentificationVerificationReport,
        from sender: PartyID,
        into row: RecordRow,
        of original: String
    ) -> Decision {
        let pending = PendingResolution(stored: row.content)
        guard pending.system == sender else {
            return .alert(.security, nil, "\(sender) answered a look-up that another was asked")
        }
        let first = pending.report
        guard let source = sourceCountry(of: first) else {
            return .alert(.incident, nil, "a resolution's first agent has left the network")
        }
        // Where the agent cannot answer after all, the directory's word stands.
        let isAnswered = second.verification || second.reason != ReasonCode.ab08.code
        var decision = pass(isAnswered ? first.overridden(by: second) : first, to: source)
        decision.records.append(
            RecordChange(
                kind: .resolution,
                key: original,
                expectedVersion: row.version,
                content: nil
            )
        )
        return decision
    }
}

/// Why the hub answers a resolution itself.
struct ResolutionRefusal: Error, Hashable {
    let reason: ReasonCode

    init(_ reason: ReasonCode) { self.reason = reason }
}

extension IdentificationVerificationReport {
    /// The same answer turned into a no: what it found out is not passed on.
    func refused(_ reason: ReasonCode) -> Self {
        var refused = self
        refused.verification = false
        refused.reason = reason.code
        refused.updatedParty = nil
        refused.updatedAccount = nil
        refused.updatedAgent = nil
        return refused
    }

    /// One answer out of two: it refers to the first request, speaks with the second's voice,
    /// and takes from the first what the second leaves out.
    func overridden(by second: IdentificationVerificationReport) -> Self {
        var merged = self
        merged.messageIdentification = second.messageIdentification
        merged.creationDateTime = second.creationDateTime
        merged.assigner = second.assigner
        merged.verification = second.verification
        merged.reason = second.reason
        guard second.verification else {
            merged.updatedParty = second.updatedParty
            merged.updatedAccount = second.updatedAccount
            merged.updatedAgent = second.updatedAgent
            return merged
        }
        merged.updatedParty = merge(updatedParty, second.updatedParty) { first, second in
            first.name = second.name ?? first.name
            first.postalAddress = second.postalAddress ?? first.postalAddress
            first.identification = second.identification ?? first.identification
            first.countryOfResidence = second.countryOfResidence ?? first.countryOfResidence
        }
        merged.updatedAccount = merge(updatedAccount, second.updatedAccount) { first, second in
            first.identification = second.identification ?? first.identification
            first.type = second.type ?? first.type
            first.currency = second.currency ?? first.currency
            first.name = second.name ?? first.name
        }
        merged.updatedAgent = second.updatedAgent ?? updatedAgent
        return merged
    }

    private func merge<Value>(
        _ first: Value?,
        _ second: Value?,
        _ override: (inout Value, Value) -> Void
    ) -> Value? {
        guard var merged = first, let second else { return second ?? first }
        override(&merged, second)
        return merged
    }
}
