import SelatXML

/// A document read without a schema: one line for each element, `path=text` or `path/`.
enum Outline {
    static func read(_ text: String, limits: XMLLimits = XMLLimits()) throws(XMLError) -> [String] {
        try read(Array(text.utf8), limits: limits)
    }

    static func read(
        _ bytes: [UInt8],
        limits: XMLLimits = XMLLimits()
    ) throws(XMLError) -> [String] {
        var scanner = try XMLScanner(bytes, attribute: "Ccy", limits: limits)
        var lines: [String] = []
        try element(&scanner, "", &lines)
        try scanner.finish()
        return lines
    }

    /// An element is taken for text first, and for a parent when a child is in the way.
    private static func element(
        _ scanner: inout XMLScanner,
        _ parent: String,
        _ lines: inout [String]
    ) throws(XMLError) {
        try scanner.look()
        let path = parent + "/" + (scanner.next == .other ? "?" : scanner.next.description)
        let currency = scanner.attribute.map { "@" + scanner.string($0) } ?? ""
        var leaf = scanner
        do throws(XMLError) {
            let text = try leaf.text(takesAttribute: true)
            lines.append(path + currency + "=" + leaf.string(text))
            scanner = leaf
            return
        } catch {
            guard case .unexpectedElement = error else { throw error }
        }
        lines.append(path + "/")
        let opened = try scanner.open()
        try scanner.look()
        while scanner.next != .none {
            try element(&scanner, path, &lines)
            try scanner.look()
        }
        try scanner.close(opened)
    }
}
