/// Eight characters of an identifier looked at together.
enum ASCIIWord {
    /// The high bit of each byte that is a capital letter, and of each that is a digit.
    @inline(__always)
    static func classes(_ word: UInt64) -> (letters: UInt64, digits: UInt64) {
        let high: UInt64 = 0x8080_8080_8080_8080
        // With its high bit set no byte borrows from the next, and keeps the bit if it is not less.
        let bytes = word | high
        func atLeast(_ byte: UInt64) -> UInt64 { bytes &- byte &* 0x0101_0101_0101_0101 }
        let ascii = ~word & high
        return (
            atLeast(0x41) & ~atLeast(0x5B) & ascii, atLeast(0x30) & ~atLeast(0x3A) & ascii
        )
    }

    /// Letters of either case and digits, all eight.
    @inline(__always)
    static func isAlphanumeric(_ word: UInt64) -> Bool {
        let digits = classes(word).digits
        // Without the bit that makes a letter small no other character becomes a letter.
        let letters = classes(word & ~0x2020_2020_2020_2020).letters
        return letters | digits == 0x8080_8080_8080_8080
    }
}
