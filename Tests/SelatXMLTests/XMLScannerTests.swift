import SelatXML
import Testing

@Suite struct XMLScannerTests {
    static let plain = "<D xmlns=\"u\"><A>x y</A><B><C Ccy=\"SGD\">1</C></B></D>"
    static let outline = ["/D/", "/D/A=x y", "/D/B/", "/D/B/C@SGD=1"]

    @Test(arguments: [
        plain,
        "\u{FEFF}" + plain,
        "<?xml version=\"1.0\"?>" + plain,
        "<?xml version='1.0' encoding='utf-8' standalone='yes' ?>\n" + plain + "\n",
        "<?xml version = \"1.0\"\tencoding = \"UTF-8\"?><!-- a --><?b c?>" + plain
            + "<!-- d --><?e?>",
        "<D xmlns='u'>\r\n<A>x y</A>\r\n<B>\t<C Ccy='SGD'>1</C></B></D>",
        "<p:D xmlns:p=\"u\"><p:A>x y</p:A><p:B><p:C Ccy=\"SGD\">1</p:C></p:B></p:D>",
        "<p:D xmlns:p=\"u\" xmlns:q=\"u\"><q:A>x y</q:A><p:B><q:C Ccy=\"SGD\">1</q:C></p:B></p:D>",
        "<D xmlns=\"u\"><A xmlns=\"u\">x y</A><p:B xmlns:p=\"u\"><C Ccy=\"SGD\">1</C></p:B></D>",
        "<é:D xmlns:é=\"u\"><é:A>x y</é:A><é:B><é:C Ccy=\"SGD\">1</é:C></é:B></é:D>",
        "<D xmlns=\"&#x75;\"><A>x&#32;y</A><B><C Ccy=\"S&#71;D\">&#x31;</C></B></D>",
        "<D xmlns=\"u\"><A><![CDATA[x y]]></A><B><C Ccy=\"SGD\"><![CDATA[]]>1</C></B></D>",
        "<D xmlns=\"u\"><A>x<!-- z --> <?z?>y</A><!-- --><B><?z z?><C Ccy=\"SGD\">1</C></B></D>",
        "<D xmlns=\"u\" ><A\n>x y</A\n><B ><C  Ccy = \"SGD\" >1</C ></B></D >",
        "<D xmlns=\"u\">&#10;<A>x y</A><![CDATA[ ]]><B><C Ccy=\"SGD\">1</C></B></D>",
        "<D xmlns=\"u\" xmlns:i=\"http://www.w3.org/2001/XMLSchema-instance\""
            + " i:schemaLocation=\"u http://example.invalid/u.xsd\"><A>x y</A>"
            + "<B><C Ccy=\"SGD\">1</C></B></D>",
    ])
    func everyLegalSpellingReadsTheSame(document: String) throws {
        #expect(try Outline.read(document) == XMLScannerTests.outline)
    }

    @Test(arguments: [
        ("<a/>", ["/a="]), ("<a></a>", ["/a="]), ("<a ></a >", ["/a="]),
        ("<a><b/><b/></a>", ["/a/", "/a/b=", "/a/b="]),
        ("<a>&amp;&lt;&gt;&quot;&apos;</a>", ["/a=&<>\"'"]),
        ("<a>&#x1F600;&#128512;</a>", ["/a=😀😀"]),
        ("<a>1\r\n2\r3\n4&#13;5</a>", ["/a=1\n2\n3\n4\r5"]),
        ("<a><![CDATA[<b>&amp;\r\n]] >]]></a>", ["/a=<b>&amp;\n]] >"]),
        ("<a><![CDATA[]]]]><![CDATA[>]]></a>", ["/a=]]>"]),
        ("<a> ] ]] > </a>", ["/a= ] ]] > "]),
        ("<a><!---->x<!-- - --></a>", ["/a=x"]),
        ("<a><b xmlns=\"v\">x</b></a>", ["/a/", "/a/?=x"]),
        ("<a xmlns=\"v\"><b xmlns=\"\">x</b><c>y</c></a>", ["/a/", "/a/?=x", "/a/c=y"]),
        ("<a xmlns=\"v\"><b xmlns=\"w\"><c/></b><d/></a>", ["/a/", "/a/?/", "/a/?/?=", "/a/d="]),
        ("<a-b>x</a-b>", ["/?=x"]),
        ("<abcdefghijklmnopqr>x</abcdefghijklmnopqr>", ["/abcdefghijklmnopqr=x"]),
        ("<abcdefghijklmnopqrs>x</abcdefghijklmnopqrs>", ["/?=x"]),
    ])
    func readsAsOutlined(document: String, outline: [String]) throws {
        #expect(try Outline.read(document) == outline)
    }

