/// What a document may cost before it is refused. Every bound is inclusive.
public struct XMLLimits: Hashable, Sendable {
    /// Bytes of the whole document.
    public var documentBytes: Int
    /// Elements open at once.
    public var depth: Int
    /// Bytes of one text or attribute value, after references are replaced.
    public var textBytes: Int
    /// Bytes of one element or attribute name, prefix included.
    public var nameBytes: Int
    /// Attributes and namespace declarations of one start tag.
    public var attributes: Int

    public init(
        documentBytes: Int = 65_536,
        depth: Int = 32,
        textBytes: Int = 8192,
        nameBytes: Int = 128,
        attributes: Int = 16
    ) {
        self.documentBytes = documentBytes
        self.depth = depth
        self.textBytes = textBytes
        self.nameBytes = nameBytes
        self.attributes = attributes
    }
}
