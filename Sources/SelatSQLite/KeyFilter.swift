/// Tells which hashes a set does not hold, in 16 bits a hash: one that it holds is never denied, of
/// others one in some thousand is not.
///
/// A blocked Bloom filter: all bits of a hash lie in one block of 64 bytes, which is one look at
/// the memory. Source: Putze, Sanders and Singler, "Cache-, Hash- and Space-Efficient Bloom
/// Filters", 2007.
struct KeyFilter {
    static let wordsPerBlock = 8
    static let bitsPerBlock = wordsPerBlock * UInt64.bitWidth
    /// Bits that are set for a hash.
    static let bitsOfHash = 7
    private static let bitsPerHash = 16

    private(set) var words: [UInt64]
    /// How many hashes it was given.
    private(set) var count = 0

    /// With room for so many hashes; more make it say "maybe" more often.
    init(capacity: Int) {
        let blocks = max(1, capacity * KeyFilter.bitsPerHash / KeyFilter.bitsPerBlock)
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
        KeyFilter.forEachPlace(of: hash) { _, place in
            words[block + (place >> 6)] |= 1 << UInt64(place & 63)
            return true
        }
        count += 1
    }

    func mayHold(_ hash: Int64) -> Bool {
        let block = block(of: hash)
        return KeyFilter.forEachPlace(of: hash) { _, place in
            words[block + (place >> 6)] & 1 << UInt64(place & 63) != 0
        }
    }

    /// One of the hash's bits: 0 when it is not held, else 0 or 1. Without a branch, so that looks
    /// at many filters overlap.
    func firstBit(of hash: Int64) -> UInt64 {
        let place = KeyFilter.places(of: hash) & 511
        return words[block(of: hash) + Int(place >> 6)] >> (place & 63) & 1
    }

    /// Blocks of 64 bytes.
    var blocks: Int { words.count / KeyFilter.wordsPerBlock }

    /// Where the words of a hash's block begin.
    private func block(of hash: Int64) -> Int {
        KeyFilter.block(of: hash, among: blocks) * KeyFilter.wordsPerBlock
    }

    static func block(of hash: Int64, among blocks: Int) -> Int {
        Int(UInt64(bitPattern: hash).multipliedFullWidth(by: UInt64(blocks)).high)
    }

    /// Seven numbers of 9 bits, and one bit beside them. The block was chosen by the high bits;
    /// these depend on all of them.
    private static func places(of hash: Int64) -> UInt64 {
        (UInt64(bitPattern: hash) &* 0x9E37_79B9_7F4A_7C15) >> 1
    }

    /// Where in its block a hash's bits are, numbered from 1, until `body` is false.
    ///
    /// - Returns: Whether it never was.
    @discardableResult
    static func forEachPlace(of hash: Int64, _ body: (_ number: Int, _ place: Int) -> Bool) -> Bool
    {
        var places = places(of: hash)
        for number in 1...bitsOfHash {
            guard body(number, Int(places & 511)) else { return false }
            places >>= 9
        }
        return true
    }
}
