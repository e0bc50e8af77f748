// Before the document element: byte order mark and XML declaration.
extension XMLScanner {
    /// Where the document proper starts. Throws for another version or encoding.
    func endOfDeclaration() throws(XMLError) -> Int {
        let usual: StaticString = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>"
        if follows(usual, at: 0) { return usual.utf8CodeUnitCount }
        let start = document.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
        guard follows("<?xml", at: start), start + 5 < document.count,
            XMLCharacters.isSpace(document[start + 5])
        else { return start }
        var index = start + 5
        guard let version = try pseudoAttribute("version", at: &index),
            version == [0x31, 0x2E, 0x30]
        else { throw .unsupportedDeclaration(at: start) }
        if let encoding = try pseudoAttribute("encoding", at: &index) {
            guard encoding.map({ $0 >= 0x41 && $0 <= 0x5A ? $0 | 0x20 : $0 }) == Array("utf-8".utf8)
            else { throw .unsupportedDeclaration(at: start) }
        }
        if let standalone = try pseudoAttribute("standalone", at: &index) {
            guard standalone == Array("yes".utf8) || standalone == Array("no".utf8) else {
                throw .unsupportedDeclaration(at: start)
            }
        }
        index = endOfSpace(at: index)
        guard follows("?>", at: index) else { throw .unsupportedDeclaration(at: start) }
        return index + 2
    }

    /// The value of the named item if it comes next, with white space before it.
    private func pseudoAttribute(
        _ name: StaticString,
        at index: inout Int
    ) throws(XMLError) -> [UInt8]? {
        let start = endOfSpace(at: index)
        guard start > index, follows(name, at: start) else { return nil }
        var position = endOfSpace(at: start + name.utf8CodeUnitCount)
        guard follows("=", at: position) else { throw .unsupportedDeclaration(at: start) }
        position = endOfSpace(at: position + 1)
        guard follows("\"", at: position) || follows("'", at: position) else {
            throw .unsupportedDeclaration(at: start)
        }
        guard let end = document[(position + 1)...].firstIndex(of: document[position]) else {
            throw .unexpectedEnd(at: document.count)
        }
        index = end + 1
        return Array(document[(position + 1)..<end])
    }
}
