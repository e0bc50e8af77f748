/// A pure, synchronous state machine: event and facts in, a plain decision out. No socket, no
/// clock, no database, no randomness of its own; the daemon and the simulator run the same.
package protocol Role: Sendable {
    /// Point keys still needed to decide `event`, given what is known; empty when enough is.
    /// Called again with more known, at most `Limits.factRounds` times.
    func facts(for event: Event, known: Facts) -> [FactKey]

    /// What is to become durable, and what follows from it. Deciding again from the same facts
    /// gives an equal decision.
    func decide(_ event: Event, given facts: Facts) -> Decision
}
