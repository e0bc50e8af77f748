import SelatJSON
import SelatTime
import Testing

@Suite struct JSONReaderTests {
    struct Text: CustomTestStringConvertible, Sendable {
        let text: String
        let value: JSONValue
        init(_ text: String, _ value: JSONValue) {
            self.text = text
            self.value = value
        }
        var testDescription: String { text }
    }

    static let accepted: [Text] = [
        Text("null", nil),
        Text(" \t\r\n true ", true),
        Text("false", false),
        Text("0", 0),
        Text("-0", .number("-0")),
        Text("10.50", .number("10.50")),
        Text("1e3", .number("1e3")),
        Text("1.5E-07", .number("1.5E-07")),
        Text("123456789012345678901234567890", .number("123456789012345678901234567890")),
        Text("\"\"", ""),
        Text("\"S\u{00ED} \u{1F600}\"", "S\u{00ED} \u{1F600}"),
        Text(#""\"\\\/\b\f\n\r\t""#, "\"\\/\u{8}\u{C}\n\r\t"),
        Text(#""\u0041\u00e9\uD83D\uDE00""#, "A\u{E9}\u{1F600}"),
        Text("[]", []),
        Text("[1,[2] , [ ] ]", [1, [2], []]),
        Text("{}", [:]),
        Text(#"{"b":1,"a":{"c":null}}"#, ["b": 1, "a": ["c": nil]]),
    ]

    @Test(arguments: accepted)
    func lawfulTextIsReadAsItIs(_ sample: Text) throws {
        #expect(try JSONValue(parsing: Array(sample.text.utf8)) == sample.value)
    }

    static let refused: [String] = [
        "", " ", "nul", "nulll", "True", "NaN", "Infinity", "+1", "01", "-", "-a", "1.", ".5",
        "1e", "1e+", "0x10", "1 2", "1,", "[", "]", "[1", "[1,]", "[,1]", "[1 2]", "{", "}",
        "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "{a:1}", "{\"a\":1 \"b\":2}", "{'a':1}", "{,}",
        "\"", "\"a", "\"\\\"", "\"\\x\"", "\"\\", "\"\\u12\"", "\"\\u12g4\"", "\"\\u0000\"",
        "\"\\uD800\"", "\"\\uD800\\n\"", "\"\\uD800\\uD800\"", "\"\\uDC00\"", "\"a\nb\"",
        "\"\u{1}\"", "/* */1", "1//", "\u{FEFF}1", "[1]x", "{\"a\":1}{",
    ]

    @Test(arguments: refused)
    func unlawfulTextIsRefused(_ text: String) {
        #expect(throws: JSONError.self) { try JSONValue(parsing: Array(text.utf8)) }
    }

    @Test func onlyUTF8IsAText() {
        for bytes: [UInt8] in [
            [0x22, 0xC0, 0xAF, 0x22], [0x22, 0xED, 0xA0, 0x80, 0x22], [0x22, 0xF5, 0x80, 0x22],
            [0x22, 0xE2, 0x82, 0x22], [0x22, 0xFF, 0x22],
        ] {
            #expect(throws: JSONError.notUTF8(offset: 0)) { try JSONValue(parsing: bytes) }
        }
    }

    @Test(arguments: [1, 2, 16, 17, 18, 100])
    func aRepeatedKeyIsRefusedHoweverManyMembersThereAre(_ count: Int) throws {
        let members = (0..<count).map { "\"k\($0)\":\($0)" }.joined(separator: ",")
        let read = try JSONValue(parsing: Array("{\(members)}".utf8))
        #expect(read["k\(count - 1)"] == .integer(count - 1))
        for repeated in Set([0, count / 2, count - 1]) {
            let text = Array("{\(members),\"k\(repeated)\":0}".utf8)
            #expect(throws: JSONError.duplicateMember(offset: text.count - 3)) {
                try JSONValue(parsing: text)
            }
        }
        // What Unicode calls equivalent is another key: only the bytes count.
        let others = "\"\u{E9}\":1,\"e\u{301}\":2,\"\u{212A}\":3,\"K\":4"
        let both = try JSONValue(parsing: Array("{\(members),\(others)}".utf8))
        #expect(both["\u{E9}"] == 1 && both["e\u{301}"] == 2 && both["K"] == 4)
        // An escape does not hide it.
        #expect(throws: JSONError.self) {
            try JSONValue(parsing: Array("{\(members),\"\\u006b0\":0}".utf8))
        }
    }

    @Test func everyLimitHoldsAtItsLastValueAndBreaksAtTheNext() throws {
        let limits = JSONLimits(bytes: 40, depth: 3, values: 5, numberLength: 4)
        func read(_ text: String) throws -> JSONValue {
            try JSONValue(parsing: Array(text.utf8), limits: limits)
        }
        _ = try read("\"" + String(repeating: "x", count: 38) + "\"")
        #expect(throws: JSONError.tooLong(bytes: 41, limit: 40)) {
            try read("\"" + String(repeating: "x", count: 39) + "\"")
        }
        _ = try read("[{\"a\":[]}]")
        #expect(throws: JSONError.tooDeep(limit: 3)) { try read("[[[[]]]]") }
        #expect(throws: JSONError.tooDeep(limit: 3)) { try read("[[[{}]]]") }
        _ = try read("[1,2,3,4]")
        #expect(throws: JSONError.tooManyValues(limit: 5)) { try read("[1,2,3,4,5]") }
        _ = try read("-1.5")
        #expect(throws: JSONError.numberTooLong(offset: 0, limit: 4)) { try read("12345") }
    }

    @Test func aHundredThousandBracketsAreRefusedAtTheDepthLimit() {
        let text = [UInt8](repeating: 0x5B, count: 100_000)
        #expect(throws: JSONError.tooDeep(limit: 16)) { try JSONValue(parsing: text) }
    }

    @Test func everyPrefixOfALawfulTextIsRefused() throws {
        let text = Array(#"{"a":[1,-2.5e3,"x\u00e9\n",true,null,{"b":{}}]}"#.utf8)
        _ = try JSONValue(parsing: text)
        for length in 0..<text.count {
            #expect(throws: JSONError.self) { try JSONValue(parsing: Array(text[..<length])) }
        }
    }

    @Test(arguments: 0..<32)
    func randomAndDamagedBytesAreRefusedOrReadButNeverCrash(_ seed: UInt64) {
        var generator = SeededGenerator(seed: seed, stream: "json")
        let alphabet = Array("{}[]\",:\\u0eE+-.1tfn ".utf8) + [0xC3, 0xA9, 0x00, 0xFF]
        let lawful = Array(#"{"a":[1,-2.5e3,"x\u00e9\n",true,null,{"b":{}}]}"#.utf8)
        var read = 0
        for round in 0..<500 {
            var bytes = round % 2 == 0 ? lawful : []
            for _ in 0..<Int.random(in: 1...(round % 2 == 0 ? 2 : 24), using: &generator) {
                let byte = alphabet.randomElement(using: &generator) ?? 0
                let index = Int.random(in: 0...bytes.count, using: &generator)
                if index < bytes.count, round % 2 == 0 {
                    bytes[index] = byte
                } else {
                    bytes.insert(byte, at: index)
                }
            }
            guard let value = try? JSONValue(parsing: bytes) else { continue }
            read += 1
            #expect((try? JSONValue(parsing: value.canonicalBytes(sortedKeys: false))) == value)
        }
        #expect(read > 0, "the generator never made a lawful text: seed \(seed)")
    }
}
