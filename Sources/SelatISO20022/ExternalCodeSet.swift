/// A list of codes that ISO or the network keeps outside the schemas and revises every quarter.
///
/// Lists are data with a version: a new edition is a new file under Specs/ISO20022/CodeSets.
public struct ExternalCodeSet: Sendable {
    /// ISO name of the list.
    public let name: String
    /// Edition of the file.
    public let version: String
    /// Every code, in alphabetical order.
    public var codes: [String] { words.compactMap { ExternalCodeSet.text($0) } }

    /// The codes packed as words, in order.
    private let words: [UInt32]
    /// Codes of two capital letters once more, as they are asked for most: a bit for each second
    /// letter, by the first.
    private let pairs: [UInt32]

    /// Takes codes of at most four ASCII characters, in order, separated by white space.
    init(name: String, version: String, codes: String) {
        self.name = name
        self.version = version
        words = codes.split(whereSeparator: { $0 == " " || $0 == "\n" }).map {
            ExternalCodeSet.word(String($0)) ?? 0
        }
        var pairs = [UInt32](repeating: 0, count: 26)
        for word in words where word & 0xFFFF == 0 {
            let (first, second) = (word >> 24, word >> 16 & 0xFF)
            guard 0x41...0x5A ~= first, 0x41...0x5A ~= second else { continue }
            pairs[Int(first - 0x41)] |= 1 << (second - 0x41)
        }
        self.pairs = pairs
    }

    /// Whether the code is on the list.
    public func contains(_ code: String) -> Bool {
        let letters = code.utf8.span
        if letters.count == 2, 0x41...0x5A ~= letters[0], 0x41...0x5A ~= letters[1] {
            return contains(letters[0], letters[1])
        }
        guard let word = ExternalCodeSet.word(code) else { return false }
        return contains(word)
    }

    /// Whether the country that a BIC names is on the list.
    public func contains(countryOf bic: BICFI) -> Bool {
        // Letters they are: a BIC is well-formed.
        let (first, second) = bic.countryLetters
        return contains(first, second)
    }

    /// Whether two capital letters are a code.
    private func contains(_ first: UInt8, _ second: UInt8) -> Bool {
        pairs[Int(first) - 0x41] >> UInt32(second - 0x41) & 1 == 1
    }

    private func contains(_ word: UInt32) -> Bool {
        var low = 0
        var high = words.count
        while low < high {
            let middle = (low + high) / 2
            if words[middle] < word { low = middle + 1 } else { high = middle }
        }
        return low < words.count && words[low] == word
    }

    private static func word(_ code: String) -> UInt32? {
        let bytes = code.utf8.span
        guard (1...4).contains(bytes.count) else { return nil }
        var word: UInt32 = 0
        for index in bytes.indices { word = word << 8 | UInt32(bytes[index]) }
        return word << UInt32(8 * (4 - bytes.count))
    }

    private static func text(_ word: UInt32) -> String? {
        let bytes = [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: word >> UInt32($0)) }
        return String(decoding: bytes.filter { $0 != 0 }, as: UTF8.self)
    }
}
