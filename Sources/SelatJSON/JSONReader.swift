/// One pass over the bytes, by recursive descent; the depth limit bounds the recursion.
struct JSONReader {
    private let limits: JSONLimits
    /// Otherwise the text is only looked at.
    private let keepsNodes: Bool
    private var index = 0
    private var values = 0
    private var nodes: [JSONDocument.Node] = []
    private var isCanonical = true

    private init(limits: JSONLimits, keepsNodes: Bool) {
        self.limits = limits
        self.keepsNodes = keepsNodes
    }

    /// Reads one JSON text (RFC 8259) and nothing after it.
    static func document(
        _ bytes: [UInt8],
        _ limits: JSONLimits
    ) throws(JSONError) -> JSONDocument {
        var reader = JSONReader(limits: limits, keepsNodes: true)
        // Of our bodies, a node stands for some fifteen bytes.
        reader.nodes.reserveCapacity(bytes.count / 12 + 8)
        try reader.wholeText(bytes)
        return JSONDocument(text: bytes, nodes: reader.nodes, isCanonical: reader.isCanonical)
    }

    /// Whether a text is known to be canonical. Keys out of order are not compared with all
    /// others: such a text is not canonical, whether it is lawful or not.
    ///
    /// - Throws: `JSONError` when it is no JSON or breaks a limit.
    static func isCanonical(_ bytes: [UInt8], _ limits: JSONLimits) throws(JSONError) -> Bool {
        var reader = JSONReader(limits: limits, keepsNodes: false)
        try reader.wholeText(bytes)
        return reader.isCanonical
    }

    /// True when `text` is of JSON's number grammar.
    static func isNumber(_ text: String) -> Bool {
        var reader = JSONReader(limits: .unlimited, keepsNodes: false)
        let bytes = text.utf8.span
        do {
            try reader.number(bytes)
            return reader.index == bytes.count
        } catch {
            return false
        }
    }

    /// What a string with escapes says; `range` is what stands between its quotes.
    static func unescaped(_ bytes: Span<UInt8>, _ range: Range<Int>) -> String {
        var reader = JSONReader(limits: .unlimited, keepsNodes: false)
        reader.index = range.lowerBound
        do {
            return try reader.escapedString(bytes, from: range.lowerBound - 1)
        } catch {
            preconditionFailure("a string was read and cannot be read again: \(error)")
        }
    }

    private mutating func wholeText(_ bytes: [UInt8]) throws(JSONError) {
        guard bytes.count <= limits.bytes else {
            throw .tooLong(bytes: bytes.count, limit: limits.bytes)
        }
        let bytes = bytes.span
        try value(bytes, depth: 0)
        skipWhiteSpace(bytes)
        guard index == bytes.count else {
            throw .syntax(offset: index, expected: "the end of the text")
        }
    }

    /// 0, which stands nowhere in JSON, at the end.
    @inline(__always)
    private func next(_ bytes: Span<UInt8>) -> UInt8 { index < bytes.count ? bytes[index] : 0 }

    /// The next byte that is no white space; 0 at the end.
    @inline(__always)
    private mutating func nextMark(_ bytes: Span<UInt8>) -> UInt8 {
        let byte = next(bytes)
        guard byte <= 0x20 else { return byte }
        skipWhiteSpace(bytes)
        return next(bytes)
    }

    private mutating func skipWhiteSpace(_ bytes: Span<UInt8>) {
        guard index < bytes.count else { return }
        isCanonical = false
        while index < bytes.count {
            switch bytes[index] {
            case 0x20, 0x09, 0x0A, 0x0D: index += 1
            default: return
            }
        }
    }

    // MARK: Nodes

    /// A node for what stands from `start` to here.
    @inline(__always)
    private mutating func append(_ kind: JSONValue.Kind, from start: Int) {
        guard keepsNodes else { return }
        nodes.append(
            JSONDocument.Node(
                kind: kind,
                start: UInt32(start),
                end: UInt32(index),
                next: UInt32(nodes.count + 1)
            )
        )
    }

    /// Ends the container whose node is at `place`: what came since is within it.
    private mutating func close(_ place: Int) {
        index += 1
        guard keepsNodes else { return }
        nodes[place].end = UInt32(index)
        nodes[place].next = UInt32(nodes.count)
    }

