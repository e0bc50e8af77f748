import SelatJSON
import Testing

@Suite struct JSONCursorTests {
    let body: JSONCursor

    init() throws {
        body = try JSONCursor(
            parsing: Array(
                #"""
                {"amount":"12.50","capped":true,"count":-7,"ratio":0.5,"none":null,
                 "quotes":[{"rate":"1.5"},{"rate":15}],"agent":{"BICFI":"SELASGS0"}}
                """#.utf8
            )
        )
    }

    @Test func whatIsThereIsRead() throws {
        #expect(try body.string("amount") == "12.50")
        #expect(try body.bool("capped"))
        #expect(try body.integer("count") == Int64(-7))
        #expect(try body.integer("count", Int8.self) == -7)
        #expect(try body.member("ratio").numberText() == "0.5")
        #expect(try body.optionalString("none") == nil)
        #expect(try body.optionalString("absent") == nil)
        #expect(try body.optional("agent")?.string("BICFI") == "SELASGS0")
        #expect(try body.elements("quotes").first?.string("rate") == "1.5")
        #expect(body.value["agent"]?["BICFI"] == "SELASGS0")
        #expect(body.value["agent"]?["LEI"] == nil)
    }

    @Test func whatIsWrongIsNamedByItsPath() throws {
        #expect(throws: JSONError.missing(path: "absent", expected: "string")) {
            try body.string("absent")
        }
        #expect(throws: JSONError.missing(path: "none", expected: "array")) {
            try body.elements("none")
        }
        #expect(throws: JSONError.missing(path: "agent.LEI", expected: "string")) {
            try body.member("agent").string("LEI")
        }
        let quotes = try body.elements("quotes")
        let wrong = JSONError.mismatch(
            path: "quotes[1].rate",
            expected: "string",
            found: .number
        )
        #expect(throws: wrong) { try quotes[1].string("rate") }
        #expect(wrong.description == "quotes[1].rate: expected string, found number")
        #expect(
            throws: JSONError.mismatch(
                path: "ratio",
                expected: "a whole number of 64 bits",
                found: .number
            )
        ) { try body.integer("ratio", Int64.self) }
        #expect(throws: JSONError.self) { try body.integer("count", UInt8.self) }
        #expect(
            throws: JSONError.mismatch(path: "(body)", expected: "object", found: .array)
        ) { try JSONCursor([]).string("a") }
        #expect(throws: JSONError.mismatch(path: "amount", expected: "array", found: .string)) {
            try body.elements("amount")
        }
        #expect(throws: JSONError.mismatch(path: "amount", expected: "bool", found: .string)) {
            try body.bool("amount")
        }
    }

    @Test func thePathIsFoundHoweverDeepAndBehindWhatever() throws {
        let text = #"{"a":{"b":[]},"":[1,[{},{"x":[0,{"\u0079":null,"z":"t"}]}]],"c":2}"#
        let top = try JSONCursor(parsing: Array(text.utf8))
        #expect(top.path == "(body)")
        #expect(try top.member("a").member("b").path == "a.b")
        let inner = try top.elements("")[1].elements()[1].elements("x")[1]
        #expect(inner.path == "[1][1].x[1]")
        #expect(try inner.member("z").path == "[1][1].x[1].z")
        #expect(throws: JSONError.missing(path: "[1][1].x[1].y", expected: "bool")) {
            try inner.bool("y")
        }
        #expect(throws: JSONError.missing(path: "(body)", expected: "a value")) {
            try JSONCursor(parsing: Array("{}".utf8)).member("")
        }
        #expect(try top.member("c").path == "c")
    }

    @Test func whatIsTakenOutIsWhatStandsThere() throws {
        let text = #"{"a":{"b":["x\n",-1.5,true,null]},"\u0061b":"é"}"#
        let top = try JSONCursor(parsing: Array(text.utf8))
        #expect(top.value == ["a": ["b": ["x\n", .number("-1.5"), true, nil]], "ab": "é"])
        #expect(top["ab"] == "é" && top["a"] == top.value["a"] && top["b"] == nil)
    }

    @Test func theCanonicalTextIsTheTextWhereThatIsCanonical() throws {
        func texts(_ text: String) throws -> [String] {
            let top = try JSONCursor(parsing: Array(text.utf8))
            return try [top, top.member("a"), top.member("b")].map {
                String(decoding: $0.canonicalText, as: UTF8.self)
            }
        }
        let expected = [#"{"a":"é","b":{"c":1,"d":[]}}"#, "\"é\"", #"{"c":1,"d":[]}"#]
        #expect(try texts(#"{"a":"é","b":{"c":1,"d":[]}}"#) == expected)
        #expect(try texts(#"{"b":{"d":[],"c": 1},"a":"\u00e9"}"#) == expected)
        let built = JSONCursor(["b": ["d": [], "c": 1], "a": "é"])
        #expect(try built == JSONCursor(parsing: Array(expected[0].utf8)))
        #expect(try built.member("a") != built.member("b"))
    }

    @Test func membersThatNobodyKnowsAreRefused() throws {
        try body.member("agent").allow(["BICFI", "LEI"])
        #expect(throws: JSONError.unexpectedMembers(path: "agent", count: 1)) {
            try body.member("agent").allow(["LEI"])
        }
    }

    @Test func descriptionsNeverRepeatTheText() {
        for text in [#"{"Siti Aminah":}"#, #"{"Siti Aminah":1,"Siti Aminah":2}"#, "\"Siti \u{1}\""]
        {
            #expect {
                try JSONValue(parsing: Array(text.utf8))
            } throws: { error in
                !"\(error)".contains("Siti")
            }
        }
    }
}
