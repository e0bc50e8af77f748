extension JSONValue {
    /// Reads one JSON text (RFC 8259) and nothing after it.
    ///
    /// Strict: no repeated key, no byte order mark, no control character or `\u0000` in a string,
    /// no lone surrogate, no leading zero, no trailing comma, UTF-8 only.
    ///
    /// - Parameters:
    ///   - bytes: The text.
    ///   - limits: The bounds to hold it to.
    /// - Throws: `JSONError` with the offset of the first byte that is wrong.
    public init(parsing bytes: [UInt8], limits: JSONLimits = .standard) throws(JSONError) {
        guard bytes.count <= limits.bytes else {
            throw .tooLong(bytes: bytes.count, limit: limits.bytes)
        }
        var reader = JSONReader(limits: limits)
        self = try reader.wholeText(bytes.span)
    }
}

/// One pass over the bytes, by recursive descent; the depth limit bounds the recursion.
struct JSONReader {
    private let limits: JSONLimits
    private var index = 0
    private var values = 0

    init(limits: JSONLimits) { self.limits = limits }

    mutating func wholeText(_ bytes: Span<UInt8>) throws(JSONError) -> JSONValue {
        let result = try value(bytes, depth: 0)
        skipWhiteSpace(bytes)
        guard index == bytes.count else {
            throw .syntax(offset: index, expected: "the end of the text")
        }
        return result
    }

    /// 0, which stands nowhere in JSON, at the end.
    @inline(__always)
    private func next(_ bytes: Span<UInt8>) -> UInt8 { index < bytes.count ? bytes[index] : 0 }

    private mutating func skipWhiteSpace(_ bytes: Span<UInt8>) {
        while index < bytes.count {
            switch bytes[index] {
            case 0x20, 0x09, 0x0A, 0x0D: index += 1
            default: return
            }
        }
    }

    /// A value with the white space before it. `depth` counts the containers around it.
    private mutating func value(
        _ bytes: Span<UInt8>,
        depth: Int
    ) throws(JSONError) -> JSONValue {
        values += 1
        guard values <= limits.values else { throw .tooManyValues(limit: limits.values) }
        skipWhiteSpace(bytes)
        switch next(bytes) {
        case 0x22: return .string(try string(bytes))
        case 0x7B: return try object(bytes, depth: depth + 1)
        case 0x5B: return try array(bytes, depth: depth + 1)
        case 0x74: return try literal(bytes, "true", .bool(true))
        case 0x66: return try literal(bytes, "false", .bool(false))
        case 0x6E: return try literal(bytes, "null", .null)
        case 0x2D, 0x30, 0x31, 0x32, 0x33, 0x34, 0x35, 0x36, 0x37, 0x38, 0x39:
            return .number(try number(bytes))
        default: throw .syntax(offset: index, expected: "a value")
        }
    }

    private mutating func literal(
        _ bytes: Span<UInt8>,
        _ text: String,
        _ value: JSONValue
    ) throws(JSONError) -> JSONValue {
        for byte in text.utf8 {
            guard next(bytes) == byte else { throw .syntax(offset: index, expected: text) }
            index += 1
        }
        return value
    }

    private mutating func array(
        _ bytes: Span<UInt8>,
        depth: Int
    ) throws(JSONError) -> JSONValue {
        guard depth <= limits.depth else { throw .tooDeep(limit: limits.depth) }
        index += 1
        var elements: [JSONValue] = []
        skipWhiteSpace(bytes)
        if next(bytes) == 0x5D {
            index += 1
            return .array(elements)
        }
        while true {
            elements.append(try value(bytes, depth: depth))
            skipWhiteSpace(bytes)
            switch next(bytes) {
            case 0x2C: index += 1
            case 0x5D:
                index += 1
                return .array(elements)
            default: throw .syntax(offset: index, expected: "',' or ']'")
            }
        }
    }

    private mutating func object(
        _ bytes: Span<UInt8>,
        depth: Int
    ) throws(JSONError) -> JSONValue {
        guard depth <= limits.depth else { throw .tooDeep(limit: limits.depth) }
        index += 1
        var members: [JSONMember] = []
        var keys = UniqueKeys()
        members.reserveCapacity(8)
        skipWhiteSpace(bytes)
        if next(bytes) == 0x7D {
            index += 1
            return .object(members)
        }
        while true {
            skipWhiteSpace(bytes)
            guard next(bytes) == 0x22 else {
                throw .syntax(offset: index, expected: "a member's name")
            }
            let key = try string(bytes)
            guard keys.insert(key, beside: members) else {
                throw .duplicateMember(offset: index)
            }
            skipWhiteSpace(bytes)
            guard next(bytes) == 0x3A else { throw .syntax(offset: index, expected: "':'") }
            index += 1
            members.append(JSONMember(key, try value(bytes, depth: depth)))
            skipWhiteSpace(bytes)
            switch next(bytes) {
            case 0x2C: index += 1
            case 0x7D:
                index += 1
                return .object(members)
            default: throw .syntax(offset: index, expected: "',' or '}'")
            }
        }
    }

    private mutating func number(_ bytes: Span<UInt8>) throws(JSONError) -> String {
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
        return try text(bytes.extracting(start..<index), from: start)
    }

    /// At least one digit.
    private mutating func digits(_ bytes: Span<UInt8>) throws(JSONError) {
        let start = index
        while next(bytes) &- 0x30 < 10 { index += 1 }
        guard index > start else { throw .syntax(offset: index, expected: "a digit") }
    }

    /// From the opening quote to past the closing one.
    private mutating func string(_ bytes: Span<UInt8>) throws(JSONError) -> String {
        let opening = index
        let plain = PlainText(bytes, from: opening + 1)
        index = plain.end
        guard next(bytes) == 0x22 else { return try escapedString(bytes, from: opening) }
        index += 1
        let run = bytes.extracting((opening + 1)..<plain.end)
        guard plain.isASCII else { return try text(run, from: opening) }
        // SAFETY: ASCII is UTF-8.
        return String(copying: unsafe UTF8Span(unchecked: run, isKnownASCII: true))
    }

    /// On from the first byte that is not plain.
    private mutating func escapedString(
        _ bytes: Span<UInt8>,
        from opening: Int
    ) throws(JSONError) -> String {
        var unescaped: [UInt8] = []
        for start in (opening + 1)..<index { unescaped.append(bytes[start]) }
        while index < bytes.count {
            let byte = bytes[index]
            switch byte {
            case 0x22:
                index += 1
                return try text(unescaped.span, from: opening)
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

    private func text(_ bytes: Span<UInt8>, from opening: Int) throws(JSONError) -> String {
        do throws(UTF8.ValidationError) {
            return String(copying: try UTF8Span(validating: bytes))
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

/// Finds a repeated key: by looking at the members while they are few, by a set when they are not.
///
/// Keys are one when their bytes are, escapes undone (RFC 8259, section 8.3).
private struct UniqueKeys {
    private var many: Set<[UInt8]> = []

    /// False when `key` is one of `members`' already.
    mutating func insert(_ key: String, beside members: [JSONMember]) -> Bool {
        if members.count < 16 { return members.index(of: key) == nil }
        if members.count == 16 { many = Set(members.map { Array($0.key.utf8) }) }
        return many.insert(Array(key.utf8)).inserted
    }
}