    // MARK: Values

    /// A value with the white space before it. `depth` counts the containers around it.
    private mutating func value(_ bytes: Span<UInt8>, depth: Int) throws(JSONError) {
        values += 1
        guard values <= limits.values else { throw .tooManyValues(limit: limits.values) }
        let mark = nextMark(bytes)
        let start = index
        switch mark {
        case 0x22: _ = try string(bytes)
        case 0x7B: try object(bytes, depth: depth + 1)
        case 0x5B: try array(bytes, depth: depth + 1)
        case 0x74:
            try literal(bytes, "true")
            append(.bool, from: start)
        case 0x66:
            try literal(bytes, "false")
            append(.bool, from: start)
        case 0x6E:
            try literal(bytes, "null")
            append(.null, from: start)
        case 0x2D, 0x30, 0x31, 0x32, 0x33, 0x34, 0x35, 0x36, 0x37, 0x38, 0x39:
            try number(bytes)
            append(.number, from: start)
        default: throw .syntax(offset: index, expected: "a value")
        }
    }

    private mutating func literal(_ bytes: Span<UInt8>, _ text: String) throws(JSONError) {
        for byte in text.utf8 {
            guard next(bytes) == byte else { throw .syntax(offset: index, expected: text) }
            index += 1
        }
    }

    private mutating func array(_ bytes: Span<UInt8>, depth: Int) throws(JSONError) {
        guard depth <= limits.depth else { throw .tooDeep(limit: limits.depth) }
        let place = nodes.count
        append(.array, from: index)
        index += 1
        if nextMark(bytes) == 0x5D { return close(place) }
        while true {
            try value(bytes, depth: depth)
            switch nextMark(bytes) {
            case 0x2C: index += 1
            case 0x5D: return close(place)
            default: throw .syntax(offset: index, expected: "',' or ']'")
            }
        }
    }

    private mutating func object(_ bytes: Span<UInt8>, depth: Int) throws(JSONError) {
        guard depth <= limits.depth else { throw .tooDeep(limit: limits.depth) }
        let place = nodes.count
        append(.object, from: index)
        index += 1
        var keys = UniqueKeys()
        if nextMark(bytes) == 0x7D { return close(place) }
        while true {
            guard nextMark(bytes) == 0x22 else {
                throw .syntax(offset: index, expected: "a member's name")
            }
            let key = try string(bytes)
            if !keys.takesInOrder(key, bytes) {
                isCanonical = false
                guard !keepsNodes || keys.isNew(bytes, nodes, within: place) else {
                    throw .duplicateMember(offset: index)
                }
            }
            guard nextMark(bytes) == 0x3A else { throw .syntax(offset: index, expected: "':'") }
            index += 1
            try value(bytes, depth: depth)
            switch nextMark(bytes) {
            case 0x2C: index += 1
            case 0x7D: return close(place)
            default: throw .syntax(offset: index, expected: "',' or '}'")
            }
        }
    }

    private mutating func number(_ bytes: Span<UInt8>) throws(JSONError) {
        let start = index
        if next(bytes) == 0x2D { index += 1 }
        if next(bytes) == 0x30 { index += 1 } else { try digits(bytes) }
        if next(bytes) == 0x2E {
            index += 1
            try digits(bytes)
        }
        if next(bytes) | 0x20 == 0x65 {
            index += 1
            if next(bytes) == 0x2B || next(bytes) == 0x2D { index += 1 }
            try digits(bytes)
        }
        guard index - start <= limits.numberLength else {
            throw .numberTooLong(offset: start, limit: limits.numberLength)
        }
    }

    /// At least one digit.
    private mutating func digits(_ bytes: Span<UInt8>) throws(JSONError) {
        let start = index
        while next(bytes) &- 0x30 < 10 { index += 1 }
        guard index > start else { throw .syntax(offset: index, expected: "a digit") }
    }

    // MARK: Strings

