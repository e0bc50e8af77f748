/// A value within a text that was read, so that whatever is wrong can be named:
/// `quotes[2].exchangeRate: expected string, found number`.
///
///     let body = try JSONCursor(parsing: bytes)
///     let country = try body.string("sourceCountry")
///     try body.allow(["sourceCountry"])
///
/// Nothing is taken out of the text before it is asked for.
public struct JSONCursor: Sendable {
    private let document: JSONDocument
    private let place: Int

    /// At the top of a text (RFC 8259) with nothing after it.
    ///
    /// Strict: no repeated key, no byte order mark, no control character or `\u0000` in a string,
    /// no lone surrogate, no leading zero, no trailing comma, UTF-8 only.
    ///
    /// - Parameters:
    ///   - bytes: The text.
    ///   - limits: The bounds to hold it to.
    /// - Throws: `JSONError` with the offset of the first byte that is wrong.
    public init(parsing bytes: [UInt8], limits: JSONLimits = .standard) throws(JSONError) {
        self.init(try JSONReader.document(bytes, limits), 0)
    }

    /// At the top of `value`, as if its canonical text had come.
    public init(_ value: JSONValue) {
        self.init(written: value.canonicalBytes(sortedKeys: true))
    }

    /// At the top of a text that this program wrote itself: one that is no JSON traps.
    public init(written text: [UInt8]) {
        do {
            try self.init(parsing: text, limits: .unlimited)
        } catch {
            preconditionFailure("what was written cannot be read: \(error)")
        }
    }

    /// At `null`: for a body that nobody looks at.
    public static let nothing = JSONCursor(JSONValue.null)

    private init(_ document: JSONDocument, _ place: Int) {
        self.document = document
        self.place = place
    }

    /// The way here, for example `quotes[2].exchangeRate`; `(body)` at the top.
    public var path: String { JSONCursor.named(document.path(to: place)) }

    private static func named(_ path: String) -> String { path.isEmpty ? "(body)" : path }

    /// The error for a value of the right kind that does not hold `expected`.
    public func mismatch(expected: String) -> JSONError {
        .mismatch(path: path, expected: expected, found: kind)
    }

    // MARK: This value

    /// What is here.
    public var kind: JSONValue.Kind { document.nodes[place].kind }

    /// The value here, with all that is within it.
    public var value: JSONValue { document.value(at: place) }

    /// This value's canonical text, keys sorted.
    public var canonicalText: [UInt8] {
        guard document.isCanonical else { return value.canonicalBytes(sortedKeys: true) }
        return place == 0 ? document.text : Array(document.text[document.nodes[place].written])
    }

    /// This value's text.
    ///
    /// - Throws: `JSONError.mismatch` when it is no string.
    public func string() throws(JSONError) -> String {
        guard kind == .string else { throw mismatch(expected: "string") }
        return document.string(at: place)
    }

    /// This value's truth.
    ///
    /// - Throws: `JSONError.mismatch` when it is neither `true` nor `false`.
    public func bool() throws(JSONError) -> Bool {
        guard kind == .bool else { throw mismatch(expected: "bool") }
        return document.truth(at: place)
    }

    /// This number as it is written.
    ///
    /// - Throws: `JSONError.mismatch` when it is no number.
    public func numberText() throws(JSONError) -> String {
        guard kind == .number else { throw mismatch(expected: "number") }
        return document.number(at: place)
    }

    /// This number when it is whole, written without point or exponent, and fits.
    ///
    /// - Throws: `JSONError.mismatch` when it is not.
    public func integer<Integer: FixedWidthInteger>(
        _ type: Integer.Type = Int64.self
    ) throws(JSONError) -> Integer {
        guard kind == .number, let number = Integer(document.number(at: place)) else {
            throw mismatch(expected: "a whole number of \(Integer.bitWidth) bits")
        }
        return number
    }

    /// The elements of this array.
    ///
    /// - Throws: `JSONError.mismatch` when it is no array.
    public func elements() throws(JSONError) -> [JSONCursor] {
        guard kind == .array else { throw mismatch(expected: "array") }
        let end = document.nodes[place].next
        var elements: [JSONCursor] = []
        var element = place + 1
        while element < end {
            elements.append(JSONCursor(document, element))
            element = Int(document.nodes[element].next)
        }
        return elements
    }

