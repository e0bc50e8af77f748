/// Why bytes are no document this reader takes. Offsets count bytes from the start.
public enum XMLError: Error, Hashable, Sendable, CustomStringConvertible {
    case tooLong(limit: Int, got: Int)
    case invalidUTF8(at: Int)
    case forbiddenCharacter(at: Int)
    case documentType(at: Int)
    case unsupportedDeclaration(at: Int)
    case unexpectedEnd(at: Int)
    case malformed(Construct, at: Int)
    case tooDeep(limit: Int, at: Int)
    case tooMuch(Construct, limit: Int, at: Int)
    case unknownEntity(at: Int)
    case unknownPrefix(at: Int)
    case repeatedAttribute(at: Int)
    case unexpectedAttribute(at: Int)
    case mismatchedEndTag(at: Int)
    case unexpectedElement(at: Int)
    case unexpectedText(at: Int)
    case contentAfterRoot(at: Int)

    /// The piece of syntax an error is about.
    public enum Construct: String, Hashable, Sendable {
        case comment
        case instruction = "processing instruction"
        case section = "CDATA section"
        case reference = "character reference"
        case attribute
        case name
        case namespace = "namespace declaration"
        case tag
        case text
    }

    /// Where the document stopped being acceptable.
    public var offset: Int {
        switch self {
        case .tooLong(let limit, _): limit
        case .invalidUTF8(let offset), .forbiddenCharacter(let offset), .documentType(let offset),
            .unsupportedDeclaration(let offset), .unexpectedEnd(let offset),
            .malformed(_, let offset), .tooDeep(_, let offset), .tooMuch(_, _, let offset),
            .unknownEntity(let offset), .unknownPrefix(let offset),
            .repeatedAttribute(let offset), .unexpectedAttribute(let offset),
            .mismatchedEndTag(let offset), .unexpectedElement(let offset),
            .unexpectedText(let offset), .contentAfterRoot(let offset):
            offset
        }
    }

    /// What would have been accepted.
    public var expected: String {
        switch self {
        case .tooLong(let limit, _): "at most \(limit) bytes"
        case .invalidUTF8: "UTF-8"
        case .forbiddenCharacter: "characters XML allows"
        case .documentType: "no document type declaration"
        case .unsupportedDeclaration: "XML 1.0 in UTF-8"
        case .unexpectedEnd: "the rest of the document"
        case .malformed(let construct, _): "a well-formed \(construct.rawValue)"
        case .tooDeep(let limit, _): "at most \(limit) open elements"
        case .tooMuch(let construct, let limit, _):
            "at most \(limit) for each \(construct.rawValue)"
        case .unknownEntity: "amp, lt, gt, quot, apos or a character reference"
        case .unknownPrefix: "a declared namespace prefix"
        case .repeatedAttribute: "each attribute once"
        case .unexpectedAttribute: "only the schema's attributes"
        case .mismatchedEndTag: "the end tag of the open element"
        case .unexpectedElement: "the schema's next element or an end tag"
        case .unexpectedText: "white space between elements"
        case .contentAfterRoot: "nothing after the document element"
        }
    }

    /// What was there instead; never a part of the document.
    public var found: String {
        switch self {
        case .tooLong(_, let got): "\(got) bytes"
        case .unexpectedEnd: "the end"
        default: "something else at byte \(offset)"
        }
    }

    public var description: String { "expected \(expected), found \(found)" }
}
