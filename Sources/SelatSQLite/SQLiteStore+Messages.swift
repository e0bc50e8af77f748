import SelatNode
import SelatScheme
import SelatStorage
import SelatTime

/// The numbers a batch's messages get, given before they are written, so that payments can name
/// their instructions and messages their payments.
struct MessageNumbers {
    /// An instruction between two parties of this node.
    struct Hosted {
        let message: Message
        let uetr: UUIDv4
        let payment: Int64
    }

    private let last: Int64
    private let received: Int
    private let sent: Int
    private(set) var hosted: [Hosted] = []

    init(after last: Int64, _ batch: CommitBatch) {
        self.last = last
        received = batch.received.count
        sent = batch.sent.count
    }

    var firstReceived: Int64 { last + 1 }

    /// The number of the last message once all are written.
    var end: Int64 { last + Int64(received + sent + hosted.count) }

    func number(
        of instruction: InstructionWrite?
    ) throws(Refusal) -> (number: Int64, message: Message)? {
        switch instruction {
        case nil: return nil
        case .received(let index, let message):
            guard index >= 0, index < received else {
                throw .failed(StorageSentence.noSuchMessage)
            }
            return (last + 1 + Int64(index), message)
        case .sent(let index, let message):
            guard index >= 0, index < sent else {
                throw .failed(StorageSentence.noSuchMessage)
            }
            return (last + 1 + Int64(received + index), message)
        case .hosted(let message): return (end + 1, message)
        }
    }

    /// The hosted instruction that was just numbered is to be written.
    mutating func keep(_ message: Message, about uetr: UUIDv4, payment: Int64) {
        hosted.append(Hosted(message: message, uetr: uetr, payment: payment))
    }
}

/// Links, and the messages that crossed them or were kept as instructions.
extension SQLiteStore {
    func write(_ position: LinkPosition) throws(Refusal) {
        for statement in [statements.links.updateLink, statements.links.insertLink] {
            statement.bind(bits: position.sendEpoch)
            statement.bind(bits: position.nextSequence)
            statement.bind(bits: position.acknowledged)
            statement.bind(bits: position.receivedEpoch)
            statement.bind(bits: position.receivedSequence)
            statement.bind(position.link.node)
            if try run(statement) == 1 { return }
        }
    }

    /// The number of the youngest message; 0 when there is none.
    func lastMessage() throws(Refusal) -> Int64 {
        if let known = cache.lastMessage { return known }
        let find = statements.links.findLastMessage
        defer { find.reset() }
        let isThere = try found { () throws(SQLiteError) in try find.step() }
        return isThere ? find.integer(0) : 0
    }

    /// All messages of a batch: the received, the sent, the hosted.
    func write(_ batch: CommitBatch, _ numbers: MessageNumbers) throws(Refusal) {
        var number = numbers.firstReceived
        for message in batch.received {
            try write(message, .received, number, holder: message.to)
            number += 1
        }
        for message in batch.sent {
            try write(message, .sent, number, holder: message.from)
            number += 1
        }
        for hosted in numbers.hosted {
            try write(hosted, number, at: batch.at)
            number += 1
        }
        cache.lastMessage = numbers.end
    }

    /// `holder` is the instance of this node whose payment the message may be about.
    private func write(
        _ message: RetainedMessage,
        _ direction: StoredMessage.Direction,
        _ number: Int64,
        holder: PartyID
    ) throws(Refusal) {
        let link = try self.number(of: message.link)
        let sender = try self.number(of: message.from.name)
        let receiver = try self.number(of: message.to.name)
        var payment: Int64?
        if let uetr = message.uetr {
            payment = try found { () throws(SQLiteError) in try self.payment(holder, uetr)?.id }
        }
        let insert = statements.links.insertMessage
        insert.bind(number)
        insert.bind(link)
        insert.bind(direction.rawValue)
        insert.bind(bits: message.epoch)
        insert.bind(bits: message.sequence)
        insert.bind(sender)
        insert.bind(receiver)
        insert.bind(Int64(message.kind))
        insert.bind(message.at.nanoseconds)
        insert.bind(message.uetr)
        insert.bind(payment)
        insert.bind(message.bytes)
        do {
            try insert.run()
        } catch {
            throw error.isUniqueViolation
                ? .failed(StorageSentence.messageExists(message)) : Refusal(error)
        }
    }

    private func write(
        _ hosted: MessageNumbers.Hosted,
        _ number: Int64,
        at: Instant
    ) throws(Refusal) {
        let (kind, bytes) = hosted.message.encoded()
        let insert = statements.links.insertMessage
        insert.bind(number)
        insert.bindNull()
        insert.bind(StoredMessage.Direction.hosted.rawValue)
        for _ in 0..<4 { insert.bindNull() }
        insert.bind(Int64(kind))
        insert.bind(at.nanoseconds)
        insert.bind(hosted.uetr)
        insert.bind(hosted.payment)
        insert.bind(bytes)
        try run(insert)
    }

    private func number(of link: LinkID) throws(Refusal) -> Int64 {
        if let known = cache.links[link] { return known }
        let find = statements.links.findLink
        defer { find.reset() }
        find.bind(link.node)
        guard try found({ () throws(SQLiteError) in try find.step() }) else {
            throw .failed(StorageSentence.unknownLink(link))
        }
        cache.links[link] = find.integer(0)
        return find.integer(0)
    }
}
