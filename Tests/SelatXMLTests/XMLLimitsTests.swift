import SelatXML
import Testing

@Suite struct XMLLimitsTests {
    private func nested(_ depth: Int) -> String {
        String(repeating: "<a>", count: depth) + "<b/>" + String(repeating: "</a>", count: depth)
    }

    @Test func asManyElementsAreOpenAsTheLimitSays() throws {
        let limits = XMLLimits(depth: 5)
        #expect(try Outline.read(nested(5), limits: limits).count == 6)
        #expect(throws: XMLError.tooDeep(limit: 5, at: 15)) {
            try Outline.read(nested(6), limits: limits)
        }
    }

    @Test(arguments: ["x", "&#120;", "<![CDATA[x]]>"])
    func textIsAsLongAsTheLimitSays(piece: String) throws {
        let limits = XMLLimits(textBytes: 8)
        func document(_ count: Int) -> String {
            "<a>" + String(repeating: piece, count: count) + "</a>"
        }
        #expect(try Outline.read(document(8), limits: limits) == ["/a=xxxxxxxx"])
        #expect(throws: XMLError.tooMuch(.text, limit: 8, at: 3)) {
            try Outline.read(document(9), limits: limits)
        }
    }

    @Test func documentIsAsLongAsTheLimitSays() throws {
        let limits = XMLLimits(documentBytes: 10)
        #expect(try Outline.read("<a>xyz</a>", limits: limits) == ["/a=xyz"])
        #expect(throws: XMLError.tooLong(limit: 10, got: 11)) {
            try Outline.read("<a>xyz</a> ", limits: limits)
        }
    }

    @Test func namesAreAsLongAsTheLimitSays() throws {
        let limits = XMLLimits(nameBytes: 6)
        #expect(
            try Outline.read("<p_:a-b xmlns:p_=\"u\"/>", limits: XMLLimits(nameBytes: 8)) == ["/?="]
        )
        #expect(try Outline.read("<abc-ef/>", limits: limits) == ["/?="])
        #expect(throws: XMLError.tooMuch(.name, limit: 6, at: 1)) {
            try Outline.read("<abc-efg/>", limits: limits)
        }
        #expect(throws: XMLError.tooMuch(.name, limit: 6, at: 1)) {
            try Outline.read("<abc:efg/>", limits: limits)
        }
    }

    @Test func tagHasAsManyAttributesAsTheLimitSays() throws {
        let limits = XMLLimits(attributes: 2)
        #expect(try Outline.read("<a xmlns=\"u\" xmlns:b=\"v\"/>", limits: limits) == ["/a="])
        #expect(throws: XMLError.tooMuch(.attribute, limit: 2, at: 25)) {
            try Outline.read("<a xmlns=\"u\" xmlns:b=\"v\" xmlns:c=\"w\"/>", limits: limits)
        }
    }
}
