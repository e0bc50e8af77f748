import SelatISO20022
import SelatNode
import SelatScheme
import SelatTime

/// One acmt.023, one acmt.024. Rulebook: Addressing.
extension ProxyDirectory {
    /// What the directory says about a proxy.
    private enum Answer {
        case found(ProxyEntry)
        case refused(ReasonCode)
    }

    func resolve(
        _ request: IdentificationVerificationRequest,
        from sender: PartyID,
        _ event: Event,
        _ facts: Facts
    ) -> Decision {
        var decision = Decision()
        let answer: Answer
        if let reason = count(request, from: sender, event, facts, &decision) {
            answer = .refused(reason)
        } else {
            answer = look(request, facts)
        }
        let report = report(answer, to: request, event)
        decision.messages.append(Outgoing(to: sender, .iso(.verificationReport(report))))
        return decision
    }

    private func look(_ request: IdentificationVerificationRequest, _ facts: Facts) -> Answer {
        guard let proxy = request.account?.proxy else { return .refused(.be23) }
        guard let row = facts.record(instance, .proxy, ProxyKey(proxy).text) else {
            return .refused(.be23)
        }
        var entries = ProxyEntry.entries(of: row)
        if let agent = request.agent?.bicfi {
            entries.removeAll { $0.bicfi.institution != agent.institution }
        }
        guard let entry = entries.first else { return .refused(.be23) }
        return entries.count == 1 ? .found(entry) : .refused(.dupl)
    }

    private func report(
        _ answer: Answer,
        to request: IdentificationVerificationRequest,
        _ event: Event
    ) -> IdentificationVerificationReport {
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
            assigner: Agent(bicfi: configuration.bicfi),
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
        switch answer {
        case .refused(let reason): report.reason = reason.code
        case .found(let entry):
            report.verification = true
            report.updatedParty = Party(name: entry.name)
            report.updatedAccount = Account(
                identification: .other(entry.account),
                name: entry.displayName.isEmpty ? nil : entry.displayName
            )
            report.updatedAgent = Agent(bicfi: entry.bicfi)
        }
        return report
    }

    // MARK: Counting

    /// One counter per sender, as the S-PSP's stable token names it, or else per S-PSP.
    func counterKey(
        _ request: IdentificationVerificationRequest,
        from sender: PartyID
    ) -> String {
        let agent = request.firstAgent.bicfi?.code ?? sender.name
        switch request.creator?.identification {
        case .person(let person): return "lookups/\(agent)/\(person.other ?? "")"
        case .organisation(let organisation): return "lookups/\(agent)/\(organisation.other ?? "")"
        case nil: return "lookups/\(agent)/"
        }
    }

    /// Counts this look-up; FRAD once the window's count is used up. A refused one is not counted,
    /// so that the window ends when it was to end.
    private func count(
        _ request: IdentificationVerificationRequest,
        from sender: PartyID,
        _ event: Event,
        _ facts: Facts,
        _ decision: inout Decision
    ) -> ReasonCode? {
        guard let limit = configuration.lookupLimit, request.account?.proxy != nil else {
            return nil
        }
        let key = counterKey(request, from: sender)
        let row = facts.record(instance, .counter, key)
        var counter = row.map(LookupCounter.init(row:)) ?? LookupCounter(start: event.at)
        if event.at >= counter.start + limit.window { counter = LookupCounter(start: event.at) }
        guard counter.count < limit.count else {
            decision.alerts.append(
                Alert(.notice, uetr: nil, "a sender used up its look-ups; FRAD was answered")
            )
            return .frad
        }
        counter.count += 1
        decision.records.append(
            RecordChange(
                kind: .counter,
                key: key,
                expectedVersion: row?.version ?? 0,
                content: counter.record
            )
        )
        return nil
    }
}
