/// Why bytes are not the JSON that was expected.
///
/// A description names places and kinds, never the text found there: it may be somebody's name.
public enum JSONError: Error, Hashable, Sendable, CustomStringConvertible {
    /// At byte `offset` stands something other than `expected`.
    case syntax(offset: Int, expected: String)
    /// A string that is not UTF-8, begins at byte `offset`.
    case notUTF8(offset: Int)
    /// An object repeats a key; the second one ends before byte `offset`.
    case duplicateMember(offset: Int)
    /// The text is longer than `limit` bytes.
    case tooLong(bytes: Int, limit: Int)
    /// Arrays and objects are nested deeper than `limit`.
    case tooDeep(limit: Int)
    /// There are more than `limit` values in the text.
    case tooManyValues(limit: Int)
    /// A number is written with more than `limit` characters.
    case numberTooLong(offset: Int, limit: Int)
    /// The member at `path` is not there.
    case missing(path: String, expected: String)
    /// The value at `path` is of another kind, or not what its kind was to hold.
    case mismatch(path: String, expected: String, found: JSONValue.Kind)
    /// The object at `path` has `count` members that the operation does not know.
    case unexpectedMembers(path: String, count: Int)

    /// One sentence: where, expected, got.
    public var description: String {
        switch self {
        case .syntax(let offset, let expected): "byte \(offset): expected \(expected)"
        case .notUTF8(let offset): "byte \(offset): the string that begins here is not UTF-8"
        case .duplicateMember(let offset): "before byte \(offset): an object repeats a key"
        case .tooLong(let bytes, let limit): "\(bytes) bytes of JSON; at most \(limit) are read"
        case .tooDeep(let limit): "arrays and objects nested deeper than \(limit)"
        case .tooManyValues(let limit): "more than \(limit) values"
        case .numberTooLong(let offset, let limit):
            "byte \(offset): a number of more than \(limit) characters"
        case .missing(let path, let expected): "\(path): missing; expected \(expected)"
        case .mismatch(let path, let expected, let found):
            "\(path): expected \(expected), found \(found.rawValue)"
        case .unexpectedMembers(let path, let count):
            "\(path): \(count) members that this operation does not know"
        }
    }
}