    @Test(arguments: [
        ("", XMLError.unexpectedEnd(at: 0)),
        (" \n", .unexpectedEnd(at: 2)),
        ("x", .unexpectedText(at: 0)),
        ("<a>", .unexpectedEnd(at: 3)),
        ("<a", .unexpectedEnd(at: 2)),
        ("<", .unexpectedEnd(at: 1)),
        ("</a>", .malformed(.tag, at: 0)),
        ("<a></b>", .mismatchedEndTag(at: 5)),
        ("<a></ab>", .mismatchedEndTag(at: 6)),
        ("<ab></a>", .unexpectedEnd(at: 8)),
        ("<a></a", .unexpectedEnd(at: 6)),
        ("<a/><b/>", .contentAfterRoot(at: 4)),
        ("<a/>x", .contentAfterRoot(at: 4)),
        ("<a/>&#32;", .contentAfterRoot(at: 4)),
        ("<a/><![CDATA[ ]]>", .contentAfterRoot(at: 4)),
        ("<a><b/>x</a>", .unexpectedText(at: 7)),
        ("<a><b/>&amp;</a>", .unexpectedText(at: 7)),
        ("<a><b/><![CDATA[x]]></a>", .unexpectedText(at: 7)),
        ("<!DOCTYPE a><a/>", .documentType(at: 0)),
        ("<!-- --><!DOCTYPE a [<!ENTITY b \"c\">]><a>&b;</a>", .documentType(at: 8)),
        ("<a/><!DOCTYPE a>", .documentType(at: 4)),
        ("<!ELEMENT a>", .malformed(.tag, at: 0)),
        ("<a>&b;</a>", .unknownEntity(at: 3)),
        ("<a>&amp</a>", .unknownEntity(at: 3)),
        ("<a>a & b</a>", .unknownEntity(at: 5)),
        ("<a>&#0;</a>", .forbiddenCharacter(at: 3)),
        ("<a>&#x1F;</a>", .forbiddenCharacter(at: 3)),
        ("<a>&#xD800;</a>", .forbiddenCharacter(at: 3)),
        ("<a>&#xFFFE;</a>", .forbiddenCharacter(at: 3)),
        ("<a>&#x110000;</a>", .forbiddenCharacter(at: 3)),
        ("<a>&#;</a>", .malformed(.reference, at: 3)),
        ("<a>&#x;</a>", .malformed(.reference, at: 3)),
        ("<a>&#xG;</a>", .malformed(.reference, at: 3)),
        ("<a>&#X41;</a>", .malformed(.reference, at: 3)),
        ("<a>&#99999999999999999999;</a>", .forbiddenCharacter(at: 3)),
        ("<a>]]></a>", .malformed(.text, at: 3)),
        ("<a><!-- -- --></a>", .malformed(.comment, at: 8)),
        ("<a><!-- ---></a>", .malformed(.comment, at: 8)),
        ("<a><?xml version=\"1.0\"?></a>", .malformed(.instruction, at: 3)),
        ("<a><?XML?></a>", .malformed(.instruction, at: 3)),
        ("<a><? b?></a>", .malformed(.name, at: 5)),
        ("<a><?b:c?></a>", .malformed(.instruction, at: 6)),
        (" <?xml version=\"1.0\"?><a/>", .malformed(.instruction, at: 1)),
        ("<?xml version=\"1.1\"?><a/>", .unsupportedDeclaration(at: 0)),
        ("<?xml encoding=\"UTF-8\"?><a/>", .unsupportedDeclaration(at: 0)),
        ("<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?><a/>", .unsupportedDeclaration(at: 0)),
        ("<?xml version=\"1.0\" encoding=\"UTF-16\"?><a/>", .unsupportedDeclaration(at: 0)),
        ("<?xml version=\"1.0\" standalone=\"maybe\"?><a/>", .unsupportedDeclaration(at: 0)),
        ("<?xml version=\"1.0\"encoding=\"UTF-8\"?><a/>", .unsupportedDeclaration(at: 0)),
        ("<a b=\"c\"/>", .unexpectedAttribute(at: 3)),
        ("<a xml:space=\"preserve\"/>", .unexpectedAttribute(at: 3)),
        ("<a Ccy=\"SGD\" Ccy=\"SGD\"/>", .repeatedAttribute(at: 13)),
        ("<a xmlns=\"u\" xmlns=\"u\"/>", .repeatedAttribute(at: 13)),
        ("<a xmlns:p=\"u\" xmlns:p=\"v\"/>", .repeatedAttribute(at: 15)),
        ("<a xmlns:p=\"\"/>", .malformed(.namespace, at: 3)),
        ("<a xmlns:xmlns=\"u\"/>", .malformed(.namespace, at: 3)),
        ("<a xmlns:xml=\"u\"/>", .malformed(.namespace, at: 3)),
        ("<a xmlns=\"http://www.w3.org/2000/xmlns/\"/>", .malformed(.namespace, at: 3)),
        ("<p:a/>", .unknownPrefix(at: 1)),
        ("<a><b xmlns:p=\"u\"/><p:c/></a>", .unknownPrefix(at: 20)),
        ("<a p:b=\"c\"/>", .unknownPrefix(at: 3)),
        ("<a:b:c xmlns:a=\"u\"/>", .malformed(.tag, at: 4)),
        ("<:a/>", .malformed(.name, at: 1)),
        ("<a: />", .malformed(.name, at: 3)),
        ("<1/>", .malformed(.name, at: 1)),
        ("< a/>", .malformed(.name, at: 1)),
        ("<a Ccy=SGD/>", .malformed(.attribute, at: 7)),
        ("<a Ccy/>", .malformed(.attribute, at: 6)),
        ("<a Ccy=\"<\"/>", .malformed(.attribute, at: 8)),
        ("<a Ccy=\"S\"xmlns=\"u\"/>", .malformed(.tag, at: 10)),
        ("<a / >", .malformed(.tag, at: 3)),
        ("<a Ccy=\"&b;\"/>", .unknownEntity(at: 8)),
        ("<a\u{0}/>", .forbiddenCharacter(at: 2)),
        ("<a>\u{B}</a>", .forbiddenCharacter(at: 3)),
        ("<a>\u{FFFE}</a>", .forbiddenCharacter(at: 3)),
    ])
    func isRefusedWhereItGoesWrong(document: String, error: XMLError) {
        #expect(throws: error) { try Outline.read(document) }
    }

