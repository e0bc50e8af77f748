import SelatLedger
package import SelatNode
import SelatScheme

/// Some rows of a logged batch as a batch of their own, with the numbers they have in the log.
package struct BatchPart {
    package internal(set) var batch: CommitBatch
    var numbers = RowNumbers()

    /// The numbers of messages (the received, the sent, the hosted), of each payment's instruction
    /// among all messages, of journals and steps.
    struct RowNumbers {
        var messages: [Int64] = []
        var instructions: [Int64?] = []
        var journals: [Int64] = []
        var steps: [Int64] = []
    }

    private init(of logged: LoggedBatch) { batch = CommitBatch(at: logged.batch.at) }

    /// What is about no payment and no record: accounts and their balances, links, and what
    /// crossed them.
    package init(withoutPaymentsOf logged: LoggedBatch) {
        self.init(of: logged)
        batch.accounts = logged.batch.accounts
        batch.balances = logged.batch.balances
        batch.links = logged.batch.links
        batch.received = logged.batch.received
        batch.sent = logged.batch.sent
        let count = Int64(batch.received.count + batch.sent.count)
        numbers.messages = Array(logged.numbers.message..<logged.numbers.message + count)
    }

    /// The payments of a share with all that names them, and its records.
    ///
    /// - Throws: `BatchError.damaged` when a kept instruction cannot be read.
    package init(_ logged: LoggedBatch, in share: Share) throws(BatchError) {
        self.init(of: logged)
        let whole = logged.batch
        var number = logged.numbers.message
        func take(_ messages: [RetainedMessage], into kept: inout [RetainedMessage]) {
            for message in messages {
                if let uetr = message.uetr, share.holds(uetr) {
                    kept.append(message)
                    numbers.messages.append(number)
                }
                number += 1
            }
        }
        take(whole.received, into: &batch.received)
        take(whole.sent, into: &batch.sent)
        try takePayments(logged, share)
        batch.receipts = whole.receipts.filter { share.holds($0.insertion.receipt.uetr) }
        batch.records = whole.records.filter {
            share.holds(RecordKey(instance: $0.instance, kind: $0.kind, key: $0.key))
        }
        for (index, write) in whole.journals.enumerated() where share.holds(write.journal.subject) {
            batch.journals.append(write)
            numbers.journals.append(logged.numbers.journal + Int64(index))
        }
        for (index, row) in whole.history.enumerated() where share.holds(row.uetr) {
            batch.history.append(row)
            numbers.steps.append(logged.numbers.step + Int64(index))
        }
    }

    private mutating func takePayments(
        _ logged: LoggedBatch,
        _ share: Share
    ) throws(BatchError) {
        let firstSent = logged.numbers.message + Int64(logged.batch.received.count)
        var hosted = firstSent + Int64(logged.batch.sent.count)
        for (write, instruction) in zip(logged.batch.payments, logged.instructions) {
            let number: Int64?
            switch instruction {
            case .received(let index): number = logged.numbers.message + Int64(index)
            case .sent(let index): number = firstSent + Int64(index)
            case .hosted:
                number = hosted
                hosted += 1
            case nil: number = nil
            }
            guard share.holds(write.uetr) else { continue }
            var write = write
            if let instruction, let number {
                let message = try logged.message(instruction)
                if case .hosted = instruction {
                    write.instruction = .hosted(message)
                    numbers.messages.append(number)
                }
            }
            batch.payments.append(write)
            numbers.instructions.append(number)
        }
    }
}

extension LoggedBatch {
    /// The instructions between parties of the node, as messages.
    package var hostedMessages: [StoredMessage] {
        var messages: [StoredMessage] = []
        let first = numbers.message + Int64(batch.received.count + batch.sent.count)
        for (write, instruction) in zip(batch.payments, instructions) {
            guard case .hosted(let kind, let bytes) = instruction else { continue }
            messages.append(
                StoredMessage(
                    number: first + Int64(messages.count),
                    direction: .hosted,
                    hop: nil,
                    kind: kind,
                    at: batch.at,
                    uetr: write.uetr,
                    bytes: bytes
                )
            )
        }
        return messages
    }

    /// The journals in their order; without the ones they close.
    package var storedJournals: [StoredJournal] {
        batch.journals.enumerated().map { index, write in
            StoredJournal(
                sequence: numbers.journal + Int64(index),
                at: write.at,
                journal: write.journal,
                closes: nil
            )
        }
    }

    /// Deals out all that it is about.
    package func deal(_ shares: Shares, at node: LinkID) -> [Int] {
        shares.deal(node) { hand in
            for message in batch.received { hand.add(message.uetr, message.hop, isSent: false) }
            for message in batch.sent { hand.add(message.uetr, message.hop, isSent: true) }
            for write in batch.payments { hand.add(write.uetr) }
            for write in batch.receipts { hand.add(write.insertion.receipt.uetr) }
            for write in batch.records {
                hand.add(RecordKey(instance: write.instance, kind: write.kind, key: write.key))
            }
            for write in batch.journals { hand.add(write.journal.subject) }
            for row in batch.history { hand.add(row.uetr) }
        }
    }

    /// The messages whose places on the links are in a share.
    package func crossings(in share: Share, at node: LinkID) -> [StoredMessage] {
        var crossings: [StoredMessage] = []
        var number = numbers.message
        for (direction, messages) in [
            (StoredMessage.Direction.received, batch.received), (.sent, batch.sent),
        ] {
            for message in messages {
                if share.holds(message.hop, isSent: direction == .sent, at: node) {
                    crossings.append(
                        StoredMessage(number: number, direction: direction, message)
                    )
                }
                number += 1
            }
        }
        return crossings
    }
}

extension RetainedMessage {
    /// Where it stands on its link.
    var hop: StoredMessage.Hop {
        StoredMessage.Hop(link: link, epoch: epoch, sequence: sequence, from: from, to: to)
    }
}
