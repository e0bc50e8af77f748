/// A text that was read, held flat: its bytes and one small node for each value in them, in the
/// order of the text. What a string or a number says is only taken out when it is asked for.
final class JSONDocument: Sendable {
    /// One value, or one member's key, which stands before its value.
    struct Node {
        var kind: JSONValue.Kind
        /// Of a string: whether it holds escapes, and whether it is all ASCII.
        var isEscaped = false
        var isASCII = true
        /// Where it is written; of a string, what stands between its quotes.
        var start: UInt32
        var end: UInt32
        /// The place of the node behind this one and all that is within it.
        var next: UInt32

        /// Whether a string may be one of `count` bytes.
        func mayHold(_ count: Int) -> Bool { isEscaped || Int(end) - Int(start) == count }

        var range: Range<Int> { Int(start)..<Int(end) }
        /// The same, quotes included.
        var written: Range<Int> { kind == .string ? Int(start) - 1..<Int(end) + 1 : range }
    }

    let text: [UInt8]
    let nodes: [Node]
    /// Whether the text is what writing it canonically would give.
    let isCanonical: Bool

    init(text: [UInt8], nodes: [Node], isCanonical: Bool) {
        self.text = text
        self.nodes = nodes
        self.isCanonical = isCanonical
    }

    /// What a string says.
    func string(at place: Int) -> String {
        let node = nodes[place]
        let all = text
        let text = all.span
        guard !node.isEscaped else { return JSONReader.unescaped(text, node.range) }
        let bytes = text.extracting(node.range)
        // SAFETY: the reader looked at the bytes of each string.
        return String(copying: unsafe UTF8Span(unchecked: bytes, isKnownASCII: node.isASCII))
    }

    /// A number as it is written.
    func number(at place: Int) -> String {
        let all = text
        let bytes = all.span.extracting(nodes[place].range)
        // SAFETY: numbers are ASCII.
        return String(copying: unsafe UTF8Span(unchecked: bytes, isKnownASCII: true))
    }

    /// Whether the string at `place` says `wanted`, byte for byte.
    private func isString(at place: Int, _ wanted: Span<UInt8>) -> Bool {
        let node = nodes[place]
        guard !node.isEscaped else {
            let text = string(at: place)
            let bytes = text.utf8.span
            return bytes.isSame(wanted)
        }
        let all = text
        let bytes = all.span.extracting(node.range)
        return bytes.isSame(wanted)
    }

    /// Where the value of the member `key` is, of the object at `place`.
    func member(_ key: String, of place: Int) -> Int? {
        let end = Int(nodes[place].next)
        let wanted = key.utf8.span
        var name = place + 1
        while name < end {
            // The length tells nearly all apart.
            if nodes[name].mayHold(wanted.count), isString(at: name, wanted) { return name + 1 }
            name = Int(nodes[name + 1].next)
        }
        return nil
    }

    /// How many members of the object at `place` have none of `keys`.
    func members(of place: Int, outside keys: [String]) -> Int {
        let known = keys.span
        let end = Int(nodes[place].next)
        var strange = 0
        var name = place + 1
        while name < end {
            var index = 0
            while index < known.count {
                let wanted = known[index].utf8.span
                if nodes[name].mayHold(wanted.count), isString(at: name, wanted) { break }
                index += 1
            }
            if index == known.count { strange += 1 }
            name = Int(nodes[name + 1].next)
        }
        return strange
    }

    /// All that is at `place`.
    func value(at place: Int) -> JSONValue {
        let node = nodes[place]
        switch node.kind {
        case .null: return .null
        case .bool: return .bool(truth(at: place))
        case .number: return .number(number(at: place))
        case .string: return .string(string(at: place))
        case .array:
            var elements: [JSONValue] = []
            var element = place + 1
            while element < node.next {
                elements.append(value(at: element))
                element = Int(nodes[element].next)
            }
            return .array(elements)
        case .object:
            var members: [JSONMember] = []
            var name = place + 1
            while name < node.next {
                members.append(JSONMember(string(at: name), value(at: name + 1)))
                name = Int(nodes[name + 1].next)
            }
            return .object(members)
        }
    }

    func truth(at place: Int) -> Bool { text[Int(nodes[place].start)] == 0x74 }

    /// The way from the top to `place`, for example `quotes[2].exchangeRate`: found for an error.
    func path(to place: Int) -> String {
        var path = ""
        var around = 0
        while around != place {
            let isObject = nodes[around].kind == .object
            var inner = around + 1
            var number = 0
            // The member or element that holds the place, or is it.
            while nodes[isObject ? inner + 1 : inner].next <= place {
                inner = Int(nodes[isObject ? inner + 1 : inner].next)
                number += 1
            }
            if isObject {
                path = Self.path(path, isTop: around == 0, to: string(at: inner))
                around = inner + 1
            } else {
                path += "[\(number)]"
                around = inner
            }
        }
        return path
    }

    /// The way on to the member `key`.
    func path(to key: String, of place: Int) -> String {
        Self.path(path(to: place), isTop: place == 0, to: key)
    }

    private static func path(_ path: String, isTop: Bool, to key: String) -> String {
        isTop ? key : "\(path).\(key)"
    }
}

extension Span<UInt8> {
    /// Whether these are the same bytes.
    func isSame(_ other: Span<UInt8>) -> Bool {
        guard count == other.count else { return false }
        guard count >= 8 else {
            for index in indices where self[index] != other[index] { return false }
            return true
        }
        // Keys that differ do so mostly at their ends.
        let last = count - 8
        guard PlainText.word(self, at: last) == PlainText.word(other, at: last) else {
            return false
        }
        var index = 0
        while index < last {
            guard PlainText.word(self, at: index) == PlainText.word(other, at: index) else {
                return false
            }
            index += 8
        }
        return true
    }

    /// Whether these come before the others in the order of bytes, as a beginning of them does.
    func precedes(_ other: Span<UInt8>) -> Bool {
        let shorter = min(count, other.count)
        var index = 0
        // Most differ at once, or have long beginnings in common.
        while index < shorter {
            guard self[index] == other[index] else { return self[index] < other[index] }
            index += 1
            while shorter - index >= 8,
                PlainText.word(self, at: index) == PlainText.word(other, at: index)
            {
                index += 8
            }
        }
        return count < other.count
    }
}
