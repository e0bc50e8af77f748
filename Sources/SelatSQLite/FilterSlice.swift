/// The filters of eight full eras as one, a byte for each of their bits: which of the eight have
/// it. One look says of all eight what would be eight looks at memory that no cache holds.
///
/// Source: Goodwin and others, "BitFunnel: Revisiting Signatures for Search", 2017, where many
/// filters are laid side by side in the same way.
struct FilterSlice {
    static let width = 8

    /// Eight places each, the least significant byte first.
    private let words: [UInt64]
    private let blocks: Int

    /// `nil` unless the filters are eight and equally large.
    init?(_ filters: ArraySlice<KeyFilter>) {
        guard filters.count == FilterSlice.width, let first = filters.first,
            filters.allSatisfy({ $0.blocks == first.blocks })
        else { return nil }
        blocks = first.blocks
        let sources = filters.map(\.words)
        var words: [UInt64] = []
        words.reserveCapacity(blocks * KeyFilter.bitsPerBlock / FilterSlice.width)
        for word in 0..<blocks * KeyFilter.wordsPerBlock {
            for shift in stride(from: UInt64(0), to: 64, by: 8) {
                var rows: UInt64 = 0
                for place in sources.indices.reversed() {
                    rows = rows << 8 | sources[place][word] >> shift & 0xFF
                }
                words.append(FilterSlice.transposed(rows))
            }
        }
        self.words = words
    }

    /// The filters that may hold a hash: the first is the least significant bit.
    func mayHold(_ hash: Int64) -> UInt8 {
        let start = KeyFilter.block(of: hash, among: blocks) * KeyFilter.bitsPerBlock
        var left: UInt8 = 0xFF
        KeyFilter.forEachPlace(of: hash) { number, place in
            let place = start + place
            left &= UInt8(truncatingIfNeeded: words[place / 8] >> UInt64(place % 8 * 8))
            // Three looks overlap; then hardly any filter is left.
            return number < 3 || left != 0
        }
        return left
    }

    /// Eight rows of eight bits, each a byte, become columns.
    /// Source: Warren, "Hacker's Delight", 7-3.
    private static func transposed(_ rows: UInt64) -> UInt64 {
        var rows = rows
        for (distance, mask) in [
            (UInt64(7), UInt64(0x00AA_00AA_00AA_00AA)), (14, 0x0000_CCCC_0000_CCCC),
            (28, 0x0000_0000_F0F0_F0F0),
        ] {
            let swapped = (rows ^ rows >> distance) & mask
            rows ^= swapped ^ swapped << distance
        }
        return rows
    }
}
