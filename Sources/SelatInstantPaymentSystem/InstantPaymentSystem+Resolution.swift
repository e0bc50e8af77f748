import SelatISO20022
import SelatNode
import SelatScheme
import SelatTime

/// acmt.023 and acmt.024 between the participants, the directory and the hub. Nothing is stored
/// and nothing is changed on the way: the Assignee is the hub's to change.
/// Rulebook: Proxy and account resolution.
extension InstantPaymentSystem {
    // MARK: Requests

    func route(
        _ request: IdentificationVerificationRequest,
        from: PartyID,
        event: Event
    ) -> Decision {
        if from == .hub { return routeHome(request, event: event) }
        guard let member = member(from) else {
            return refuse(.security, "\(from) may not ask for resolutions here")
        }
        guard request.firstAgent.bicfi == member.bicfi, request.assigner.bicfi == member.bicfi
        else {
            return refuse(
                .security,
                "\(from) asked for a resolution in the name of another institution"
            )
        }
        return pass(.iso(.verificationRequest(request)), to: .hub)
    }

    /// A proxy is the directory's; an account is its institution's, when that can answer.
    private func routeHome(
        _ request: IdentificationVerificationRequest,
        event: Event
    ) -> Decision {
        let country = request.assignee.country
        guard country == nil || country == configuration.country else {
            var decision = answer(request, .rc07, event: event)
            decision.alerts.append(
                Alert(.notice, uetr: nil, "the hub sent a resolution for another country")
            )
            return decision
        }
        if request.account?.proxy != nil {
            return pass(.iso(.verificationRequest(request)), to: configuration.directory)
        }
        guard let member = member(request.agent?.bicfi) ?? member(request.assignee.bicfi) else {
            return answer(request, .rc07, event: event)
        }
        guard member.isOnNetwork else { return answer(request, .agnt, event: event) }
        guard member.resolvesAccounts else { return answer(request, .ab08, event: event) }
        return pass(.iso(.verificationRequest(request)), to: member.party)
    }

    // MARK: Reports

    func route(_ report: IdentificationVerificationReport, from: PartyID) -> Decision {
        let message = Message.iso(.verificationReport(report))
        if from == .hub {
            guard let member = member(report.firstAgent.bicfi) else {
                return refuse(.notice, "the hub sent a resolution for an unknown participant")
            }
            return pass(message, to: member.party)
        }
        if from == configuration.directory { return pass(message, to: .hub) }
        guard let member = member(from), report.assigner.bicfi == member.bicfi else {
            return refuse(
                .security,
                "\(from) answered a resolution in the name of another institution"
            )
        }
        return pass(message, to: .hub)
    }

    // MARK: Sending

    private func pass(_ message: Message, to party: PartyID) -> Decision {
        var decision = Decision()
        decision.messages.append(Outgoing(to: party, message))
        return decision
    }

    /// The system's own "no", to the hub. ISO: Rpt/Vrfctn false, with the reason.
    private func answer(
        _ request: IdentificationVerificationRequest,
        _ reason: ReasonCode,
        event: Event
    ) -> Decision {
        let report = IdentificationVerificationReport(
            messageIdentification: MessageIdentification.derive(
                sender: configuration.id,
                at: event.at,
                seed: event.seed,
                purpose: Draft.Purpose.verification.rawValue
            ),
            creationDateTime: event.at.wholeMilliseconds,
            creator: request.creator,
            firstAgent: request.firstAgent,
            assigner: Agent(bicfi: configuration.bicfi),
            assignee: request.assigner,
            originalAssignment: OriginalAssignment(
                messageIdentification: request.messageIdentification,
                creationDateTime: request.creationDateTime
            ),
            originalIdentification: request.verificationIdentification,
            verification: false,
            reason: reason.code,
            originalParty: request.party,
            originalAccount: request.account,
            originalAgent: request.agent
        )
        return pass(.iso(.verificationReport(report)), to: .hub)
    }
}
