import SelatXML
import Testing

@Suite struct XMLScannerTests {
    @Test func namesArePacked() { #expect(XMLName("Document").description == "Document") }
}
