import SelatXML
import Testing

/// What is read eight bytes at a time reads as what is read one by one.
struct FastPathTests {
    /// A space before `>` takes the slower way to the same name.
    @Test(arguments: 1...19)
    func everyByteOfANameReadsTheSame(length: Int) {
        let plain = Array("abcdefGHIJKL0123456".utf8.prefix(length))
        for place in plain.indices {
            for byte in UInt8(0x21)...0x7E where !"<>&/\"'=".utf8.contains(byte) {
                var name = plain
                name[place] = byte
                let text = String(decoding: name, as: UTF8.self)
                let fast = FastPathTests.outline("<D><\(text)>x</\(text)></D>")
                let slow = FastPathTests.outline("<D><\(text) >x</\(text) ></D>")
                #expect(fast == slow, "\(text)")
            }
        }
    }

    /// The end tag must be the start tag's, to the byte.
    @Test(arguments: 1...19)
    func everyDifferenceOfAnEndTagIsFound(length: Int) {
        let name = String("abcdefGHIJKL0123456".prefix(length))
        for place in 0..<length {
            var other = Array(name.utf8)
            other[place] ^= 1
            let document = "<\(name)>x</\(String(decoding: other, as: UTF8.self))>"
            #expect(throws: XMLError.mismatchedEndTag(at: length + 5 + place)) {
                try Outline.read(document)
            }
        }
    }

    /// What is no plain text is found wherever it stands.
    @Test(arguments: 0...17)
    func everyEndOfPlainTextIsFound(length: Int) throws {
        let text = String(repeating: "~", count: length)
        for (spelled, read) in [("&amp;", "&"), ("\r\n", "\n"), ("]", "]"), ("<!-- -->", "")] {
            #expect(try Outline.read("<a>\(text)\(spelled)</a>") == ["/a=\(text)\(read)"])
            #expect(
                try Outline.read("<a>\(text)\(spelled)\(text)</a>") == ["/a=\(text)\(read)\(text)"]
            )
        }
        #expect(throws: XMLError.self) { try Outline.read("<a>\(text)]]></a>") }
    }

    private static func outline(_ document: String) -> [String]? {
        try? Outline.read(document)
    }
}
