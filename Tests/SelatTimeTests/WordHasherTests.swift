import SelatTime
import Testing

/// The words by which tables find texts.
struct WordHasherTests {
    @Test(arguments: 0...40)
    func everyByteAndTheLengthCount(count: Int) {
        let bytes = [UInt8](repeating: 0x61, count: count)
        var words: Set = [WordHasherTests.word(bytes), WordHasherTests.word(bytes + [0x61])]
        for place in bytes.indices {
            var changed = bytes
            changed[place] = 0x62
            words.insert(WordHasherTests.word(changed))
        }
        #expect(words.count == count + 2)
    }

    @Test func equalTextsHaveEqualWords() {
        #expect(WordHasher.word(of: "ips-" + "sg") == WordHasher.word(of: "ips-sg"))
    }

    private static func word(_ bytes: [UInt8]) -> UInt64 {
        WordHasher.word(of: String(decoding: bytes, as: UTF8.self))
    }
}
