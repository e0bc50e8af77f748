package import SelatTime

/// A key of several texts in one word: what the tables' index knows it by, made once for all
/// look-ups.
struct KeyWord: WordHashable {
    let hash: Int64

    func feed(_ hasher: inout WordHasher) { hasher.combine(UInt64(bitPattern: hash)) }
}

extension Dictionary where Key == KeyWord {
    /// Puts a value under a word that has none yet; false when it has one. One look-up for both.
    mutating func putFirst(_ value: Value, under word: KeyWord) -> Bool where Value: Equatable {
        func isIt(_ kept: inout Value) -> Bool { kept == value }
        return isIt(&self[word, default: value])
    }
}

/// A dictionary whose keys are found by their word and compared once, and whose entries stand in
/// the order in which they came. A dictionary of the keys themselves would take hold of each key
/// that it passes on the way.
package struct WordTable<Key: WordHashable, Value> {
    package private(set) var entries: [(key: Key, value: Value)] = []
    private var places: [KeyWord: Int] = [:]
    /// Keys whose word another has.
    private var others: [Key: Int] = [:]

    init() {}

    package var count: Int { entries.count }

    func place(of key: Key, _ word: KeyWord) -> Int? {
        guard let place = places[word] else { return nil }
        // Looked at where it stands: an entry is wide, and would be copied.
        let entries = entries.span
        return entries[place].key == key ? place : others[key]
    }

    subscript(place: Int) -> Value {
        get { entries[place].value }
        _modify { yield &entries[place].value }
    }

    /// Takes a key that it does not have.
    mutating func insert(_ key: Key, _ word: KeyWord, _ value: Value) {
        if !places.putFirst(entries.count, under: word) { others[key] = entries.count }
        entries.append((key, value))
    }

    mutating func reserveCapacity(_ count: Int) {
        entries.reserveCapacity(count)
        places.reserveCapacity(count)
    }

    /// Lets go of the last entries; looking up is over.
    mutating func release(_ count: Int) { entries.removeLast(min(count, entries.count)) }

    mutating func removeAll() {
        guard !entries.isEmpty else { return }
        entries.removeAll(keepingCapacity: true)
        places.removeAll(keepingCapacity: true)
        others.removeAll(keepingCapacity: true)
    }
}
