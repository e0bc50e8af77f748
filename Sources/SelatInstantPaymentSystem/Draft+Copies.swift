import SelatISO20022
import SelatNode
import SelatScheme
import SelatTime

/// Refused first copies, and what a copy of a known payment is answered.
/// Source: Specs/States, rules 4 and 8.
extension Draft {
    /// The receipt of a first copy.
    mutating func remember(_ instruction: InstantPaymentSystem.Instruction) {
        guard instruction.receipt == nil else { return }
        decision.receipts.append(system.receipt(for: instruction))
    }

    /// A first copy is refused: the refusal is this UETR's final state.
    mutating func refuseFirst(_ reason: ReasonCode) {
        payment.outcome = .rejected(reason)
        let isFromHub = payment.sender == .hub
        payment.answer = mint(isFromHub ? .m10 : .m16)
        move(
            to: isFromHub ? .destination(.rejected) : .source(.rejected),
            due: nil,
            cause: "\(isFromHub ? "M5" : "M1") RJCT \(reason)"
        )
        repeatAnswer()
    }

    /// The first copy of a payment that the hub had ended before it came: the tombstone's answer.
    mutating func answerTombstone(
        _ instruction: InstantPaymentSystem.Instruction,
        agents: Payment.Agents?
    ) {
        remember(instruction)
        payment.original = instruction.message.messageIdentification
        payment.endToEnd = instruction.message.endToEndIdentification
        payment.agents = agents
        move(to: .destination(.rejected), due: nil, cause: "M5 after the tombstone")
        repeatAnswer()
    }

    /// The identical message again: the same answer, or the same onward message. Rule 4. A
    /// deadline that has passed meanwhile comes first.
    mutating func answerResend(_ state: InstantPaymentSystem.State, facts: Facts) {
        switch state {
        case .source(.awaitingSourceAccessProvider):
            guard !isOverdue else { return expireSourceAccessProvider() }
            repeatOnward(state, "M1 again", facts: facts)
        case .destination(.awaitingDestinationAccessProvider):
            guard !isOverdue else { return expireDestinationAccessProvider() }
            repeatOnward(state, "M5 again", facts: facts)
        case .destination(.awaitingCreditorAgent):
            guard !isOverdue || configuration.model == .fourStep else {
                return expireCreditorAgent()
            }
            repeatOnward(state, "M5 again", facts: facts)
        case .source(.sentToHub): repeatOnward(state, "M1 again", facts: facts)
        case .destination(.acceptedWithoutPosting): repeatOnward(state, "M5 again", facts: facts)
        case .source(.completed), .source(.blocked), .source(.rejected),
            .destination(.awaitingConfirmation), .destination(.completed), .destination(.blocked),
            .destination(.rejected):
            repeatAnswer()
        }
    }

    /// The onward pacs.008 as stored, at most once per interval; the timer stays where it is.
    mutating func repeatOnward(
        _ state: InstantPaymentSystem.State,
        _ cause: String,
        facts: Facts
    ) {
        guard mayEnquire else { return }
        sendOnward(facts: facts)
        payment.lastEnquiry = event.at
        move(to: state, due: due, cause: cause)
    }

    /// M4 or M8 where there is one, else M2 or M6; as stored.
    mutating func sendOnward(facts: Facts) {
        guard
            case .iso(.creditTransfer(let kept))? = facts.instruction(configuration.id, uetr)
        else { preconditionFailure("a payment under way has no kept instruction") }
        if let onward = payment.onward {
            forward(kept, as: onward, to: onwardParty)
        } else if let asked = payment.toAccessProvider, let party = accessProvider {
            forward(kept, as: asked, to: party)
        }
    }

    /// Whom M4 or M8 goes to.
    var onwardParty: PartyID {
        guard payment.sender == .hub else { return .hub }
        guard let agents = payment.agents else {
            preconditionFailure("a payment under way has no agents")
        }
        return system.party(agents.instructed)
    }
}
