import Foundation

#if canImport(FoundationXML)
import FoundationXML
#endif

/// What an official XSD says, as far as the specification can be compared with it.
final class SchemaDocument: NSObject, XMLParserDelegate {
    struct Member: Equatable {
        let name: String
        let type: String
        let minimum: Int
        /// `nil` for unbounded.
        let maximum: Int?
    }

    struct ComplexType {
        var isChoice = false
        var members: [Member] = []
        /// Base of simple content, for amounts.
        var base: String?
        var attributes: [String] = []
    }

    struct SimpleType {
        var base = ""
        var facets: [String: [String]] = [:]
    }

    private(set) var complexTypes: [String: ComplexType] = [:]
    private(set) var simpleTypes: [String: SimpleType] = [:]
    private var complexName: String?
    private var simpleName: String?

    /// Reads the file; `nil` where it is not there or no XML.
    init?(_ url: URL) {
        super.init()
        guard let parser = XMLParser(contentsOf: url) else { return nil }
        parser.delegate = self
        guard parser.parse() else { return nil }
    }

    func parser(
        _ parser: XMLParser,
        didStartElement element: String,
        namespaceURI: String?,
        qualifiedName: String?,
        attributes: [String: String]
    ) {
        let name = attributes["name"] ?? ""
        switch element {
        case "xs:complexType":
            complexName = name
            complexTypes[name] = ComplexType()
        case "xs:simpleType":
            simpleName = name
            simpleTypes[name] = SimpleType()
        case "xs:choice": if let complexName { complexTypes[complexName]?.isChoice = true }
        case "xs:element":
            let maximum = attributes["maxOccurs"] ?? "1"
            let member = Member(
                name: name,
                type: attributes["type"] ?? "",
                minimum: Int(attributes["minOccurs"] ?? "1") ?? 1,
                maximum: maximum == "unbounded" ? nil : Int(maximum)
            )
            if let complexName { complexTypes[complexName]?.members.append(member) }
        case "xs:attribute":
            if let complexName { complexTypes[complexName]?.attributes.append(name) }
        case "xs:extension":
            if let complexName { complexTypes[complexName]?.base = attributes["base"] }
        case "xs:restriction":
            if let simpleName { simpleTypes[simpleName]?.base = attributes["base"] ?? "" }
        default:
            guard let simpleName, let value = attributes["value"] else { return }
            simpleTypes[simpleName]?.facets[String(element.dropFirst(3)), default: []].append(value)
        }
    }

    func parser(
        _ parser: XMLParser,
        didEndElement element: String,
        namespaceURI: String?,
        qualifiedName: String?
    ) {
        if element == "xs:complexType" { complexName = nil }
        if element == "xs:simpleType" { simpleName = nil }
    }
}
