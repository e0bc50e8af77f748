/// A pure, synchronous state machine: event and facts in, a plain decision out. No socket, no
/// clock, no database, no randomness of its own; the daemon and the simulator run the same.
package protocol Role: Sendable {
    /// Point keys still needed to decide `event`, given what is known; empty when enough is.
    /// Called again with more known, at most `Limits.factRounds` times. What it asks for depends
    /// on the event and on the payments, instructions and records it asked for before, and on
    /// nothing else that is known.
    func facts(for event: Event, known: Facts) -> [FactKey]

    /// Whether the first answer of `facts(for:known:)` names everything, whatever comes to be
    /// known: then it is not asked again.
    func asksOnce(for event: Event) -> Bool

    /// What is to become durable, and what follows from it. Deciding again from the same facts
    /// gives an equal decision.
    func decide(_ event: Event, given facts: Facts) -> Decision
}

extension Role {
    package func asksOnce(for event: Event) -> Bool { false }

    /// Whether everything is known that the role asks for.
    func isSatisfied(_ event: Event, by facts: Facts) -> Bool {
        self.facts(for: event, known: facts).allSatisfy { facts.isKnown($0) }
    }
}
