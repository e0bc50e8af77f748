/// The bounds of the reader. Each is tested at the limit and one past it.
public struct JSONLimits: Hashable, Sendable {
    /// Bytes of the whole text.
    public var bytes: Int
    /// Arrays and objects inside one another; `[]` has depth 1. At most 128.
    public var depth: Int
    /// Values of every kind, containers included.
    public var values: Int
    /// Characters of one number.
    public var numberLength: Int

    /// What a service call may carry: one frame, and no deeper than any of its bodies needs.
    public static let standard = JSONLimits(
        bytes: 131_072,
        depth: 16,
        values: 16_384,
        numberLength: 40
    )

    /// For what this program wrote itself.
    public static let unlimited = JSONLimits(
        bytes: .max,
        depth: 128,
        values: .max,
        numberLength: .max
    )

    /// - Parameters:
    ///   - bytes: Bytes of the whole text.
    ///   - depth: Arrays and objects inside one another, 1...128.
    ///   - values: Values of every kind.
    ///   - numberLength: Characters of one number.
    public init(bytes: Int, depth: Int, values: Int, numberLength: Int) {
        precondition((1...128).contains(depth), "the reader recurses: a depth limit is 1...128")
        self.bytes = bytes
        self.depth = depth
        self.values = values
        self.numberLength = numberLength
    }
}
