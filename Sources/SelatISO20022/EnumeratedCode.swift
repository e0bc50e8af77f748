/// A code of a closed list, of four ASCII characters.
protocol EnumeratedCode: RawRepresentable<String>, CaseIterable {
    /// The code that these characters are, the first in the highest place; `nil` when none.
    init?(word: UInt32)
}

extension EnumeratedCode {
    /// The code that these bytes are; `nil` when none.
    @inline(__always)
    init?(ascii bytes: Span<UInt8>) {
        guard bytes.count == 4 else { return nil }
        // SAFETY: four bytes are there, and any bits are a word.
        let word = unsafe bytes.bytes.unsafeLoadUnaligned(as: UInt32.self)
        self.init(word: UInt32(bigEndian: word))
    }
}