    /// From the opening quote to past the closing one.
    ///
    /// - Returns: What stands between the quotes; `nil` when it holds escapes.
    private mutating func string(_ bytes: Span<UInt8>) throws(JSONError) -> Range<Int>? {
        let start = index + 1
        let plain = PlainText(bytes, from: start)
        index = plain.end
        let isEscaped = next(bytes) != 0x22
        if isEscaped {
            index = start
            isCanonical = false
            _ = try escapedString(bytes, from: start - 1)
        } else {
            if !plain.isASCII { try checkUTF8(bytes.extracting(start..<index), from: start - 1) }
            index += 1
        }
        if keepsNodes {
            nodes.append(
                JSONDocument.Node(
                    kind: .string,
                    isEscaped: isEscaped,
                    isASCII: plain.isASCII,
                    start: UInt32(start),
                    end: UInt32(index - 1),
                    next: UInt32(nodes.count + 1)
                )
            )
        }
        return isEscaped ? nil : start..<(index - 1)
    }

    /// From behind the opening quote to past the closing one, escapes undone.
    private mutating func escapedString(
        _ bytes: Span<UInt8>,
        from opening: Int
    ) throws(JSONError) -> String {
        var unescaped: [UInt8] = []
        while index < bytes.count {
            let byte = bytes[index]
            switch byte {
            case 0x22:
                index += 1
                try checkUTF8(unescaped.span, from: opening)
                return String(decoding: unescaped, as: UTF8.self)
            case 0x5C:
                index += 1
                try escape(bytes, into: &unescaped)
            case 0x00...0x1F:
                throw .syntax(offset: index, expected: "an escaped control character")
            default:
                unescaped.append(byte)
                index += 1
            }
        }
        throw .syntax(offset: index, expected: "'\"'")
    }

    private func checkUTF8(_ bytes: Span<UInt8>, from opening: Int) throws(JSONError) {
        do throws(UTF8.ValidationError) {
            _ = try UTF8Span(validating: bytes)
        } catch {
            throw .notUTF8(offset: opening)
        }
    }

    /// What follows a backslash.
    private mutating func escape(
        _ bytes: Span<UInt8>,
        into text: inout [UInt8]
    ) throws(JSONError) {
        guard index < bytes.count else { throw .syntax(offset: index, expected: "an escape") }
        let byte = bytes[index]
        index += 1
        switch byte {
        case 0x22, 0x5C, 0x2F: text.append(byte)
        case 0x62: text.append(0x08)
        case 0x66: text.append(0x0C)
        case 0x6E: text.append(0x0A)
        case 0x72: text.append(0x0D)
        case 0x74: text.append(0x09)
        case 0x75: text.append(contentsOf: Character(try scalar(bytes)).utf8)
        default: throw .syntax(offset: index - 1, expected: "one of \" \\ / b f n r t u")
        }
    }

    /// The scalar after `\u`, with its second half when it is a surrogate pair.
    private mutating func scalar(_ bytes: Span<UInt8>) throws(JSONError) -> Unicode.Scalar {
        let start = index
        var code = try hexadecimal(bytes)
        if code >= 0xD800, code < 0xDC00 {
            guard next(bytes) == 0x5C else {
                throw .syntax(offset: index, expected: "a low surrogate")
            }
            index += 1
            guard next(bytes) == 0x75 else {
                throw .syntax(offset: index, expected: "a low surrogate")
            }
            index += 1
            let low = try hexadecimal(bytes)
            guard low >= 0xDC00, low < 0xE000 else {
                throw .syntax(offset: index - 4, expected: "a low surrogate")
            }
            code = 0x1_0000 + ((code - 0xD800) << 10) + (low - 0xDC00)
        }
        guard code != 0, let scalar = Unicode.Scalar(code) else {
            throw .syntax(offset: start, expected: "a character other than U+0000")
        }
        return scalar
    }

    private mutating func hexadecimal(_ bytes: Span<UInt8>) throws(JSONError) -> UInt32 {
        var code: UInt32 = 0
        for _ in 0..<4 {
            let byte = next(bytes)
            switch byte {
            case 0x30...0x39: code = code << 4 | UInt32(byte - 0x30)
            case 0x41...0x46, 0x61...0x66: code = code << 4 | UInt32((byte | 0x20) - 0x57)
            default: throw .syntax(offset: index, expected: "a hexadecimal digit")
            }
            index += 1
        }
        return code
    }
}
