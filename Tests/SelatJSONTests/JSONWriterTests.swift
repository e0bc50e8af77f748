import SelatJSON
import SelatTime
import Testing

@Suite struct JSONWriterTests {
    private func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

    @Test func membersAreWrittenInTheOrderGiven() {
        var writer = JSONWriter()
        writer.object {
            $0.member("quoteId", "q\"1\\")
            $0.member("count", 3)
            $0.member("capped", false)
            $0.member(ifPresent: "LEI", nil)
            $0.member(ifPresent: "name", "Bank")
            $0.key("none")
            $0.null()
            $0.object("empty") { _ in }
            $0.array("list") {
                $0.string("a")
                $0.integer(-1)
                $0.object { $0.member("b", "c") }
                $0.array { _ in }
                $0.value([1, ["k": nil]])
            }
            $0.member("last", "x")
        }
        #expect(
            text(writer.bytes)
                == #"{"quoteId":"q\"1\\","count":3,"capped":false,"name":"Bank","none":null,"#
                + #""empty":{},"list":["a",-1,{"b":"c"},[],[1,{"k":null}]],"last":"x"}"#
        )
    }

    /// A member whose text is written in place reads like any other, whatever it stands beside.
    @Test func textWrittenInPlaceIsAString() {
        var writer = JSONWriter(capacity: 1)
        writer.object {
            $0.member("first", atMost: 8) { $0.append(0x61) }
            $0.member("none", atMost: 0) { _ in }
            $0.member("a\"key", "plain")
            $0.member("last", atMost: 3) { room in
                for _ in 0..<3 { room.append(0x7A) }
            }
        }
        #expect(
            text(writer.bytes).hasPrefix(#"{"first":"a","none":"","a\"key":"plain","last":"zzz"#)
        )
    }

    @Test func everyCharacterRoundTrips() throws {
        for code in 1...0x2FFF as ClosedRange<UInt32> {
            guard let scalar = Unicode.Scalar(code) else { continue }
            let value = JSONValue.string("a\(Character(scalar))b")
            #expect(try JSONValue(parsing: value.canonicalBytes(sortedKeys: false)) == value)
        }
        #expect(
            text(
                JSONValue.string("\u{1F}\u{8}\t\n\u{C}\r/\u{7F}").canonicalBytes(sortedKeys: false)
            )
                == "\"\\u001f\\b\\t\\n\\f\\r/\u{7F}\""
        )
    }

    /// Strings are looked at eight bytes at a time: what must be escaped, or is not ASCII, at every
    /// place of texts of every length around that.
    @Test(arguments: ["\"", "\\", "\u{1F}", " ", "!", "#", "[", "]", "\u{7F}", "é", "😀", "\u{A2}"])
    func nothingIsMissedAtAnyPlace(_ character: Character) throws {
        for length in 0...26 {
            for place in 0...length {
                let plain = Array(repeating: Character("x"), count: length)
                let string = String(plain[..<place]) + String(character) + String(plain[place...])
                let written = JSONValue.string(string).canonicalBytes(sortedKeys: false)
                #expect(try JSONValue(parsing: written) == .string(string))
                let isEscaped = "\"\\\u{1F}".contains(character)
                #expect(text(written).contains("\\") == isEscaped)
                #expect(JSONCanonicalText.holds(written) == !isEscaped)
            }
        }
    }

    @Test func sortedKeysGiveOneTextForOneContent() {
        let one: JSONValue = [
            "b": ["y": 1, "x": 2], "a": [["d": 1, "c": 2]], "B": 0, "\u{E9}": 1,
        ]
        let other: JSONValue = [
            "\u{E9}": 1, "a": [["c": 2, "d": 1]], "B": 0, "b": ["x": 2, "y": 1],
        ]
        #expect(one.canonicalBytes(sortedKeys: true) == other.canonicalBytes(sortedKeys: true))
        #expect(one.canonicalBytes(sortedKeys: false) != other.canonicalBytes(sortedKeys: false))
        #expect(
            text(one.canonicalBytes(sortedKeys: true))
                == #"{"B":0,"a":[{"c":2,"d":1}],"b":{"x":2,"y":1},"# + "\"\u{E9}\":1}"
        )
    }

    @Test(arguments: 0..<16)
    func everyValueRoundTrips(_ seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed, stream: "json")
        for _ in 0..<100 {
            let value = Self.value(depth: 4, &generator)
            let bytes = value.canonicalBytes(sortedKeys: false)
            #expect(try JSONValue(parsing: bytes) == value, "seed \(seed)")
        }
    }

    private static func value(depth: Int, _ generator: inout SeededGenerator) -> JSONValue {
        let count = Int.random(in: 0...4, using: &generator)
        switch Int.random(in: 0...(depth > 0 ? 6 : 4), using: &generator) {
        case 0: return nil
        case 1: return .bool(Bool.random(using: &generator))
        case 2: return .integer(Int64.random(in: .min ... .max, using: &generator))
        case 3: return .number("-0.\(generator.next() % 1000)e+1")
        case 4:
            let scalars = (0..<count).compactMap { _ in
                Unicode.Scalar(UInt32.random(in: 1...0xFFFF, using: &generator))
            }
            return .string(String(scalars.map { Character($0) }))
        case 5: return .array((0..<count).map { _ in value(depth: depth - 1, &generator) })
        default:
            return .object(
                (0..<count).map { JSONMember("k\($0)", value(depth: depth - 1, &generator)) }
            )
        }
    }
}