    @Test(
        arguments: [
            [0x80], [0xC0, 0xAF], [0xC1, 0x80], [0xE0, 0x80, 0xAF], [0xED, 0xA0, 0x80],
            [0xF0, 0x80, 0x80, 0xAF], [0xF4, 0x90, 0x80, 0x80], [0xF5, 0x80, 0x80, 0x80],
            [0xE2, 0x82],
            [0xFF], [0xFE],
        ] as [[UInt8]]
    )
    func brokenUTF8IsRefused(bytes: [UInt8]) {
        let document = Array("<a>".utf8) + bytes + Array("</a>".utf8)
        #expect(throws: XMLError.invalidUTF8(at: 3)) { try Outline.read(document) }
    }

    @Test func otherEncodingsAreRefused() {
        for bigEndian in [true, false] {
            let units = "\u{FEFF}<a/>".utf16.flatMap { unit -> [UInt8] in
                let bytes = [UInt8(unit >> 8), UInt8(unit & 0xFF)]
                return bigEndian ? bytes : bytes.reversed()
            }
            #expect(throws: XMLError.invalidUTF8(at: 0)) { try Outline.read(units) }
        }
    }

    @Test func errorsSayWhatWasExpected() {
        #expect(
            XMLError.tooLong(limit: 10, got: 11).description
                == "expected at most 10 bytes, found 11 bytes"
        )
        #expect(
            XMLError.documentType(at: 3).description
                == "expected no document type declaration, found something else at byte 3"
        )
    }
}
