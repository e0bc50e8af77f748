package import SelatNode
import SelatScheme
package import SelatTime
import Synchronization

/// Deals out to shares what the stores of a region hold, so that an audit of any size keeps one
/// share at a time in memory: a payment with all that names it, a record, a stretch of a link.
///
/// A share is what was first met at about the same time, whichever node was read: so its batches
/// are mostly neighbours in every log, and a log is read once for all shares and not once for
/// each. Keys that collide by their hash are in one share, which does no harm.
package final class Shares: Sendable {
    /// What is dealt out as one, by a hash that no peer can foresee.
    struct Key: WordHashable {
        let word: UInt64

        func feed(_ hasher: inout WordHasher) { hasher.combine(word) }

        init(_ feed: (inout WordHasher) -> Void) {
            var hasher = WordHasher()
            feed(&hasher)
            word = hasher.word
        }

        init(_ uetr: UUIDv4) { self.init { uetr.feed(&$0) } }

        init(_ record: RecordKey) { self.init { record.feed(&$0) } }

        /// The stretch of its link that a message of a node stands in; both its ends agree on it.
        init(_ hop: StoredMessage.Hop, isSent: Bool, at node: LinkID) {
            self.init { hasher in
                (isSent ? node : hop.link).feed(&hasher)
                (isSent ? hop.link : node).feed(&hasher)
                hasher.combine(hop.epoch)
                hasher.combine(hop.sequence / Shares.stretch)
            }
        }
    }

    fileprivate struct State {
        var numbers: [Key: Int32] = [:]
        var last: Int32 = 0
        /// What the last share holds.
        var load = 0
    }

    /// Messages of a link that are dealt out together, and for how many payments they count.
    private static let stretch: UInt64 = 256
    private static let stretchLoad = 16

    private let state = Mutex(State())
    /// Payments, records and their like to a share; `nil`: all is one share.
    private let size: Int?

    /// Shares of at most `size` payments, quotes and the like; one for all when there is none.
    package init(of size: Int? = nil) { self.size = size }

    /// How many there are so far; at least one.
    package var count: Int { state.withLock { Int($0.last) + 1 } }

    /// One of them, once everything is dealt out.
    package subscript(number: Int) -> Share {
        Share(number: number, numbers: size == nil ? nil : state.withLock { $0.numbers })
    }

    /// Deals out what a batch or dump of a node is about.
    ///
    /// - Parameters:
    ///   - node: Whose it is.
    ///   - mentions: Tells each payment, record and message.
    /// - Returns: Their shares, each once.
    package func deal(
        _ node: LinkID,
        _ mentions: (inout Hand) -> Void
    ) -> [Int] {
        guard let size else { return [0] }
        var hand = Hand(node: node)
        mentions(&hand)
        return state.withLock { state in
            var shares: [Int] = []
            for (key, load) in hand.keys {
                let share = Int(state.number(of: key, load, size))
                if !shares.contains(share) { shares.append(share) }
            }
            return shares
        }
    }

    /// What a batch or dump is about.
    package struct Hand {
        fileprivate let node: LinkID
        fileprivate var keys: [(key: Key, load: Int)] = []

        package mutating func add(_ uetr: UUIDv4) { keys.append((Key(uetr), 1)) }

        package mutating func add(_ record: RecordKey) { keys.append((Key(record), 1)) }

        /// A message by its payment and by its place on the link.
        package mutating func add(_ uetr: UUIDv4?, _ hop: StoredMessage.Hop, isSent: Bool) {
            if let uetr { add(uetr) }
            keys.append((Key(hop, isSent: isSent, at: node), Shares.stretchLoad))
        }
    }
}

extension Shares.State {
    /// The share of a key; one that is new goes to the last.
    fileprivate mutating func number(of key: Shares.Key, _ load: Int, _ size: Int) -> Int32 {
        if let known = numbers[key] { return known }
        if self.load + load > size, self.load > 0 {
            last += 1
            self.load = 0
        }
        self.load += load
        numbers[key] = last
        return last
    }
}

/// One share of what a region holds.
package struct Share: Sendable {
    package let number: Int
    /// The share of each key; `nil`: this one holds everything.
    private let numbers: [Shares.Key: Int32]?

    fileprivate init(number: Int, numbers: [Shares.Key: Int32]?) {
        self.number = number
        self.numbers = numbers
    }

    package var isWhole: Bool { numbers == nil }

    package func holds(_ uetr: UUIDv4) -> Bool { holds(Shares.Key(uetr)) }

    package func holds(_ record: RecordKey) -> Bool { holds(Shares.Key(record)) }

    /// Whether a message of a node is in it by its place on the link.
    package func holds(_ hop: StoredMessage.Hop, isSent: Bool, at node: LinkID) -> Bool {
        holds(Shares.Key(hop, isSent: isSent, at: node))
    }

    private func holds(_ key: @autoclosure () -> Shares.Key) -> Bool {
        guard let numbers else { return true }
        return numbers[key()].map { Int($0) == number } ?? false
    }
}
