import SelatTime
import SelatXML
import Testing

@Suite struct XMLPiecesTests {
    @Test func differentNamesNeverShareAPacking() {
        var random = SeededGenerator(seed: 1, stream: "names")
        let letters = Array("aAbBzZ019")
        var names: [XMLName: String] = [:]
        for _ in 0..<20_000 {
            let length = 1 + Int(random.next() % 18)
            let name = String(
                (0..<length).map { _ in letters[Int(random.next() % UInt64(letters.count))] }
            )
            let packed = XMLName(name)
            #expect(packed.description == name)
            #expect(names[packed] ?? name == name)
            names[packed] = name
        }
    }

    @Test(arguments: ["a-b", "é", "abcdefghijklmnopqrs", "a b"])
    func namesBeyondThePackingAreOther(name: String) { #expect(XMLName(name) == .other) }

    @Test func emptyNameIsNone() { #expect(XMLName("") == .none) }

    @Test(arguments: [
        ("plain", "plain"), ("", ""), ("a&b<c>d", "a&amp;b&lt;c&gt;d"), ("\"'", "\"'"),
        ("]]>", "]]&gt;"), ("1\r\n2", "1&#13;\n2"), ("é😀", "é😀"), ("&", "&amp;"),
    ])
    func textIsEscapedWhereItMustBe(text: String, written: String) {
        let bytes = XMLWriter.bytes(capacity: 1) { writer in
            writer.markup("<a>")
            writer.text(text)
            writer.markup("</a>")
        }
        #expect(String(decoding: bytes, as: UTF8.self) == "<a>\(written)</a>")
    }

    /// Text is looked at eight or sixteen bytes at a time.
    @Test(arguments: [("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ("\r", "&#13;"), ("é", "é")])
    func nothingIsMissedAtAnyPlace(character: String, written: String) {
        for length in 0...26 {
            for place in 0...length {
                let before = String(repeating: "x", count: place)
                let behind = String(repeating: ";", count: length - place)
                for capacity in [1, 64] {
                    let bytes = XMLWriter.bytes(capacity: capacity) { writer in
                        writer.text(before + character + behind)
                    }
                    #expect(String(decoding: bytes, as: UTF8.self) == before + written + behind)
                }
            }
        }
    }

    @Test func walkerNamesThePlaceAndStopsAtTheFault() throws {
        let document = "<p:a xmlns:p='u'><p:b>1</p:b><p:b><p:c/>2</p:b></p:a>"
        var walker = XMLWalker(Array(document.utf8), attribute: "")
        var seen: [String] = []
        while let step = walker.step() {
            let path = walker.path.map { "\($0.name)\($0.position)" }.joined(separator: "/")
            switch step {
            case .element(let start): seen.append("\(path) at \(start)")
            case .text(let text, _, _):
                seen.append(path + "=" + String(decoding: text, as: UTF8.self))
            case .end(let start): seen.append("/\(path) at \(start)")
            }
        }
        // The fault is the text after the third element.
        #expect(
            seen == ["a1 at 0", "a1/b1=1", "a1/b2 at 29", "a1/b2/c1 at 34", "/a1/b2/c1 at 40"]
        )
    }

    @Test func walkerOfNoDocumentTakesNoStep() {
        var walker = XMLWalker([0xFF], attribute: "")
        let step = walker.step()
        #expect(step.map { "\($0)" } == nil)
    }
}
