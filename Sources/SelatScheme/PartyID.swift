public import SelatTime

/// Anyone a message can come from or go to: the hub, a payment system, a participant (its
/// BICFI), an FX provider, a proxy directory. 1 to 35 printable ASCII characters, no space.
public struct PartyID: WordHashable, Sendable, Comparable, CustomStringConvertible {
    public let name: String
    /// The name in one word, for tables.
    @usableFromInline let word: UInt64

    /// `nil` unless 1...35 characters from `!` to `~`.
    public init?(_ name: String) {
        guard (1...35).contains(name.utf8.count), name.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F })
        else { return nil }
        self.init(checked: name)
    }

    /// For names that were checked when they were read (a BICFI, a validated topology).
    @inlinable
    public init(checked name: String) {
        self.name = name
        word = WordHasher.word(of: name)
    }

    public var description: String { name }

    @inlinable
    public func feed(_ hasher: inout WordHasher) { hasher.combine(word) }

    @inlinable
    public static func == (lhs: PartyID, rhs: PartyID) -> Bool {
        lhs.word == rhs.word && lhs.name == rhs.name
    }

    @inlinable
    public static func < (lhs: PartyID, rhs: PartyID) -> Bool { lhs.name < rhs.name }

    /// The hub's own id on every link.
    public static let hub = PartyID(checked: "hub")
    /// The local operator: reachable through the node's own socket only, never over a link.
    public static let operatorChannel = PartyID(checked: "operator")
}