    // MARK: Members

    /// The value of the member `key`, or `nil` when there is none or this is no object.
    public subscript(key: String) -> JSONValue? {
        guard kind == .object else { return nil }
        return document.member(key, of: place).map { document.value(at: $0) }
    }

    /// The member `key`; `nil` when it is absent or `null`.
    ///
    /// - Throws: `JSONError.mismatch` when this is no object.
    public func optional(_ key: String) throws(JSONError) -> JSONCursor? {
        guard let found = try found(key) else { return nil }
        return JSONCursor(document, found)
    }

    /// The member `key`.
    ///
    /// - Throws: `JSONError.missing` when it is absent or `null`, `.mismatch` when this is no
    ///   object.
    public func member(_ key: String) throws(JSONError) -> JSONCursor {
        try member(key, expected: "a value")
    }

    /// The text of the member `key`.
    ///
    /// - Throws: `JSONError.missing` or `.mismatch`.
    public func string(_ key: String) throws(JSONError) -> String {
        if let text = try text(of: key) { return text }
        return try member(key, expected: "string").string()
    }

    /// The text of the member `key`; `nil` when it is absent or `null`.
    ///
    /// - Throws: `JSONError.mismatch` when it is there and no string.
    public func optionalString(_ key: String) throws(JSONError) -> String? {
        if let text = try text(of: key) { return text }
        return try optional(key)?.string()
    }

    /// The truth of the member `key`.
    ///
    /// - Throws: `JSONError.missing` or `.mismatch`.
    public func bool(_ key: String) throws(JSONError) -> Bool {
        try member(key, expected: "bool").bool()
    }

    /// The whole number of the member `key`.
    ///
    /// - Throws: `JSONError.missing` or `.mismatch`.
    public func integer<Integer: FixedWidthInteger>(
        _ key: String,
        _ type: Integer.Type = Int64.self
    ) throws(JSONError) -> Integer {
        try member(key, expected: "number").integer(type)
    }

    /// The elements of the member `key`.
    ///
    /// - Throws: `JSONError.missing` or `.mismatch`.
    public func elements(_ key: String) throws(JSONError) -> [JSONCursor] {
        try member(key, expected: "array").elements()
    }

    /// Refuses members outside `keys`: a misspelt option must not look as if it had worked.
    ///
    /// - Throws: `JSONError.unexpectedMembers`, or `.mismatch` when this is no object.
    public func allow(_ keys: [String]) throws(JSONError) {
        guard kind == .object else { throw mismatch(expected: "object") }
        let strange = document.members(of: place, outside: keys)
        guard strange == 0 else { throw .unexpectedMembers(path: path, count: strange) }
    }

    /// The text of the member `key` where it is a string.
    private func text(of key: String) throws(JSONError) -> String? {
        guard let found = try found(key), document.nodes[found].kind == .string else { return nil }
        return document.string(at: found)
    }

    /// Where the member `key` is; `nil` when it is absent or `null`.
    private func found(_ key: String) throws(JSONError) -> Int? {
        guard kind == .object else { throw mismatch(expected: "object") }
        guard let found = document.member(key, of: place),
            document.nodes[found].kind != .null
        else { return nil }
        return found
    }

    private func member(_ key: String, expected: String) throws(JSONError) -> JSONCursor {
        guard let found = try found(key) else {
            let path = JSONCursor.named(document.path(to: key, of: place))
            throw .missing(path: path, expected: expected)
        }
        return JSONCursor(document, found)
    }
}

extension JSONCursor: Hashable {
    /// Whether both stand at the same text.
    public static func == (lhs: JSONCursor, rhs: JSONCursor) -> Bool {
        lhs.document === rhs.document && lhs.place == rhs.place || lhs.text == rhs.text
    }

    /// By the text here.
    public func hash(into hasher: inout Hasher) { hasher.combine(text) }

    private var text: ArraySlice<UInt8> { document.text[document.nodes[place].written] }
}
