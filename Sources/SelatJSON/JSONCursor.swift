/// A value together with the way that led to it, so that whatever is wrong can be named:
/// `quotes[2].exchangeRate: expected string, found number`.
///
///     let body = try JSONCursor(parsing: bytes)
///     let country = try body.string("sourceCountry")
///     try body.allow(["sourceCountry"])
public struct JSONCursor: Sendable {
    /// The value here.
    public let value: JSONValue
    private let place: Place

    /// Kept as a chain and printed only for an error.
    private indirect enum Place: Sendable {
        case root
        case member(Place, String)
        case element(Place, Int)

        var text: String {
            switch self {
            case .root: ""
            case .member(.root, let key): key
            case .member(let parent, let key): "\(parent.text).\(key)"
            case .element(let parent, let index): "\(parent.text)[\(index)]"
            }
        }
    }

    /// At the top of `value`.
    public init(_ value: JSONValue) {
        self.init(value, .root)
    }

    /// At the top of a text, read as `JSONValue(parsing:limits:)` does.
    ///
    /// - Throws: `JSONError` when it is no JSON or breaks a limit.
    public init(parsing bytes: [UInt8], limits: JSONLimits = .standard) throws(JSONError) {
        self.init(try JSONValue(parsing: bytes, limits: limits))
    }

    private init(_ value: JSONValue, _ place: Place) {
        self.value = value
        self.place = place
    }

    /// The way here, for example `quotes[2].exchangeRate`; `(body)` at the top.
    public var path: String {
        let text = place.text
        return text.isEmpty ? "(body)" : text
    }

    /// The error for a value of the right kind that does not hold `expected`.
    public func mismatch(expected: String) -> JSONError {
        .mismatch(path: path, expected: expected, found: value.kind)
    }

    // MARK: This value

    /// This value's text.
    ///
    /// - Throws: `JSONError.mismatch` when it is no string.
    public func string() throws(JSONError) -> String {
        guard case .string(let text) = value else { throw mismatch(expected: "string") }
        return text
    }

    /// This value's truth.
    ///
    /// - Throws: `JSONError.mismatch` when it is neither `true` nor `false`.
    public func bool() throws(JSONError) -> Bool {
        guard case .bool(let truth) = value else { throw mismatch(expected: "bool") }
        return truth
    }

    /// This number as it is written.
    ///
    /// - Throws: `JSONError.mismatch` when it is no number.
    public func numberText() throws(JSONError) -> String {
        guard case .number(let text) = value else { throw mismatch(expected: "number") }
        return text
    }

    /// This number when it is whole, written without point or exponent, and fits.
    ///
    /// - Throws: `JSONError.mismatch` when it is not.
    public func integer<Integer: FixedWidthInteger>(
        _ type: Integer.Type = Int64.self
    ) throws(JSONError) -> Integer {
        guard case .number(let text) = value, let number = Integer(text) else {
            throw mismatch(expected: "a whole number of \(Integer.bitWidth) bits")
        }
        return number
    }

    /// The elements of this array.
    ///
    /// - Throws: `JSONError.mismatch` when it is no array.
    public func elements() throws(JSONError) -> [JSONCursor] {
        guard case .array(let elements) = value else { throw mismatch(expected: "array") }
        return elements.enumerated().map { JSONCursor($1, .element(place, $0)) }
    }

    // MARK: Members

    /// The member `key`; `nil` when it is absent or `null`.
    ///
    /// - Throws: `JSONError.mismatch` when this is no object.
    public func optional(_ key: String) throws(JSONError) -> JSONCursor? {
        try found(key).map { JSONCursor($0, .member(place, key)) }
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
        // The way there is only made for an error.
        if case .string(let text) = try found(key) { return text }
        return try member(key, expected: "string").string()
    }

    /// The text of the member `key`; `nil` when it is absent or `null`.
    ///
    /// - Throws: `JSONError.mismatch` when it is there and no string.
    public func optionalString(_ key: String) throws(JSONError) -> String? {
        if case .string(let text) = try found(key) { return text }
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
        guard case .object(let members) = value else { throw mismatch(expected: "object") }
        let strange = members.count { !keys.contains($0.key) }
        guard strange == 0 else { throw .unexpectedMembers(path: path, count: strange) }
    }

    /// The value of the member `key`; `nil` when it is absent or `null`.
    private func found(_ key: String) throws(JSONError) -> JSONValue? {
        guard case .object(let members) = value else { throw mismatch(expected: "object") }
        guard let index = members.index(of: key) else { return nil }
        if case .null = members[index].value { return nil }
        return members[index].value
    }

    private func member(_ key: String, expected: String) throws(JSONError) -> JSONCursor {
        guard let found = try optional(key) else {
            throw .missing(path: JSONCursor(.null, .member(place, key)).path, expected: expected)
        }
        return found
    }
}
