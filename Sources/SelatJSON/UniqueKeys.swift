/// Finds a repeated key. While keys come in the order of their bytes, none can be; after that each
/// is looked for among those before it, by a set when they are many.
///
/// Keys are one when their bytes are, escapes undone (RFC 8259, section 8.3).
struct UniqueKeys {
    private var isInOrder = true
    private var previous: Range<Int>?
    private var many: Set<[UInt8]> = []

    /// False from the first key on that does not come behind the one before it, or holds escapes.
    @inline(__always)
    mutating func takesInOrder(_ key: Range<Int>?, _ bytes: Span<UInt8>) -> Bool {
        guard isInOrder, let key, isBehindPrevious(key, bytes) else {
            isInOrder = false
            return false
        }
        previous = key
        return true
    }

    private func isBehindPrevious(_ key: Range<Int>, _ bytes: Span<UInt8>) -> Bool {
        guard let previous else { return true }
        return bytes.extracting(previous).precedes(bytes.extracting(key))
    }

    /// False when the last node, a key of the object at `place`, repeats one before it.
    mutating func isNew(
        _ bytes: Span<UInt8>,
        _ nodes: [JSONDocument.Node],
        within place: Int
    ) -> Bool {
        let last = nodes.count - 1
        guard many.isEmpty else { return many.insert(UniqueKeys.name(bytes, nodes[last])).inserted }
        var count = 0
        var key = place + 1
        while key < last {
            if isSame(bytes, nodes[key], nodes[last]) { return false }
            key = Int(nodes[key + 1].next)
            count += 1
        }
        guard count >= 16 else { return true }
        key = place + 1
        while key < last {
            many.insert(UniqueKeys.name(bytes, nodes[key]))
            key = Int(nodes[key + 1].next)
        }
        many.insert(UniqueKeys.name(bytes, nodes[last]))
        return true
    }

    private func isSame(
        _ bytes: Span<UInt8>,
        _ one: JSONDocument.Node,
        _ other: JSONDocument.Node
    ) -> Bool {
        guard one.isEscaped || other.isEscaped else {
            return bytes.extracting(one.range).isSame(bytes.extracting(other.range))
        }
        return UniqueKeys.name(bytes, one) == UniqueKeys.name(bytes, other)
    }

    private static func name(_ bytes: Span<UInt8>, _ key: JSONDocument.Node) -> [UInt8] {
        guard !key.isEscaped else { return Array(JSONReader.unescaped(bytes, key.range).utf8) }
        let plain = bytes.extracting(key.range)
        return plain.indices.map { plain[$0] }
    }
}
