extension XMLName {
    /// Packs a local name; longer than 18 characters or not ASCII letters and digits: `other`.
    public init(_ bytes: some Collection<UInt8>) {
        var words: (high: UInt64, low: UInt64) = (0, 0)
        var count = 0
        for byte in bytes {
            guard count < 18, XMLCharacters.isLetter(byte) || XMLCharacters.isDigit(byte) else {
                self = .other
                return
            }
            let shift = UInt64(56 - 7 * (count % 9))
            if count < 9 {
                words.high |= UInt64(byte) << shift
            } else {
                words.low |= UInt64(byte) << shift
            }
            count += 1
        }
        self.init(high: words.high, low: words.low)
    }

    /// Packs a local name.
    public init(_ name: String) { self.init(Array(name.utf8)) }
}
