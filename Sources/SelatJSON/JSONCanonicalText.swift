/// The text that whoever wrote it would have written for its content: no white space, keys sorted,
/// least escaping. Whoever only passes on such a text need neither take it apart nor write it anew.
public enum JSONCanonicalText {
    /// True when `JSONValue(parsing: bytes, limits: limits).canonicalBytes(sortedKeys: true)` is
    /// known to be `bytes`. A yes is certain; a no is not: escapes are rare and not looked into.
    public static func holds(_ bytes: [UInt8], limits: JSONLimits = .standard) -> Bool {
        do {
            return try JSONReader.isCanonical(bytes, limits)
        } catch {
            return false
        }
    }

    /// The canonical text of what `bytes` say: mostly `bytes`, which are read once to know it.
    ///
    /// - Throws: `JSONError` when they are no JSON or break a limit.
    public static func of(
        _ bytes: [UInt8],
        limits: JSONLimits = .standard
    ) throws(JSONError) -> [UInt8] {
        guard !holds(bytes, limits: limits) else { return bytes }
        return try JSONValue(parsing: bytes, limits: limits).canonicalBytes(sortedKeys: true)
    }
}
