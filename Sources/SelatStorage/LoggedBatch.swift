package import SelatNode

/// A committed batch as a durable driver logs it: one value that holds all the batch wrote, byte
/// for byte, from which everything else in the database can be made again.
package struct LoggedBatch: Hashable, Sendable {
    /// Where a payment's instruction is, without decoding it.
    package enum Instruction: Hashable, Sendable {
        /// Index into the batch's `received`.
        case received(Int)
        /// Index into the batch's `sent`.
        case sent(Int)
        case hosted(kind: UInt8, bytes: [UInt8])
    }

    /// The numbers that the batch's first rows have in a dump.
    package struct Numbers: Hashable, Sendable {
        package var message: Int64 = 1
        package var journal: Int64 = 1
        package var step: Int64 = 1

        package init() {}

        /// Those of the batch that follows.
        package func after(_ batch: CommitBatch) -> Numbers {
            var next = self
            let hosted = batch.payments.count { write in
                if case .hosted = write.insertedInstruction { true } else { false }
            }
            next.message += Int64(batch.received.count + batch.sent.count + hosted)
            next.journal += Int64(batch.journals.count)
            next.step += Int64(batch.history.count)
            return next
        }
    }

    package let numbers: Numbers
    /// Its payments name no instructions; `instructions` does, payment by payment.
    package let batch: CommitBatch
    package let instructions: [Instruction?]

    /// The batch as the core made it, its instructions decoded.
    ///
    /// - Throws: `BatchError.damaged` when a kept message cannot be read.
    package func commitBatch() throws(BatchError) -> CommitBatch {
        var batch = batch
        for (index, instruction) in instructions.enumerated() {
            batch.payments[index].instruction =
                switch instruction {
                case nil: nil
                case .received(let number): .received(index: number, try message(instruction))
                case .sent(let number): .sent(index: number, try message(instruction))
                case .hosted: .hosted(try message(instruction))
                }
        }
        return batch
    }

    /// A payment's instruction, decoded.
    func message(_ instruction: Instruction?) throws(BatchError) -> Message {
        guard let (kind, bytes) = kept(instruction),
            case .message(let message) = Message.decode(kind: kind, bytes)
        else { throw .damaged(at: 0) }
        return message
    }

    /// The bytes an instruction names; `nil` when the batch has no such message.
    package func kept(_ instruction: Instruction?) -> (kind: UInt8, bytes: [UInt8])? {
        switch instruction {
        case nil: return nil
        case .received(let index):
            guard batch.received.indices.contains(index) else { return nil }
            return (batch.received[index].kind, batch.received[index].bytes)
        case .sent(let index):
            guard batch.sent.indices.contains(index) else { return nil }
            return (batch.sent[index].kind, batch.sent[index].bytes)
        case .hosted(let kind, let bytes): return (kind, bytes)
        }
    }
}
