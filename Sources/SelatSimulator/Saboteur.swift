package import SelatNode
package import SelatScheme

/// What a test takes out of the product, to show that the checkers notice that it is gone. The
/// shipping code knows nothing of it: the world wraps roles and stands between core and store.
package struct Saboteur: Sendable {
    /// A role in another's place.
    package var role: @Sendable (PartyID, any Role) -> any Role = { _, role in role }
    /// What reaches the disk instead of what was decided.
    package var commit: (@Sendable (CommitBatch) -> CommitBatch)?
    /// What the core is told instead of what happened.
    package var outcome: @Sendable (CommitOutcome) -> CommitOutcome = { $0 }
    /// What the core hears a moment before the disk has it.
    package var acknowledgesBeforeCommit = false
    /// What a restarting node finds instead of what is there.
    package var recovered: @Sendable (Recovered) -> Recovered = { $0 }
    /// Bytes on their way to a reader.
    package var bytes: @Sendable ([UInt8]) -> [UInt8] = { $0 }

    package init() {}

    /// Takes nothing out.
    package static let none = Saboteur()
}
