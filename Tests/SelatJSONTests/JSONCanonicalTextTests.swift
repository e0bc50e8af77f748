import SelatJSON
import SelatTime
import Testing

@Suite struct JSONCanonicalTextTests {
    @Test(arguments: [
        "{}", "[]", "0", "-0.5e+3", "true", "null", #""""#, #"{"a":1}"#,
        #"{"":0,"a":{},"aa":[1,2,["x"]],"b":false}"#, "\"é\"", "{\"e\":1,\"é\":2}",
        #"{"intermediary":1,"intermediaryAgent":2,"intermediaryAgent1":3,"intermediaryB":4}"#,
    ])
    func whatReadingAndWritingLeavesAsItIsHolds(_ text: String) throws {
        let bytes = Array(text.utf8)
        #expect(JSONCanonicalText.holds(bytes))
        #expect(try JSONValue(parsing: bytes).canonicalBytes(sortedKeys: true) == bytes)
    }

    @Test(arguments: [
        "", " {}", "{} ", #"{"a": 1}"#, #"{"b":1,"a":2}"#, #"{"a":1,"a":2}"#, #"{"aa":1,"a":2}"#,
        #"{"a":1,}"#, #"{"a"}"#, "[1,]", "[1", "01", "1.", "-", "1e", "tru", #""\u0041""#,
        #""a\/b""#, "\"\u{7}\"", #"{"a":1}x"#, #"{1:2}"#,
        "{\"é\":1,\"e\":2}", #"{"":1,"":2}"#, #"{"a":1,"\u0062":2}"#, #"{"a!":1,"a":2}"#,
        #"{"intermediaryAgent":1,"intermediary":2}"#, #"[{"b":1,"a":2}]"#,
    ])
    func whatWouldChangeOrBeRefusedDoesNot(_ text: String) {
        #expect(!JSONCanonicalText.holds(Array(text.utf8)))
    }

    @Test func whatIsNotCanonicalIsWrittenAnew() throws {
        func canonical(_ text: String) throws -> String {
            String(decoding: try JSONCanonicalText.of(Array(text.utf8)), as: UTF8.self)
        }
        #expect(try canonical(#"{"a":1}"#) == #"{"a":1}"#)
        #expect(try canonical(#" {"b":"\u0041","a":[1, 2]}"#) == #"{"a":[1,2],"b":"A"}"#)
        #expect(throws: JSONError.duplicateMember(offset: 16)) {
            try canonical(#"{"b":1,"a":2,"b":3}"#)
        }
    }

    @Test func limitsAreTheReaders() {
        let limits = JSONLimits(bytes: 20, depth: 2, values: 4, numberLength: 3)
        let texts = [
            "[[]]", "[[[]]]", "[1,2,3]", "[1,2,3,4]", "123", "1234", "[\"aaaaaaaaaaaaaaaa\"]",
            "[\"aaaaaaaaaaaaaaaaa\"]",
        ]
        for text in texts {
            let bytes = Array(text.utf8)
            let isRead = (try? JSONValue(parsing: bytes, limits: limits)) != nil
            #expect(JSONCanonicalText.holds(bytes, limits: limits) == isRead, "\(text)")
        }
    }

    @Test(arguments: 0..<32)
    func aYesIsNeverWrong(_ seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed, stream: "canonical json")
        let alphabet = Array("{}[]\",:\\u0eE+-.1tfn ab".utf8) + [0xC3, 0xA9, 0x00, 0xFF]
        let lawful = Array(#"{"a":[1,-2.5e3,"x"],"b":{"c":true,"cc":null,"d":[]}}"#.utf8)
        var held = 0
        for _ in 0..<2000 {
            var bytes = lawful
            for _ in 0..<Int.random(in: 1...2, using: &generator) {
                let index = Int.random(in: 0..<bytes.count, using: &generator)
                bytes[index] = alphabet.randomElement(using: &generator) ?? 0
            }
            guard JSONCanonicalText.holds(bytes) else { continue }
            held += 1
            #expect(try JSONValue(parsing: bytes).canonicalBytes(sortedKeys: true) == bytes)
        }
        #expect(held > 0, "the generator never made a canonical text: seed \(seed)")
    }
}
