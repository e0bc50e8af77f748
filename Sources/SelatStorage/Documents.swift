import SelatNode
import SelatTime

/// The documents of a batch, received, sent and hosted, in the order in which they are written:
/// those of one payment side by side, so that what one repeats of the one before it, names and
/// accounts and identifications, is packed as a few bytes. Source: Specs/Decisions/0032.
struct Documents {
    /// Where each document stands among those written.
    private(set) var places: [Int]
    /// The documents in the order in which they are written.
    private var order: [Int] = []
    /// Instructions that crossed no link: the last documents.
    private var hosted: [[UInt8]] = []

    init(of batch: CommitBatch) {
        let (received, sent) = (batch.received.span, batch.sent.span)
        let payments = batch.payments.span
        var chains = Chains(capacity: received.count + sent.count + payments.count)
        for place in received.indices { chains.append(received[place].uetr) }
        for place in sent.indices { chains.append(sent[place].uetr) }
        for place in payments.indices {
            guard case .hosted(let message) = payments[place].insertedInstruction else { continue }
            chains.append(payments[place].uetr)
            hosted.append(message.encoded().bytes)
        }
        places = Array(repeating: 0, count: chains.next.count)
        order.reserveCapacity(places.count)
        for first in chains.firsts {
            var document = first
            while document != Chains.end {
                places[document] = order.count
                order.append(document)
                document = chains.next[document]
            }
        }
    }

    /// How many, then each.
    func write(of batch: CommitBatch, into writer: inout BatchWriter) {
        let (received, sent) = (batch.received.span, batch.sent.span)
        writer.write(count: order.count)
        for document in order {
            if document < received.count {
                writer.write(received[document].bytes)
            } else if document < received.count + sent.count {
                writer.write(sent[document - received.count].bytes)
            } else {
                writer.write(hosted[document - received.count - sent.count])
            }
        }
    }
}

/// Documents linked payment by payment. Payments are told apart by some bits of their UETRs: now
/// and then two share a chain, and are packed a little worse.
private struct Chains {
    static let end = -1

    /// Of each document the next of its payment.
    private(set) var next: [Int] = []
    /// The first document of each payment.
    private(set) var firsts: [Int] = []
    /// The latest document by a payment's bits; those that name no payment have 0.
    private var latest: [Int]

    init(capacity: Int) {
        var size = 64
        while size < capacity * 4 { size *= 2 }
        latest = Array(repeating: Chains.end, count: size)
        next.reserveCapacity(capacity)
    }

    mutating func append(_ uetr: UUIDv4?) {
        let bits = Int(truncatingIfNeeded: uetr?.low ?? 0) & (latest.count - 1)
        let before = latest[bits]
        latest[bits] = next.count
        if before == Chains.end { firsts.append(next.count) } else { next[before] = next.count }
        next.append(Chains.end)
    }
}

extension PaymentWrite {
    /// An update keeps the instruction of its insertion.
    var insertedInstruction: InstructionWrite? { expectedVersion == 0 ? instruction : nil }
}
