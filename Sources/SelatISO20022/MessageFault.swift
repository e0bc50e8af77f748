internal import SelatXML

/// Why decoding stopped or will refuse, by byte offset: the path is found later, on demand, so
/// that messages without faults pay nothing for it.
enum MessageFault: Error {
    /// No document, or not in the schema's order.
    case document(XMLError)
    /// The element whose start tag is at this offset holds a value that is not acceptable.
    case value(at: Int, ReasonCode, expected: String, found: String)
    /// An element should have stood before what is at this offset.
    case missing(XMLName, before: Int, ReasonCode)
    /// The document element is none of the network's.
    case unsupported
    /// What was deferred makes the value impossible to build.
    case incomplete
}
