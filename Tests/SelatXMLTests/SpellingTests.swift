import SelatTime
import SelatXML
import Testing

/// Random trees, each spelled in a random legal way, against what they say.
@Suite struct SpellingTests {
    @Test(arguments: UInt64(1)...300)
    func anySpellingOfATreeReadsAsTheTree(seed: UInt64) throws {
        var speller = Speller(seed: seed)
        let document = speller.document()
        #expect(try Outline.read(document) == speller.outline, "seed \(seed): \(document)")
    }

    @Test(arguments: UInt64(1)...100)
    func everyTruncationOfASpellingIsRefused(seed: UInt64) throws {
        var speller = Speller(seed: seed)
        speller.endsAtRoot = true
        let bytes = Array(speller.document().utf8)
        for length in 0..<bytes.count {
            #expect(throws: XMLError.self, "seed \(seed), \(length)") {
                try Outline.read(Array(bytes[..<length]))
            }
        }
    }
}

private struct Speller {
    private var random: SeededGenerator
    private(set) var outline: [String] = []
    var endsAtRoot = false

    init(seed: UInt64) { random = SeededGenerator(seed: seed, stream: "spelling") }

    private mutating func pick(_ choices: [String]) -> String {
        choices[Int(random.next() % UInt64(choices.count))]
    }

    private mutating func chance(_ denominator: UInt64) -> Bool {
        random.chance(1, in: denominator)
    }

    /// Nothing, or what may stand anywhere without meaning.
    private mutating func misc() -> String {
        guard chance(4) else { return "" }
        return pick(["<!-- <a> & - -->", "<!---->", "<?a b?>", "<?a?>", "\n", " \t\r\n"])
    }

    private mutating func space() -> String { chance(4) ? pick([" ", "\n", "\r\n\t"]) : "" }

    mutating func document() -> String {
        let start = pick([
            "", "\u{FEFF}", "<?xml version=\"1.0\"?>", "<?xml version='1.0' encoding='Utf-8'?>",
        ])
        return start + misc() + element("", scope: nil, depth: 0) + (endsAtRoot ? "" : misc())
    }

    private mutating func element(_ parent: String, scope: String?, depth: Int) -> String {
        let name = pick(["A", "Bc", "CdtTrfTxInf", "IntrmyAgt1Acct"])
        let path = parent + "/" + name
        var scope = scope
        var declaration = ""
        if scope == nil || chance(6) {
            let prefix = pick(["", "p", "q", "ns-0"])
            let quote = pick(["\"", "'"])
            let uri = pick(["urn:x", "urn:&#120;", "urn&#x3a;x"])
            declaration =
                " xmlns" + (prefix.isEmpty ? "" : ":" + prefix) + space() + "=" + space()
                + quote + uri + quote
            scope = prefix
        }
        let tag = (scope ?? "").isEmpty ? name : (scope ?? "") + ":" + name
        let open = "<" + tag + declaration + space()
        if depth < 4, chance(2) {
            outline.append(path + "/")
            var content = ""
            for _ in 0...(random.next() % 3) {
                content += misc() + element(path, scope: scope, depth: depth + 1)
            }
            return open + ">" + content + misc() + "</" + tag + space() + ">"
        }
        let (text, spelled) = self.text()
        outline.append(path + "=" + text)
        if spelled.isEmpty, chance(2) { return open + "/>" }
        return open + ">" + spelled + "</" + tag + space() + ">"
    }

    private mutating func text() -> (text: String, spelled: String) {
        var text = ""
        var spelled = ""
        for _ in 0..<(random.next() % 6) {
            let character = pick([
                "a", "Z", " ", "é", "ก", "😀", "&", "<", ">", "\"", "'", "\n", "]",
            ])
            text += character
            switch random.next() % 4 {
            case 0:
                let scalar = character.unicodeScalars.first?.value ?? 0
                spelled += chance(2) ? "&#\(scalar);" : "&#x" + String(scalar, radix: 16) + ";"
            case 1: spelled += "<![CDATA[" + character + "]]>"
            default: spelled += plain(character)
            }
            if chance(5) { spelled += pick(["<!-- x -->", "<?x?>", "<![CDATA[]]>"]) }
        }
        return (text, spelled)
    }

    private mutating func plain(_ character: String) -> String {
        switch character {
        case "&": "&amp;"
        case "<": "&lt;"
        case ">": "&gt;"
        case "\"": pick(["\"", "&quot;"])
        case "'": pick(["'", "&apos;"])
        case "\n": pick(["\n", "\r\n"])
        default: character
        }
    }
}
