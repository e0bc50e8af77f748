/// Anyone a message can come from or go to: the hub, a payment system, a participant (its
/// BICFI), an FX provider, a proxy directory. 1 to 35 printable ASCII characters, no space.
public struct PartyID: Hashable, Sendable, Comparable, CustomStringConvertible {
    public let name: String

    /// `nil` unless 1...35 characters from `!` to `~`.
    public init?(_ name: String) {
        guard (1...35).contains(name.utf8.count), name.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F })
        else { return nil }
        self.name = name
    }

    /// For names that were checked when they were read (a BICFI, a validated topology).
    @inlinable
    public init(checked name: String) { self.name = name }

    public var description: String { name }

    /// Of the bytes in words: names come from the topology and are at most 35 ASCII characters,
    /// so that they need none of what hashing any text needs.
    public func hash(into hasher: inout Hasher) {
        let bytes = name.utf8.span
        var word = UInt64(bytes.count)
        for index in bytes.indices {
            word = (word ^ UInt64(bytes[index])) &* 0x0000_0100_0000_01B3
        }
        hasher.combine(word)
    }

    @inlinable
    public static func < (lhs: PartyID, rhs: PartyID) -> Bool { lhs.name < rhs.name }

    /// The hub's own id on every link.
    public static let hub = PartyID(checked: "hub")
    /// The local operator: reachable through the node's own socket only, never over a link.
    public static let operatorChannel = PartyID(checked: "operator")
}
