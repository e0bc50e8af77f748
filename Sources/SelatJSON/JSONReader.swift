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
        var reader = JSONReader(bytes: bytes, limits: limits)
        self = try reader.wholeText()
    }
}

/// One pass over the bytes, by recursive descent; the depth limit bounds the recursion.
struct JSONReader {
    private let bytes: [UInt8]
    private let limits: JSONLimits
    private var index = 0
    private var values = 0

    init(bytes: [UInt8], limits: JSONLimits) {
        self.bytes = bytes
        self.limits = limits
    }

    mutating func wholeText() throws(JSONError) -> JSONValue {
        let result = try value(depth: 0)
        skipWhiteSpace()
        guard index == bytes.count else {
            throw .syntax(offset: index, expected: "the end of the text")
        }
        return result
    }

    private var next: UInt8? { index < bytes.count ? bytes[index] : nil }

    private mutating func skipWhiteSpace() {
        while index < bytes.count {
            switch bytes[index] {
            case 0x20, 0x09, 0x0A, 0x0D: index += 1
            default: return
            }
        }
    }

    /// A value with the white space before it. `depth` counts the containers around it.
    private mutating func value(depth: Int) throws(JSONError) -> JSONValue {
        values += 1
        guard values <= limits.values else { throw .tooManyValues(limit: limits.values) }
        skipWhiteSpace()
        switch next {
        case 0x22: return .string(try string())
        case 0x7B: return try object(depth: depth + 1)
        case 0x5B: return try array(depth: depth + 1)
        case 0x74: return try literal("true", .bool(true))
        case 0x66: return try literal("false", .bool(false))
        case 0x6E: return try literal("null", .null)
        case 0x2D, 0x30, 0x31, 0x32, 0x33, 0x34, 0x35, 0x36, 0x37, 0x38, 0x39:
            return .number(try number())
        default: throw .syntax(offset: index, expected: "a value")
        }
    }

    private mutating func literal(
        _ text: String,
        _ value: JSONValue
    ) throws(JSONError) -> JSONValue {
        for byte in text.utf8 {
            guard next == byte else { throw .syntax(offset: index, expected: text) }
            index += 1
        }
        return value
    }

    private mutating func array(depth: Int) throws(JSONError) -> JSONValue {
        guard depth <= limits.depth else { throw .tooDeep(limit: limits.depth) }
        index += 1
        var elements: [JSONValue] = []
        skipWhiteSpace()
        if next == 0x5D {
            index += 1
            return .array(elements)
        }
        while true {
            elements.append(try value(depth: depth))
            skipWhiteSpace()
            switch next {
            case 0x2C: index += 1
            case 0x5D:
                index += 1
                return .array(elements)
            default: throw .syntax(offset: index, expected: "',' or ']'")
            }
        }
    }

    private mutating func object(depth: Int) throws(JSONError) -> JSONValue {
        guard depth <= limits.depth else { throw .tooDeep(limit: limits.depth) }
        index += 1
        var members: [JSONMember] = []
        var keys = UniqueKeys()
        skipWhiteSpace()
        if next == 0x7D {
            index += 1
            return .object(members)
        }
        while true {
            skipWhiteSpace()
            guard next == 0x22 else { throw .syntax(offset: index, expected: "a member's name") }
            let key = try string()
            guard keys.insert(key, beside: members) else {
                throw .duplicateMember(offset: index)
            }
            skipWhiteSpace()
            guard next == 0x3A else { throw .syntax(offset: index, expected: "':'") }
            index += 1
            members.append(JSONMember(key, try value(depth: depth)))
            skipWhiteSpace()
            switch next {
            case 0x2C: index += 1
            case 0x7D:
                index += 1
                return .object(members)
            default: throw .syntax(offset: index, expected: "',' or '}'")
            }
        }
    }

    private mutating func number() throws(JSONError) -> String {
        let start = index
        if next == 0x2D { index += 1 }
        if next == 0x30 { index += 1 } else { try digits() }
        if next == 0x2E {
            index += 1
            try digits()
        }
        if next == 0x65 || next == 0x45 {
            index += 1
            if next == 0x2B || next == 0x2D { index += 1 }
            try digits()
        }
        guard index - start <= limits.numberLength else {
            throw .numberTooLong(offset: start, limit: limits.numberLength)
        }
        return String(decoding: bytes[start..<index], as: UTF8.self)
    }

