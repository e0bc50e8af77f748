import DequeModule
import SelatNode
import SelatScheme
import SelatTime

/// Which open payments have their pacs.008 at hand as a value, some 2.4 KB each: the latest. A
/// payment that stays open for long is answered from the log.
struct InstructionsAtHand {
    /// More than are under way where everybody answers; some 10 MB.
    static let most = 4096

    /// In the order in which their instructions came to hand. Some have lost it since: their
    /// payment has ended, or its dossier is in the tables.
    fileprivate var payments: Deque<UUIDv4> = []
    /// What was read from the log last: those who came together are answered about together.
    fileprivate var lastRead: (number: Int64, batch: LoggedBatch)?
}

extension LiveState {
    /// The pacs.008 of a payment; `nil` when it has none.
    mutating func instruction(
        _ instance: PartyID,
        _ uetr: UUIDv4
    ) throws(StoreError) -> Message? {
        guard let dossier = try dossier(uetr), let index = dossier.index(of: instance),
            let place = dossier.payments[index].place
        else { return nil }
        let kind: UInt8
        let bytes: [UInt8]
        switch dossier.payments[index].kept {
        case .message(let message): return message
        case .bytes(let keptKind, let kept): (kind, bytes) = (keptKind, kept)
        case nil: (kind, bytes) = try message(at: place)
        }
        guard case .message(let message) = Message.decode(kind: kind, bytes) else {
            throw .corrupt("the instruction of payment \(uetr) cannot be read")
        }
        if dossier.payments[index].row.due != nil {
            let isNew = dossier.payments[index].kept == nil
            dossier.payments[index].kept = .message(message)
            if isNew { hasInstructionAtHand(uetr) }
        }
        return message
    }

    private mutating func message(
        at place: Dossier.MessagePlace
    ) throws(StoreError) -> (kind: UInt8, bytes: [UInt8]) {
        if instructions.lastRead?.number != place.batch {
            instructions.lastRead = (place.batch, try rows.logged(place.batch))
        }
        guard let message = instructions.lastRead?.batch.message(at: place.index) else {
            throw .corrupt("batch \(place.batch) has no message \(place.index)")
        }
        return message
    }

    /// An open payment has its instruction at hand from now on. Twice as many as may are let be,
    /// then all but the latest lose theirs.
    mutating func hasInstructionAtHand(_ uetr: UUIDv4) {
        instructions.payments.append(uetr)
        guard instructions.payments.count == 2 * InstructionsAtHand.most else { return }
        var payments: Deque<UUIDv4> = []
        swap(&payments, &instructions.payments)
        payments.removeAll { uetr in
            let dossier = young.dossier(uetr) ?? frozen?.dossier(uetr)
            return dossier?.hasInstructionAtHand != true
        }
        while payments.count > InstructionsAtHand.most, let uetr = payments.popFirst() {
            // The value is one, in the dossier on its way to the tables and in its copy since.
            frozen?.dossier(uetr)?.forgetInstructions()
            young.dossier(uetr)?.forgetInstructions()
        }
        instructions.payments = payments
    }
}

extension Dossier {
    fileprivate var hasInstructionAtHand: Bool { payments.contains { $0.kept != nil } }

    fileprivate func forgetInstructions() {
        for index in payments.indices { payments[index].kept = nil }
    }
}
