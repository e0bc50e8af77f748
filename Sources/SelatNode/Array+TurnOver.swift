extension Array {
    /// Its elements are then taken from the end, in their order, so that each is moved. Changing
    /// the list where it is: merely to look at one would copy it first.
    @inlinable
    package mutating func turnOver() {
        guard count > 1 else { return }
        // In a span elements are moved; `reverse` would copy them.
        var (low, high) = (0, count - 1)
        var elements = mutableSpan
        while low < high {
            elements.swapAt(low, high)
            low += 1
            high -= 1
        }
    }

    /// Takes its elements out and keeps its memory. Most lists of a turn are empty already.
    mutating func clear() {
        if !isEmpty { removeAll(keepingCapacity: true) }
    }
}
