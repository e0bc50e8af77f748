package import SelatScheme

/// A participant that is reached over a link of its own: who it is, whose certificate proves it,
/// and where it dials.
package struct Seat: Hashable, Sendable {
    /// The node that may speak for the participant.
    package let node: String
    /// The participant.
    package let party: PartyID
    /// Its payment system.
    package let system: PartyID
    /// The country's node, which listens.
    package let country: DialledNode
}
