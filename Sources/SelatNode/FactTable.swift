import SelatLedger
import SelatTime

/// What is known of each key. A key is found by one word made of it and compared once; from then
/// on its place among the entries stands for it.
struct FactTable: Sendable {
    /// What is known of one key, and what the batch at hand has to do with it.
    struct Entry: Sendable {
        let key: FactKey
        fileprivate let word: UInt64
        /// False until it is read; `fact` says nothing before.
        fileprivate(set) var isKnown = false
        fileprivate(set) var fact = Fact.absent
        /// Who asked for it first, counted over all waves.
        fileprivate var asker: Int?
        /// Where the batch's change of it stands among those of its kind.
        var write: Int?

        /// - Parameters:
        ///   - asker: Who needs it.
        ///   - earlier: From which asker on they are counted.
        /// - Returns: Whether it is known, and whether nobody has asked before.
        mutating func note(
            _ asker: Int,
            since earlier: Int
        ) -> (isKnown: Bool, isFirst: Bool) {
            if let first = self.asker, first >= earlier { return (isKnown, first == asker) }
            self.asker = asker
            return (isKnown, true)
        }
    }

    /// In the order in which the keys came.
    var entries: [Entry] = []
    /// By the words of their keys the places of the entries, and one more; 0 where there is none.
    /// A power of two, at most half of it taken.
    private var buckets: [UInt32] = []
    /// Random per process: nobody can make keys collide.
    private let seed = Int(truncatingIfNeeded: WordHasher().word)

    func place(of key: borrowing FactKey) -> Int? {
        guard !buckets.isEmpty else { return nil }
        let place = Int(buckets[bucket(of: key, word(of: key))])
        return place == 0 ? nil : place - 1
    }

    /// The place of a key, which is taken in if it is new.
    mutating func insert(_ key: consuming FactKey) -> Int {
        if (entries.count + 1) * 2 > buckets.count { grow() }
        let word = word(of: key)
        let bucket = bucket(of: key, word)
        guard buckets[bucket] == 0 else { return Int(buckets[bucket]) - 1 }
        entries.append(Entry(key: key, word: word))
        buckets[bucket] = UInt32(entries.count)
        return entries.count - 1
    }

    /// `nil` when it is not known.
    func fact(at place: Int) -> Fact? { entries[place].isKnown ? entries[place].fact : nil }

    /// Version and state of what is known there; `nil` for nothing.
    func standing(at place: Int) -> (version: Int64, state: UInt8?)? {
        precondition(entries[place].isKnown, "a decision changes what it was given")
        return entries[place].fact.standing
    }

    mutating func set(_ fact: consuming Fact, at place: Int) {
        entries[place].isKnown = true
        entries[place].fact = consume fact
    }

    /// What was booked counts for whoever is decided next. An account nobody asked for is not known.
    mutating func add(_ delta: Balance, at place: Int) { entries[place].fact.add(delta) }

    mutating func removeAll() {
        guard !entries.isEmpty else { return }
        if entries.count * 16 < buckets.count {
            // A few, after a batch of many: their own buckets, and not all there are.
            for place in entries.indices { buckets[bucket(at: place)] = 0 }
        } else {
            for bucket in buckets.indices { buckets[bucket] = 0 }
        }
        entries.removeAll(keepingCapacity: true)
    }

    /// The bucket that leads to an entry, whatever became of those before it.
    private func bucket(at place: Int) -> Int {
        let mask = buckets.count - 1
        var bucket = Int(truncatingIfNeeded: entries[place].word) & mask
        while buckets[bucket] != UInt32(place + 1) { bucket = (bucket + 1) & mask }
        return bucket
    }

    private func word(of key: borrowing FactKey) -> UInt64 {
        var hasher = WordHasher(seed: seed)
        key.feed(&hasher)
        return hasher.word
    }

    /// Where the key is, or where it belongs.
    private func bucket(of key: borrowing FactKey, _ word: UInt64) -> Int {
        let entries = entries.span
        let mask = buckets.count - 1
        var bucket = Int(truncatingIfNeeded: word) & mask
        while buckets[bucket] != 0 {
            let place = Int(buckets[bucket]) - 1
            if entries[place].word == word, entries[place].key == key { break }
            bucket = (bucket + 1) & mask
        }
        return bucket
    }

    private mutating func grow() {
        buckets = Array(repeating: 0, count: max(64, buckets.count * 2))
        let mask = buckets.count - 1
        for place in entries.indices {
            var bucket = Int(truncatingIfNeeded: entries[place].word) & mask
            while buckets[bucket] != 0 { bucket = (bucket + 1) & mask }
            buckets[bucket] = UInt32(place + 1)
        }
    }
}
