/// A pure, synchronous state machine: event and facts in, a plain decision out. No socket, no
/// clock, no database, no randomness of its own; the daemon and the simulator run the same.
package protocol Role: Sendable {
    /// Point keys needed to decide `event`, given what is known, behind what `keys` holds.
    /// Called again with more known, at most `Limits.factRounds` times. What it asks for depends
    /// on the event and on the payments, instructions and records it asked for before, and on
    /// nothing else that is known.
    func facts(for event: Event, known: Facts, _ keys: inout [FactKey])

    /// Whether the first answer of `facts(for:known:_:)` names everything, whatever comes to be
    /// known: then it is not asked again.
    func asksOnce(for event: Event) -> Bool

    /// What is to become durable, and what follows from it. Deciding again from the same facts
    /// gives an equal decision. `decision` comes empty, its lists with the memory of those before.
    func decide(_ event: Event, given facts: Facts, _ decision: inout Decision)
}

extension Role {
    package func asksOnce(for event: Event) -> Bool { false }

    /// In a list of its own.
    package func facts(for event: Event, known: Facts) -> [FactKey] {
        var keys: [FactKey] = []
        facts(for: event, known: known, &keys)
        return keys
    }

    /// In lists of its own.
    package func decide(_ event: Event, given facts: Facts) -> Decision {
        var decision = Decision()
        decide(event, given: facts, &decision)
        return decision
    }
}
