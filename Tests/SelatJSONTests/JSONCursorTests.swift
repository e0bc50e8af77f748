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
