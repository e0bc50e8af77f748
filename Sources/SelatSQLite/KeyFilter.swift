/// Tells which hashes a set does not hold, in 12 bits a hash: one that it holds is never denied, of
/// others one in some hundred and fifty is not.
///
/// A blocked Bloom filter: all bits of a hash lie in one block of 64 bytes, which is one look at
/// the memory. Source: Putze, Sanders and Singler, "Cache-, Hash- and Space-Efficient Bloom
/// Filters", 2007.
struct KeyFilter {
    private static let wordsPerBlock = 8
    private static let bitsPerHash = 12

    private var words: [UInt64]
    /// How many hashes it was given.
    private(set) var count = 0

    /// With room for so many hashes; more make it say "maybe" more often.
    init(capacity: Int) {
        let bitsPerBlock = KeyFilter.wordsPerBlock * UInt64.bitWidth
        let blocks = max(1, capacity * KeyFilter.bitsPerHash / bitsPerBlock)
        words = [UInt64](repeating: 0, count: blocks * KeyFilter.wordsPerBlock)
    }

    /// What `bytes` gave; `nil` when that cannot be.
    init?(_ bytes: [UInt8]) {
        let size = MemoryLayout<UInt64>.size
        guard !bytes.isEmpty, bytes.count % (KeyFilter.wordsPerBlock * size) == 0 else {
            return nil
        }
        words = stride(from: 0, to: bytes.count, by: size).map { start in
            bytes[start..<(start + size)].reversed().reduce(0) { $0 << 8 | UInt64($1) }
        }
    }

    /// The words one after the other, the least significant byte first.
    var bytes: [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(words.count * MemoryLayout<UInt64>.size)
        for word in words {
            for shift in stride(from: 0, to: UInt64.bitWidth, by: 8) {
                bytes.append(UInt8(truncatingIfNeeded: word >> shift))
            }
        }
        return bytes
    }

    mutating func insert(_ hash: Int64) {
        let block = block(of: hash)
        KeyFilter.forEachBit(of: hash) { word, bit in
            words[block + word] |= bit
            return true
        }
        count += 1
    }

    func mayHold(_ hash: Int64) -> Bool {
        let block = block(of: hash)
        return KeyFilter.forEachBit(of: hash) { word, bit in words[block + word] & bit != 0 }
    }

    private func block(of hash: Int64) -> Int {
        let blocks = UInt64(words.count / KeyFilter.wordsPerBlock)
        let place = UInt64(bitPattern: hash).multipliedFullWidth(by: blocks).high
        return Int(place) * KeyFilter.wordsPerBlock
    }

    /// Six bits of a block: until `body` is false.
    @discardableResult
    private static func forEachBit(
        of hash: Int64,
        _ body: (_ word: Int, _ bit: UInt64) -> Bool
    ) -> Bool {
        // The block was chosen by the high bits; the product's depend on all of them.
        let spread = UInt64(bitPattern: hash) &* 0x9E37_79B9_7F4A_7C15
        for shift in stride(from: 10, through: 55, by: 9) {
            let bit = Int(spread >> shift) & 511
            guard body(bit >> 6, 1 << UInt64(bit & 63)) else { return false }
        }
        return true
    }
}