    /// At least one digit.
    private mutating func digits() throws(JSONError) {
        let start = index
        while let byte = next, byte >= 0x30, byte <= 0x39 { index += 1 }
        guard index > start else { throw .syntax(offset: index, expected: "a digit") }
    }

    /// From the opening quote to past the closing one.
    private mutating func string() throws(JSONError) -> String {
        let opening = index
        index += 1
        // Nearly every string is plain and is made straight from the text.
        while let byte = next, byte >= 0x20, byte != 0x22, byte != 0x5C { index += 1 }
        guard next != 0x22 else {
            let run = bytes[opening + 1..<index]
            index += 1
            return try text(run, from: opening)
        }
        return try escapedString(from: opening)
    }

    /// On from the first byte that is not plain.
    private mutating func escapedString(from opening: Int) throws(JSONError) -> String {
        var start = opening + 1
        var unescaped: [UInt8] = []
        while let byte = next {
            switch byte {
            case 0x22:
                unescaped.append(contentsOf: bytes[start..<index])
                index += 1
                return try text(unescaped[...], from: opening)
            case 0x5C:
                unescaped.append(contentsOf: bytes[start..<index])
                index += 1
                try escape(into: &unescaped)
                start = index
            case 0x00...0x1F:
                throw .syntax(offset: index, expected: "an escaped control character")
            default: index += 1
            }
        }
        throw .syntax(offset: index, expected: "'\"'")
    }

    private func text(_ utf8: ArraySlice<UInt8>, from opening: Int) throws(JSONError) -> String {
        guard let text = String(validating: utf8, as: UTF8.self) else {
            throw .notUTF8(offset: opening)
        }
        return text
    }

    /// What follows a backslash.
    private mutating func escape(into text: inout [UInt8]) throws(JSONError) {
        guard let byte = next else { throw .syntax(offset: index, expected: "an escape") }
        index += 1
        switch byte {
        case 0x22, 0x5C, 0x2F: text.append(byte)
        case 0x62: text.append(0x08)
        case 0x66: text.append(0x0C)
        case 0x6E: text.append(0x0A)
        case 0x72: text.append(0x0D)
        case 0x74: text.append(0x09)
        case 0x75: text.append(contentsOf: Character(try scalar()).utf8)
        default: throw .syntax(offset: index - 1, expected: "one of \" \\ / b f n r t u")
        }
    }

    /// The scalar after `\u`, with its second half when it is a surrogate pair.
    private mutating func scalar() throws(JSONError) -> Unicode.Scalar {
        let start = index
        var code = try hexadecimal()
        if code >= 0xD800, code < 0xDC00 {
            guard next == 0x5C else { throw .syntax(offset: index, expected: "a low surrogate") }
            index += 1
            guard next == 0x75 else { throw .syntax(offset: index, expected: "a low surrogate") }
            index += 1
            let low = try hexadecimal()
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

    private mutating func hexadecimal() throws(JSONError) -> UInt32 {
        var code: UInt32 = 0
        for _ in 0..<4 {
            switch next {
            case .some(let byte) where (0x30...0x39).contains(byte):
                code = code << 4 | UInt32(byte - 0x30)
            case .some(let byte) where (0x61...0x66).contains(byte | 0x20):
                code = code << 4 | UInt32((byte | 0x20) - 0x57)
            case .some, .none:
                throw .syntax(offset: index, expected: "a hexadecimal digit")
            }
            index += 1
        }
        return code
    }
}

/// Finds a repeated key: by looking at the members while they are few, by a set when they are not.
///
/// Keys that Unicode calls canonically equivalent count as one, as they would in a dictionary.
private struct UniqueKeys {
    private var many: Set<String> = []

    /// False when `key` is one of `members`' already.
    mutating func insert(_ key: String, beside members: [JSONMember]) -> Bool {
        if members.count < 16 { return !members.contains { $0.key == key } }
        if members.count == 16 { many = Set(members.map(\.key)) }
        return many.insert(key).inserted
    }
}
