extension Array {
    /// Its elements are then taken from the end, in their order, so that each is moved. Changing
    /// the list where it is: merely to look at one would copy it first.
    @inlinable
    package mutating func turnOver() {
        if count > 1 { reverse() }
    }

    /// Takes its elements out and keeps its memory. Most lists of a turn are empty already.
    mutating func clear() {
        if !isEmpty { removeAll(keepingCapacity: true) }
    }
}
