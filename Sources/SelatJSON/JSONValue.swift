/// One JSON value (RFC 8259), held so that nothing of it is lost: a number keeps its text and an
/// object the order of its members.
///
/// Equality is exact: `1.0` is not `1`, and objects with another member order differ. Amounts and
/// rates travel as strings, so no number here is ever turned into a `Double`.
public enum JSONValue: Hashable, Sendable {
    case null
    case bool(Bool)
    /// The number as written, for example `-12`, `0.50` or `1e3`. Always of JSON's number grammar
    /// when it was read; the writer traps on any other text.
    case number(String)
    case string(String)
    case array([JSONValue])
    /// In order, keys unique.
    case object([JSONMember])

    /// What a value is, whatever it holds; for errors and for choosing.
    public enum Kind: String, Hashable, Sendable, CaseIterable {
        case null
        case bool
        case number
        case string
        case array
        case object
    }

    /// What this value is.
    public var kind: Kind {
        switch self {
        case .null: .null
        case .bool: .bool
        case .number: .number
        case .string: .string
        case .array: .array
        case .object: .object
        }
    }

    /// A whole number.
    public static func integer(_ value: some BinaryInteger) -> JSONValue {
        .number(String(value))
    }

    /// The member named `key`, or `nil` when there is none or this is no object.
    public subscript(key: String) -> JSONValue? {
        guard case .object(let members) = self else { return nil }
        return members.first { $0.key.utf8.elementsEqual(key.utf8) }?.value
    }

    /// Reads a text as `JSONCursor(parsing:limits:)` does, and takes all out of it.
    ///
    /// - Throws: `JSONError` when it is no JSON or breaks a limit.
    public init(parsing bytes: [UInt8], limits: JSONLimits = .standard) throws(JSONError) {
        self = try JSONCursor(parsing: bytes, limits: limits).value
    }

    /// Typed reading that names the path of whatever is wrong.
    public var cursor: JSONCursor { JSONCursor(self) }
}

extension JSONValue: ExpressibleByStringLiteral, ExpressibleByBooleanLiteral,
    ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral, ExpressibleByIntegerLiteral,
    ExpressibleByNilLiteral
{
    /// A string.
    public init(stringLiteral value: String) { self = .string(value) }

    /// A truth value.
    public init(booleanLiteral value: Bool) { self = .bool(value) }

    /// A whole number.
    public init(integerLiteral value: Int64) { self = .integer(value) }

    /// An array.
    public init(arrayLiteral elements: JSONValue...) { self = .array(elements) }

    /// An object with its members in the order written; a key written twice traps.
    public init(dictionaryLiteral elements: (String, JSONValue)...) {
        // Literals are short: comparing each with each costs less than a set.
        for index in elements.indices {
            precondition(
                !elements[..<index].contains { $0.0 == elements[index].0 },
                "a JSON object literal repeats a key"
            )
        }
        self = .object(elements.map { JSONMember($0.0, $0.1) })
    }

    /// `null`.
    public init(nilLiteral: ()) { self = .null }
}

/// One member of a JSON object.
public struct JSONMember: Hashable, Sendable {
    /// The member's name, unescaped.
    public var key: String
    /// The member's value.
    public var value: JSONValue

    /// A member `key: value`.
    @inlinable
    public init(_ key: String, _ value: JSONValue) {
        self.key = key
        self.value = value
    }
}
