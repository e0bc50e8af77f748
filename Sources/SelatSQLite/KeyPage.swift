import SelatStorage

/// The keys of one part of the hashes, as a row of the tables has them: two words each, the most
/// significant byte first, one key behind the other. The first is the hash; the last bit of the
/// second says which table, those before it which row. Source: Specs/Protocol/Database.md.
struct KeyPage {
    /// Keys that a page gets on average. With a few more, as it comes, they still fit a page of
    /// the database.
    static let keys: Int64 = 210
    private static let wordSize = MemoryLayout<UInt64>.size
    private static let keySize = 2 * wordSize

    private(set) var bytes: [UInt8]

    init() {
        bytes = []
        bytes.reserveCapacity(Int(KeyPage.keys) * 3 / 2 * KeyPage.keySize)
    }

    /// `nil` when they are no keys.
    init?(_ bytes: [UInt8]) {
        guard bytes.count % KeyPage.keySize == 0 else { return nil }
        self.bytes = bytes
    }

    var count: Int { bytes.count / KeyPage.keySize }

    subscript(place: Int) -> RowKey {
        let row = word(2 * place + 1)
        return RowKey(
            hash: hash(at: place),
            table: row & 1 == 0 ? .dossier : .record,
            row: Int64(bitPattern: row >> 1)
        )
    }

    func hash(at place: Int) -> Int64 { Int64(bitPattern: word(2 * place)) }

    private func word(_ number: Int) -> UInt64 {
        let start = number * KeyPage.wordSize
        return unsafe bytes.span.bytes.unsafeLoadUnaligned(
            fromByteOffset: start,
            as: UInt64.self
        ).bigEndian
    }

    /// Rows whose key may be the one of this hash, the youngest first.
    func rows(_ hash: Int64, _ table: KeyedTable) -> [Int64] {
        var rows: [Int64] = []
        for place in 0..<count where self.hash(at: place) == hash {
            let key = self[place]
            if key.table == table { rows.append(key.row) }
        }
        return rows.sorted(by: >)
    }

    mutating func append(_ key: RowKey) {
        append(word: UInt64(bitPattern: key.hash))
        append(word: UInt64(bitPattern: key.row) << 1 | UInt64(bitPattern: key.table.rawValue))
    }

    private mutating func append(word: UInt64) {
        unsafe withUnsafeBytes(of: word.bigEndian) { unsafe bytes.append(contentsOf: $0) }
    }

    /// Says whether it was there.
    mutating func remove(_ key: RowKey) -> Bool {
        guard let place = (0..<count).first(where: { self[$0] == key }) else { return false }
        bytes.removeSubrange(place * KeyPage.keySize..<(place + 1) * KeyPage.keySize)
        return true
    }

    mutating func removeAll() { bytes.removeAll(keepingCapacity: true) }
}
