package import SelatISO20022

extension Participant {
    /// What an institution knows of one payment. Published: Specs/States/Institutions.md.
    package enum State: UInt8, Hashable, Sendable, CaseIterable {
        /// Debtor agent: the Sender's money is reserved and M1 sent; the outcome is unknown.
        case reserved = 1
        /// Source access provider, 5-step: the provider's credit is pending until M15.
        case accepted = 2
        /// Source access provider, 4-step: credited. Quiescent: only M15 RJCT undoes it.
        case credited = 3
        /// Destination access provider: the provider's funds are reserved until M13.
        case fundsReserved = 4
        /// Any receiving capacity: the instruction is here, the answer is scripted to be late.
        case considering = 5
        /// Creditor agent, 5-step: ACCC was answered, the credit is pending until M14.
        case promised = 6
        /// Creditor agent, 5-step: BLCK was answered, the held credit is pending until M14.
        case promisedBlocked = 7
        /// Creditor agent: ACWP was answered; the amount is pending on `unapplied`.
        case acceptedWithoutPosting = 8
        /// Final: ACCC, all posted.
        case completed = 9
        /// Final: BLCK, all posted, the creditor not credited.
        case blocked = 10
        /// Final: RJCT, nothing posted.
        case rejected = 11
        /// Final: a 4-step source access provider took its credit back.
        case reversed = 12

        /// Nothing leads out of it.
        package var isFinal: Bool {
            switch self {
            case .completed, .blocked, .rejected, .reversed: true
            case .reserved, .accepted, .credited, .fundsReserved, .considering, .promised,
                .promisedBlocked, .acceptedWithoutPosting:
                false
            }
        }
    }

    /// What the institution does in one payment. An institution that is its own access provider
    /// acts once, as the agent (Bookings, cases f and g).
    package enum Capacity: UInt8, Hashable, Sendable, CaseIterable {
        /// Named nowhere in the instruction: it only refuses.
        case unnamed = 0
        /// S-PSP, from its own payment.
        case debtorAgent = 1
        /// S-SAP, as IntrmyAgt1.
        case sourceAccessProvider = 2
        /// D-SAP, as InstgAgt of the destination leg and not CdtrAgt.
        case destinationAccessProvider = 3
        /// D-PSP, as CdtrAgt.
        case creditorAgent = 4
    }

    /// What a report does to the reservation.
    package enum Closing: Hashable, Sendable {
        case nothing
        /// Posts what was reserved.
        case post
        /// Releases what was reserved.
        case void
        /// Undoes what was posted; floors do not apply.
        case reverse
        /// Keeps the creditor agent's promise, wherever the reservation stands.
        case keepPromise
    }

    /// What a report leads to.
    package enum Step: Hashable, Sendable {
        /// Nothing new.
        case stay
        /// Debtor agent: accepted, not yet posted; the Sender may be told.
        case interim
        /// Nothing, but somebody should look.
        case notice(String)
        /// Nothing, and something went wrong elsewhere.
        case incident(String)
        case end(State, Closing)
    }

    /// The state table: every status in every state. Source: Specs/States/Institutions.md.
    package static func step(on status: TransactionStatus, in state: State) -> Step {
        switch (state, status) {
        case (_, .acceptedTechnicalValidation): .notice("ACTC is no answer to an institution")
        case (.reserved, .acceptedCreditSettlementCompleted): .end(.completed, .post)
        case (.reserved, .blocked): .end(.blocked, .post)
        case (.reserved, .rejected): .end(.rejected, .void)
        case (.reserved, .acceptedWithoutPosting): .interim
        case (.accepted, .acceptedCreditSettlementCompleted),
            (.fundsReserved, .acceptedCreditSettlementCompleted):
            .end(.completed, .post)
        case (.accepted, .blocked), (.fundsReserved, .blocked): .end(.blocked, .post)
        case (.accepted, .rejected), (.fundsReserved, .rejected): .end(.rejected, .void)
        case (.credited, .acceptedCreditSettlementCompleted), (.credited, .blocked): .stay
        case (.credited, .rejected): .end(.reversed, .reverse)
        case (.considering, .rejected): .end(.rejected, .nothing)
        case (.considering, .acceptedCreditSettlementCompleted), (.considering, .blocked):
            .incident("confirmed what was not answered yet")
        case (.promised, .acceptedCreditSettlementCompleted): .end(.completed, .keepPromise)
        case (.promised, .rejected): .end(.rejected, .void)
        case (.promised, .blocked): .incident("BLCK confirmed after ACCC was answered")
        case (.promisedBlocked, .blocked): .end(.blocked, .post)
        case (.promisedBlocked, .rejected): .end(.rejected, .void)
        case (.promisedBlocked, .acceptedCreditSettlementCompleted):
            .incident("ACCC confirmed after BLCK was answered")
        case (.acceptedWithoutPosting, .rejected): .end(.rejected, .void)
        case (.acceptedWithoutPosting, .acceptedCreditSettlementCompleted),
            (.acceptedWithoutPosting, .blocked):
            .incident("confirmed what was only accepted without posting")
        case (.completed, .acceptedCreditSettlementCompleted), (.blocked, .blocked),
            (.rejected, .rejected), (.reversed, .rejected):
            .stay
        case (.completed, .blocked), (.completed, .rejected),
            (.blocked, .acceptedCreditSettlementCompleted), (.blocked, .rejected),
            (.rejected, .acceptedCreditSettlementCompleted), (.rejected, .blocked),
            (.reversed, .acceptedCreditSettlementCompleted), (.reversed, .blocked):
            .incident("another final after a final")
        case (.accepted, .acceptedWithoutPosting), (.credited, .acceptedWithoutPosting),
            (.fundsReserved, .acceptedWithoutPosting), (.considering, .acceptedWithoutPosting),
            (.promised, .acceptedWithoutPosting), (.promisedBlocked, .acceptedWithoutPosting),
            (.acceptedWithoutPosting, .acceptedWithoutPosting),
            (.completed, .acceptedWithoutPosting), (.blocked, .acceptedWithoutPosting),
            (.rejected, .acceptedWithoutPosting), (.reversed, .acceptedWithoutPosting):
            .notice("ACWP is no outcome here")
        }
    }
}
